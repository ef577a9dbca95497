import {
  createMerchantApi,
  createOutbox,
  createPaymeClient,
  createPayments,
  memoryStorage,
  type PaymeEvent,
  som,
} from "payme-kit";
import { createMetrics, type MetricsOptions } from "payme-kit/prometheus";
import { createMockPayme, createTestClock } from "payme-kit/testing";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { incidentKinds } from "../../src/ledger";
import { merchantMethods } from "../../src/merchant/methods";
import { paymentRow, scope, transactionRow } from "../ledger/rows";
import { samplesOf } from "./staged-shop";

const MINUTE = 60_000;
/** Of each side: a million in all; in `npm test` fewer. */
const MANY = process.env.QUICK ? 20_000 : 500_000;
const KEY = "live-key-of-36-characters-0123456789";
const quiet = { info() {}, warn() {}, error() {} };

/** Metrics over books in memory, on a clock of the test. */
function openMetrics(options: Partial<MetricsOptions> = {}) {
  const clock = createTestClock(Date.UTC(2026, 0, 15, 10));
  const { now, sleep } = clock;
  const storage = memoryStorage();
  const metrics = createMetrics({ storage, mode: scope.mode, cashbox: scope.cashbox, now, sleep, ...options });
  const scrape = async () => samplesOf(await metrics.registry.metrics());
  /** The samples that are not zero, of names that begin so. */
  async function told(start: string) {
    return Object.fromEntries([...(await scrape())].filter(([name, value]) => name.startsWith(start) && value !== 0));
  }
  return { ...metrics, storage, clock, scrape, told };
}

function basic(key: string) {
  return { authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` };
}

describe("names and labels", () => {
  it("are those of docs/metrics.md", async () => {
    const { registry, scrape } = openMetrics({ subscriptions: () => undefined });
    const seen = new Map<string, Set<string>>();
    for (const series of (await scrape()).keys()) {
      const [, name = "", labels = ""] = /^(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})?$/.exec(series) ?? [];
      const known = seen.get(name) ?? new Set();
      for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) if (label !== "le") known.add(label);
      seen.set(name, known);
    }
    expect(Object.fromEntries([...seen].map(([name, labels]) => [name, [...labels].join()]))).toEqual({
      payme_merchant_calls_total: "method,code",
      payme_merchant_seconds: "",
      payme_client_calls_total: "method,outcome,reason",
      payme_client_seconds: "",
      payme_payments_total: "event,source",
      payme_paid_tiyin_total: "",
      payme_refunded_tiyin_total: "",
      payme_notification_delay_seconds: "",
      payme_payments: "status",
      payme_oldest_pending_seconds: "",
      payme_refunds_queued: "",
      payme_oldest_refund_seconds: "",
      payme_open_incidents: "kind",
      payme_outbox_due: "",
      payme_outbox_oldest_seconds: "",
      payme_outbox_parked: "",
      payme_overdue_transactions: "",
      payme_reconcile_lag_seconds: "",
      payme_clock_skew_seconds: "",
      payme_database_up: "",
      payme_gauges_stale: "",
      payme_subscriptions: "state",
    });
    expect(await registry.metrics()).toContain('payme_subscriptions{state="PAST_DUE"} 0');
  });

  it("stand in the registry that is given, beside the shop's own", async () => {
    const registry = new Registry();
    expect(createMetrics({ registry }).registry).toBe(registry);
    expect(await registry.metrics()).toContain("payme_paid_tiyin_total 0");
    // Nothing of the books without a storage.
    expect(await registry.metrics()).not.toContain("payme_database_up");
  });

  it("know each method of the Merchant API", async () => {
    const { scrape } = openMetrics();
    for (const method of [...merchantMethods.keys(), "unknown"])
      expect((await scrape()).get(`payme_merchant_calls_total{method="${method}",code="-32400"}`)).toBe(0);
  });
});

describe("labels come from closed sets", () => {
  it("a million unknown method names make no new series", { timeout: 180_000 }, async () => {
    const { onEvent, scrape } = openMetrics();
    const mock = createMockPayme();
    const client = createPaymeClient({
      merchantId: mock.merchantId,
      key: mock.key,
      fetch: mock.fetch,
      mode: "test",
      onEvent,
      logger: quiet,
    });
    const merchant = createMerchantApi({
      storage: memoryStorage(),
      key: KEY,
      account: { order_id: "string" },
      find: ({ order_id }) => ({ reference: order_id, amount: som(500) }),
      onPaid: () => true,
      onEvent,
      logger: quiet,
    });
    const call = (name: string) =>
      merchant.handle({
        method: "POST",
        headers: basic(KEY),
        body: JSON.stringify({ method: name, params: {}, id: 1 }),
      });
    const ask = (name: string) => client.rpc(name, {}, { class: "read" }).catch(() => {});
    await call("GetStatement");
    for (const name of ["x", "y"]) await Promise.all([call(name), ask(name)]);
    const before = [...(await scrape()).keys()];
    for (let n = 0; n < 9; n += 1) await Promise.all([call(`x"} 1\n${n}`), ask(`evil.${n}`)]);
    const base = { at: 1, cashbox: "default", mode: "test", ms: 1 } as const;
    for (let n = 0; n < MANY; n += 1) {
      onEvent({ ...base, kind: "client.call", method: `evil.${n}`, outcome: "ok", code: null });
      onEvent({ ...base, kind: "merchant.call", method: `evil.${n}`, code: null });
    }
    // A code and a source of nobody's list, too.
    onEvent({ ...base, kind: "merchant.call", method: "GetStatement", code: -1 });
    onEvent({ ...base, kind: "merchant.call", method: "GetStatement", code: -99_999 });
    const paid = { ...base, kind: "payment.paid", paymentId: "1", paymeId: "2", amount: som(1) } as const;
    for (let n = 0; n < 1_000; n += 1) onEvent({ ...paid, source: `source-${n}` });
    const added = [...(await scrape()).keys()].filter((name) => !before.includes(name));
    expect(added).toEqual(['payme_merchant_calls_total{method="GetStatement",code="unknown"}']);
    const after = await scrape();
    expect(after.get('payme_client_calls_total{method="unknown",outcome="ok",reason="none"}')).toBe(MANY);
    expect(after.get('payme_payments_total{event="paid",source="none"}')).toBe(1_000);
  });

  it("a call has the method, and the reason of a refusal as far as its code tells it", async () => {
    const { onEvent, told } = openMetrics();
    const mock = createMockPayme();
    const client = createPaymeClient({
      merchantId: mock.merchantId,
      key: "wrong",
      fetch: mock.fetch,
      mode: "test",
      retries: 0,
      onEvent,
      logger: quiet,
    });
    await client.receipts.check("6".repeat(24)).catch(() => {});
    mock.faults.add({ kind: "http_status", status: 502 });
    await client.receipts.check("6".repeat(24)).catch(() => {});
    expect(await told("payme_client_calls")).toEqual({
      'payme_client_calls_total{method="receipts.check",outcome="refused",reason="auth"}': 1,
      'payme_client_calls_total{method="receipts.check",outcome="unknown",reason="none"}': 1,
    });
  });
});

