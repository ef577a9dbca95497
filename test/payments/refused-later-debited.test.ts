import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewCharge } from "../../src/entry";
import { som } from "../../src/kit/money";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import { verifiedToken } from "../mock/kit";
import { card, createShop } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;

/** Refusals after which Payme does nothing, whatever the text: of the card, the payer or the request. From the rules, not from the code. */
const FINAL = [
  ...[-32504, -32300, -32600, -32601, -32602, -32700, -31610],
  ...[-32500, -31300, -31301, -31302, -31400, -31630, -31640, -31900, -31901, -31101, -31102],
  ...[-31303, -31304, -31611, -31612, -31103, -31110, -31601, -31050, -31099],
];
/** Refusals that say nothing about the money. */
const LATE = [
  ...[-32400, -31001, -31002, -31100, -31620, -31624, -31625, -31700],
  ...[-31622, -31623, -31602, -31008, -39999],
];

/** A shop whose client waits by the shop's clock, and an order for a saved card. */
async function open() {
  const shop: ReturnType<typeof createShop> = createShop({
    mock: { cards: TEST_CARDS },
    client: { now: () => shop.now(), sleep: async (ms) => shop.pass(ms) },
  });
  const token = await verifiedToken(shop.mock);
  const order: NewCharge = { reference: "rent:42:2026-01", amount, token };
  const otherCard = {
    ...order,
    token: await verifiedToken(shop.mock, { card: { number: "8600069195406311", expire: "0399" } }),
  };
  return {
    shop,
    order,
    otherCard,
    debits: () => shop.mock.movements.filter(({ kind }) => kind === "take").length,
    pays: () => shop.mock.exchanges.filter(({ method }) => method === "receipts.pay").length,
    /** The next call of a method is refused, and carried out so much later; undefined: never. */
    refuse: (method: string, code: number, doneAfterMs?: number) =>
      shop.mock.faults.add({ method, kind: "rpc_error", code, message: "нет", doneAfterMs, times: 1 }),
  };
}

