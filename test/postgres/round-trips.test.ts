import type pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { refuse } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { openShop, type Shop } from "../merchant/shop";
import { postgresBooks } from "../merchant/shop-books";
import { type AdapterOptions, adapters, type OpenedAdapter } from "../storage/postgres-adapters";
import { describeOnPostgres, newDatabase, newSchema, openPool } from "./database";
import { stallingProxy } from "./stalling-proxy";

const CALLS = ["Check", "Create", "Create again", "Perform", "Perform again", "Cancel"] as const;
type Trips = Record<(typeof CALLS)[number], number>;

async function openProxy() {
  const proxy = await stallingProxy(await newDatabase());
  onTestFinished(() => proxy.close());
  return proxy;
}

/** The round trips of each call of a second payment, over a connection that has made the first one; without the shop's own. */
async function tripsOf(shop: Shop, turns: () => number, own: Partial<Trips> = {}): Promise<Trips> {
  const trips: Trips = { Check: 0, Create: 0, "Create again": 0, Perform: 0, "Perform again": 0, Cancel: 0 };
  for (const order of [1, 2]) {
    const id = `payme-${order}`;
    const create = shop.create(id, { account: { order_id: order } });
    const calls: Readonly<Record<keyof Trips, () => Promise<unknown>>> = {
      Check: () => shop.call("CheckPerformTransaction", create),
      Create: () => shop.call("CreateTransaction", create),
      "Create again": () => shop.call("CreateTransaction", create),
      Perform: () => shop.call("PerformTransaction", { id }),
      "Perform again": () => shop.call("PerformTransaction", { id }),
      Cancel: () => shop.call("CancelTransaction", { id, reason: 5 }),
    };
    for (const name of CALLS) {
      const before = turns();
      expect(await calls[name]()).toHaveProperty("result");
      trips[name] = turns() - before - (own[name] ?? 0);
    }
  }
  return trips;
}

/** A shop whose `find` and `onPaid` make one statement each. */
async function onPool(config: pg.PoolConfig): Promise<Trips> {
  const proxy = await openProxy();
  const pool = openPool(proxy.url, { max: 1, ...config });
  onTestFinished(() => pool.end());
  const books = postgresBooks(pool, newSchema());
  const shop = openShop(books, {
    async find({ order_id }, tx) {
      const order = await books.find(tx, order_id);
      return order === undefined ? refuse.notFound("order_id") : { reference: order.id, amount: order.amount };
    },
    onReserved: () => true,
    async onPaid({ account, amount }, tx) {
      await books.save(tx, { id: account.order_id, amount, status: "paid", fulfilled: 1, takenBack: 0 });
      return true;
    },
    onRefunded: () => true,
  });
  await shop.ready;
  return tripsOf(shop, proxy.turns, { Check: 1, Create: 1, Perform: 1 });
}

/** A shop without statements of its own. */
async function onAdapter<Tx>(open: (options: AdapterOptions) => Promise<OpenedAdapter<Tx>>): Promise<Trips> {
  const proxy = await openProxy();
  const { storage, close } = await open({ url: proxy.url, schema: newSchema() });
  onTestFinished(async () => void (await close()));
  const missing = () => Promise.reject(new Error("this shop keeps no orders"));
  const books = { storage, open: () => storage.migrate(), find: missing, save: missing, read: missing };
  const shop = openShop(books, {
    find: ({ order_id }) => ({ reference: order_id, amount: som(50_000) }),
    onReserved: () => true,
    onPaid: () => true,
    onRefunded: () => true,
  });
  await shop.ready;
  return tripsOf(shop, proxy.turns);
}

describeOnPostgres("the round trips of a call besides the shop's own", () => {
  it("over a pool of pg with pipeline", async () => {
    const again = { "Create again": 1, "Perform again": 2 };
    expect(await onPool({ pipeline: true })).toEqual({ Check: 1, Create: 3, Perform: 2, Cancel: 3, ...again });
  });

  it("over a pool of pg without it", async () => {
    const again = { "Create again": 1, "Perform again": 2 };
    expect(await onPool({})).toEqual({ Check: 2, Create: 4, Perform: 2, Cancel: 3, ...again });
  });

  it("over an ORM, which sends its own BEGIN and COMMIT", async () => {
    const inOne = { Check: 3, Create: 5, Perform: 4, Cancel: 5, "Create again": 1, "Perform again": 4 };
    expect(await onAdapter(adapters.drizzle)).toEqual(inOne);
    expect(await onAdapter(adapters.kysely)).toEqual(inOne);
    // These set the isolation by a statement more, and READ ONLY by another one.
    const inTwo = { Check: 5, Create: 6, Perform: 5, Cancel: 6, "Create again": 1, "Perform again": 5 };
    expect(await onAdapter(adapters.prisma)).toEqual(inTwo);
    expect(await onAdapter(adapters.typeorm)).toEqual(inTwo);
  }, 60_000);
});
