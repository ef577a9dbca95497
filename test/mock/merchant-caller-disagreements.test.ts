import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TRANSACTION_LIFETIME_MS } from "../../src/protocol/states";
import type { MerchantCaller } from "../../src/testing/mock/merchant/caller";
import type { Disagreement } from "../../src/testing/mock/merchant/disagreement";
import { KEY } from "../merchant/shop";
import { faultyEndpoint, type Mistakes } from "./faulty-endpoint";
import { openMock, START } from "./kit";
import { order, PRICE } from "./merchant-kit";

function openFaulty(mistakes: Mistakes = {}) {
  const bench = openMock();
  const merchant = faultyEndpoint(bench.now, mistakes);
  const caller = bench.mock.merchant({ fetch: merchant.fetch, key: KEY, repeatAfterMs: [1] });
  return { ...bench, merchant, caller };
}

/** Pays order 1, declines order 2, refunds order 3, and asks about all of them. */
async function everything(caller: MerchantCaller): Promise<void> {
  await caller.pay(order(1));
  await caller.pay({ ...order(2), card: "declined" });
  const third = await caller.pay(order(3));
  if (third.outcome === "paid") await caller.cancel(third.transaction.id);
  for (const { id } of caller.transactions()) await caller.checkTransaction(id);
}

const brief = (found: readonly Disagreement[]) =>
  [...new Set(found.map(({ kind, method, field }) => [kind, method, field ?? ""].join(" ").trim()))].sort();

describe("an endpoint with no mistake", () => {
  it("is found to have none, whatever is done", async () => {
    const { caller } = openFaulty();
    await everything(caller);
    expect(caller.transactions().map(({ state }) => state)).toEqual([2, -1, -2]);
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });
});

