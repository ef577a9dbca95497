import {
  createMerchantApi,
  createOutbox,
  createPayments,
  createWorker,
  type PaymeEvent,
  refuse,
} from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { answerOf } from "../merchant/shop";
import { card } from "../payments/shop";

export const amount = som(50_000);
/** A reference that is a phone number, as shops have them. */
export const PHONE = "+998901234567";
export const KEY = "live-key-of-36-characters-0123456789";
export const TEST_KEY = "test-key-of-36-characters-0123456789";

/** A shop with every part, each with the same listener. Null: without one. */
export function openShop(listen?: ((event: PaymeEvent) => unknown) | null, answer: () => boolean = () => true) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  let ids = 0;
  const events: PaymeEvent[] = [];
  const lines: { level: string; message: string; fields?: object }[] = [];
  const write = (level: string) => (message: string, fields?: object) => {
    lines.push({ level, message, ...(fields === undefined ? {} : { fields }) });
  };
  const logger = { info: write("info"), warn: write("warn"), error: write("error") };
  const onEvent = listen === null ? undefined : (listen ?? ((event: PaymeEvent) => void events.push(event)));
  const storage = memoryStorage();
  const mock = createMockPayme({ now: () => now, seed: 1 });
  const { merchantId, key, fetch } = mock;
  const common = { now: () => now, logger, onEvent };
  const client = createPaymeClient({ ...common, merchantId, key, mode: "test", fetch, retries: 0 });
  const outbox = createOutbox<MemoryTx>({ ...common, storage, mode: "test", deliver: () => {} });
  const payments = createPayments<MemoryTx>({
    ...common,
    storage,
    client,
    incidentMessages: true,
    newId: () => `payment-${++ids}`,
    onPaid: async (payment, tx) => {
      await outbox.add({ kind: "order.paid", subject: payment.id }, tx);
      return answer();
    },
    onRefunded: () => true,
  });
  const keys = { key: KEY, testKey: TEST_KEY, newId: () => `transaction-${++ids}` };
  const merchant = createMerchantApi({ ...payments.asOrders(), ...keys, now: () => now, logger });
  const shop = createMerchantApi({
    ...common,
    ...keys,
    storage,
    account: { phone: "string" },
    find: ({ phone }) => (phone === PHONE ? { reference: phone, amount } : refuse.notFound("phone")),
    onPaid: answer,
  });
  const callBy =
    (api: typeof shop, password = TEST_KEY) =>
    async (method: string, params: object) => {
      const headers = { authorization: `Basic ${Buffer.from(`Paycom:${password}`).toString("base64")}` };
      return answerOf(String((await api.handle({ method: "POST", headers, body: { method, params, id: 7 } })).body));
    };
  const worker = createWorker({ ...common, payments, merchant: shop, outbox });
  return {
    events,
    lines,
    logger,
    storage,
    mock,
    payments,
    outbox,
    worker,
    call: callBy(merchant),
    callShop: callBy(shop),
    callWithout: callBy(shop, "wrong-key-of-36-characters-012345678"),
    kinds: () => events.map(({ kind }) => kind),
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

/** Everything that a shop does in a day: paid by receipt, by Merchant API, refunded, twice paid, refused. */
export async function liveADay(shop: ReturnType<typeof openShop>) {
  const { payments, mock } = shop;
  /** What every call gave. */
  const results: unknown[] = [];
  const noted = async <Result>(call: Promise<Result>): Promise<Result> => {
    const result = await call;
    results.push(structuredClone(result));
    return result;
  };
  const byReceipt = await noted(payments.create({ reference: PHONE, userId: "user-1", amount }));
  const receiptId = byReceipt.transactionId ?? "";
  await mock.pay(receiptId, { card });
  shop.pass(60_000);
  await noted(shop.worker.runOnce());
  const notification = { transactionId: receiptId, chequeId: null, amount, paidAt: shop.now(), hasCallId: false };
  await noted(payments.recordWebhook({ type: "payment.paid", ...notification, raw: {} }));
  await noted(payments.recordPaid({ paymeId: "0".repeat(24), amount, paidAt: shop.now(), source: "gateway" }));
  const byMerchant = await noted(payments.create({ reference: "order:2", amount }));
  const creating = { id: "a".repeat(24), time: shop.now(), amount, account: { order_id: byMerchant.id } };
  await noted(shop.call("CreateTransaction", creating));
  await noted(shop.call("PerformTransaction", { id: "a".repeat(24) }));
  await noted(shop.call("PerformTransaction", { id: "a".repeat(24) }));
  await noted(shop.call("CancelTransaction", { id: "a".repeat(24), reason: 5 }));
  const own = { ...creating, id: "b".repeat(24), account: { phone: PHONE } };
  await noted(shop.callShop("CreateTransaction", own));
  await noted(shop.callShop("CreateTransaction", { ...own, amount: 1 }));
  await noted(shop.callShop("PerformTransaction", { id: "b".repeat(24) }));
  await noted(shop.callShop("Steal", { phone: PHONE }));
  await noted(shop.callWithout("CheckPerformTransaction", { phone: PHONE }));
  const toCancel = await noted(payments.create({ reference: "order:3", amount }));
  await noted(payments.cancel(toCancel.id));
  await noted(payments.refund(byReceipt.id));
  shop.pass(5 * 60_000);
  await noted(payments.reconcile());
  for (const { id } of await payments.incidents.list())
    await noted(payments.incidents.resolve(id, { by: "anna", note: PHONE }));
  await noted(shop.worker.runOnce());
  return { receiptId, byReceipt, byMerchant, results };
}
