import { type Answer, answerOf, type BadAnswer, badAnswer } from "./answer";
import { maskCards } from "./mask-cards";
import { readText } from "./read-text";

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * Reads an HTTP answer as far as JSON-RPC goes. Only HTTP 200 with JSON counts, of any media type: Payme's errors come
 * with 200 as well. Card numbers are masked here, before anything else sees them.
 *
 * @throws what the body's stream throws.
 */
export async function readAnswer(response: Response): Promise<Answer> {
  if (response.status !== 200) {
    void response.body?.cancel().catch(() => {});
    return badAnswer(`HTTP ${response.status} (${mediaTypeOf(response)})`);
  }
  const body = await readText(response, MAX_ANSWER_BYTES);
  if ("problem" in body) return badAnswer(`a body that is ${body.problem}`);
  const read = parseJson(body.text, response);
  if (read.kind === "bad_answer") return read;
  maskCards(read.json);
  return answerOf(read.json);
}

function parseJson(text: string, response: Response): { kind: "json"; json: unknown } | BadAnswer {
  try {
    return { kind: "json", json: JSON.parse(text) };
  } catch {
    return badAnswer(`no JSON (${mediaTypeOf(response)})`);
  }
}

function mediaTypeOf(response: Response): string {
  return /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(response.headers.get("content-type") ?? "")?.[0] ?? "no media type";
}
