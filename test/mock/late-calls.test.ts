import { describe, expect, it } from "vitest";
import { tiyin } from "../../src/kit/money";
import type { FaultRule } from "../../src/testing/mock/faults";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { CARD, createReceipt, openMock, verifiedToken } from "./kit";

const AFTER_MS = 2_000;

/** Refuses calls of a method, and carries them out two seconds later. */
function late(method: string, more: Partial<FaultRule> = {}): FaultRule {
  return { method, ...more, kind: "rpc_error", code: -32400, message: "Системная ошибка", doneAfterMs: AFTER_MS };
}

const refused = { error: { code: -32400, message: "Системная ошибка", data: null } };

describe("a payment that is refused and carried out later", () => {
  it("is unpaid at the first look, then paid, at its moment; the shop is notified", async () => {
    const { mock, call, pass, now } = openMock();
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(late("receipts.pay", { times: 1 }));
    const at = now() + AFTER_MS;
    expect(await call("receipts.pay", { id, token })).toMatchObject(refused);
    expect(await call("receipts.check", { id })).toMatchObject({ result: { state: 0 } });
    expect([mock.movements, mock.notifications]).toEqual([[], []]);
    pass(AFTER_MS - 1);
    expect(mock.receipt(id)).toMatchObject({ state: 0, card: null });
    pass(60_000);
    expect(await call("receipts.check", { id })).toMatchObject({ result: { state: 4 } });
    expect(mock.receipt(id)).toMatchObject({ pay_time: at, card: { number: "860049******6478", expire: "9903" } });
    expect(mock.movements).toMatchObject([{ kind: "take", receiptId: id, at }]);
    expect(mock.notifications).toMatchObject([{ method: "receipts.pay", receiptId: id }]);
  });

  it("takes nothing where the receipt was paid or cancelled meanwhile", async () => {
    for (const meanwhile of ["pay", "cancel"] as const) {
      const { mock, call, pass } = openMock();
      const token = await verifiedToken(mock);
      const { _id: id } = await createReceipt(mock);
      mock.faults.add(late("receipts.pay", { times: 1 }));
      await call("receipts.pay", { id, token });
      await call(`receipts.${meanwhile}`, { id, token });
      pass(AFTER_MS);
      expect(mock.receipt(id)).toMatchObject({ state: meanwhile === "pay" ? 4 : 50 });
      expect(mock.movements).toHaveLength(meanwhile === "pay" ? 1 : 0);
    }
  });

  it("of two attempts takes the first alone", async () => {
    const { mock, call, pass } = openMock();
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(late("receipts.pay"));
    await call("receipts.pay", { id, token });
    pass(1_000);
    await call("receipts.pay", { id, token });
    pass(60_000);
    expect(mock.movements).toMatchObject([{ kind: "take", receiptId: id }]);
    expect(mock.receipt(id)).toMatchObject({ state: 4 });
  });

  it("takes nothing from a card that has too little by then: the receipt stays open", async () => {
    const poor = { number: "8600495473316478", expire: "0399", hasCvv: false, balance: tiyin(1_250_000) };
    const { mock, call, pass } = openMock({ cards: [poor] });
    const token = await verifiedToken(mock);
    const [{ _id: first }, { _id: second }] = [await createReceipt(mock), await createReceipt(mock)];
    mock.faults.add(late("receipts.pay", { times: 1 }));
    await call("receipts.pay", { id: first, token });
    await mock.pay(second, { card: CARD });
    pass(AFTER_MS);
    expect(mock.receipt(first)).toMatchObject({ state: 0, card: null });
    expect(mock.movements).toMatchObject([{ receiptId: second }]);
  });

  it("spends a token for one payment when it takes the money", async () => {
    const { mock, call, pass } = openMock();
    const token = await verifiedToken(mock, { save: false });
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(late("receipts.pay", { times: 1 }));
    await call("receipts.pay", { id, token });
    expect(mock.cards()).toHaveLength(1);
    pass(AFTER_MS);
    expect(mock.receipt(id)).toMatchObject({ state: 4 });
    expect(mock.cards()).toEqual([]);
  });

  it.each([
    ["an unknown token", { token: "65a0c100a1b2c3d4e5f60718_unknown" }, undefined],
    ["an unknown receipt", { id: "65a0c1d2e3f4a5b6c7d8e9f0" }, undefined],
    ["a wrong key", {}, "65a0b0000000000000000001:wrong"],
  ])("is never carried out with %s", async (_what, wrong, xAuth) => {
    const { mock, call, pass } = openMock();
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(late("receipts.pay"));
    expect(await call("receipts.pay", { id, token, ...wrong }, { xAuth })).toMatchObject(refused);
    pass(AFTER_MS);
    expect(mock.movements).toEqual([]);
  });

  it("outlives a snapshot", async () => {
    const { mock, call, pass, now } = openMock();
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(late("receipts.pay", { times: 1 }));
    await call("receipts.pay", { id, token });
    const second = createMockPayme({ now, restore: JSON.stringify(mock.snapshot()) });
    expect(second.receipt(id)).toMatchObject({ state: 0 });
    pass(AFTER_MS);
    expect(second.receipt(id)).toMatchObject({ state: 4 });
  });
});

