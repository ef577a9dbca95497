import { createPayments, type PaymentsOptions } from "../../src/entry";
import { createPaymeClient, type PaymeClientOptions } from "../../src/entry/client";
import type { Logger } from "../../src/kit/logger";
import type { Incident, Scope } from "../../src/ledger";
import { type MemoryStorage, memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";

export const scope: Scope = { cashbox: "default", mode: "test" };

/** One of the mock's cards that pays. */
export const card = { number: "8600495473316478", expire: "03/99" };

/** What a payment's hooks leave behind: rows of the shop's own, in the same transaction. */
export interface Delivery {
  paymentId: string;
  delivered: number;
  takenBack: number;
}

export interface ShopOptions {
  storage?: MemoryStorage | undefined;
  mock?: MockPaymeOptions | undefined;
  client?: Partial<PaymeClientOptions> | undefined;
  payments?: Partial<PaymentsOptions<MemoryTx>> | undefined;
}

/** A shop on memory storage, with a Payme of its own and one clock for both. */
export function createShop(options: ShopOptions = {}) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  const clock = () => now;
  const mock = createMockPayme({ now: clock, seed: 1, ...options.mock });
  const storage = options.storage ?? memoryStorage();
  const incidents: Incident[] = [];
  const lines: string[] = [];
  const log = (message: string, fields?: object) => lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { info: log, warn: log, error: log };
  const client = createPaymeClient({
    merchantId: mock.merchantId,
    key: mock.key,
    mode: "test",
    fetch: mock.fetch,
    logger,
    retries: 0,
    ...options.client,
  });
  const deliveries = (tx: MemoryTx) => tx.table<Delivery>("deliveries");
  const count = (tx: MemoryTx, paymentId: string, delivered: number, takenBack: number) => {
    const row = deliveries(tx).get(paymentId) ?? { paymentId, delivered: 0, takenBack: 0 };
    deliveries(tx).set(paymentId, {
      paymentId,
      delivered: row.delivered + delivered,
      takenBack: row.takenBack + takenBack,
    });
    return true;
  };
  const payments = createPayments<MemoryTx>({
    storage,
    client,
    now: clock,
    logger,
    sleep: (ms) => {
      now += ms;
      return new Promise((resolve) => setImmediate(resolve));
    },
    onPaid: (payment, tx) => count(tx, payment.id, 1, 0),
    onRefunded: (payment, tx) => count(tx, payment.id, 0, 1),
    onIncident: (incident) => incidents.push(incident),
    ...options.payments,
  });
  return {
    mock,
    storage,
    client,
    payments,
    incidents,
    lines,
    now: clock,
    /** Time goes by. */
    pass: (ms: number) => {
      now += ms;
    },
    delivery: (paymentId: string) => deliveries(storage.published()).get(paymentId),
    /** Kinds of a payment's events, in order. */
    story: async (subject: string) =>
      (await storage.listEvents(scope, { subject, limit: 100 })).map(({ kind }) => kind),
  };
}