describe("while calling, it is found that", () => {
  it.each<[string, Mistakes, string[]]>([
    [
      "Create has another time the second time",
      { timeAnewOnRepeat: true },
      ["books_differ CheckTransaction create_time", "repeat_differs CreateTransaction"],
    ],
    ["Perform is refused the second time", { repeatedPerformRefused: true }, ["repeat_differs PerformTransaction"]],
    [
      "Perform is done twice",
      { performTwice: true },
      ["books_differ CheckTransaction perform_time", "repeat_differs PerformTransaction"],
    ],
    [
      "Cancel is done twice",
      { repeatedCancelOverwrites: true },
      ["books_differ CheckTransaction cancel_time", "repeat_differs CancelTransaction"],
    ],
    [
      "times are in seconds",
      { secondsForMilliseconds: true },
      [
        "books_differ CheckTransaction cancel_time",
        "books_differ CheckTransaction create_time",
        "books_differ CheckTransaction perform_time",
        "wrong_result CancelTransaction cancel_time",
        "wrong_result CheckTransaction cancel_time",
        "wrong_result CheckTransaction create_time",
        "wrong_result CheckTransaction perform_time",
        "wrong_result CreateTransaction create_time",
        "wrong_result PerformTransaction perform_time",
      ],
    ],
    [
      "a refund is -1",
      { refundAsCancel: true },
      ["books_differ CancelTransaction state", "books_differ CheckTransaction perform_time"],
    ],
    ["a refund loses the time of payment", { performTimeLost: true }, ["books_differ CheckTransaction perform_time"]],
  ])("%s", async (_mistake, mistakes, expected) => {
    const { caller } = openFaulty(mistakes);
    await everything(caller);
    expect(brief(caller.disagreements)).toEqual(expected);
  });

  it("the merchant's id is a number, and another one in each answer", async () => {
    const { caller } = openFaulty({ numberForTransaction: true });
    await caller.pay(order());
    expect(brief(caller.disagreements)).toEqual([
      "books_differ PerformTransaction transaction",
      "wrong_result CreateTransaction transaction",
    ]);
  });

  it("an account error has no field and no languages", async () => {
    const { caller } = openFaulty({ errorWithoutField: true });
    expect(await caller.pay(order("none"))).toMatchObject({ outcome: "refused", code: -31050 });
    expect(brief(caller.disagreements)).toEqual([
      "wrong_result CheckPerformTransaction data",
      "wrong_result CheckPerformTransaction message",
    ]);
    const right = openFaulty();
    await right.caller.pay(order("none"));
    expect(right.caller.disagreements).toEqual([]);
  });

  it("Perform is done after 12 hours", async () => {
    const { caller, pass } = openFaulty({ neverExpires: true });
    const begun = await caller.begin(order());
    if (begun.outcome !== "begun") throw new Error(begun.outcome);
    pass(TRANSACTION_LIFETIME_MS + 1);
    await caller.perform(begun.transaction.id);
    expect(brief(caller.disagreements)).toEqual(["books_differ PerformTransaction perform_time"]);
  });

  it("HTTP 500 is read as -32400: it is repeated, and then the payer is refused", async () => {
    const { caller, mock } = openFaulty({ answer: () => new Response("oops", { status: 500 }) });
    expect(await caller.pay(order())).toMatchObject({ outcome: "refused", code: -32400, message: "HTTP 500" });
    expect(caller.disagreements).toMatchObject([
      { kind: "http_status", expected: 200, actual: 500 },
      { kind: "http_status" },
    ]);
    expect(mock.exchanges.map(({ code }) => code)).toEqual([-32400, -32400]);
  });

  it("a redirect is not followed", async () => {
    const { caller } = openFaulty({
      answer: () => new Response(null, { status: 308, headers: { Location: "/payme/" } }),
    });
    expect(await caller.check(order())).toMatchObject({ outcome: "refused", code: -32400, message: "HTTP 308" });
  });

  it.each([
    ["no JSON", "<html>"],
    ["a bare list", "[]"],
    ["neither result nor error", '{"id":1}'],
    ["result and error", '{"result":{"allow":true},"error":{"code":-31050},"id":1}'],
    ["a code that is no number", '{"error":{"code":"-31050"},"id":1}'],
    ["another call's id", '{"result":{"allow":true},"id":4711}'],
  ])("an answer is %s", async (_case, body) => {
    const { caller } = openFaulty({ answer: () => new Response(body) });
    await caller.check(order());
    expect(brief(caller.disagreements)).toEqual(["malformed_answer CheckPerformTransaction"]);
  });

  it("`error: null` beside a result, and no id, are borne", async () => {
    const { caller } = openFaulty({ answer: () => new Response('{"result":{"allow":true},"error":null}') });
    expect(await caller.check(order())).toMatchObject({ outcome: "result" });
    expect(caller.disagreements).toEqual([]);
  });

  it("Check does not allow, nor say why", async () => {
    const { caller } = openFaulty({ answer: () => Response.json({ result: { allow: false } }) });
    expect(await caller.pay(order())).toMatchObject({ outcome: "refused", code: -31623 });
    expect(brief(caller.disagreements)).toEqual(["wrong_result CheckPerformTransaction allow"]);
  });

  it("a Perform whose answer was lost is refused when it is repeated: Payme gives the money back, and the merchant too", async () => {
    const { caller, mock, merchant } = openFaulty({ repeatedPerformRefused: true });
    mock.faults.add({ method: "PerformTransaction", kind: "drop_after", times: 1 });
    expect(await caller.pay(order())).toMatchObject({
      outcome: "refused",
      method: "PerformTransaction",
      code: -31008,
      transaction: { state: -2, reason: 3 },
    });
    expect(merchant.performs()).toBe(1);
    expect(await caller.compare()).toEqual([]);
  });
});

it("an endpoint that answers anything at all never breaks the caller", async () => {
  const members = [
    "state",
    "transaction",
    "create_time",
    "perform_time",
    "cancel_time",
    "reason",
    "transactions",
    "allow",
    "id",
    "time",
  ];
  const result = fc.dictionary(
    fc.constantFrom(...members),
    fc.oneof(fc.jsonValue(), fc.constantFrom(1, 2, -1, -2, 0, true, START)),
  );
  const answer = fc.oneof(
    fc.record({ result }),
    fc.record({ result: fc.jsonValue(), id: fc.jsonValue() }),
    fc.record({
      error: fc.oneof(fc.jsonValue(), fc.record({ code: fc.integer(), message: fc.jsonValue(), data: fc.jsonValue() })),
    }),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 20 }), async (answers) => {
      const { caller } = openFaulty({ answer: (call) => Response.json(answers[call % answers.length]) });
      await everything(caller);
      await caller.create(order(4));
      for (const { id } of caller.transactions()) await caller.perform(id);
      await caller.settle();
      await caller.expire();
      JSON.stringify([caller.disagreements, await caller.compare()]);
    }),
    { numRuns: 500 },
  );
});

