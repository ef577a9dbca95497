import { describe, expect, it } from "vitest";
import { openBilling } from "./billing-kit";
import { CARD, createReceipt, openMock, verifiedToken } from "./kit";

describe("duplicate: what was asked is done twice, and the second answer comes", () => {
  it("create makes two receipts: there is no idempotency key", async () => {
    const { mock, call } = openMock();
    mock.faults.add({ method: "receipts.create", kind: "duplicate", times: 1 });
    const answer = await call("receipts.create", { amount: 100, account: { order_id: 1 } });
    const [first, second, ...more] = mock.receipts();
    expect([first?.state, second?.state, more]).toEqual([0, 0, []]);
    expect(first?._id).not.toBe(second?._id);
    expect(answer).toMatchObject({ result: { receipt: { _id: second?._id } } });
  });

  it("pay is answered with -31602, and has paid once", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    const token = await verifiedToken(mock);
    mock.faults.add({ method: "receipts.pay", kind: "duplicate" });
    expect(await call("receipts.pay", { id, token })).toMatchObject({ error: { code: -31602 } });
    expect(mock.receipt(id)).toMatchObject({ state: 4 });
    expect(mock.movements.map(({ kind }) => kind)).toEqual(["take"]);
    expect(mock.notifications).toHaveLength(1);
  });

  it("cancel is answered with the receipt, as a repeat is", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    mock.faults.add({ method: "receipts.cancel", kind: "duplicate" });
    expect(await call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state: 50 } } });
    expect(mock.notifications).toHaveLength(1);
  });

  it("can be late as well, and is counted once", async () => {
    const { mock, call, slept } = openMock();
    mock.faults.add({ kind: "duplicate", delayMs: 3_000 });
    await call("receipts.create", { amount: 100, account: {} });
    expect([slept, mock.receipts().length]).toEqual([[3_000], 2]);
    expect(mock.faults.list()).toMatchObject([{ matched: 1, happened: 1 }]);
    expect(mock.exchanges).toHaveLength(1);
  });

  it("towards a merchant: each call comes twice, the money once, and nobody is to blame", async () => {
    const { mock, receipt, shop } = openBilling();
    const { _id: id } = await receipt();
    mock.faults.add({ method: "*Transaction", kind: "duplicate" });
    expect(await mock.pay(id, { card: CARD })).toMatchObject({ outcome: "paid" });
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
    await mock.cancel(id);
    expect(await shop.order()).toMatchObject({ status: "refunded", takenBack: 1 });
    expect(await mock.disagreements()).toEqual([]);
  });

  it("towards a merchant that counts calls: it got two of each", async () => {
    const asked: string[] = [];
    const { mock } = openMock();
    const caller = mock.merchant({
      key: "k",
      sendTwice: false,
      async fetch(request) {
        const { id, method } = JSON.parse(await request.text());
        asked.push(`${method} ${id}`);
        return Response.json({ id, result: { allow: true } });
      },
    });
    mock.faults.add({ method: "CheckPerformTransaction", kind: "duplicate", times: 1 });
    expect(await caller.check({ amount: 100, account: {} })).toMatchObject({ outcome: "result" });
    expect(asked).toEqual(["CheckPerformTransaction 1", "CheckPerformTransaction 1"]);
  });
});

describe("a fault with delayMs answers late, whatever its kind", () => {
  it.each([
    { kind: "drop_before" },
    { kind: "drop_after" },
    { kind: "rpc_error", code: -31001 },
    { kind: "http_status", status: 503 },
    { kind: "malformed" },
  ] as const)("$kind", async (fault) => {
    const { mock, call, slept } = openMock();
    mock.faults.add({ ...fault, delayMs: 7_000 });
    await call("receipts.create", { amount: 100, account: {} }).catch(() => undefined);
    expect(slept).toEqual([7_000]);
    expect(mock.exchanges).toMatchObject([{ ms: 7_000 }]);
  });
});

describe("the list of faults", () => {
  it("has each rule in its order, with what came of it, and not those that were taken away", async () => {
    const { mock, call } = openMock();
    const seen: number[] = [];
    const stop = mock.onChange(() => seen.push(mock.faults.list().length));
    const first = { method: "receipts.check", kind: "delay", delayMs: 0 } as const;
    const second = { kind: "rpc_error", code: -1, times: 1 } as const;
    const takeAway = mock.faults.add(first);
    mock.faults.add(second);
    await call("receipts.check", { id: "x" });
    await call("receipts.get", { id: "x" });
    expect(mock.faults.list()).toEqual([
      { rule: first, matched: 1, happened: 1, remove: expect.any(Function) },
      { rule: second, matched: 2, happened: 1, remove: expect.any(Function) },
    ]);
    takeAway();
    expect(mock.faults.list()).toHaveLength(1);
    stop();
    mock.faults.clear();
    expect(mock.faults.list()).toEqual([]);
    // Told of each rule, call and removal, until it asked no more.
    expect(seen).toEqual([1, 2, 2, 2, 1]);
  });
});
