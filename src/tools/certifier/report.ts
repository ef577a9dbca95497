import { type Certificate, ORDERS_NEEDED } from "./certify";
import type { CheckResult } from "./check";

const MARKS: Readonly<Record<CheckResult["status"], string>> = {
  passed: "ok  ",
  failed: "FAIL",
  warned: "warn",
  skipped: "skip",
};

/** What somebody must know before the first call. */
export function introduction({ target, isAccumulative }: { target: string; isAccumulative: boolean }): string {
  return `This is not Payme's certification: it runs what Payme's sandbox runs, as far as that is known, and what integrations were
seen to get wrong. Pass Payme's own sandbox before you go live.

It calls ${target} as Payme does.
It creates, performs and cancels transactions ${
    isAccumulative
      ? "on the given balance, which is credited"
      : `on ${ORDERS_NEEDED} orders that are not paid yet: they end paid, refunded or cancelled`
  }.
Do not let it loose on orders that are real.
`;
}

/** A check in one line, as it ends: `ok   create.repeat  «Повторный вызов метода CreateTransaction» …` */
export function tellCheck({ id, status, sandbox, rule, got }: CheckResult): string {
  const name = sandbox === null ? rule : `«${sandbox}» ${rule}`;
  return `${MARKS[status]} ${id.padEnd(33)} ${name}${status === "skipped" && got !== null ? ` (${got})` : ""}`;
}

/** What was sent, what came, what should have come, where that is written and how to mend it. */
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

/** The last line. */
export function summary({ passed, failed, warned, skipped }: Certificate): string {
  const verdict = failed === 0 ? "No check failed" : `${failed} ${failed === 1 ? "check" : "checks"} failed`;
  return `${verdict}: ${passed} passed, ${warned} warned, ${skipped} skipped.`;
}

/** A page, or whatever else came, is nothing that may move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
