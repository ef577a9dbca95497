import { createMerchantApi, type MerchantApiOptions, refuse } from "../../src/entry/merchant";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { memoryBooks, type ShopBooks, type ShopOrder } from "./shop-books";

export type { ShopOrder } from "./shop-books";

export const KEY = "live-key-of-36-characters-0123456789";
export const TEST_KEY = "test-key-of-36-characters-0123456789";

/** What a shop can be given in place of the usual. */
export type ShopOptions<Tx> = Partial<MerchantApiOptions<Tx, { order_id: "integer" }>>;

export type Shop = ReturnType<typeof openShop>;

/** A shop in memory with ten orders of 50,000 som and an endpoint for Payme. */
export function createShop(options: ShopOptions<MemoryTx> = {}) {
  return openShop(memoryBooks(), options);
}

/** The same on books of any kind. */
export function openShop<Tx>(books: ShopBooks<Tx>, options: ShopOptions<Tx> = {}, orderCount = 10) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  let ids = 0;
  const lines: string[] = [];
  const log = (message: string, fields?: object) => lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { info: log, warn: log, error: log };
  const change = async (tx: Tx, id: number, update: (order: ShopOrder) => Partial<ShopOrder>) => {
    const order = await books.find(tx, id);
    if (order !== undefined) await books.save(tx, { ...order, ...update(order) });
    return order !== undefined;
  };
  const find = async ({ order_id }: { order_id: number }, tx: Tx) => {
    const order = await books.find(tx, order_id);
    if (order === undefined) return refuse.notFound("order_id");
    if (order.status === "paid" || order.status === "refunded") return refuse.unavailable("order_id");
    return { reference: order.id, amount: order.amount };
  };
  const merchant = createMerchantApi({
    storage: books.storage,
    key: KEY,
    testKey: TEST_KEY,
    account: { order_id: "integer" },
    now: () => now,
    newId: () => `our-${++ids}`,
    logger,
    find,
    onReserved: ({ account }, tx) => change(tx, account.order_id, () => ({ status: "reserved" })),
    onPaid: ({ account }, tx) =>
      change(tx, account.order_id, ({ fulfilled }) => ({ status: "paid", fulfilled: fulfilled + 1 })),
    onReleased: ({ account }, tx) => change(tx, account.order_id, () => ({ status: "new" })),
    onRefunded: ({ account }, tx) =>
      change(tx, account.order_id, ({ takenBack }) => ({ status: "refunded", takenBack: takenBack + 1 })),
    ...options,
  });
  const ready = books.open(
    Array.from({ length: orderCount }, (_, index) => ({
      id: index + 1,
      amount: som(50_000),
      status: "new",
      fulfilled: 0,
      takenBack: 0,
    })),
  );

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
    storage: books.storage,
    lines,
    ready,
    send,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    order: (id = 1) => books.read(id),
    /** The answer, once a second, equal call has brought the same bytes. */
    async twice(method: string, params: unknown, key?: string): Promise<Answer> {
      const first = await send(method, params, key);
      const second = await send(method, params, key);
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