describe("refused and carried out later", () => {
  it("a hold holds, and its capture takes", async () => {
    const { mock, call, pass } = openMock();
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock, { hold: true });
    mock.faults.add(late("receipts.*", { id }));
    await call("receipts.pay", { id, token, hold: true });
    pass(AFTER_MS);
    mock.faults.clear();
    expect(await call("receipts.check", { id })).toMatchObject({ result: { state: 5 } });
    mock.faults.add(late("receipts.confirm_hold"));
    expect(await call("receipts.confirm_hold", { id })).toMatchObject(refused);
    expect(await call("receipts.check", { id })).toMatchObject({ result: { state: 5 } });
    pass(AFTER_MS);
    expect(await call("receipts.check", { id })).toMatchObject({ result: { state: 4 } });
    expect(mock.movements.map(({ kind }) => kind)).toEqual(["hold", "capture"]);
  });

  it("the cancel of an unpaid receipt cancels it", async () => {
    const { mock, call, pass } = openMock();
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(late("receipts.cancel"));
    expect(await call("receipts.cancel", { id })).toMatchObject(refused);
    expect(await call("receipts.check", { id })).toMatchObject({ result: { state: 0 } });
    pass(AFTER_MS);
    expect(await call("receipts.check", { id })).toMatchObject({ result: { state: 50 } });
  });

  it("the cancel of a paid receipt gives the money back through the queue", async () => {
    const { mock, call, pass } = openMock();
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    mock.faults.add(late("receipts.cancel"));
    await call("receipts.cancel", { id });
    expect(mock.receipt(id)).toMatchObject({ state: 4 });
    pass(AFTER_MS);
    expect(mock.receipt(id)).toMatchObject({ state: 21 });
    pass(59_999);
    expect(mock.receipt(id)).toMatchObject({ state: 21 });
    pass(1);
    expect(mock.receipt(id)).toMatchObject({ state: 50 });
    expect(mock.movements.map(({ kind }) => kind)).toEqual(["take", "return"]);
  });

  it("another call is only refused", async () => {
    const { mock, call, pass } = openMock();
    mock.faults.add(late("receipts.create"));
    expect(await call("receipts.create", { amount: 100, account: { order_id: 1 } })).toMatchObject(refused);
    pass(AFTER_MS);
    expect(mock.receipts()).toEqual([]);
  });

  it("needs a virtual terminal, and says so", async () => {
    const billing = { fetch: async () => new Response("{}"), key: "key" };
    const { mock, call } = openMock({ billing });
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(late("receipts.cancel"));
    await expect(call("receipts.cancel", { id })).rejects.toThrow("virtual terminal");
  });
});
