import * as z from "zod/mini";
import { isRecord } from "../kit/json";
import { lazy } from "../kit/lazy";
import type { LocalizedText } from "../protocol/states";
import type { Failure } from "./error-of";
import { maskCards } from "./mask-cards";

/** An answer that does not say what happened. */
type BadAnswer = Extract<Failure, { kind: "bad_answer" }>;

/** An answer as far as JSON-RPC goes: a result of any shape, or why there is none. */
export type Answer = { kind: "result"; result: unknown } | Extract<Failure, { kind: "refused" }> | BadAnswer;

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** A text in several languages; each may be missing. */
export const localizedText = /* @__PURE__ */ lazy(() =>
  z.custom<Partial<LocalizedText>>(
    (value) =>
      isRecord(value) && [value.ru, value.uz, value.en].every((text) => ["string", "undefined"].includes(typeof text)),
  ),
);

/** The answer `{ success: true }` of remove, send and set_fiscal_data. An answer without it is a success too: refusals are errors. */
export const successAnswer = /* @__PURE__ */ lazy(() =>
  z.pipe(
    z.looseObject({ success: z.catch(z.optional(z.boolean()), undefined) }),
    z.transform(({ success }) => ({ success: success ?? true })),
  ),
);

/** Ignores `id`: Payme's own samples answer with null, without one, and with another one. */
const envelope = /* @__PURE__ */ lazy(() => {
  const digits = z.string().check(z.regex(/^-?\d{1,15}$/));
  const refusal = z.looseObject({
    code: z.catch(z.optional(z.union([z.int(), z.pipe(digits, z.transform(Number))])), undefined),
    message: z.catch(z.optional(z.union([z.string(), localizedText()])), undefined),
  });
  return z.object({ result: z.optional(z.unknown()), error: z.nullish(refusal) });
});

/**
 * Reads an HTTP answer as far as JSON-RPC goes. Only HTTP 200 with JSON counts, of any media type: Payme's errors come
 * with 200 as well. Masks card numbers before anything else sees them.
 *
 * @throws what the body's stream throws.
 */
export async function readAnswer(response: Response): Promise<Answer> {
  if (response.status !== 200) {
    void response.body?.cancel().catch(() => {});
    return { ...badAnswer(`HTTP ${response.status} (${mediaTypeOf(response)})`), status: response.status };
  }
  const body = await readText(response);
  if ("problem" in body) return badAnswer(`a body that is ${body.problem}`);
  let json: unknown;
  try {
    json = JSON.parse(body.text);
  } catch {
    return badAnswer(`no JSON (${mediaTypeOf(response)})`);
  }
  maskCards(json);
  return answerOf(json);
}

function answerOf(json: unknown): Answer {
  const parsed = envelope().safeParse(json);
  if (!parsed.success) return badAnswer("JSON that is not a JSON-RPC answer");
  const { result, error } = parsed.data;
  if (error === undefined || error === null) {
    return result === undefined ? badAnswer("JSON without a result or an error") : { kind: "result", result };
  }
  // Either may be right: a write with such an answer may have been carried out.
  const hasBoth = result !== undefined && result !== null;
  return hasBoth ? badAnswer("both a result and an error") : { kind: "refused", error };
}

/** Parses a result with a schema. */
export function resultOf<Result>(
  schema: z.ZodMiniType<Result>,
  result: unknown,
): { kind: "value"; value: Result } | BadAnswer {
  const parsed = schema.safeParse(result);
  if (parsed.success) return { kind: "value", value: parsed.data };
  const problem = problemOf(parsed.error, "result");
  return { ...badAnswer(`a result of another shape (${problem})`), problem };
}

/** Names the member that does not fit its schema, never its value. */
export function problemOf({ issues: [issue] }: z.core.$ZodError, root: string): string {
  const problem = issue?.code === "invalid_type" ? `expected ${issue.expected}` : issue?.code;
  return `${[root, ...(issue?.path ?? [])].join(".")}: ${problem}`;
}

/** `what` holds nothing of the answer: it goes into an error's message. */
function badAnswer(what: string): BadAnswer {
  return { kind: "bad_answer", what };
}

function mediaTypeOf(response: Response): string {
  return /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(response.headers.get("content-type") ?? "")?.[0] ?? "no media type";
}

/** Reads a body up to the limit, counted after decompression; the rest is refused, not read. */
async function readText(response: Response): Promise<{ text: string } | { problem: "too large" | "not UTF-8" }> {
  if (response.body === null) return { text: "" };
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > MAX_ANSWER_BYTES) {
      void reader.cancel().catch(() => {});
      return { problem: "too large" };
    }
    chunks.push(part.value);
  }
  // A character may be split between two chunks: the decoder keeps its first half.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const texts = chunks.map((chunk) => decoder.decode(chunk, { stream: true }));
    return { text: texts.join("") + decoder.decode() };
  } catch {
    return { problem: "not UTF-8" };
  }
}