describe("money is counted once", () => {
  const account = { order_id: "order-1" };
  const calls = (merchant: ReturnType<typeof createMerchantApi>) => async (method: string, params: object) => {
    const body = JSON.stringify({ method, params, id: 1 });
    const { body: answer } = await merchant.handle({ method: "POST", headers: basic(KEY), body });
    expect(String(answer)).toContain('"result"');
  };

  it("of the shop's own orders, which have no payment: paid and given back", async () => {
    const { onEvent, told, clock, storage } = openMetrics();
    const merchant = createMerchantApi({
      storage,
      testKey: KEY,
      key: "live".padEnd(36, "x"),
      account: { order_id: "string" },
      find: ({ order_id }) => ({ reference: order_id, amount: som(500) }),
      onPaid: () => true,
      onRefunded: () => true,
      onEvent,
      now: clock.now,
      logger: quiet,
    });
    const call = calls(merchant);
    await call("CreateTransaction", { id: "1", time: clock.now(), amount: som(500), account });
    for (let n = 0; n < 2; n += 1) await call("PerformTransaction", { id: "1" });
    await call("CancelTransaction", { id: "1", reason: 5 });
    expect(await told("payme_pa")).toEqual({
      'payme_payments_total{event="paid",source="merchant"}': 1,
      'payme_payments_total{event="refund_done",source="merchant"}': 1,
      payme_paid_tiyin_total: som(500),
    });
    expect(await told("payme_refunded")).toEqual({ payme_refunded_tiyin_total: som(500) });
  });

  it("of a payment that a transaction pays: the two are one", async () => {
    const { onEvent, told, clock, storage } = openMetrics();
    const { now } = clock;
    const payments = createPayments({
      storage,
      mode: scope.mode,
      payUrl: () => "https://pay.uz",
      onPaid: () => true,
      onRefunded: () => true,
      onEvent,
      now,
      logger: quiet,
    });
    const merchant = createMerchantApi({
      ...payments.asOrders(),
      testKey: KEY,
      key: "live".padEnd(36, "x"),
      now,
      logger: quiet,
    });
    const call = calls(merchant);
    for (const id of ["1", "2"]) {
      const payment = await payments.create({ reference: `order-${id}`, amount: som(500) });
      await call("CreateTransaction", { id, time: now(), amount: som(500), account: { order_id: payment.id } });
      await call("PerformTransaction", { id });
    }
    await call("CancelTransaction", { id: "1", reason: 5 });
    expect(await told("payme_paid")).toEqual({ payme_paid_tiyin_total: som(1_000) });
    expect(await told("payme_refunded")).toEqual({ payme_refunded_tiyin_total: som(500) });
    expect(await told("payme_payments_total")).toEqual({
      'payme_payments_total{event="created",source="none"}': 2,
      'payme_payments_total{event="paid",source="merchant"}': 2,
      'payme_payments_total{event="refund_queued",source="merchant"}': 1,
      'payme_payments_total{event="refund_done",source="merchant"}': 1,
    });
  });

  it("and test money is no live money", async () => {
    const { onEvent, told } = openMetrics({ mode: "live" });
    const base = { at: 1, cashbox: "default", kind: "payment.paid", paymentId: "1", paymeId: "2" } as const;
    onEvent({ ...base, mode: "test", amount: som(7) });
    onEvent({ ...base, mode: "live", amount: som(5) });
    expect(await told("payme_paid")).toEqual({ payme_paid_tiyin_total: som(5) });
    // Nobody knows the mode of a wrong key.
    onEvent({ at: 1, cashbox: "default", kind: "merchant.call", method: "unknown", code: -32504, ms: 1 });
    expect(await told("payme_merchant_calls")).toEqual({
      'payme_merchant_calls_total{method="unknown",code="-32504"}': 1,
    });
  });
});

