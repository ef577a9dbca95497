import { isDeepStrictEqual } from "node:util";
import type { Answer } from "./caller";
import type { JsonObject } from "./json";

/** The end of a check that does not pass. It is thrown, so that a check reads as a list of rules. */
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
export function fail(expected: string, answer: Answer, got: string = inShort(answer)): never {
  throw new Verdict("failed", expected, got, answer);
}

/** The answer is tolerated, but differs from the expected one. */
export function warn(expected: string, answer: Answer, got: string = inShort(answer)): never {
  throw new Verdict("warned", expected, got, answer);
}

/** The rule cannot be checked here. */
export function skip(because: string): never {
  throw new Verdict("skipped", "", because);
}

/** True without an answer in time: the effect of the call is unknown. http.status reports this. */
export function isUnanswered({ status }: Answer): boolean {
  return status === 0;
}

/** True for a Perform that was accepted. Some endpoints refuse one with a result: the state of the cancelled transaction. */
export function isPerformed({ result }: Answer): boolean {
  return result !== undefined && !(Number(result.state) < 0);
}

/** The result of a call on which a check builds. Skips the check where the call was refused: one mistake, one failure. */
export function reached(answer: Answer): JsonObject {
  return answer.result ?? skip(`${answer.method} was refused before: ${inShort(answer)}`);
}

/** Expects a result with these members. */
export function expectResult(answer: Answer, members: JsonObject = {}): JsonObject {
  const { result } = answer;
  const wanted = Object.entries(members);
  const expected = wanted.map(([name, value]) => `${name} ${show(value)}`).join(", ") || "a result";
  if (result === undefined) fail(expected, answer);
  for (const [name, value] of wanted) if (!isDeepStrictEqual(result[name], value)) fail(expected, answer);
  return result;
}

/** Expects the same result as before. */
export function expectSame(first: Answer, second: Answer): void {
  if (first.result === undefined || !isDeepStrictEqual(first.result, second.result)) {
    fail(`the same as before: ${inShort(first)}`, second);
  }
}

/** Expects a refusal with this code. */
export function expectCode(answer: Answer, code: number): void {
  if (answer.error?.code !== code) fail(`error ${code}`, answer);
}

/** True for a code that refuses the account. Within the range, the shop chooses its codes. */
export function isAccountCode(code: unknown): boolean {
  return typeof code === "number" && Number.isInteger(code) && code >= -31099 && code <= -31050;
}

/** Expects a refusal of the account. `tolerated`: codes on which sources disagree. */
export function expectAccountCode(answer: Answer, tolerated: readonly number[] = []): void {
  const code = answer.error?.code;
  if (isAccountCode(code)) return;
  if (tolerated.some((other) => other === code)) warn("an error from -31099 to -31050", answer);
  fail("an error from -31099 to -31050", answer);
}

/** Expects a time in milliseconds: 13 digits until the year 2286. */
export function expectMilliseconds(answer: Answer, member: string): void {
  const time = reached(answer)[member];
  if (typeof time === "number" && Number.isInteger(time) && String(time).length === 13) return;
  fail(`${member}: a positive whole number of 13 digits, in milliseconds`, answer, show(time));
}

/** An answer in short. */
export function inShort({ exchange, status, result, error, body }: Answer): string {
  if (exchange.response === null) return exchange.failure ?? "no answer";
  const prefix = status === 200 ? "" : `HTTP ${status}, `;
  if (error !== undefined) return `${prefix}error ${show(error.code)}`;
  if (result !== undefined) return `${prefix}result ${show(result)}`;
  return `${prefix}${body === undefined ? "not JSON" : "not JSON-RPC"}: ${exchange.response.body.slice(0, 200)}`;
}

/** A value in one line. */
export function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
