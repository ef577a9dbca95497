import { expect } from "vitest";
import { type MemoryTx, memoryStorage } from "../../src/ledger";
import type { Logger } from "../../src/logger";
import { createMerchantApi, type MerchantApiOptions, refuse } from "../../src/merchant";
import { som, type Tiyin } from "../../src/money";

export const KEY = "live-key-of-36-characters-0123456789";
export const TEST_KEY = "test-key-of-36-characters-0123456789";

/** An order of the shop's own, in the same storage as our transactions. */
export interface ShopOrder {
  id: number;
  amount: Tiyin;
  status: "new" | "reserved" | "paid" | "refunded";
  /** How often it was fulfilled, and taken back. */
  fulfilled: number;
  takenBack: number;
}

type Options = Partial<MerchantApiOptions<MemoryTx, { order_id: "integer" }>>;

/** A shop with ten orders of 50,000 som and an endpoint for Payme. */
export function createShop(options: Options = {}) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  let ids = 0;
  const storage = memoryStorage();
  const lines: string[] = [];
  const log = (message: string, fields?: object) => lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { info: log, warn: log, error: log };
  const orders = (tx: MemoryTx) => tx.table<ShopOrder>("orders");
  const change = (tx: MemoryTx, id: number, update: (order: ShopOrder) => Partial<ShopOrder>) => {
    const order = orders(tx).get(String(id));
    if (order !== undefined) orders(tx).set(String(id), { ...order, ...update(order) });
  };
  const findOrder = ({ order_id }: { order_id: number }, tx: MemoryTx) => {
    const order = orders(tx).get(String(order_id));
    if (order === undefined) return refuse.notFound("order_id");
    if (order.status === "paid" || order.status === "refunded") return refuse.unavailable("order_id");
    return { amount: order.amount };
  };
  const merchant = createMerchantApi({
    storage,
    key: KEY,
    testKey: TEST_KEY,
    account: { order_id: "integer" },
    now: () => now,
    newId: () => `our-${++ids}`,
    logger,
    ...(options.findBalance === undefined ? { findOrder } : {}),
    onReserved: ({ account }, tx) => change(tx, account.order_id, () => ({ status: "reserved" })),
    onPaid: ({ account }, tx) =>
      change(tx, account.order_id, ({ fulfilled }) => ({ status: "paid", fulfilled: fulfilled + 1 })),
    onReleased: ({ account }, tx) => change(tx, account.order_id, () => ({ status: "new" })),
    onRefunded: ({ account }, tx) =>
      change(tx, account.order_id, ({ takenBack }) => ({ status: "refunded", takenBack: takenBack + 1 })),
    ...options,
  });
  const ready = storage.transaction(async (tx) => {
    for (let id = 1; id <= 10; id += 1) {
      orders(tx).set(String(id), { id, amount: som(50_000), status: "new", fulfilled: 0, takenBack: 0 });
    }
  });

  /** The answer's bytes to one call, with the live key unless told otherwise. */
  async function send(method: string, params: unknown, key: string = KEY): Promise<string> {
    await ready;
    const reply = await merchant.handle({
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` },
      body: JSON.stringify({ method, params, id: 7 }),
    });
    if (typeof reply.body === "string") return reply.body;
    const pieces: string[] = [];
    for await (const piece of reply.body) pieces.push(piece);
    return pieces.join("");
  }

  return {
    merchant,
    storage,
    lines,
    ready,
    send,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    order: (id = 1) => orders(storage.read()).get(String(id)),
    /** The answer, once a second, equal call has brought the same bytes. */
    async twice(method: string, params: unknown): Promise<Answer> {
      const first = await send(method, params);
      const second = await send(method, params);
      if (first !== second) throw new Error(`${method} answered ${first}, then ${second}`);
      return answerOf(first);
    },
    call: async (method: string, params: unknown, key?: string): Promise<Answer> =>
      answerOf(await send(method, params, key)),
    create: (id: string, changes: object = {}) => ({
      id,
      time: now,
      amount: som(50_000),
      account: { order_id: 1 },
      ...changes,
    }),
  };
}

export interface Answer {
  result?: Record<string, unknown>;
  error?: { code: number; message: Record<string, string>; data?: unknown };
  id: unknown;
}

export function answerOf(text: string): Answer {
  return JSON.parse(text);
}

/** A refusal with this code: localised, and nothing beside it. */
export function refusal(code: number, data?: string) {
  const message = { ru: expect.any(String), uz: expect.any(String), en: expect.any(String) };
  return { error: { code, message, ...(data === undefined ? {} : { data }) }, id: 7 };
}
