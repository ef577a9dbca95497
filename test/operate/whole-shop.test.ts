import { expect, it } from "vitest";
import { createMerchantApi, createOutbox, createPayments, createWorker, type Message, refuse } from "../../src/entry";
import { createTariffs } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { card, createShop } from "../payments/shop";
import { MINUTE, openWorker, testClock } from "./kit";

const amount = som(50_000);
const HOUR = 60 * MINUTE;
const PATIENT = { timeout: 10_000 };

/** A shop with every part, on the mock of Payme. Its messages tell what was paid. */
function openShop() {
  const storage = memoryStorage();
  const told: Message[] = [];
  const time = testClock();
  const { now } = time;
  const outbox = createOutbox({
    storage,
    mode: "test",
    now,
    sleep: time.sleep,
    deliver: (message) => void told.push(message),
  });
  const onPaid = async ({ id }: { id: string }, tx: MemoryTx) => {
    await outbox.add({ kind: "order.paid", subject: id }, tx);
    return true;
  };
  const { mock, client, payments } = createShop({ storage, mock: { now }, payments: { now, onPaid } });
  const merchant = createMerchantApi({
    storage,
    now,
    key: "a-key-of-thirty-six-characters-12345",
    account: { order_id: "integer" },
    find: () => refuse.notFound("order_id"),
  });
  const parts = { payments, merchant, tariffs: createTariffs({ payments }), outbox };
  return { storage, told, time, mock, client, payments, parts, onPaid };
}

async function paidUnheard(shop: ReturnType<typeof openShop>, reference: string): Promise<string> {
  const { id, transactionId } = await shop.payments.create({ reference, amount });
  await shop.mock.pay(transactionId ?? "", { card });
  return id;
}

it("runOnce of a cron fulfils what was paid and never notified, and tells it", async () => {
  const shop = openShop();
  const id = await paidUnheard(shop, "order:197");
  await shop.time.advance(2 * MINUTE);
  const worker = createWorker(shop.parts);
  expect(await worker.runOnce()).toMatchObject([
    { job: "payments.reconcile", status: "done", report: { checked: 1, paid: 1 } },
    { job: "payments.review", status: "done" },
    { job: "merchant.sweep", status: "done" },
    { job: "tariffs.sweep", status: "done" },
    { job: "outbox", status: "done" },
  ]);
  expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
  await worker.runOnce();
  expect(shop.told.map(({ subject }) => subject)).toEqual([id]);
  expect((await worker.runOnce()).map(({ report }) => report.checked ?? report.claimed ?? 0)).toEqual([0, 0, 0, 0, 0]);
});

it("a started worker fulfils it by itself, and its outbox tells it", async () => {
  const shop = openShop();
  const id = await paidUnheard(shop, "order:197");
  const { worker } = openWorker(shop.parts, shop.time);
  worker.start();
  await shop.time.advance(2 * MINUTE);
  await expect.poll(async () => (await shop.payments.find(id))?.status, PATIENT).toBe("PAID");
  await expect.poll(() => shop.time.advance(1_000).then(() => shop.told.length), PATIENT).toBe(1);
  const stopping = worker.stop();
  await shop.time.advance(20_000);
  await stopping;
  expect(shop.time.waiting).toBe(0);
});

it("finds a refund by hand", async () => {
  const shop = openShop();
  const id = await paidUnheard(shop, "order:197");
  await shop.time.advance(2 * MINUTE);
  const worker = createWorker(shop.parts);
  await worker.runOnce();
  const { paidBy } = (await shop.payments.find(id)) ?? {};
  await shop.client.receipts.cancel(paidBy ?? "");
  await shop.time.advance(48 * HOUR);
  const [, review] = await worker.runOnce();
  expect(review).toMatchObject({ job: "payments.review", status: "done", report: { recorded: 1 } });
  expect(await shop.payments.find(id)).toMatchObject({ refundedAt: expect.any(Number) });
});

it("two workers on one storage ask about each payment once, and fulfil each once", async () => {
  const shop = openShop();
  const ids: string[] = [];
  for (let n = 0; n < 50; n += 1) ids.push(await paidUnheard(shop, `order:${n}`));
  await shop.time.advance(2 * MINUTE);
  const { storage, client, onPaid, parts } = shop;
  const other = createPayments({ storage, client, now: shop.time.now, onPaid });
  const workers = [createWorker(parts), createWorker({ payments: other, outbox: parts.outbox })];
  const reports = (await Promise.all(workers.map((worker) => worker.runOnce()))).flat();
  const reconciled = reports.filter(({ job }) => job === "payments.reconcile").map(({ report }) => report.paid ?? 0);
  expect(reconciled.reduce((sum, paid) => sum + paid, 0)).toBe(50);
  expect(Math.min(...reconciled)).toBeGreaterThan(0);
  await Promise.all(workers.map((worker) => worker.runOnce()));
  expect(shop.told.map(({ subject }) => subject).sort()).toEqual(ids.sort());
});
