import * as z from "zod";
import { lazy } from "../kit/lazy";
import type { Failure } from "./error-of";

/** `id` is not looked at: Payme's own samples answer with null, without one, and with another one. */
const envelope = lazy(() => {
  const languages = z.looseObject({
    ru: z.string().exactOptional(),
    uz: z.string().exactOptional(),
    en: z.string().exactOptional(),
  });

  const refusal = z.looseObject({
    code: z
      .union([
        z.int(),
        z
          .string()
          .regex(/^-?\d{1,15}$/)
          .transform(Number),
      ])
      .optional()
      .catch(undefined),
    message: z.union([z.string(), languages]).optional().catch(undefined),
  });

  return z.object({ result: z.unknown().optional(), error: refusal.nullish() });
});

/** An answer that does not say what happened. */
export type BadAnswer = Extract<Failure, { kind: "bad_answer" }>;

/** An answer as far as JSON-RPC goes: a result of any shape, or why there is none. */
export type Answer = { kind: "result"; result: unknown } | Extract<Failure, { kind: "refused" }> | BadAnswer;

/** Reads the envelope of an answer that was parsed from JSON. */
export function answerOf(json: unknown): Answer {
  const parsed = envelope().safeParse(json);
  if (!parsed.success) return badAnswer("JSON that is no JSON-RPC answer");
  const { result, error } = parsed.data;
  if (error === undefined || error === null) {
    return result === undefined ? badAnswer("JSON without a result or an error") : { kind: "result", result };
  }
  // Which of the two holds? Nobody knows: a write with such an answer may have been carried out.
  const hasBoth = result !== undefined && result !== null;
  return hasBoth ? badAnswer("both a result and an error") : { kind: "refused", error };
}

/** What a schema makes of a result; in words what does not fit, never with the values. */
export function resultOf<Result>(
  schema: z.ZodType<Result>,
  result: unknown,
): { kind: "value"; value: Result } | BadAnswer {
  const parsed = schema.safeParse(result);
  if (parsed.success) return { kind: "value", value: parsed.data };
  const [issue] = parsed.error.issues;
  return badAnswer(`a result of another shape (${["result", ...(issue?.path ?? [])].join(".")}: ${issue?.message})`);
}

/** An answer that does not say what happened, in words that hold nothing of it. */
export function badAnswer(what: string): BadAnswer {
  return { kind: "bad_answer", what };
}
