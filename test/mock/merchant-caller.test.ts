import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { nodeMerchant } from "../../src/entry/node";
import { TRANSACTION_LIFETIME_MS } from "../../src/protocol/states";
import { KEY, TEST_KEY } from "../merchant/shop";
import { openMock } from "./kit";
import { openMarket, order, PRICE } from "./merchant-kit";

const HOUR_MS = 3_600_000;

/** The methods that were called, in order. */
function methodsOf({ exchanges }: { exchanges: readonly { method: string }[] }): string[] {
  return exchanges.map(({ method }) => method.replace("Transaction", ""));
}

describe("paying", () => {
  it("is Check, then Create and Perform, each twice; both books are one", async () => {
    const { mock, caller, shop } = openMarket();
    const paid = await caller.pay(order());
    expect(paid).toMatchObject({
      outcome: "paid",
      transaction: { state: 2, amount: PRICE, account: { order_id: "1" }, reason: null, undecided: [] },
    });
    expect(methodsOf(mock)).toEqual(["CheckPerform", "Create", "Create", "Perform", "Perform"]);
    expect(shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });

  it("of a paid order is refused by Check, with the merchant's field and words", async () => {
    const { caller } = openMarket();
    await caller.pay(order());
    expect(await caller.pay(order())).toMatchObject({
      outcome: "refused",
      method: "CheckPerformTransaction",
      code: -31051,
      data: "order_id",
      message: { ru: expect.any(String), uz: expect.any(String), en: expect.any(String) },
    });
    expect(caller.transactions()).toHaveLength(1);
  });

  it.each([
    ["an unknown order", order(4711), -31050],
    ["another amount", order(1, 1), -31001],
  ])("of %s is refused before anything is made", async (_case, wrong, code) => {
    const { caller } = openMarket();
    expect(await caller.pay(wrong)).toMatchObject({ outcome: "refused", code });
    expect(caller.transactions()).toEqual([]);
    expect(caller.disagreements).toEqual([]);
  });

  it("with another key is refused with -32504", async () => {
    const { caller } = openMarket({ key: "a-key-that-is-not-the-merchants-0123" });
    expect(await caller.pay(order())).toMatchObject({ outcome: "refused", code: -32504 });
  });

  it("of an order that another payer holds is refused; when he is declined, it is free again", async () => {
    const { caller, shop } = openMarket();
    const first = await caller.begin(order());
    expect(first.outcome).toBe("begun");
    expect(await caller.pay(order())).toMatchObject({ outcome: "refused", code: -31099 });
    if (first.outcome !== "begun") return;
    await caller.cancel(first.transaction.id, { reason: 2 });
    expect(await caller.pay(order())).toMatchObject({ outcome: "paid" });
    expect(shop.order()).toMatchObject({ fulfilled: 1 });
    expect(caller.transactions().map(({ state, reason }) => [state, reason])).toEqual([
      [-1, 2],
      [2, null],
    ]);
    expect(await caller.compare()).toEqual([]);
  });

  it("with a declined card is cancelled with reason 2, twice", async () => {
    const { mock, caller, shop } = openMarket();
    expect(await caller.pay({ ...order(), card: "declined" })).toMatchObject({
      outcome: "cancelled",
      transaction: { state: -1, reason: 2, performTime: 0 },
    });
    expect(methodsOf(mock).slice(-2)).toEqual(["Cancel", "Cancel"]);
    expect(shop.order()).toMatchObject({ status: "new", fulfilled: 0 });
    expect(await caller.compare()).toEqual([]);
  });

  it("once only, where calls are not to be repeated", async () => {
    const { mock, caller } = openMarket({ sendTwice: false });
    await caller.pay(order());
    expect(methodsOf(mock)).toEqual(["CheckPerform", "Create", "Perform"]);
  });
});

describe("cancelling", () => {
  it("after Perform is a refund: -2, reason 5, and the time of payment is kept", async () => {
    const { caller, shop, pass } = openMarket();
    const paid = await caller.pay(order());
    if (paid.outcome !== "paid") throw new Error(paid.outcome);
    const { id, performTime } = paid.transaction;
    pass(HOUR_MS);
    expect(await caller.cancel(id)).toMatchObject({ outcome: "result", result: { state: -2 } });
    expect(caller.transaction(id)).toMatchObject({ state: -2, reason: 5, performTime, cancelTime: shop.now() });
    expect(shop.order()).toMatchObject({ status: "refunded", takenBack: 1 });
    await caller.checkTransaction(id);
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });

  it("may be refused with -31007: it stays paid in both books", async () => {
    const { caller } = openMarket({}, { shop: { canRefund: () => false } });
    const paid = await caller.pay(order());
    if (paid.outcome !== "paid") throw new Error(paid.outcome);
    expect(await caller.cancel(paid.transaction.id)).toMatchObject({ outcome: "refused", code: -31007 });
    expect(caller.transaction(paid.transaction.id)).toMatchObject({ state: 2, reason: null });
    expect(await caller.compare()).toEqual([]);
  });

  it("of what is not there is -31003, and Payme's books stay as they are", async () => {
    const { caller } = openMarket();
    for (const step of ["perform", "cancel", "checkTransaction"] as const) {
      expect(await caller[step]("no-such-transaction")).toMatchObject({ outcome: "refused", code: -31003 });
    }
    expect(caller.transactions()).toEqual([]);
  });
});

describe("lost answers", () => {
  it.each(["CheckPerformTransaction", "CreateTransaction", "PerformTransaction"])(
    "to %s are asked for again, whether it was done or not",
    async (method) => {
      for (const kind of ["drop_before", "drop_after", "malformed"] as const) {
        const { mock, caller, shop } = openMarket();
        mock.faults.add({ method, kind, times: 2 });
        expect(await caller.pay(order())).toMatchObject({ outcome: "paid", transaction: { undecided: [] } });
        expect(shop.order()).toMatchObject({ fulfilled: 1 });
        expect(caller.disagreements).toEqual([]);
        expect(await caller.compare()).toEqual([]);
      }
    },
  );

  it("are asked for a bounded number of times, with pauses", async () => {
    const { mock, caller, shop } = openMarket({ repeatAfterMs: [100, 200, 400] });
    const start = shop.now();
    mock.faults.add({ method: "PerformTransaction", kind: "drop_before" });
    expect(await caller.pay(order())).toMatchObject({
      outcome: "unknown",
      method: "PerformTransaction",
      transaction: { state: 1, undecided: ["PerformTransaction"] },
    });
    expect(methodsOf(mock).filter((method) => method === "Perform")).toHaveLength(4);
    expect(shop.now() - start).toBe(700);
  });

  it("to a Perform that was done: either book may be ahead until it is settled", async () => {
    const { mock, caller, shop } = openMarket({ repeatAfterMs: [] });
    const mend = mock.faults.add({ method: "PerformTransaction", kind: "drop_after" });
    expect(await caller.pay(order())).toMatchObject({ outcome: "unknown" });
    expect(shop.order()).toMatchObject({ fulfilled: 1 });
    expect(await caller.compare()).toEqual([]);
    mend();
    await caller.settle();
    expect(caller.transactions()).toMatchObject([{ state: 2, performTime: shop.now(), undecided: [] }]);
    expect(shop.order()).toMatchObject({ fulfilled: 1 });
    expect(await caller.compare()).toEqual([]);
  });

  it("to a Create that was done: settling asks, and cancels what was made for nobody", async () => {
    const { mock, caller, shop } = openMarket({ repeatAfterMs: [] });
    const mend = mock.faults.add({ method: "CreateTransaction", kind: "drop_after" });
    expect(await caller.pay(order())).toMatchObject({ outcome: "unknown", method: "CreateTransaction" });
    expect(shop.order()).toMatchObject({ status: "reserved" });
    mend();
    await caller.settle();
    expect(caller.transactions()).toMatchObject([{ state: -1, reason: 3, undecided: [] }]);
    expect(shop.order()).toMatchObject({ status: "new" });
    expect(await caller.compare()).toEqual([]);
  });

  it("to a Create that never arrived: settling finds nothing there", async () => {
    const { mock, caller } = openMarket({ repeatAfterMs: [] });
    const mend = mock.faults.add({ method: "CreateTransaction", kind: "drop_before" });
    await caller.pay(order());
    mend();
    await caller.settle();
    expect(caller.transactions()).toMatchObject([{ state: 0, undecided: [] }]);
    expect(await caller.compare()).toEqual([]);
  });

  it("to a refund that was done: settling repeats it with the same reason", async () => {
    const { mock, caller, shop } = openMarket({ repeatAfterMs: [] });
    const paid = await caller.pay(order());
    if (paid.outcome !== "paid") throw new Error(paid.outcome);
    const mend = mock.faults.add({ method: "CancelTransaction", kind: "drop_after" });
    expect(await caller.cancel(paid.transaction.id, { reason: 10 })).toMatchObject({ outcome: "unknown" });
    expect(await caller.compare()).toEqual([]);
    mend();
    await caller.settle();
    expect(caller.transactions()).toMatchObject([{ state: -2, reason: 10 }]);
    expect(shop.order()).toMatchObject({ takenBack: 1 });
    expect(await caller.compare()).toEqual([]);
  });

  it("where Perform was done and then cancelled, the time of payment is asked for", async () => {
    const { mock, caller, shop } = openMarket({ repeatAfterMs: [] });
    mock.faults.add({ method: "PerformTransaction", kind: "drop_after", times: 1 });
    const unknown = await caller.pay(order());
    if (unknown.outcome !== "unknown" || unknown.transaction === undefined) throw new Error(unknown.outcome);
    const performTime = shop.now();
    shop.pass(1_000);
    await caller.cancel(unknown.transaction.id, { reason: 5 });
    expect(caller.transactions()).toMatchObject([{ state: -2, performTime, cancelTime: performTime + 1_000 }]);
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });
});

describe("a payer who is away for 12 hours", () => {
  async function gone() {
    const market = openMarket();
    const begun = await market.caller.begin(order());
    if (begun.outcome !== "begun") throw new Error(begun.outcome);
    market.pass(TRANSACTION_LIFETIME_MS);
    expect(await market.caller.expire()).toEqual([]);
    market.pass(1);
    return { ...market, id: begun.transaction.id };
  }

  it("is cancelled by Payme with reason 4, not a millisecond before", async () => {
    const { caller, shop } = await gone();
    expect(await caller.expire()).toMatchObject([{ state: -1, reason: 4, cancelTime: shop.now() }]);
    expect(shop.order()).toMatchObject({ status: "new" });
    expect(await caller.compare()).toEqual([]);
  });

  it("is left to the merchant, who finds the end now or later", async () => {
    const { caller, shop } = await gone();
    expect(await caller.expire({ leaveToMerchant: true })).toMatchObject([{ state: -1, reason: 4, cancelTime: 0 }]);
    expect(await caller.compare()).toEqual([]);
    await shop.merchant.sweep();
    expect(await caller.compare()).toEqual([]);
    expect(await caller.pay(order())).toMatchObject({ outcome: "paid" });
    expect(await caller.compare()).toEqual([]);
  });

  it("has paid where the answer to Perform was lost: that is found out, and nothing ends it", async () => {
    const { mock, caller, shop, pass } = openMarket();
    mock.faults.add({ kind: "drop_after", method: "PerformTransaction" });
    const lost = await caller.pay(order());
    expect(lost).toMatchObject({ outcome: "unknown", transaction: { state: 1, undecided: ["PerformTransaction"] } });
    pass(TRANSACTION_LIFETIME_MS + 1);
    expect(await caller.expire({ leaveToMerchant: true })).toEqual([]);
    mock.faults.clear();
    await caller.settle();
    expect(caller.transactions()).toMatchObject([{ state: 2, reason: null, undecided: [] }]);
    expect(shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });

  it("pays at that moment: what is on its way is waited for", async () => {
    const { mock, caller, pass } = openMarket();
    const begun = await caller.begin(order());
    if (begun.outcome !== "begun") throw new Error(begun.outcome);
    mock.faults.add({ kind: "drop_after", method: "PerformTransaction", times: 1 });
    const performing = caller.perform(begun.transaction.id);
    pass(TRANSACTION_LIFETIME_MS + 1);
    expect(await caller.expire({ leaveToMerchant: true })).toEqual([]);
    await performing;
    expect(caller.transactions()).toHaveLength(1);
    expect(caller.transaction(begun.transaction.id)?.undecided).toEqual([]);
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });

  it("comes back too late: Perform is refused, and Payme takes the merchant's word for the end", async () => {
    const { caller, shop, id } = await gone();
    expect(await caller.perform(id)).toMatchObject({ outcome: "refused", code: -31008 });
    await caller.checkTransaction(id);
    expect(caller.transaction(id)).toMatchObject({ state: -1, reason: 4, cancelTime: shop.now() });
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });

  it("is cancelled with another reason than the one under which the merchant had found it: its books say 4", async () => {
    const { caller, shop, id } = await gone();
    await shop.merchant.sweep();
    await caller.cancel(id, { reason: 3 });
    expect(caller.transaction(id)).toMatchObject({ state: -1, reason: 4 });
    expect(await caller.compare()).toEqual([]);
  });
});

describe("the other methods", () => {
  it("GetStatement gives a period, both ends included", async () => {
    const { caller, pass, shop } = openMarket();
    const start = shop.now();
    for (const id of [1, 2, 3]) {
      await caller.pay(order(id));
      pass(1_000);
    }
    const answer = await caller.statement({ from: start + 1_000, to: start + 2_000 });
    expect(answer).toMatchObject({ result: { transactions: [{ time: start + 1_000 }, { time: start + 2_000 }] } });
    expect(await caller.compare({ from: start + 1_000, to: start + 1_000 })).toEqual([]);
  });

  it("SetFiscalData tells of the sale's and the refund's receipt", async () => {
    const seen: unknown[] = [];
    const { caller } = openMarket(
      {},
      { shop: { onFiscalData: ({ type, accepted }) => void seen.push([type, accepted]) } },
    );
    const paid = await caller.pay(order());
    if (paid.outcome !== "paid") throw new Error(paid.outcome);
    const { id } = paid.transaction;
    expect(await caller.setFiscalData(id, "PERFORM")).toMatchObject({ outcome: "result", result: { success: true } });
    expect(await caller.setFiscalData(id, "CANCEL", { status_code: 7 })).toMatchObject({ outcome: "result" });
    expect(await caller.setFiscalData("nobody", "PERFORM")).toMatchObject({ outcome: "refused", code: -32001 });
    expect(seen).toEqual([
      ["PERFORM", true],
      ["CANCEL", false],
    ]);
  });

  it("ChangePassword: the new key is used from its answer on, and is in no log", async () => {
    const kept: string[] = [];
    const password = "another-key-of-36-characters-0123456";
    const { mock, caller } = openMarket({}, { shop: { onChangePassword: (changed) => void kept.push(changed) } });
    expect(await caller.changePassword(password)).toMatchObject({ result: { success: true } });
    expect(kept).toEqual([password]);
    expect(await caller.check(order())).toMatchObject({ result: { allow: true } });
    expect(JSON.stringify(mock.exchanges)).not.toContain(password);
  });
});

describe("what goes over the wire", () => {
  /** An endpoint that keeps what it was asked. */
  function listener() {
    const requests: { headers: Headers; body: Record<string, unknown> }[] = [];
    const fetch = async (request: Request) => {
      const body = Object(await request.json());
      requests.push({ headers: request.headers, body });
      return Response.json({ result: { allow: true }, id: body.id });
    };
    return { requests, fetch };
  }

  it("is named parameters, an integer id that counts, and Basic with login Paycom", async () => {
    const { requests, fetch } = listener();
    const caller = openMock().mock.merchant({ fetch, key: "p@ss:w%rd#1" });
    await caller.check(order());
    await caller.check(order(2));
    expect(requests.map(({ body }) => body)).toEqual([
      { method: "CheckPerformTransaction", params: { amount: PRICE, account: { order_id: "1" } }, id: 1 },
      { method: "CheckPerformTransaction", params: { amount: PRICE, account: { order_id: "2" } }, id: 2 },
    ]);
    const [, encoded = ""] = requests[0]?.headers.get("authorization")?.split("Basic ") ?? [];
    expect(Buffer.from(encoded, "base64").toString()).toBe("Paycom:p@ss:w%rd#1");
    expect(requests[0]?.headers.get("content-type")).toBe("text/json; charset=UTF-8");
    expect(requests[0]?.headers.has("test-operation")).toBe(false);
  });

  it("looks like the sandbox's where that is asked for", async () => {
    const { requests, fetch } = listener();
    await openMock().mock.merchant({ fetch, key: TEST_KEY, sandbox: true }).check(order());
    expect(requests[0]?.headers.get("test-operation")).toBe("Paycom");
    expect(requests[0]?.body).toMatchObject({ jsonrpc: "2.0" });
  });

  it("is in the exchange log, outgoing and redacted", async () => {
    const key = "planted-key-of-the-merchant-01234567";
    const { fetch } = listener();
    const { mock } = openMock();
    await mock.merchant({ fetch, key }).check({ ...order(), account: { card: "8600777788889999" } });
    expect(mock.exchanges).toMatchObject([{ direction: "out", method: "CheckPerformTransaction", code: null }]);
    const text = JSON.stringify(mock.exchanges);
    expect(text).not.toContain("8600777788889999");
    expect(text).not.toContain(key);
    expect(text).not.toContain(Buffer.from(`Paycom:${key}`).toString("base64"));
  });

  it("comes to an endpoint by its URL, over HTTP; a connection that breaks after the effect is a lost answer", async () => {
    const { shop, mock } = openMarket();
    await shop.ready;
    const handle = nodeMerchant(shop.merchant);
    let performs = 0;
    const server = createServer((request, response) => {
      request.on("data", (chunk) => {
        if (String(chunk).includes('"PerformTransaction"')) performs += 1;
        // The first Perform is done, and its connection is gone before the answer.
        if (performs === 1) response.end = () => request.socket.destroy() && response;
      });
      handle(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const caller = mock.merchant({ endpoint: `http://127.0.0.1:${port}/payme`, key: KEY });
    expect(await caller.pay(order())).toMatchObject({ outcome: "paid" });
    expect(performs).toBe(3);
    expect(mock.exchanges.map(({ code }) => code)).toContain("no_answer");
    expect(shop.order()).toMatchObject({ fulfilled: 1 });
    expect(caller.disagreements).toEqual([]);
    expect(await caller.compare()).toEqual([]);
  });

  it("comes to an endpoint by its URL; nobody there is an answer that is not known", async () => {
    const { mock } = openMock();
    const nobody = mock.merchant({ endpoint: "http://127.0.0.1:9/payme", key: "k", repeatAfterMs: [] });
    expect(await nobody.pay(order())).toMatchObject({ outcome: "unknown", method: "CheckPerformTransaction" });
    expect(mock.exchanges).toMatchObject([{ code: "no_answer" }]);
  });

  it("waits no longer than it is told to", async () => {
    const { mock } = openMock();
    const fetch = () => new Promise<Response>(() => undefined);
    const silent = mock.merchant({ fetch, key: "k", repeatAfterMs: [], timeoutMs: 20 });
    expect(await silent.check(order())).toEqual({ outcome: "unknown", method: "CheckPerformTransaction" });
  });

  it.each([
    ["no endpoint", { key: "k" }],
    ["an endpoint that is no URL", { key: "k", endpoint: "shop.uz/payme" }],
    ["no key", { key: "", endpoint: "http://127.0.0.1/" }],
  ])("is nothing with %s", (_case, options) => {
    expect(() => openMock().mock.merchant(options)).toThrow(/^merchant endpoint: /);
  });
});

it("reset makes the books new, and drops what waits", async () => {
  const { mock, caller } = openMarket();
  await caller.pay(order());
  const waiting = mock.merchant({ fetch: () => new Promise<Response>(() => undefined), key: "k" }).check(order());
  mock.reset();
  await expect(waiting).rejects.toThrow("dropped");
  expect(caller.transactions()).toEqual([]);
  expect(caller.disagreements).toEqual([]);
});
