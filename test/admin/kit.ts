import { onTestFinished } from "vitest";
import { createOutbox, createPayments, type PaymentsOptions } from "../../src/entry";
import { type AdminOptions, adminHandler, type Operator } from "../../src/entry/admin";
import { createPaymeClient } from "../../src/entry/client";
import { aesSeal, createSubscriptions } from "../../src/entry/subscriptions";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import type { EventRow, Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme, type MockPayme } from "../../src/tools/mock-server/mock-payme";
import { sqliteKit } from "../storage/kits";

export const ORIGIN = "https://shop.example";
export const BASE = `${ORIGIN}/office/payme`;
export const card = { number: "8600495473316478", expire: "03/99" };
export const scope = { cashbox: "default", mode: "test" } as const;
export const ALL: Operator = { name: "Aziza", can: ["read", "refund", "resolve"] };
/** The 15th of January 2026, 15:30 in Tashkent. */
export const START = Date.UTC(2026, 0, 15, 10, 30);

/** Headers of a form that a browser sends from a page of ours. */
export const OWN = { origin: ORIGIN, "sec-fetch-site": "same-origin" };

/** The storages that the page is tested on. */
export const STORAGES = ["memory", "SQLite"] as const;

/** A shop on one of them. */
export async function openOffice(on: (typeof STORAGES)[number], admin: Partial<AdminOptions> = {}) {
  if (on === "memory") return { ...createOffice(memoryStorage(), { admin }), file: "" };
  const kit = await sqliteKit();
  onTestFinished(() => kit.close());
  const office = createOffice(kit.storage, { admin });
  await office.subscriptions.migrate();
  return { ...office, file: kit.file };
}

/** Two processes of one shop: each has its own page, over one storage. */
export async function openTwo(on: (typeof STORAGES)[number], admin: Partial<AdminOptions> = {}) {
  if (on === "memory") {
    const one = createOffice(memoryStorage(), { admin });
    return [one, createOffice(one.storage, { admin, beside: one })] as const;
  }
  const kit = await sqliteKit();
  onTestFinished(() => kit.close());
  const one = createOffice(kit.storage, { admin });
  await one.subscriptions.migrate();
  return [one, createOffice(await kit.second(), { admin, beside: one })] as const;
}

/** An answer of the page, as a browser reads it. */
export interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A shop with its operator's page, a Payme of its own and one clock for both. */
export function createOffice<Tx>(
  storage: Storage<Tx>,
  options: {
    readonly mock?: MockPaymeOptions;
    readonly payments?: Partial<PaymentsOptions<Tx>>;
    readonly admin?: Partial<AdminOptions>;
    /** Another process of the same shop. */
    readonly beside?: { readonly mock: MockPayme; readonly clock: () => number };
  } = {},
) {
  let now = START;
  let operator: Operator | null = ALL;
  let isBroken = false;
  const { clock = () => now, mock = createMockPayme({ now: clock, seed: 1, ...options.mock }) } = options.beside ?? {};
  const lines: string[] = [];
  const log = (message: string, fields?: object) => void lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { info: log, warn: log, error: log };
  const client = createPaymeClient({
    merchantId: mock.merchantId,
    key: mock.key,
    mode: "test",
    fetch: mock.fetch,
    logger,
    retries: 0,
  });
  const payments = createPayments<Tx>({
    storage,
    client,
    now: clock,
    logger,
    onPaid: () => true,
    onRefunded: () => true,
    ...options.payments,
  });
  const outbox = createOutbox<Tx>({
    storage,
    mode: "test",
    now: clock,
    logger,
    maxAttempts: 1,
    deliver() {
      if (isBroken) throw new Error("the receiver is down");
    },
  });
  const subscriptions = createSubscriptions<Tx>({ payments, seal: aesSeal([Buffer.alloc(32, 7).toString("base64")]) });
  const admin = adminHandler({
    payments,
    outbox,
    subscriptions,
    authorize: () => operator,
    title: "Gullar",
    ...options.admin,
  });

  async function get(
    query: Readonly<Record<string, string>> = {},
    headers: Record<string, string> = {},
  ): Promise<Seen> {
    return seen(await admin(new Request(`${BASE}?${new URLSearchParams({ lang: "en", ...query })}`, { headers })));
  }
  async function post(
    form: Readonly<Record<string, string>>,
    headers: Record<string, string> = OWN,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Seen> {
    const url = `${BASE}?${new URLSearchParams({ lang: "en", ...query })}`;
    return seen(await admin(new Request(url, { method: "POST", headers, body: new URLSearchParams(form) })));
  }
  return {
    mock,
    clock,
    client,
    payments,
    outbox,
    subscriptions,
    admin,
    storage,
    lines,
    get,
    post,
    pass: (ms: number) => {
      now += ms;
    },
    as: (next: Operator | null) => {
      operator = next;
    },
    /** A paid payment. */
    async paid(reference = "order:197", more: { readonly userId?: string; readonly description?: string } = {}) {
      const { id } = await payments.create({ reference, amount: som(50_000), description: "25 roses", ...more });
      const row = await payments.find(id);
      await mock.pay(row?.transactionId ?? "", { card });
      return payments.check(id);
    },
    /** Money that came after the payment was cancelled: an incident. */
    async late(reference = "order:198"): Promise<EventRow> {
      const { id } = await payments.create({ reference, amount: som(30_000), description: "roses" });
      const { transactionId } = (await payments.find(id)) ?? {};
      await mock.pay(transactionId ?? "", { card });
      await storage.changePayment(scope, id, { from: ["PENDING"], to: "CANCELLED", at: now });
      await payments.recordPaid({ paymeId: transactionId ?? "", amount: som(30_000), paidAt: now, source: "gateway" });
      const [incident] = await payments.incidents.list({ subject: id });
      if (incident === undefined) throw new Error("no incident came");
      return incident;
    },
    /** A parked message. */
    async parked(kind = "order.paid", subject = "order:1") {
      isBroken = true;
      await storage.transaction((tx) => outbox.add({ kind, subject }, tx));
      await outbox.runOnce();
      isBroken = false;
      const [message] = await outbox.parked();
      if (message === undefined) throw new Error("nothing was parked");
      return message;
    },
    events: async (kind: string) =>
      (await storage.listEvents(scope, { limit: 1_000 })).filter((event) => event.kind === kind),
    calls: (method: string) => mock.exchanges.filter((exchange) => exchange.method === method).length,
  };
}

async function seen(response: Response): Promise<Seen> {
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The value of a hidden field of a page. */
export function hidden(page: Seen, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? "";
}

/** What the page says of a press, without tags. */
export function said({ text }: Seen): string {
  return /role="status"[^>]*>(.*?)<\/div>/s.exec(text)?.[1]?.replace(/<[^>]*>/g, "") ?? "";
}

/** A merchant whose sweep frees nothing, and is counted. */
export function countedSweep() {
  const sweep = { count: 0 };
  return {
    sweep,
    merchant: {
      sweep: async () => {
        sweep.count += 1;
        return { expired: 2, failed: 0 };
      },
    },
  };
}