describe("a charge that is refused with a failure inside Payme", () => {
  it.each(LATE)("%i, and debited two seconds later, is paid; charged again it takes nothing", async (code) => {
    const { shop, order, debits, refuse } = await open();
    refuse("receipts.pay", code, 2_000);
    const outcome = await shop.payments.charge(order);
    expect(outcome).toMatchObject({ status: "paid", receiptId: expect.any(String) });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid", receiptId: outcome.receiptId });
    expect(debits()).toBe(1);
    expect(shop.delivery(outcome.payment.id)).toMatchObject({ delivered: 1 });
  });

  it.each(LATE)("%i, and debited after settleMs, is unknown; charged again it takes the money once", async (code) => {
    const { shop, order, otherCard, debits, pays, refuse } = await open();
    refuse("receipts.pay", code, 2 * MINUTE);
    const unknown = await shop.payments.charge(order);
    expect(unknown).toMatchObject({
      status: "unknown",
      receiptId: expect.any(String),
      error: { errorCode: String(code) },
      payment: { status: "PENDING" },
    });
    // The claim stands: nobody pays it meanwhile, with no card.
    expect(await shop.payments.charge({ ...otherCard, settleMs: 0 })).toMatchObject({ status: "pending" });
    expect([pays(), debits()]).toEqual([1, 0]);
    shop.pass(3 * MINUTE);
    expect(await shop.payments.charge(otherCard)).toMatchObject({ status: "paid", receiptId: unknown.receiptId });
    expect([pays(), debits(), shop.mock.receipts().length]).toEqual([1, 1, 1]);
  });

  it.each(LATE)("%i, and never debited, is unknown; charged again it pays that receipt", async (code) => {
    const { shop, order, otherCard, debits, refuse } = await open();
    refuse("receipts.pay", code);
    const unknown = await shop.payments.charge(order);
    expect(unknown).toMatchObject({ status: "unknown", receiptId: expect.any(String) });
    shop.pass(3 * MINUTE);
    expect(await shop.payments.charge(otherCard)).toMatchObject({ status: "paid", receiptId: unknown.receiptId });
    expect([debits(), shop.mock.receipts().length]).toEqual([1, 1]);
  });

  it("and debited while nobody charges again is recorded by reconcile", async () => {
    const { shop, order, debits, refuse } = await open();
    refuse("receipts.pay", -32400, 2 * MINUTE);
    const { payment } = await shop.payments.charge(order);
    shop.pass(4 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    expect(shop.delivery(payment.id)).toMatchObject({ delivered: 1 });
    expect(debits()).toBe(1);
  });

  it("by two calls at once: one debit", async () => {
    for (const doneAfterMs of [2_000, 2 * MINUTE, undefined]) {
      const { shop, order, otherCard, debits, pays, refuse } = await open();
      refuse("receipts.pay", -32400, doneAfterMs);
      const both = await Promise.all([shop.payments.charge(order), shop.payments.charge(otherCard)]);
      expect(both.map(({ status }) => status)).not.toContain("declined");
      expect(pays()).toBe(1);
      shop.pass(3 * MINUTE);
      expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
      expect([debits(), shop.mock.receipts().length]).toEqual([1, 1]);
    }
  });
});

describe("a charge that is refused for good", () => {
  it.each(FINAL)("%i is declined at once; another card takes the money once", async (code) => {
    const { shop, order, otherCard, debits, refuse } = await open();
    refuse("receipts.pay", code);
    const before = shop.now();
    const declined = await shop.payments.charge(order);
    expect(declined).toMatchObject({ status: "declined", payment: { chargeUntil: null } });
    expect(shop.now()).toBe(before);
    expect(await shop.payments.charge(otherCard)).toMatchObject({ status: "paid", receiptId: declined.receiptId });
    expect(debits()).toBe(1);
  });
});

describe("whatever the code and the delay", () => {
  it("declined is never debited, and charging again takes the money once", async () => {
    const codes = fc.oneof(fc.constantFrom(...FINAL), fc.constantFrom(...LATE), fc.integer({ min: -40_000, max: -1 }));
    const attempt = fc.record({ code: codes, delayMs: fc.integer({ min: 0, max: 150_000 }), settleMs: fc.nat(40_000) });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 3 }), async (attempts) => {
        const { shop, order, otherCard, debits, refuse } = await open();
        for (const { code, delayMs, settleMs } of attempts) {
          // After a final refusal Payme debits nothing, unless it has done so already.
          const isFinal = FINAL.includes(code) || (code <= -31050 && code >= -31099);
          const doneBefore = delayMs < 30_000 ? 0 : undefined;
          const remove = refuse("receipts.pay", code, isFinal ? doneBefore : delayMs);
          const takenBefore = debits();
          const outcome = await shop.payments.charge({ ...order, settleMs });
          remove();
          shop.pass(3 * MINUTE);
          if (outcome.status === "declined") expect(debits()).toBe(takenBefore);
        }
        expect(await shop.payments.charge(otherCard)).toMatchObject({ status: "paid" });
        shop.pass(3 * MINUTE);
        expect([debits(), shop.mock.receipts().length]).toEqual([1, 1]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a cancel that is refused with a failure inside Payme", () => {
  it.each([-32400, -31602, -39999])("%i leaves the wish: what is carried out later is recorded", async (code) => {
    const { shop, order, pays, refuse } = await open();
    const { id, transactionId } = await shop.payments.create(order);
    refuse("receipts.cancel", code, 90_000);
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      hint: expect.stringContaining("reconcile"),
      cause: { errorCode: String(code) },
    });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", cancelRequestedAt: shop.now() });
    shop.pass(2 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.mock.receipt(transactionId ?? "")).toMatchObject({ state: 50 });
    expect(pays()).toBe(0);
  });

  it("and never carried out is asked for again by reconcile", async () => {
    const { shop, order, refuse } = await open();
    const { id, transactionId } = await shop.payments.create(order);
    refuse("receipts.cancel", -32400);
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    shop.pass(2 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ cancelled: 1 });
    expect(shop.mock.receipt(transactionId ?? "")).toMatchObject({ state: 50 });
  });

  it("and charged all the same: its receipt is cancelled before another takes the money once", async () => {
    const { shop, order, debits, refuse } = await open();
    const { transactionId } = await shop.payments.create(order);
    refuse("receipts.cancel", -32400, 90_000);
    await expect(shop.payments.cancel(transactionId ?? "")).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
    shop.pass(2 * MINUTE);
    expect(shop.mock.receipts().map(({ state }) => state)).toEqual([50, 4]);
    expect(debits()).toBe(1);
  });

  it("for good leaves no wish", async () => {
    const { shop, order, refuse } = await open();
    const { id } = await shop.payments.create(order);
    refuse("receipts.cancel", -31601);
    await expect(shop.payments.cancel(id)).rejects.toMatchObject({ code: "API_REFUSED" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", cancelRequestedAt: null });
  });
});

describe("a refund that is refused with a failure inside Payme", () => {
  it.each([
    ["carried out later", 90_000],
    ["never carried out", undefined],
  ])("and %s gives the money back once", async (_what, doneAfterMs) => {
    const { shop, order, refuse } = await open();
    const { id, transactionId } = await shop.payments.create(order);
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    refuse("receipts.cancel", -32400, doneAfterMs);
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: shop.now() });
    shop.pass(2 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    shop.pass(2 * MINUTE);
    expect(shop.mock.movements.map(({ kind }) => kind)).toEqual(["take", "return"]);
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });
});
