import { expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { fetchMerchant } from "../../src/entry/fetch";
import { createMerchantApi, type MerchantApi } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { openMock } from "./kit";

const TEST_KEY = "test-key-of-36-characters-0123456789";
const CARD = { number: "8600 4954 7331 6478", expire: "03/99" };

/** Payments of ours on a cashbox with billing: their receipts are paid through our own endpoint. */
function openPayments() {
  const endpoint: { current?: MerchantApi } = {};
  const bench = openMock({
    billing: {
      key: TEST_KEY,
      repeatAfterMs: [],
      fetch: async (request) =>
        endpoint.current === undefined ? new Response(null, { status: 500 }) : fetchMerchant(endpoint.current)(request),
    },
  });
  const { mock, now } = bench;
  const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, mode: "test", fetch: mock.fetch });
  const seen: string[] = [];
  const payments = createPayments({
    storage: memoryStorage(),
    client,
    now,
    onPaid: () => seen.push("paid") > 0,
    onRefunded: () => seen.push("refunded") > 0,
    onIncident: ({ kind }) => void seen.push(kind),
  });
  endpoint.current = createMerchantApi({ ...payments.asOrders(), key: "live".padEnd(36, "x"), testKey: TEST_KEY, now });
  return { ...bench, payments, seen };
}

it("a receipt that is paid through our own endpoint is one payment, and stays paid whoever asks", async () => {
  const { mock, payments, seen, pass } = openPayments();
  const { id, transactionId } = await payments.create({ reference: "order:1", amount: som(50_000) });
  expect(await mock.pay(transactionId ?? "", { card: CARD })).toMatchObject({ outcome: "paid" });
  expect(await payments.find(id)).toMatchObject({ status: "PAID", paidBy: transactionId });
  for (const ms of [0, 60_000, 3_600_000, 90_000_000]) {
    pass(ms);
    await payments.reconcile();
    await payments.check(id);
  }
  expect(mock.receipt(transactionId ?? "")).toMatchObject({ state: 4 });
  expect(await payments.find(id)).toMatchObject({ status: "PAID" });
  expect(seen).toEqual(["paid"]);
  expect(await mock.billing?.compare()).toEqual([]);
});

it("a refund of it by receipts.cancel reaches the payment through our own endpoint, once", async () => {
  const { mock, payments, seen, pass } = openPayments();
  const { id, transactionId } = await payments.create({ reference: "order:1", amount: som(50_000) });
  await mock.pay(transactionId ?? "", { card: CARD });
  await mock.cancel(transactionId ?? "");
  expect(await payments.find(id)).toMatchObject({ status: "CANCELLED" });
  pass(90_000_000);
  await payments.reconcile();
  expect(seen).toEqual(["paid", "refunded"]);
  expect(await mock.billing?.compare()).toEqual([]);
});
