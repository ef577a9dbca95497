import { isDeepStrictEqual } from "node:util";
import type { Answer } from "./caller";
import type { JsonObject } from "./json";

/** How a check ends that does not pass: thrown, so that a check reads as a list of what must hold. */
export class Verdict extends Error {
  override readonly name = "Verdict";

  constructor(
    readonly status: "failed" | "warned" | "skipped",
    readonly expected: string,
    readonly got: string,
    readonly answer?: Answer | undefined,
  ) {
    super(`${status}: expected ${expected}, got ${got}`);
  }
}

/** The rule is broken. */
export function fail(expected: string, answer: Answer, got: string = told(answer)): never {
  throw new Verdict("failed", expected, got, answer);
}

/** Another answer than ours is right or tolerated; somebody should know of it. */
export function warn(expected: string, answer: Answer, got: string = told(answer)): never {
  throw new Verdict("warned", expected, got, answer);
}

/** The rule cannot be seen here. */
export function skip(because: string): never {
  throw new Verdict("skipped", "", because);
}

/** True where no answer came in time: what the call has done nobody can say. http.status tells it. */
export function isUnanswered({ status }: Answer): boolean {
  return status === 0;
}

/** The result of a call on which others build; where it was refused, what builds on it is skipped: one mistake, one failure. */
export function reached(answer: Answer): JsonObject {
  return answer.result ?? skip(`${answer.method} was refused before: ${told(answer)}`);
}

/** A result, with these members. */
export function expectResult(answer: Answer, members: JsonObject = {}): JsonObject {
  const { result } = answer;
  const wanted = Object.entries(members);
  const expected =
    wanted.length === 0 ? "a result" : wanted.map(([name, value]) => `${name} ${show(value)}`).join(", ");
  if (result === undefined) fail(expected, answer);
  for (const [name, value] of wanted) if (!isDeepStrictEqual(result[name], value)) fail(expected, answer);
  return result;
}

/** The very same result as before. */
export function expectSame(first: Answer, second: Answer): void {
  if (first.result === undefined || !isDeepStrictEqual(first.result, second.result)) {
    fail(`the same as before: ${told(first)}`, second);
  }
}

/** A refusal with this code. */
export function expectCode(answer: Answer, code: number): void {
  if (answer.error?.code !== code) fail(`error ${code}`, answer);
}

/** True for a code that says that the account cannot be paid: Payme leaves the numbers within the range to the shop. */
export function isAccountCode(code: unknown): boolean {
  return typeof code === "number" && Number.isInteger(code) && code >= -31099 && code <= -31050;
}

/** A refusal of the account. `tolerated`: codes about which sources disagree. */
export function expectAccountCode(answer: Answer, tolerated: readonly number[] = []): void {
  const code = answer.error?.code;
  if (isAccountCode(code)) return;
  if (tolerated.some((other) => other === code)) warn("an error from -31099 to -31050", answer);
  fail("an error from -31099 to -31050", answer);
}

/** A time in milliseconds: 13 digits until the year 2286. */
export function expectMilliseconds(answer: Answer, member: string): void {
  const time = reached(answer)[member];
  if (!isMilliseconds(time))
    fail(`${member}: a positive whole number of 13 digits, in milliseconds`, answer, show(time));
}

function isMilliseconds(time: unknown): time is number {
  return typeof time === "number" && Number.isInteger(time) && String(time).length === 13;
}

/** An answer in a few words. */
export function told({ exchange, status, result, error, body }: Answer): string {
  if (exchange.response === null) return exchange.failure ?? "no answer";
  const prefix = status === 200 ? "" : `HTTP ${status}, `;
  if (error !== undefined) return `${prefix}error ${show(error.code)}`;
  if (result !== undefined) return `${prefix}result ${show(result)}`;
  return `${prefix}${body === undefined ? "no JSON" : "no JSON-RPC"}: ${exchange.response.body.slice(0, 200)}`;
}

/** A value in one line. */
export function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
