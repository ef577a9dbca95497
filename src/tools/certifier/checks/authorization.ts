import type { Answer, Unusual } from "../caller";
import type { Check, CheckedMethod } from "../check";
import { basic, type Credentials, NO_CREDENTIALS, SANDBOX_WRONG_CREDENTIALS } from "../credentials";
import { expectCode, fail } from "../expect";
import type { JsonObject } from "../json";
import type { Run } from "../run";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/unconfirmed";

const NOBODYS_ID = "000000000000000000000000";

/** Calls that change nothing whatever comes of them, with parameters that fit no order: who has no key learns nothing of that. */
const HARMLESS_CALLS: readonly (readonly [Exclude<CheckedMethod, "*" | "ChangePassword">, JsonObject])[] = [
  ["CheckPerformTransaction", { amount: 50_000, account: {} }],
  ["CreateTransaction", { id: NOBODYS_ID, time: 1_767_225_600_123, amount: 50_000, account: {} }],
  ["PerformTransaction", { id: NOBODYS_ID }],
  ["CancelTransaction", { id: NOBODYS_ID, reason: 3 }],
  ["CheckTransaction", { id: NOBODYS_ID }],
  ["GetStatement", { from: 1_767_225_600_000, to: 1_767_225_600_001 }],
  ["SetFiscalData", { id: NOBODYS_ID, type: "PERFORM", fiscal_data: {} }],
];

/** Those that the sandbox was seen to send, and anybody can. */
const SANDBOX_HEADERS = { "Test-Operation": "Paycom", Referer: "http://test.paycom.uz" };

/** Who may call. The sandbox begins with it. */
export const authorizationChecks: readonly Check[] = [
  {
    id: "auth.right-key",
    method: "CheckPerformTransaction",
    rule: "login Paycom with the cashbox's key is let in",
    source: PAYME.scheme,
    mend: "Compare with the key that the cabinet shows (TEST_KEY in the sandbox). A # in an unquoted .env cuts it off.",
    async run(run) {
      const answer = await run.checkPerform(await freshOrder(run));
      if (answer.error?.code === -32504) fail("any answer but -32504", answer);
    },
  },
  {
    id: "auth.missing",
    method: "*",
    rule: "a call without Authorization is refused with -32504",
    sandbox: "Неверная авторизация",
    source: PAYME.sandbox,
    mend: "Refuse before anything else, with HTTP 200.",
    run: (run) => refusesEveryMethod(run, { credentials: NO_CREDENTIALS }),
  },
  {
    id: "auth.wrong-key",
    method: "*",
    rule: "the sandbox's wrong key is refused with -32504, whatever the method, before parameters are looked at",
    sandbox: "Неверная авторизация",
    source: PAYME.sandbox,
    mend: "Compare the whole key first of all: before the account, the amount and the method.",
    run: (run) => refusesEveryMethod(run, { credentials: SANDBOX_WRONG_CREDENTIALS }),
  },
  {
    id: "auth.key-part",
    method: "*",
    rule: "a part of the key, the key with something before or behind it, and no key are refused",
    source: `${PAYME.scheme} (an integration searched the header for the key)`,
    mend: "Compare whole keys in constant time: no includes, no startsWith.",
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
    method: "*",
    rule: "the right key with another login than Paycom is refused",
    source: `${PAYME.scheme} (Payme's own PHP template: the login is always Paycom)`,
    mend: "Compare the login too.",
    async run(run) {
      const { key } = run.caller;
      await refusesEach(run, [basic("Somebody", key, "base64(Somebody:<key>)"), basic("", key, "base64(:<key>)")]);
    },
  },
  {
    id: "auth.first-colon",
    method: "*",
    rule: "login and key are split at the first colon: what follows the key counts",
    source: `${PAYME.sandbox} (its wrong key holds a colon)`,
    mend: "Split at the first colon only: split(':')[1] forgets what comes after the second.",
    run: (run) => refusesEach(run, [basic("Paycom", `${run.caller.key}:more`, "base64(Paycom:<key>:more)")]),
  },
  {
    id: "auth.sandbox-headers",
    method: "*",
    rule: "a wrong key is refused also with the headers of the sandbox, which anybody can send",
    source: `${PAYME.scheme} (integrations let anybody in who sent Test-Operation)`,
    mend: "Let nothing stand in for the key: no header, no environment.",
    async run(run) {
      const anyKey = basic("Paycom", "twenty-characters-and-more", "base64(Paycom:twenty-characters-and-more)");
      for (const credentials of [SANDBOX_WRONG_CREDENTIALS, anyKey]) {
        await refusesEveryMethod(run, { credentials, headers: SANDBOX_HEADERS });
      }
    },
  },
  {
    id: "auth.before-method",
    method: "*",
    rule: "a wrong key is refused with -32504 also where the method is unknown",
    source: PAYME.sandbox,
    mend: "Compare the key before you look the method up.",
    async run(run) {
      expectCode(await run.call("NoSuchMethod", {}, { credentials: SANDBOX_WRONG_CREDENTIALS }), -32504);
    },
  },
];

async function refusesEveryMethod(run: Run, unusual: Unusual): Promise<void> {
  for (const [method, params] of HARMLESS_CALLS) expectCode(await run.call(method, params, unusual), -32504);
}

async function refusesEach(run: Run, all: readonly Credentials[]): Promise<void> {
  const { amount, account } = await freshOrder(run);
  const answers: Answer[] = [];
  for (const credentials of all) {
    answers.push(await run.call("CheckPerformTransaction", { amount, account }, { credentials }));
  }
  for (const answer of answers) expectCode(answer, -32504);
}
