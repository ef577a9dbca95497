import { describe, expect, it } from "vitest";
import {
  createMerchantApi,
  createOutbox,
  createPayments,
  createWorker,
  eventLogger,
  type PaymeEvent,
  refuse,
} from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { som, tiyin } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { answerOf } from "../merchant/shop";
import { card, scope } from "../payments/shop";

const amount = som(50_000);
/** A reference that is a phone number, as shops have them. */
const PHONE = "+998901234567";
const KEY = "live-key-of-36-characters-0123456789";
const TEST_KEY = "test-key-of-36-characters-0123456789";

/** A shop with every part, each with the same listener. */
function openShop(listen?: (event: PaymeEvent) => unknown, answer: () => boolean = () => true) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  const events: PaymeEvent[] = [];
  const lines: { level: string; message: string; fields?: object }[] = [];
  const write = (level: string) => (message: string, fields?: object) => {
    lines.push({ level, message, ...(fields === undefined ? {} : { fields }) });
  };
  const logger = { info: write("info"), warn: write("warn"), error: write("error") };
  const onEvent = listen ?? ((event: PaymeEvent) => void events.push(event));
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
    onPaid: async (payment, tx) => {
      await outbox.add({ kind: "order.paid", subject: payment.id }, tx);
      return answer();
    },
    onRefunded: () => true,
  });
  const keys = { key: KEY, testKey: TEST_KEY };
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
async function liveADay(shop: ReturnType<typeof openShop>) {
  const { payments, mock } = shop;
  const byReceipt = await payments.create({ reference: PHONE, userId: "user-1", amount });
  const receiptId = byReceipt.transactionId ?? "";
  await mock.pay(receiptId, { card });
  shop.pass(60_000);
  await shop.worker.runOnce();
  await payments.recordWebhook({
    type: "payment.paid",
    transactionId: receiptId,
    chequeId: null,
    amount,
    paidAt: shop.now(),
    hasCallId: false,
    raw: {},
  });
  await payments.recordPaid({ paymeId: "0".repeat(24), amount, paidAt: shop.now(), source: "gateway" });
  const byMerchant = await payments.create({ reference: "order:2", amount });
  const creating = { id: "a".repeat(24), time: shop.now(), amount, account: { order_id: byMerchant.id } };
  await shop.call("CreateTransaction", creating);
  await shop.call("PerformTransaction", { id: "a".repeat(24) });
  await shop.call("PerformTransaction", { id: "a".repeat(24) });
  await shop.call("CancelTransaction", { id: "a".repeat(24), reason: 5 });
  await shop.callShop("CreateTransaction", { ...creating, id: "b".repeat(24), account: { phone: PHONE } });
  await shop.callShop("CreateTransaction", { ...creating, id: "b".repeat(24), amount: 1, account: { phone: PHONE } });
  await shop.callShop("PerformTransaction", { id: "b".repeat(24) });
  await shop.callShop("Steal", { phone: PHONE });
  await shop.callWithout("CheckPerformTransaction", { phone: PHONE });
  const toCancel = await payments.create({ reference: "order:3", amount });
  await payments.cancel(toCancel.id);
  await payments.refund(byReceipt.id);
  shop.pass(5 * 60_000);
  await payments.reconcile();
  for (const { id } of await payments.incidents.list())
    await payments.incidents.resolve(id, { by: "anna", note: PHONE });
  await shop.worker.runOnce();
  return { receiptId, byReceipt, byMerchant };
}

