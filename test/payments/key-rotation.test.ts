import { expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { som } from "../../src/kit/money";
import { card, createShop } from "./shop";

it("while Payme refuses the old key of the Subscribe API nothing is paid or dropped; with the new one all goes on", async () => {
  const shop = createShop();
  const { id, transactionId } = await shop.payments.create({ amount: som(1_000) });
  await shop.mock.pay(transactionId ?? "", { card });
  await shop.payments.check(id);
  const waiting = await shop.payments.create({ amount: som(2_000) });

  const { mock, storage, now } = shop;
  const wrong = createPaymeClient({
    merchantId: mock.merchantId,
    key: "the-old-key-that-payme-knows-no-more",
    mode: "test",
    fetch: mock.fetch,
    retries: 0,
  });
  const logger = { info() {}, warn() {}, error() {} };
  const before = createPayments({ storage, client: wrong, now, logger, onPaid: () => true, onRefunded: () => true });
  await expect(before.create({ amount: som(3_000) })).rejects.toMatchObject({ errorCode: "-32504" });
  await expect(before.refund(id)).rejects.toMatchObject({ errorCode: "-32504" });
  expect(await before.find(id)).toMatchObject({ status: "PAID", refund: "none" });
  await mock.pay(waiting.transactionId ?? "", { card });
  shop.pass(60_000);
  expect(await before.reconcile()).toMatchObject({ checked: 1, errors: 1 });

  shop.pass(3_600_000);
  expect(await shop.payments.reconcile()).toMatchObject({ errors: 0 });
  expect(await shop.payments.find(waiting.id)).toMatchObject({ status: "PAID" });
  // What was asked for meanwhile is carried out.
  expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
  expect(mock.receipt(transactionId ?? "")?.state).toBe(21);
});
