import { setTimeout } from "node:timers/promises";
import {
  createMerchantApi,
  createOutbox,
  createWorker,
  memoryStorage,
  type Order,
  type Refusal,
  type Storage,
  som,
} from "payme-kit";
import { createMetrics } from "payme-kit/prometheus";
import { createMockPayme, createTestClock } from "payme-kit/testing";
import type { Books } from "../../examples/express-wedy/src/open-books";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { JWT_SECRET, openShop, paid, type Shop, UZCARD } from "../wedy/shop";

export const METRICS_TOKEN = "token-of-prometheus-0123456789abcdef";
const TEST_KEY = "test-key-of-36-characters-0123456789";
const LIVE_KEY = "live".padEnd(36, "x");
const MINUTE = 60_000;
const PRICE = 1_000_000;

export type StagedShop = Awaited<ReturnType<typeof openStagedShop>>;

/** What can go wrong in it: a test sets a member. */
export interface Troubles {
  /** Every read of the books fails. */
  isDatabaseAway: boolean;
  /** Every read of the books hangs. */
  isDatabaseStalled: boolean;
  isReconcileStopped: boolean;
  isReceiverDown: boolean;
  /** The shop's own look for an order throws. */
  isFindBroken: boolean;
}

/** What a staged shop can be given. */
export interface Staging {
  /** How long a scrape waits for the books. */
  readonly patienceMs?: number;
  /** How long a refund stays queued at Payme. Default: longer than any test. */
  readonly cancelDelayMs?: number;
  /** A database of the server. Default: in memory. */
  readonly books?: Pick<Books, "storage" | "store"> | undefined;
}

/** The Wedy server over HTTP on a clock of the test, with its worker, an outbox and `/metrics`. */
export async function openStagedShop({
  patienceMs = 2_000,
  cancelDelayMs = 40 * 24 * 60 * MINUTE,
  books,
}: Staging = {}) {
  const troubles: Troubles = {
    isDatabaseAway: false,
    isDatabaseStalled: false,
    isReconcileStopped: false,
    isReceiverDown: false,
    isFindBroken: false,
  };
  const clock = createTestClock(Date.UTC(2026, 0, 15, 10));
  const { now, sleep } = clock;
  const storage = watched(books?.storage ?? memoryStorage(), troubles);
  let shop: Shop | undefined;
  let merchant: ReturnType<typeof createMerchantApi> | undefined;
  const limit = (_ms: number, signal?: AbortSignal) => setTimeout(patienceMs, undefined, { signal });
  const subscriptions = () => shop?.subs;
  const metrics = createMetrics({ storage, mode: "test", now, sleep: limit, subscriptions });
  const { onEvent } = metrics;
  const mock = createMockPayme({ now, sleep, cancelDelayMs });
  const quiet = { info() {}, warn() {}, error() {} };
  shop = await openShop({
    storage,
    ...(books && { store: books.store }),
    now,
    mock,
    onEvent,
    sealKeys: [Buffer.alloc(32, 7).toString("base64")],
    metrics: { metrics, token: METRICS_TOKEN },
    merchantOf(tariffs) {
      const orders = tariffs.payments.asOrders();
      const find = async (...asked: Parameters<typeof orders.find>): Promise<Order<string> | Refusal> => {
        if (troubles.isFindBroken) throw new Error("the table is away");
        return orders.find(...asked);
      };
      merchant = createMerchantApi({ ...orders, find, key: LIVE_KEY, testKey: TEST_KEY, now, logger: quiet });
      return merchant;
    },
  });
  const { tariffs, subs, request, notify } = shop;
  if (books !== undefined) {
    for (const price of [10_000, 50_000])
      await tariffs.create({ name: `${price}`, price: som(price), durationDays: 7 });
  }
  const outbox = createOutbox({
    storage,
    mode: "test",
    now,
    sleep,
    onEvent,
    logger: quiet,
    async deliver() {
      if (troubles.isReceiverDown) throw new Error("the receiver is down");
    },
  });
  const parts = { merchant, tariffs, subscriptions: subs, outbox, now, sleep, onEvent, logger: quiet };
  const whole = createWorker({ ...parts, payments: tariffs.payments });
  const withoutReconcile = createWorker(parts);
  let users = 0;

  const call = (method: string, params: object) =>
    request("POST", "/payme/merchant", {
      token: null,
      headers: { Authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` },
      json: { method, params, id: 1 },
    });

  const staged = {
    ...shop,
    clock,
    storage,
    metrics,
    outbox,
    troubles,
    call,
    /** Buys as a new user, and returns the receipt's id; undefined where it could not be made. */
    async order(): Promise<string | undefined> {
      users += 1;
      const token = await signToken({ id: `user-${users}`, role: "user" }, JWT_SECRET, 600);
      const { body } = await request("POST", "/tariffs/1/purchase", { token });
      return body.success === true ? String(body.transaction_id) : undefined;
    },
    /** Pays a receipt at Payme. */
    async pay(id: string) {
      await mock.pay(id, { card: UZCARD });
    },
    /** The gateway's notification of a receipt that was paid so long ago. */
    async tell(id: string, { agoMs = 0, amount = PRICE } = {}) {
      return notify(paid(id, amount, { paid_at: (now() - agoMs) / 1_000 }));
    },
    /** An order of Payme's, begun and paid through the Merchant API. `agoMs`: how far Payme's clock is behind. */
    async sellByMerchant({ agoMs = 0 } = {}) {
      users += 1;
      const json = { user_id: "user123", tariff_id: 2, amount: 50_000 };
      const { body } = await request("POST", "/payme/create-payment", { json });
      const account = { order_id: Object(body.data).payment_id };
      const id = `merchant-${users}`;
      await call("CheckPerformTransaction", { amount: 5_000_000, account });
      await call("CreateTransaction", { id, time: now() - agoMs, amount: 5_000_000, account });
      await call("PerformTransaction", { id });
      return id;
    },
    /** A tick of the worker. */
    async work() {
      await (troubles.isReconcileStopped ? withoutReconcile : whole).runOnce();
    },
    /** What Prometheus reads. */
    async scrape(): Promise<string> {
      const { status, text } = await request("GET", "/metrics", { token: METRICS_TOKEN });
      if (status !== 200) throw new Error(`/metrics answered ${status}: ${text}`);
      return text;
    },
  };
  return staged;
}

/** The storage, whose reads a test can break. Writes and transactions go on: they are another story. */
function watched(storage: Storage<unknown>, troubles: Troubles): Storage<unknown> {
  const { paymentStatistics } = storage;
  return Object.assign(storage, {
    async paymentStatistics(...asked: Parameters<typeof paymentStatistics>) {
      if (troubles.isDatabaseAway) throw new Error("connection refused");
      if (troubles.isDatabaseStalled) await new Promise(() => {});
      return paymentStatistics(...asked);
    },
  });
}

/** The samples of a scrape, by series as Prometheus writes it. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, series = "", value = ""] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (series !== "") samples.set(series, Number(value));
  }
  return samples;
}
