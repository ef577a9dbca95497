import { type CertifyResult, ORDERS_NEEDED } from "./certify";
import type { CheckResult } from "./check";

const MARKS: Readonly<Record<CheckResult["status"], string>> = {
  passed: "ok  ",
  failed: "FAIL",
  warned: "warn",
  skipped: "skip",
};

/** The text to read before the first call. */
export function introduction({ target, isPaidAgain }: { target: string; isPaidAgain: boolean }): string {
  return `This is not Payme's certification. It runs the known tests of Payme's sandbox, and tests for mistakes that were seen in
integrations. Pass Payme's own sandbox before you go live.

It calls ${target} as Payme does.
It creates, performs and cancels transactions on ${
    isPaidAgain
      ? "the given account, which is credited"
      : `up to ${ORDERS_NEEDED} orders that are not paid: they end paid, refunded or cancelled`
  }.
Do not use real orders.
`;
}

/** Returns one line for a check: `ok   create.repeat  «Повторный вызов метода CreateTransaction» …` */
export function tellCheck({ id, status, sandbox, rule, got }: CheckResult): string {
  const name = sandbox === null ? rule : `«${sandbox}» ${rule}`;
  return `${MARKS[status]} ${id.padEnd(33)} ${name}${status === "skipped" && got !== null ? ` (${got})` : ""}`;
}

/** Returns the details of a check: the call, the answer, the expected answer, the source and the correction. */
export function tellFailure({ id, status, rule, expected, got, source, mend, exchange }: CheckResult): string {
  const lines = [`${MARKS[status]} ${id}: ${rule}`, `  expected  ${expected}`, `  got       ${oneLine(got ?? "")}`];
  if (exchange !== null) {
    const { request, response, failure } = exchange;
    lines.push(
      `  request   ${request.httpMethod} · Authorization: ${request.authorization} · ${request.contentType}`,
      `            ${request.body}`,
      `  answer    ${response === null ? (failure ?? "none") : `HTTP ${response.status} ${oneLine(response.body)}`}`,
    );
  }
  return [...lines, `  source    ${source}`, `  mend      ${mend}`, ""].join("\n");
}

/** Returns the last line. */
export function summary({ passed, failed, warned, skipped }: CertifyResult): string {
  const verdict = failed === 0 ? "No check failed" : `${failed} ${failed === 1 ? "check" : "checks"} failed`;
  return `${verdict}: ${passed} passed, ${warned} warned, ${skipped} skipped.`;
}

/** The answer in one line. It must not move the cursor of a terminal. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
