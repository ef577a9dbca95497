import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { paymentRow, transactionRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const anna = { by: "anna", press: "press-1" };
const ben = { by: "ben", press: "press-2" };

type Shop = ReturnType<typeof createShop>;

/** Who asked for what, as the books keep it. */
async function askedOf({ storage }: Shop, subject: string) {
  const events = await storage.listEvents(scope, { subject, limit: 100 });
  const asked = events.filter(({ kind }) => kind.startsWith("admin."));
  return asked.map(({ kind, paymeId, data }) => [kind, paymeId, data]);
}

const sent = ({ mock }: Shop) => mock.exchanges.filter(({ method }) => method === "receipts.cancel").length;

async function paid(shop: Shop) {
  const { id, transactionId } = await shop.payments.create({ amount });
  const paymeId = transactionId ?? "";
  await shop.mock.pay(paymeId, { card });
  await shop.payments.check(id);
  return { id, paymeId };
}

const once = { method: "receipts.cancel", times: 1 } as const;

describe("a refund that a person asks for", () => {
  it("is in the books with the name, before Payme is asked, and is carried out", async () => {
    const shop = createShop();
    const { id, paymeId } = await paid(shop);
    expect(await shop.payments.refund(id, anna)).toMatchObject({ refund: "queued", payment: { status: "CANCELLED" } });
    expect(sent(shop)).toBe(1);
    expect(await askedOf(shop, id)).toEqual([["admin.refund", paymeId, anna]]);
    expect((await shop.story(id)).slice(-2)).toEqual(["admin.refund", "payment.refunded"]);
  });

  it("while that of another person goes on is the same one: it is not sent, and only the first name is kept", async () => {
    const shop = createShop();
    const { id, paymeId } = await paid(shop);
    shop.mock.faults.add({ ...once, kind: "drop_before" });
    await expect(shop.payments.refund(id, anna)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    const before = sent(shop);
    expect(await shop.payments.refund(id, ben)).toMatchObject({ refund: "queued", payment: { status: "PAID" } });
    expect(sent(shop)).toBe(before);
    expect(await askedOf(shop, id)).toEqual([["admin.refund", paymeId, anna]]);
  });

  it("after Payme has refused it is sent again, once for each press, also where the incident was resolved", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: [4, "never"] } } });
    const { id, paymeId } = await paid(shop);
    await shop.payments.refund(id);
    for (const ms of [31 * MINUTE, HOUR]) {
      shop.pass(ms);
      await shop.payments.check(id);
    }
    const [refused] = await shop.payments.incidents.list();
    expect(refused).toMatchObject({ kind: "refund_refused", paymeId });
    await shop.payments.incidents.resolve(refused?.id ?? 0, { by: "anna", note: "asked Payme" });
    shop.mock.faults.add({ ...once, kind: "drop_before" });
    await expect(shop.payments.refund(id, anna)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    const before = sent(shop);
    expect(await shop.payments.refund(id, anna)).toMatchObject({ payment: { refund: "refused" } });
    expect(sent(shop)).toBe(before);
    expect(await shop.payments.refund(id, ben)).toMatchObject({ refund: "queued", payment: { refund: "queued" } });
    expect(sent(shop)).toBe(before + 1);
    expect((await askedOf(shop, id)).filter(([kind]) => kind !== "admin.resolve")).toEqual([
      ["admin.refund", paymeId, anna],
      ["admin.refund", paymeId, ben],
    ]);
  });

  it("of money that the books call back, and Payme does not, leaves the books; at 50 the incident is closed", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: 50 }, cancelDelayMs: 30 * MINUTE } });
    const { id, paymeId } = await paid(shop);
    const done = { paymeId, cancelledAt: shop.now(), source: "receipt", refund: "done" } as const;
    await shop.payments.recordCancelled(done);
    shop.pass(24 * HOUR);
    await shop.payments.review();
    const open = async () => (await shop.payments.incidents.list()).map(({ kind }) => kind);
    expect(await open()).toEqual(["refund_refused"]);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued", payment: { refund: "done" } });
    expect(await shop.payments.find(id)).toMatchObject({ refund: "done" });
    expect(await open()).toEqual(["refund_refused"]);
    shop.pass(31 * MINUTE);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "done" });
    expect(await open()).toEqual([]);
  });
});

