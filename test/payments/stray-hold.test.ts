import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { createShop } from "./shop";

const amount = som(50_000);
const DAY = 24 * 3_600_000;
/** HUMO: its hold does not end by itself. */
const humo = { number: "9860123456789012", expire: "1230" };

/** A creation of a receipt with a hold was sent twice: nobody knows the second receipt, and a payer's money is held on it. */
async function heldOnSecondReceipt() {
  const shop = createShop();
  // As a worker does at its start.
  await shop.payments.review();
  shop.mock.faults.add({ kind: "duplicate", method: "receipts.create", times: 1 });
  const { id, transactionId } = await shop.payments.create({ amount, hold: true });
  const second = shop.mock.receipts().find(({ _id }) => _id !== transactionId)?._id ?? "";
  expect(shop.mock.receipts()).toHaveLength(2);
  expect(await shop.mock.pay(second, { card: humo })).toMatchObject({ outcome: "held" });
  await shop.payments.cancel(id);
  const reviewLater = async (days = 1) => {
    shop.pass(days * DAY);
    await shop.payments.reconcile();
    await shop.payments.review({ limit: 200 });
  };
  const open = async () =>
    (await shop.payments.incidents.list()).map(({ kind, subject, paymeId }) => [kind, subject, paymeId]);
  return { shop, id, second, reviewLater, open };
}

describe("a hold on a receipt that no payment follows", () => {
  it("is told by the next review, once, and closes when it is let go", async () => {
    const { shop, id, second, reviewLater, open } = await heldOnSecondReceipt();
    await reviewLater();
    expect(await open()).toEqual([["hold_expiring", id, second]]);
    const [incident] = await shop.payments.incidents.list();
    const heldAt = shop.mock.receipt(second)?.create_time ?? 0;
    expect(incident?.data).toMatchObject({ amount, heldAt, endsAt: heldAt + 30 * DAY });
    await reviewLater();
    expect(await open()).toHaveLength(1);
    await shop.mock.cancel(second);
    await reviewLater();
    expect(await open()).toEqual([]);
  });

  it("closes when the money is taken: that is told as money under an unknown id", async () => {
    const { shop, second, reviewLater, open } = await heldOnSecondReceipt();
    await reviewLater();
    await shop.mock.confirmHold(second);
    await reviewLater();
    expect(await open()).toEqual([["unknown_transaction", second, second]]);
  });

  it("stays closed once a person has resolved it", async () => {
    const { shop, reviewLater, open } = await heldOnSecondReceipt();
    await reviewLater();
    const [incident] = await shop.payments.incidents.list();
    await shop.payments.incidents.resolve(incident?.id ?? 0, { by: "Olim", note: "asked Payme" });
    await reviewLater();
    expect(await open()).toEqual([]);
  });

  it("is none where the payment's own receipt is held: its payment follows that", async () => {
    const shop = createShop();
    const { transactionId } = await shop.payments.create({ amount, hold: true });
    await shop.mock.pay(transactionId ?? "", { card: humo });
    shop.pass(DAY);
    await shop.payments.reconcile();
    await shop.payments.review({ limit: 200 });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("does not hide that the payment's own hold ends", async () => {
    const shop = createShop();
    await shop.payments.review();
    shop.mock.faults.add({ kind: "duplicate", method: "receipts.create", times: 1 });
    const { transactionId } = await shop.payments.create({ amount, hold: true });
    for (const { _id } of shop.mock.receipts()) await shop.mock.pay(_id, { card: humo });
    const told = async () => (await shop.payments.incidents.list()).map(({ kind, paymeId }) => [kind, paymeId]);
    shop.pass(DAY);
    await shop.payments.reconcile();
    await shop.payments.review({ limit: 200 });
    const [second] = shop.mock.receipts().filter(({ _id }) => _id !== transactionId);
    expect(await told()).toEqual([["hold_expiring", second?._id]]);
    shop.pass(26 * DAY);
    await shop.payments.reconcile();
    expect(await told()).toEqual(expect.arrayContaining([["hold_expiring", transactionId]]));
    expect(await told()).toHaveLength(2);
  });
});
