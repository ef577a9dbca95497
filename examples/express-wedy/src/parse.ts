import type * as z from "zod";
import { invalid } from "./refusal";

/** A query as its schema has it; a name without a value counts as left out. */
export function parseQuery<T>(schema: z.ZodType<T>, query: Readonly<Record<string, unknown>>): T {
  return parse(schema, Object.fromEntries(Object.entries(query).filter(([, value]) => value !== "")));
}

/** What came in, as its schema has it. @throws Refusal 400 that names each field and what is wrong with it. */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => ({ field: issue.path.join("."), problem: issue.message }));
  const text = fields.map(({ field, problem }) => (field === "" ? problem : `${field}: ${problem}`)).join("; ");
  throw invalid(text, { fields });
}
