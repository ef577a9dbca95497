import { PrismaPg } from "@prisma/adapter-pg";
import { expectTypeOf } from "vitest";
import { createPayments } from "../../src/entry";
import { type AccountOf, createMerchantApi, type MerchantTransaction, refuse } from "../../src/entry/merchant";
import { prismaStorage } from "../../src/entry/prisma";
import { sqliteStorage } from "../../src/entry/sqlite";
import { createTariffs } from "../../src/entry/tariffs";
import { som, tiyin } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { PrismaClient } from "../storage/prisma/generated/client";
import { KEY } from "./shop";

// `npm run typecheck` is the test: this file is compiled and never run.

const base = { storage: memoryStorage(), key: KEY, account: { order_id: "integer" } } as const;
declare const row: { number: number; bigint: bigint; text: `order-${string}` };

/** The reference has the type that find gives, in every hook. */
export function typesOfHooks() {
  createMerchantApi({
    ...base,
    find: ({ order_id }) => {
      expectTypeOf(order_id).toEqualTypeOf<number>();
      return order_id === 1 ? refuse.notFound("order_id") : { reference: row.number, amount: som(1) };
    },
    onReserved: ({ reference }) => void expectTypeOf(reference).toEqualTypeOf<number>(),
    onPaid: ({ reference, account }, tx) => {
      expectTypeOf(reference).toEqualTypeOf<number>();
      expectTypeOf(account.order_id).toEqualTypeOf<number>();
      expectTypeOf(tx).toEqualTypeOf<MemoryTx>();
      return true;
    },
    canRefund: ({ reference }) => reference > 1,
    onFiscalData: (_fiscal, { reference }) => expectTypeOf(reference).toEqualTypeOf<number>(),
  });
  createMerchantApi({
    ...base,
    async find() {
      return row.number > 1 ? refuse.unavailable("order_id") : { reference: row.bigint, amount: som(1) };
    },
    onReleased: ({ reference }) => expectTypeOf(reference).toEqualTypeOf<bigint>(),
  });
  createMerchantApi({
    ...base,
    find: () => (row.number > 1 ? { reference: row.text, amount: som(1) } : { reference: row.text, min: som(1) }),
    async onRefunded({ reference }) {
      expectTypeOf(reference).toEqualTypeOf<`order-${string}`>();
      return reference !== "order-1";
    },
  });
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: "" }) });
  createMerchantApi({
    ...base,
    storage: prismaStorage(prisma),
    async find({ order_id }, tx) {
      const order = await tx.host.findUnique({ where: { id: String(order_id) } });
      return order === null ? refuse.notFound("order_id") : { reference: order.id, amount: som(1) };
    },
    async onPaid({ reference }, tx) {
      expectTypeOf(reference).toEqualTypeOf<string>();
      const { count } = await tx.host.updateMany({ where: { id: reference }, data: { id: reference } });
      return count === 1;
    },
  });
  createMerchantApi({
    ...base,
    account: { order_id: "uuid" },
    storage: sqliteStorage({ file: ":memory:" }),
    find({ order_id }, tx) {
      const order = tx.prepare<{ id: string; total: bigint }>("SELECT * FROM orders WHERE id = ?").get(order_id);
      expectTypeOf(order).toEqualTypeOf<{ id: string; total: bigint } | undefined>();
      return order === undefined ? refuse.notFound("order_id") : { reference: order.id, amount: tiyin(order.total) };
    },
    onPaid: ({ reference }, tx) => tx.prepare("UPDATE orders SET paid = 1 WHERE id = ?").run(reference).changes === 1,
    onReserved: ({ reference }, tx) => {
      tx.prepare("UPDATE orders SET held = 1 WHERE id = ?").run(reference);
    },
  });
  const orders = createPayments({ storage: memoryStorage() }).asOrders();
  createMerchantApi({
    ...orders,
    key: KEY,
    onReserved: ({ reference }) => expectTypeOf(reference).toEqualTypeOf<string>(),
  });
  expectTypeOf<MerchantTransaction<unknown>["reference"]>().toEqualTypeOf<number | bigint | string>();
}

/** Nothing but a whole order or a balance compiles. */
export function refusedByTypes() {
  // @ts-expect-error the reference is missing
  createMerchantApi({ ...base, find: () => ({ amount: som(1) }) });
  // @ts-expect-error the reference may be undefined
  createMerchantApi({ ...base, find: () => ({ reference: row.number > 1 ? row.number : undefined, amount: som(1) }) });
  // @ts-expect-error a row is no reference
  createMerchantApi({ ...base, find: () => ({ reference: row, amount: som(1) }) });
  // @ts-expect-error neither an amount nor a min
  createMerchantApi({ ...base, find: () => ({ reference: 1 }) });
  // @ts-expect-error an order has no min
  createMerchantApi({ ...base, find: () => ({ reference: 1, amount: som(1), min: som(1) }) });
  // @ts-expect-error a price in som is no Tiyin
  createMerchantApi({ ...base, find: () => ({ reference: 1, amount: 50_000 }) });
  const find = () => ({ reference: 1, amount: som(1) });
  const written = () => base.storage.published().table<{ paid: number }>("orders").set("1", { paid: 1 });
  // @ts-expect-error onPaid answers nothing
  createMerchantApi({ ...base, find, onPaid: () => {} });
  // @ts-expect-error onPaid answers what it wrote
  createMerchantApi({ ...base, find, onPaid: () => ({ changes: 1 }) });
  // @ts-expect-error onRefunded answers nothing, later
  createMerchantApi({ ...base, find, onRefunded: async () => written() });
  // @ts-expect-error onReserved answers what it wrote
  createMerchantApi({ ...base, find, onReserved: () => ({ changes: 1 }) });
  // @ts-expect-error onPaid of payments answers nothing
  createPayments({ storage: base.storage, onPaid: () => {} });
  // @ts-expect-error onRefunded of payments answers a number
  createPayments({ storage: base.storage, onPaid: () => true, onRefunded: () => 1 });
  const payments = createPayments({ storage: base.storage });
  // @ts-expect-error a fulfiller answers nothing
  payments.register("gift", { onPaid: () => {} });
  // @ts-expect-error an amount in som is no Tiyin
  void payments.create({ amount: 50_000 });
  // @ts-expect-error a price in som is no Tiyin
  void createTariffs({ payments }).create({ name: "Premium", price: 50_000, durationDays: 30 });
  // @ts-expect-error find is missing
  createMerchantApi({ ...base });
  // @ts-expect-error asked by the account
  createMerchantApi({ ...base, find: () => refuse.notFound("order_id") }).isBeingPaid({ order_id: 1 });
}

expectTypeOf<AccountOf<{ a: "integer"; b: "bigint"; c: "digits"; d: "uuid"; e: "string" }>>().toEqualTypeOf<{
  readonly a: number;
  readonly b: bigint;
  readonly c: string;
  readonly d: string;
  readonly e: string;
}>();