describe("the gauges", () => {
  it("say what the books have", async () => {
    const states = { ACTIVE: 3, PAST_DUE: 1 };
    const statistics = async () => ({ states, renewals: 0, revenue: som(1) });
    const { storage, clock, told } = openMetrics({ subscriptions: () => ({ statistics }) });
    const now = clock.now();
    const add = (id: string, row: Parameters<typeof paymentRow>[0]) => storage.addPayment(paymentRow({ id, ...row }));
    await add("old", { createdAt: now - 9 * MINUTE, nextCheckAt: now - 3 * MINUTE });
    await add("new", { createdAt: now - MINUTE, nextCheckAt: now - 2 * MINUTE });
    await add("paid", { status: "PAID", paidAt: now });
    await add("failed", { status: "FAILED" });
    for (const [id, ago] of [
      ["late", 8],
      ["later", 4],
    ] as const)
      await add(id, { status: "CANCELLED", paidAt: 1, cancelledAt: now - ago * MINUTE, refund: "queued" });
    await add("elsewhere", { cashbox: "another", createdAt: 1, nextCheckAt: 1 });
    for (const [paymeId, hours] of [
      ["1", 13],
      ["2", 11],
    ] as const)
      await storage.addTransaction(transactionRow({ paymeId, reference: paymeId, time: now - hours * 60 * MINUTE }));
    const event = { ...scope, at: now - 7 * MINUTE };
    await storage.appendEvents([
      { ...event, kind: "amount_mismatch", subject: "old", paymeId: "3" },
      { ...event, kind: "amount_mismatch", subject: "old", paymeId: "4" },
      { ...event, kind: "later.message", subject: "a", at: 1, deliverAt: now + MINUTE },
      { ...event, kind: "due.message", subject: "b", deliverAt: now },
    ]);
    const outbox = createOutbox({
      storage,
      ...scope,
      now: clock.now,
      maxAttempts: 1,
      logger: quiet,
      async deliver() {
        throw new Error("down");
      },
    });
    expect(await told("payme_")).toMatchObject({
      'payme_payments{status="PENDING"}': 2,
      'payme_payments{status="PAID"}': 1,
      'payme_payments{status="CANCELLED"}': 2,
      'payme_payments{status="FAILED"}': 1,
      payme_oldest_pending_seconds: 9 * 60,
      payme_refunds_queued: 2,
      payme_oldest_refund_seconds: 8 * 60,
      'payme_open_incidents{kind="amount_mismatch"}': 2,
      payme_outbox_due: 1,
      payme_outbox_oldest_seconds: 7 * 60,
      payme_overdue_transactions: 1,
      payme_reconcile_lag_seconds: 3 * 60,
      payme_database_up: 1,
      'payme_subscriptions{state="ACTIVE"}': 3,
      'payme_subscriptions{state="PAST_DUE"}': 1,
    });
    await outbox.runOnce();
    await clock.advance(10_000);
    const later = await told("payme_o");
    expect(later).toMatchObject({ payme_outbox_parked: 1, 'payme_open_incidents{kind="message_parked"}': 1 });
    expect(later.payme_outbox_oldest_seconds).toBeUndefined();
    expect(incidentKinds).toContain("message_parked");
  });

  it("tell the age of a message that was tried in vain, also while it waits for its next attempt", async () => {
    const { storage, clock, told } = openMetrics();
    const { now } = clock;
    await storage.appendEvents([{ ...scope, kind: "a", subject: "a", at: now(), deliverAt: now() }]);
    const deliver = async () => Promise.reject(new Error("down"));
    const outbox = createOutbox({ storage, ...scope, now, random: () => 1, logger: quiet, deliver });
    for (let n = 0; n < 4; n += 1) {
      await outbox.runOnce();
      await clock.advance(20_000);
    }
    await outbox.runOnce();
    await clock.advance(10_000);
    expect(await told("payme_outbox")).toEqual({ payme_outbox_oldest_seconds: 90 });
  });

  it("forget the clock's difference two hours after it was told last", async () => {
    const { onEvent, clock, told } = openMetrics();
    const skew = { kind: "clock.skew", cashbox: "default", mode: "test", paymeId: "1", skewMs: -600_000 } as const;
    onEvent({ ...skew, at: clock.now() });
    await clock.advance(119 * MINUTE);
    expect(await told("payme_clock")).toEqual({ payme_clock_skew_seconds: -600 });
    await clock.advance(MINUTE);
    expect(await told("payme_clock")).toEqual({});
  });
});