/** The fields that each kind of event may have, beside at, cashbox, mode and trace. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "client.call": ["method", "ms", "outcome", "code"],
  "merchant.call": ["method", "code", "ms", "paymeId"],
  "clock.skew": ["skewMs", "paymeId"],
  "notification.received": ["method", "verdict", "paymeId", "paymentId"],
  payment: ["paymentId", "userId", "paymeId", "amount", "source", "acceptedBy", "errorCode"],
  refund: ["paymentId", "userId", "paymeId", "amount", "source"],
  transaction: ["paymeId", "amount", "reason"],
  incident: ["incident", "incidentId", "paymentId", "paymeId", "by"],
  hook: ["paymentId", "paymeId", "ms", "errorId"],
  outbox: ["messageId", "message", "attempt"],
  "worker.ran": ["job", "index", "ms", "isFailed", "counts"],
};

describe("events", () => {
  it("tell a day of a shop: each change of the books once, by its committed rows", async () => {
    const shop = openShop();
    const { receiptId, byReceipt, byMerchant } = await liveADay(shop);
    const of = (kind: string, paymentId: string) =>
      shop.events.filter((event) => event.kind === kind && "paymentId" in event && event.paymentId === paymentId);
    expect(of("payment.paid", byReceipt.id)).toMatchObject([
      { userId: "user-1", paymeId: receiptId, amount, source: "receipt", cashbox: "default", mode: "test" },
    ]);
    expect(of("payment.paid", byMerchant.id)).toMatchObject([{ paymeId: "a".repeat(24), amount, source: "merchant" }]);
    for (const id of [byReceipt.id, byMerchant.id]) {
      expect(of("payment.created", id)).toHaveLength(1);
      expect(of("refund.queued", id)).toMatchObject([{ amount }]);
      expect(of("refund.done", id)).toMatchObject([{ amount }]);
    }
    const ofKind = (kind: string) => shop.events.filter((event) => event.kind === kind);
    expect(ofKind("payment.cancelled")).toHaveLength(1);
    expect(ofKind("transaction.performed")).toMatchObject([{ paymeId: "a".repeat(24) }, { paymeId: "b".repeat(24) }]);
    expect(ofKind("incident.opened")).toMatchObject([{ incident: "unknown_transaction", paymeId: "0".repeat(24) }]);
    expect(ofKind("incident.resolved")).toMatchObject([{ incident: "unknown_transaction", by: "anna" }]);
    expect(ofKind("notification.received")).toMatchObject([{ verdict: "repeat", paymentId: byReceipt.id }]);
    expect(
      shop.events.flatMap((event) => (event.kind === "merchant.call" ? `${event.method} ${event.code}` : [])),
    ).toEqual([
      "CreateTransaction null",
      "PerformTransaction null",
      "PerformTransaction null",
      "CancelTransaction null",
      "CreateTransaction null",
      "CreateTransaction -31008",
      "PerformTransaction null",
      "unknown -32601",
      "unknown -32504",
    ]);
    expect(
      ofKind("outbox.delivered")
        .map((event) => "message" in event && event.message)
        .sort(),
    ).toEqual(["order.paid", "order.paid", "payme.incident"]);
  });

  it("have the fields of their type and no others, and never a phone, a key or an account", async () => {
    const shop = openShop();
    await liveADay(shop);
    for (const { kind, ...fields } of shop.events) {
      const own = FIELDS[kind] ?? FIELDS[kind.split(".")[0] ?? ""] ?? [];
      const allowed = ["at", "cashbox", "mode", "trace", ...own];
      expect(
        Object.keys(fields).filter((name) => !allowed.includes(name)),
        kind,
      ).toEqual([]);
    }
    const text = JSON.stringify(shop.events);
    for (const secret of [PHONE, KEY, TEST_KEY, card.number, "phone"]) expect(text).not.toContain(secret);
  });

  const traceIn = (event: PaymeEvent | undefined) => (event && "trace" in event ? event.trace : undefined);

  it("of one call have one trace, and calls have others", async () => {
    const shop = openShop();
    const { byMerchant } = await liveADay(shop);
    const performing = shop.events.filter((event) => traceIn(event) === traceOf("transaction.performed"));
    expect(performing.map(({ kind }) => kind)).toEqual(["payment.paid", "transaction.performed", "merchant.call"]);
    const made = traceIn(shop.events.find((event) => "paymentId" in event && event.paymentId === byMerchant.id));
    expect(shop.events.filter((event) => traceIn(event) === made).map(({ kind }) => kind)).toEqual([
      "payment.created",
      "client.call",
    ]);
    const { entries } = { entries: [], ...(await shop.payments.story(byMerchant.id)) };
    const told = entries.find(({ what }) => what === "payment.paid");
    expect(told?.trace).toBe(traceOf("transaction.performed"));

    function traceOf(kind: string) {
      const trace = traceIn(shop.events.find((event) => event.kind === kind));
      expect(trace).toEqual(expect.any(String));
      return trace;
    }
  });

  it.each([
    [
      "throws",
      () => () => {
        throw new Error(PHONE);
      },
    ],
    ["rejects", () => async () => Promise.reject(new Error(PHONE))],
    ["never returns", () => () => new Promise(() => {})],
    ["is missing", () => undefined],
  ])("a listener that %s changes nothing in the books", async (name, listener) => {
    const [shop, right] = [openShop(listener()), openShop()];
    await liveADay(shop);
    await liveADay(right);
    const books = async ({ storage }: typeof shop) => {
      const paid = await storage.listPaid(scope, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 99 });
      return [
        paid.map(({ id: _id, reference: _reference, ...row }) => row),
        await storage.paymentStatistics(scope),
        await storage.paymentTotals(scope, { from: 0, to: Number.MAX_SAFE_INTEGER }),
      ];
    };
    expect(await books(shop)).toEqual(await books(right));
    const complaints = shop.lines.filter(({ message }) => message.startsWith("onEvent failed"));
    // Once a minute: the day has ten minutes.
    if (name === "throws" || name === "rejects") expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.length).toBeLessThanOrEqual(10);
    expect(JSON.stringify(complaints)).not.toContain(PHONE);
  });

  it("come after the commit: a listener finds what it is told", async () => {
    const found: unknown[] = [];
    const shop = openShop((event) => {
      if (event.kind !== "payment.paid" && event.kind !== "payment.created") return;
      found.push(shop.payments.find(event.paymentId).then((row) => `${event.kind} ${row?.status}`));
    });
    const { transactionId } = await shop.payments.create({ reference: "order:1", amount });
    await shop.payments.recordPaid({
      paymeId: transactionId ?? "",
      amount: tiyin(amount),
      paidAt: shop.now(),
      source: "gateway",
    });
    expect(await Promise.all(found)).toEqual(["payment.created PENDING", "payment.paid PAID"]);
  });

  it("of a change that was rolled back are not told; the failed hook is", async () => {
    const shop = openShop(undefined, () => {
      throw new Error(PHONE);
    });
    const { id, transactionId } = await shop.payments.create({ reference: "order:1", amount });
    const report = { paymeId: transactionId ?? "", amount, paidAt: shop.now(), source: "gateway" } as const;
    await expect(shop.payments.recordPaid(report)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(shop.kinds().filter((kind) => kind !== "client.call")).toEqual([
      "payment.created",
      "hook.failed",
      "incident.opened",
    ]);
    expect(shop.events.at(-2)).toMatchObject({ paymentId: id, paymeId: transactionId, errorId: expect.any(String) });
    expect(JSON.stringify(shop.events)).not.toContain(PHONE);
  });
});

it("an incident of an order of the shop's own has its Payme id, and never its reference", async () => {
  const shop = openShop(undefined, () => {
    throw new Error("the hook throws");
  });
  const id = "d".repeat(24);
  await shop.callShop("CreateTransaction", { id, time: shop.now(), amount, account: { phone: PHONE } });
  await shop.callShop("PerformTransaction", { id });
  expect(shop.kinds()).toEqual([
    "transaction.created",
    "merchant.call",
    "hook.failed",
    "incident.opened",
    "merchant.call",
  ]);
  expect(shop.events[3]).toMatchObject({ incident: "effect_failed", paymeId: id });
  expect(JSON.stringify(shop.events)).not.toContain(PHONE);
});

describe("eventLogger", () => {
  it("after a lost notification that reconcile healed, the receipt's id finds the whole story in the log", async () => {
    const lines: string[] = [];
    const write = (message: string, fields?: object) => void lines.push(JSON.stringify({ message, ...fields }));
    const shop = openShop(eventLogger({ info: write, warn: write, error: write }));
    const { id, transactionId } = await shop.payments.create({ reference: PHONE, userId: "user-1", amount });
    await shop.mock.pay(transactionId ?? "", { card });
    shop.pass(60_000);
    await shop.payments.reconcile();
    const found = lines.filter((line) => line.includes(transactionId ?? "-")).map((line) => JSON.parse(line));
    expect(found).toMatchObject([
      { message: "payment paid", payment_id: id, transaction_id: transactionId, user_id: "user-1", source: "receipt" },
    ]);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["payment created", "payment paid"]);
    expect(lines.join()).not.toContain(PHONE);
  });
});

describe("the worker's health", () => {
  it("is well while its jobs run, and names the one that is late", async () => {
    let [now, fails] = [0, false];
    const worker = createWorker({
      payments: {
        reconcile: async () => {
          if (fails) throw new Error("away");
          return { checked: 0, paid: 0, pending: 0, cancelled: 0, failed: 0, errors: 0 };
        },
        review: async () => ({ days: [], left: 0 }),
      },
      now: () => now,
      logger: { info() {}, warn() {}, error() {} },
    });
    expect(worker.health()).toMatchObject({ isWell: true });
    await worker.runOnce();
    expect(worker.health().jobs).toMatchObject([
      { job: "payments.reconcile", endedAt: 0, failures: 0, isLate: false },
      { job: "payments.review", isLate: false },
    ]);
    fails = true;
    for (now = 1; now <= 3; now += 1) await worker.runOnce();
    expect(worker.health()).toMatchObject({
      isWell: false,
      jobs: [{ job: "payments.reconcile", failures: 3, isLate: true }, { isLate: false }],
    });
    fails = false;
    await worker.runOnce();
    expect(worker.health()).toMatchObject({ isWell: true });
  });
});