describe("a cancel that a person asks for", () => {
  it("and another one repeats keeps the name of the first, and the receipt", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    shop.mock.faults.add({ ...once, kind: "drop_before" });
    await expect(shop.payments.cancel(id, anna)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect(await shop.payments.cancel(id, ben)).toMatchObject({ outcome: "applied" });
    expect(await askedOf(shop, id)).toEqual([["admin.cancel", transactionId, anna]]);
  });

  it("of a payment without a receipt is kept, too", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now() }));
    expect(await shop.payments.cancel("payment-1", anna)).toMatchObject({ outcome: "applied" });
    expect(await askedOf(shop, "payment-1")).toEqual([["admin.cancel", null, anna]]);
  });
});

describe("a cancel beside a live Merchant transaction", () => {
  it("is sent where the wish was there before", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    const at = shop.now();
    await shop.storage.requestCancel(scope, id, { from: ["PENDING"], at, nextCheckAt: at });
    await shop.storage.addTransaction(transactionRow({ reference: id, paymeId: "m1", time: at }));
    expect(await shop.payments.cancel(id)).toMatchObject({ outcome: "conflict", transaction: { paymeId: "m1" } });
    expect(shop.mock.receipts()).toMatchObject([{ state: 50 }]);
  });

  it("that came meanwhile is a conflict, although Payme cancels the receipt", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    const { cancel } = shop.client.receipts;
    shop.client.receipts.cancel = async (receipt) => {
      await shop.storage.addTransaction(transactionRow({ reference: id, paymeId: "m1", time: shop.now() }));
      return cancel(receipt);
    };
    const conflict = { outcome: "conflict", payment: { status: "PENDING" }, transaction: { paymeId: "m1" } };
    expect(await shop.payments.cancel(id)).toMatchObject(conflict);
    expect(shop.mock.receipts()).toMatchObject([{ state: 50 }]);
  });
});

describe("a wish whose answer was lost, and that Payme then refuses", () => {
  const lost = { ...once, kind: "drop_before" } as const;
  const refused = { ...once, kind: "rpc_error", code: -31601, message: "no" } as const;

  it("is an incident for a refund: who asked was told that it goes on", async () => {
    const shop = createShop();
    const { id, paymeId } = await paid(shop);
    shop.mock.faults.add(lost);
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    shop.mock.faults.add(refused);
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ errorCode: "-31601" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null });
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "refund_refused", subject: id, paymeId, at: shop.now(), data: { amount } },
    ]);
  });

  it.each<[string, (shop: Shop) => Promise<string>, readonly (typeof lost | typeof refused)[]]>([
    ["a refund that nobody had asked for before", async (shop) => (await paid(shop)).id, [refused]],
    ["a cancel of what is unpaid", async (shop) => (await shop.payments.create({ amount })).id, [lost, refused]],
  ])("is no incident for %s", async (_name, bring, faults) => {
    const shop = createShop();
    const id = await bring(shop);
    const before = await shop.payments.find(id);
    const { refund, cancel } = shop.payments;
    for (const fault of faults) {
      shop.mock.faults.add(fault);
      await expect(before?.status === "PAID" ? refund(id) : cancel(id)).rejects.toThrow();
    }
    expect(await shop.payments.find(id)).toMatchObject({ status: before?.status, cancelRequestedAt: null });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("is no incident where another call has withdrawn it meanwhile", async () => {
    const shop = createShop();
    const { id } = await paid(shop);
    shop.mock.faults.add(lost);
    await expect(shop.payments.refund(id)).rejects.toThrow();
    const { cancel } = shop.client.receipts;
    shop.client.receipts.cancel = async (receipt) => {
      await shop.storage.withdrawCancel(scope, id, { at: shop.now(), nextCheckAt: null });
      return cancel(receipt);
    };
    shop.mock.faults.add(refused);
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ errorCode: "-31601" });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });
});
