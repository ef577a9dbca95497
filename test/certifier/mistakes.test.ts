import { describe, it } from "vitest";
import { mistakes } from "../faulty/endpoints/mistakes";
import { allowsAt, createEndpoint, KEY, OTHER_KEY, type Row, type Rules } from "../faulty/endpoints/reference";
import { createClock, idsOf } from "./shops";

function run(instead: Partial<Rules>) {
  const { now, sleep } = createClock();
  const api = createEndpoint(instead, now);
  return idsOf({ api, key: KEY, otherKey: OTHER_KEY, newOrder: api.newOrder, credited: api.credited, now, sleep });
}

const OVER = { state: -1, reason: 4, cancel_time: 1_767_225_600_123 };

describe.concurrent("an endpoint of another make", () => {
  it("passes where it is right", async ({ expect }) => {
    expect(await run({})).toEqual({
      failed: [],
      warned: [],
      skipped: ["create.every-field", "check-perform.detail", "cancel.refused-changes-nothing"],
    });
  });

  const tolerated: [name: string, instead: Partial<Rules>, warned: string[]][] = [
    [
      "answers -31008 for a busy order, as the docs say",
      { busyCode: -31008 },
      ["check-perform.busy-order", "check-perform.paid-order", "create.busy-order", "create.paid-order"],
    ],
    [
      "lets Check allow an order that is taken",
      { checksBusy: ({ state }) => state === 2 },
      ["check-perform.busy-order"],
    ],
    ["refunds nothing", { refusesRefund: true }, ["cancel.performed"]],
    ["has no SetFiscalData", { hasFiscalData: false }, ["fiscal.success"]],
    ["has no ChangePassword", { hasChangePassword: false }, ["change-password.changed"]],
    ["looks at the order's state before the amount", { busyBeforeAmount: true }, ["create.amount-before-busy"]],
    ["takes another amount for a known id", { createsAgain: (row) => row.state === 1 }, ["create.other-amount"]],
    [
      "answers what is stored where a performed transaction is created again",
      { createsAgain: (row, amount) => row.state > 0 && row.amount === amount },
      ["create.performed-id"],
    ],
    ["has numbers for its own ids", { transactionOf: (n) => n }, ["create.transaction"]],
    [
      "answers null beside the result",
      { reply: (body) => ({ result: null, error: null, ...body }) },
      ["answer.result-or-error"],
    ],
    ["answers without the id", { reply: ({ ...body }) => ({ ...body, id: undefined }) }, ["answer.id"]],
    ["compares the key only", { authorises: (credentials, key) => credentials.endsWith(`:${key}`) }, ["auth.login"]],
    ["parses the body before it compares the key", { wrongKeyAndNoJsonCode: -32700 }, ["auth.before-parsing"]],
    ["creates a transaction that is over 12 hours old", { takesOldOnes: true }, ["timeout.create"]],
    ["ends an expired transaction in CheckTransaction", { reads: endsOld }, ["check.ends-nothing"]],
    ["refuses one that is over 12 hours old by another code", { tooOldCode: -31003 }, ["timeout.create"]],
    [
      "goes by its own time within a statement",
      { order: (a, b) => a.create_time - b.create_time },
      ["statement.ascending"],
    ],
    ["answers another code for an unknown receipt", { unknownReceiptCode: -31003 }, ["fiscal.unknown"]],
    ["gives Payme's time for its create_time", { createTimeOf: (time) => time }, []],
    ["leaves PUT to the framework", { answersPut: false }, ["http.get"]],
    ["answers no JSON with an id of its own", { idOfNoJson: "none" }, ["json-rpc.parse-error"]],
    [
      "compares seconds in a statement",
      {
        isListed: (row, { from, to }) =>
          [from, row.time, to].every((time, n, all) => n === 0 || secondOf(time) >= secondOf(all[n - 1] ?? 0)),
      },
      ["statement.milliseconds"],
    ],
    ["sells for less than the fiscal detail comes to", { allows: allowsAt(5_000_100) }, ["check-perform.detail"]],
  ];
  /** Those of this run that are older than 11 h 59 min. */
  function endsOld(row: Row): void {
    if (row.state === 1 && Date.now() - row.time > 719 * 60_000) Object.assign(row, OVER);
  }
  const secondOf = (time: number) => Math.floor(time / 1_000);

  it.for(tolerated)("passes with a warning where it %s", async ([, instead, expected], { expect }) => {
    const { failed, warned } = await run(instead);
    expect({ failed, warned: warned.sort() }).toEqual({ failed: [], warned: expected.sort() });
  });

  it("is sent a transaction in its last seconds where it creates none of the past", async ({ expect }) => {
    expect((await run({})).skipped).not.toContain("timeout.reason");
  });
});

describe.concurrent("a well-known mistake fails its own checks and no other: where", () => {
  it.for(Object.entries(mistakes))("%s", async ([, { instead, fails }], { expect }) => {
    expect((await run(instead)).failed.sort()).toEqual([...fails].sort());
  });
});