describe("a scrape and the database", () => {
  /** Books whose readings a test holds up or breaks. */
  function openHeld() {
    const held = { answer: async (): Promise<void> => {} };
    let [readings, atOnce, most] = [0, 0, 0];
    const books = memoryStorage();
    const storage = new Proxy(books, {
      get(_target, name) {
        const verb: unknown = Reflect.get(books, name);
        if (typeof verb !== "function") return verb;
        return async (...asked: unknown[]) => {
          readings += 1;
          most = Math.max(most, ++atOnce);
          await held.answer();
          return Promise.resolve(Reflect.apply(verb, books, asked)).finally(() => {
            atOnce -= 1;
          });
        };
      },
    });
    return { ...openMetrics({ storage }), books, held, readings: () => readings, most: () => most };
  }

  it("reads the books at most once in ten seconds, with seven queries, one after another", async () => {
    const { scrape, readings, most, clock, books, told } = openHeld();
    await Promise.all([scrape(), scrape(), scrape()]);
    await clock.advance(9_999);
    await books.addPayment(paymentRow());
    expect(await told("payme_payments{")).toEqual({});
    expect([readings(), most()]).toEqual([7, 1]);
    await clock.advance(1);
    expect(await told("payme_payments{")).toEqual({ 'payme_payments{status="PENDING"}': 1 });
    expect([readings(), most()]).toEqual([14, 1]);
  });

  it("waits for two seconds, then shows the older gauges as stale", async () => {
    const { scrape, held, clock, books } = openHeld();
    await books.addPayment(paymentRow());
    await scrape();
    await clock.advance(10_000);
    let goOn = () => {};
    held.answer = () => new Promise((resolve) => (goOn = resolve));
    const slow = scrape();
    await clock.advance(1_999);
    expect(await Promise.race([slow, "waits"])).toBe("waits");
    await clock.advance(1);
    const stale = await slow;
    expect([stale.get("payme_gauges_stale"), stale.get("payme_database_up")]).toEqual([1, 1]);
    expect(stale.get('payme_payments{status="PENDING"}')).toBe(1);
    // While that reading is under way, others do not wait for it, nor begin another.
    expect((await scrape()).get("payme_gauges_stale")).toBe(1);
    held.answer = async () => {};
    goOn();
    await clock.advance(10_000);
    expect((await scrape()).get("payme_gauges_stale")).toBe(0);
  });

  it("gives up a reading that never ends, after a minute", async () => {
    const { scrape, held, clock, readings } = openHeld();
    held.answer = () => new Promise(() => {});
    const hanging = scrape();
    await clock.advance(2_000);
    await hanging;
    held.answer = async () => {};
    await clock.advance(57_999);
    expect((await scrape()).get("payme_gauges_stale")).toBe(1);
    expect(readings()).toBe(1);
    await clock.advance(1);
    expect((await scrape()).get("payme_gauges_stale")).toBe(0);
  });

  it("says that the database is away, and that it is back", async () => {
    const { scrape, held, clock } = openHeld();
    held.answer = async () => Promise.reject(new Error("connection refused"));
    const away = await scrape();
    expect([away.get("payme_database_up"), away.get("payme_gauges_stale")]).toEqual([0, 1]);
    held.answer = async () => {};
    await clock.advance(10_000);
    const back = await scrape();
    expect([back.get("payme_database_up"), back.get("payme_gauges_stale")]).toEqual([1, 0]);
  });
});

it("a listener of everything takes every event, and counts what it knows", () => {
  const { onEvent } = createMetrics();
  const event: PaymeEvent = { kind: "storage.busy", at: 1, dialect: "sqlite", ms: 1, code: null };
  expect(() => onEvent(event)).not.toThrow();
});
