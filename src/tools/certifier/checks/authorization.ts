import type { Answer, Unusual } from "../caller";
import { type CertifiedMethod, checksOf } from "../check";
import { basic, type Credentials, NO_CREDENTIALS, SANDBOX_WRONG_CREDENTIALS } from "../endpoint";
import { expectCode, fail, isUnanswered, skip, warn } from "../expect";
import type { JsonObject } from "../json";
import type { Run } from "../run";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/sandbox";
import { NO_JSON, UNKNOWN_ID } from "./common";

/** Calls that change nothing, with parameters of no order. A caller without the key must not learn that. */
const HARMLESS_CALLS: readonly (readonly [Exclude<CertifiedMethod, "*" | "ChangePassword">, JsonObject])[] = [
  ["CheckPerformTransaction", { amount: 50_000, account: {} }],
  ["CreateTransaction", { id: UNKNOWN_ID, time: 1_767_225_600_123, amount: 50_000, account: {} }],
  ["PerformTransaction", { id: UNKNOWN_ID }],
  ["CancelTransaction", { id: UNKNOWN_ID, reason: 3 }],
  ["CheckTransaction", { id: UNKNOWN_ID }],
  ["GetStatement", { from: 1_767_225_600_000, to: 1_767_225_600_001 }],
  ["SetFiscalData", { id: UNKNOWN_ID, type: "PERFORM", fiscal_data: {} }],
];

/** Headers that the sandbox sends. Anybody can send them. */
const SANDBOX_HEADERS = { "Test-Operation": "Paycom", Referer: "http://test.paycom.uz" };

/** The checks of the key. The sandbox begins with them. */
export const authorizationChecks = checksOf("*", [
  {
    id: "auth.right-key",
    method: "CheckPerformTransaction",
    rule: "login Paycom with the cashbox's key is accepted",
    source: PAYME.scheme,
    mend: "Compare with the key in the cabinet (TEST_KEY in the sandbox). In a .env file, an unquoted # cuts the key off.",
    async run(run) {
      const answer = await run.checkPerform(await freshOrder(run));
      if (answer.error?.code === -32504) fail("any answer but -32504", answer);
    },
  },
  {
    id: "auth.missing",
    rule: "a call without Authorization is refused with -32504",
    sandbox: "Неверная авторизация",
    source: PAYME.sandbox,
    mend: "Refuse it first, with HTTP 200.",
    run: (run) => refusesEveryMethod(run, { credentials: NO_CREDENTIALS }),
  },
  {
    id: "auth.wrong-key",
    rule: "the sandbox's wrong key is refused with -32504 in every method, before the parameters are read",
    sandbox: "Неверная авторизация",
    source: PAYME.sandbox,
    mend: "Compare the whole key first: before the account, the amount and the method.",
    run: (run) => refusesEveryMethod(run, { credentials: SANDBOX_WRONG_CREDENTIALS }),
  },
  {
    id: "auth.key-part",
    rule: "a part of the key, the key with other text around it, and an empty key are refused",
    source: `${PAYME.scheme} (an integration searched for the key in the header)`,
    mend: "Compare whole keys in constant time, not with includes or startsWith.",
    async run(run) {
      const { key } = run.caller;
      const half = key.slice(0, Math.ceil(key.length / 2));
      await refusesEach(run, [
        basic("Paycom", `x${key}`, "base64(Paycom:x<key>)"),
        basic("Paycom", `${key}x`, "base64(Paycom:<key>x)"),
        basic("Paycom", half === key ? "" : half, "base64(Paycom:<first half of the key>)"),
        basic("Paycom", "", "base64(Paycom:)"),
      ]);
    },
  },
  {
    id: "auth.login",
    rule: "the right key with a login other than Paycom is refused",
    source: `${PAYME.scheme} (Payme's own PHP template: the login is always Paycom; its OpenCart module compares only the key)`,
    mend: "Also compare the login.",
    async run(run) {
      const { key } = run.caller;
      const logins = [basic("Somebody", key, "base64(Somebody:<key>)"), basic("", key, "base64(:<key>)")];
      // The key is the secret: whoever has it needs no other login.
      const answers = await callsWith(run, logins);
      const accepted = answers.find((answer) => !isUnanswered(answer) && answer.error?.code !== -32504);
      if (accepted !== undefined) warn("error -32504", accepted);
      expectRefused(answers);
    },
  },
  {
    id: "auth.first-colon",
    rule: "login and key are split at the first colon: text after the key counts",
    source: `${PAYME.sandbox} (its wrong key contains a colon)`,
    mend: "Split at the first colon only: split(':')[1] drops the text after the second.",
    run: (run) => refusesEach(run, [basic("Paycom", `${run.caller.key}:more`, "base64(Paycom:<key>:more)")]),
  },
  {
    id: "auth.sandbox-headers",
    rule: "a wrong key is refused even with the sandbox's headers, which anybody can send",
    source: `${PAYME.scheme} (integrations accepted any call with Test-Operation)`,
    mend: "Accept nothing in place of the key: no header, no environment.",
    async run(run) {
      const anyKey = basic("Paycom", "twenty-characters-and-more", "base64(Paycom:twenty-characters-and-more)");
      for (const credentials of [SANDBOX_WRONG_CREDENTIALS, anyKey]) {
        await refusesEveryMethod(run, { credentials, headers: SANDBOX_HEADERS });
      }
    },
  },
  {
    id: "auth.before-method",
    rule: "a wrong key is refused with -32504 even for an unknown method",
    source: PAYME.sandbox,
    mend: "Compare the key before you look up the method.",
    async run(run) {
      expectRefused([await run.call("NoSuchMethod", {}, { credentials: SANDBOX_WRONG_CREDENTIALS })]);
    },
  },
  {
    id: "auth.before-parsing",
    rule: "a wrong key is refused with -32504 even where the body is not JSON",
    source: `${PAYME.sandbox} (Payme's own PHP template parses the body first)`,
    mend: "Compare the key before you parse the body.",
    async run(run) {
      const answer = await run.call(
        "CheckTransaction",
        {},
        { credentials: SANDBOX_WRONG_CREDENTIALS, rawBody: NO_JSON },
      );
      const { code } = answer.error ?? {};
      if (code === -32700 || code === -32600) warn("error -32504", answer);
      expectRefused([answer]);
    },
  },
]);

async function refusesEveryMethod(run: Run, unusual: Unusual): Promise<void> {
  const answers: Answer[] = [];
  for (const [method, params] of HARMLESS_CALLS) {
    const answer = await run.call(method, params, unusual);
    if (!isUnanswered(answer)) expectCode(answer, -32504);
    answers.push(answer);
  }
  expectRefused(answers);
}

async function refusesEach(run: Run, all: readonly Credentials[]): Promise<void> {
  expectRefused(await callsWith(run, all));
}

/** Expects that each call was refused. Skips the check where one was not answered. */
function expectRefused(answers: readonly Answer[]): void {
  for (const answer of answers) if (!isUnanswered(answer)) expectCode(answer, -32504);
  if (answers.some(isUnanswered)) skip("a call was not answered: see http.status");
}

async function callsWith(run: Run, all: readonly Credentials[]): Promise<readonly Answer[]> {
  const { amount, account } = await freshOrder(run);
  const answers: Answer[] = [];
  for (const credentials of all) {
    answers.push(await run.call("CheckPerformTransaction", { amount, account }, { credentials }));
  }
  return answers;
}
