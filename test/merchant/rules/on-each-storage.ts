import { describe, onTestFinished } from "vitest";
import { openShop, type Shop, type ShopOptions } from "../../merchant/shop";
import { memoryBooks, postgresBooks, sqliteBooks } from "../../merchant/shop-books";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../../postgres/database";
import { temporaryFolder } from "../../storage/kits";

/** Opens a shop with ten orders of 50,000 som; closed when the test is over. */
export type OpenShop = (options?: ShopOptions<unknown>) => Promise<Shop>;

/** The same rules on memory, on SQLite and on PostgreSQL. */
export function onEachStorage(method: string, rules: (open: OpenShop) => void): void {
  describe.each([
    ["memory", inMemory],
    ["SQLite", inSqlite],
  ])(`${method}, on %s`, (_storage, open) => rules(open));
  describeOnPostgres(`${method}, on PostgreSQL`, () => rules(onPostgres));
}

async function inMemory({ storage: _, ...options }: ShopOptions<unknown> = {}): Promise<Shop> {
  return opened(openShop(memoryBooks(), options));
}

async function inSqlite({ storage: _, ...options }: ShopOptions<unknown> = {}): Promise<Shop> {
  const { file, remove } = temporaryFolder();
  const books = sqliteBooks(file);
  onTestFinished(async () => {
    await books.close();
    remove();
  });
  return opened(openShop(books, options));
}

async function onPostgres({ storage: _, ...options }: ShopOptions<unknown> = {}): Promise<Shop> {
  const pool = openPool(await databaseUrl());
  onTestFinished(() => pool.end());
  return opened(openShop(postgresBooks(pool, newSchema()), options));
}

async function opened(shop: Shop): Promise<Shop> {
  await shop.ready;
  return shop;
}

export const HOUR = 3_600_000;

/** What Payme sends with a Cancel, by what it means. */
export const reasons = { debitFailed: 2, executionError: 3, timeout: 4, refund: 5 } as const;

/** A shop in which transaction `a` holds order 1. */
export async function reserved(shop: Shop): Promise<Shop> {
  await shop.call("CreateTransaction", shop.create("a"));
  return shop;
}

/** A shop in which transaction `a` has paid order 1. */
export async function paid(shop: Shop): Promise<Shop> {
  await reserved(shop);
  await shop.call("PerformTransaction", { id: "a" });
  return shop;
}

/** The lines of a statement of all times. */
export async function statementOf(shop: Shop, range = { from: 0, to: Number.MAX_SAFE_INTEGER }): Promise<unknown[]> {
  const { result } = await shop.call("GetStatement", range);
  return Array.isArray(result?.transactions) ? result.transactions : [];
}