describe("a statement is compared with Payme's books: it is found that", () => {
  it.each<[string, NonNullable<Mistakes["statement"]>, Partial<Disagreement>[]]>([
    ["a transaction is missing", (rows) => rows.slice(1), [{ kind: "missing_at_merchant" }]],
    [
      "only paid ones are listed",
      (rows) => rows.filter(({ state }) => state === 2),
      [{ kind: "missing_at_merchant" }, { kind: "missing_at_merchant" }],
    ],
    [
      "one is listed that Payme never made",
      (rows) => [...rows, { ...rows[0], id: "a-stranger", time: rows.at(-1)?.time }],
      [{ kind: "unknown_to_payme", id: "a-stranger" }],
    ],
    [
      "it runs backwards",
      (rows) => rows.reverse(),
      [
        { kind: "wrong_statement", field: "time" },
        { kind: "wrong_statement", field: "time" },
      ],
    ],
    [
      "it lists one twice",
      (rows) => rows.flatMap((row, n) => (n === 0 ? [row, row] : [row])),
      [{ kind: "wrong_statement", field: "id" }],
    ],
    [
      "its lines have no id",
      (rows) => rows.map(({ id: _id, ...row }) => row),
      [
        { kind: "wrong_statement" },
        { kind: "wrong_statement" },
        { kind: "wrong_statement" },
        { kind: "missing_at_merchant" },
        { kind: "missing_at_merchant" },
        { kind: "missing_at_merchant" },
      ],
    ],
    [
      "amounts are in som",
      (rows) => rows.map((row) => ({ ...row, amount: row.amount / 100 })),
      [{ field: "amount", expected: PRICE, actual: PRICE / 100 }, { field: "amount" }, { field: "amount" }],
    ],
    [
      "a time is another",
      (rows) => rows.map((row, n) => (n === 0 ? { ...row, perform_time: row.perform_time + 1 } : row)),
      [{ kind: "books_differ", field: "perform_time" }],
    ],
    [
      "a reason is another",
      (rows) => rows.map((row, n) => (n === 1 ? { ...row, reason: 5 } : row)),
      [{ field: "reason", expected: 2, actual: 5 }],
    ],
    [
      "a state is another",
      (rows) => rows.map((row, n) => (n === 2 ? { ...row, state: 2 } : row)),
      [{ field: "state", expected: -2, actual: 2 }],
    ],
    [
      "an account is another's",
      (rows) => rows.map((row, n) => (n === 0 ? { ...row, account: { order_id: "9" } } : row)),
      [{ field: "account", expected: { order_id: "1" }, actual: { order_id: "9" } }],
    ],
    [
      "times are its own, not Payme's",
      (rows) => rows.map((row) => ({ ...row, time: row.time + 60_000 })),
      [
        { kind: "wrong_statement", field: "time" },
        { kind: "books_differ", field: "time" },
        { kind: "wrong_statement", field: "time" },
        { kind: "books_differ", field: "time" },
        { kind: "wrong_statement", field: "time" },
        { kind: "books_differ", field: "time" },
      ],
    ],
  ])("%s", async (_mistake, statement, expected) => {
    const { caller, pass } = openFaulty({ statement });
    await caller.pay(order(1));
    pass(1_000);
    await caller.pay({ ...order(2), card: "declined" });
    pass(1_000);
    const third = await caller.pay(order(3));
    if (third.outcome === "paid") await caller.cancel(third.transaction.id);
    expect(await caller.compare()).toMatchObject(expected);
    // Numbers given back as texts, or texts as numbers, are the same account.
    expect(caller.disagreements).toEqual([]);
  });

  it("numbers of an account come back as texts: the same account", async () => {
    const { caller } = openFaulty({ statement: (rows) => rows.map((row) => ({ ...row, account: { order_id: "1" } })) });
    await caller.pay({ account: { order_id: 1 }, amount: PRICE });
    expect(await caller.compare()).toEqual([]);
  });

  it("there is none", async () => {
    const { caller } = openFaulty({
      answer: (_call, method) =>
        method === "GetStatement" ? Response.json({ error: { code: -32601 }, id: null }) : undefined,
    });
    await caller.pay(order());
    expect(await caller.compare()).toMatchObject([{ kind: "wrong_statement", actual: { code: -32601 } }]);
  });
});
