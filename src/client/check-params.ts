import type * as z from "zod";
import { PaymeValidationError } from "../kit/errors";

/**
 * Refuses arguments that do not fit, before anything is sent; says all that is wrong with them, never their values.
 *
 * @throws PaymeValidationError
 */
export function checkParams(method: string, schema: z.ZodType, params: unknown): void {
  const parsed = schema.safeParse(params);
  if (parsed.success) return;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "params"} ${message}`);
  throw new PaymeValidationError(`${method}: ${problems.join("; ")}. Nothing was sent.`);
}
