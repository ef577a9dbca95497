import { eq } from "drizzle-orm";
import { drizzle as drizzleOver } from "drizzle-orm/better-sqlite3";
import { int, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { drizzle } from "drizzle-orm/sqlite-proxy";
import { Kysely, SqliteDialect } from "kysely";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { forDrizzle, forKysely, type SqliteHandle, sqliteStorage } from "../../src/entry/sqlite";
import { som } from "../../src/kit/money";
import { asStorageError } from "../../src/storage/storage-errors";
import { temporaryFolder } from "./kits";

const KEY = "a-key-of-36-characters-0123456789012";
const orders = sqliteTable("orders", { id: int().primaryKey(), status: text().notNull(), buyer: int() });
const buyers = sqliteTable("buyers", { id: int().primaryKey(), status: text().notNull() });
interface Shop {
  orders: { id: number; status: string; buyer: number | null };
}
const onKysely = (tx: SqliteHandle) => new Kysely<Shop>({ dialect: new SqliteDialect({ database: forKysely(tx) }) });

interface Orm {
  status(tx: SqliteHandle, id: number): Promise<string | undefined>;
  pay(tx: SqliteHandle, id: number): Promise<boolean>;
}

const orms: readonly [name: string, orm: Orm][] = [
  [
    "Drizzle",
    {
      status: async (tx, id) =>
        (await drizzle(forDrizzle(tx)).select().from(orders).where(eq(orders.id, id)).get())?.status,
      pay: async (tx, id) =>
        (await drizzle(forDrizzle(tx)).update(orders).set({ status: "paid" }).where(eq(orders.id, id)).returning())
          .length === 1,
    },
  ],
  [
    "Kysely",
    {
      status: async (tx, id) =>
        (await onKysely(tx).selectFrom("orders").select("status").where("id", "=", id).executeTakeFirst())?.status,
      async pay(tx, id) {
        const update = onKysely(tx).updateTable("orders").set({ status: "paid" }).where("id", "=", id);
        return (await update.executeTakeFirst()).numUpdatedRows === 1n;
      },
    },
  ],
];

async function openStorage() {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  onTestFinished(async () => {
    await storage.close();
    remove();
  });
  await storage.migrate();
  await storage.transaction(async (tx) => {
    tx.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL, buyer INTEGER)");
    tx.exec("CREATE TABLE buyers (id INTEGER PRIMARY KEY, status TEXT NOT NULL)");
    tx.exec("INSERT INTO orders VALUES (1, 'new', 7); INSERT INTO buyers VALUES (7, 'known')");
  });
  return storage;
}

describe.each(orms)("%s in hooks over SQLite", (_name, orm) => {
  async function openShop() {
    const storage = await openStorage();
    const state = { fails: false };
    const merchant = createMerchantApi({
      storage,
      key: KEY,
      account: { order_id: "integer" },
      logger: { info() {}, warn() {}, error() {} },
      async find({ order_id }, tx) {
        const status = await orm.status(tx, order_id);
        return status === undefined ? refuse.notFound("order_id") : { reference: order_id, amount: som(50_000) };
      },
      async onPaid({ reference }, tx) {
        const isPaid = await orm.pay(tx, Number(reference));
        if (state.fails) throw new Error("the shop is closed");
        return isPaid;
      },
    });
    async function call(method: string, params: object) {
      const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;
      const body = JSON.stringify({ id: 1, method, params });
      return JSON.parse(String((await merchant.handle({ method: "POST", headers: { authorization }, body })).body));
    }
    const pay = { amount: 5_000_000, account: { order_id: 1 } };
    expect(await call("CheckPerformTransaction", pay)).toMatchObject({ result: { allow: true } });
    expect(await call("CheckPerformTransaction", { ...pay, account: { order_id: 2 } })).toMatchObject({
      error: { code: -31050 },
    });
    await call("CreateTransaction", { id: "a", time: Date.now(), ...pay });
    return { status: () => storage.read((tx) => orm.status(tx, 1)), call, state };
  }

  it("reads in find, and its writes commit with the payment", async () => {
    const { call, status } = await openShop();
    expect(await call("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    expect(await status()).toBe("paid");
  });

  it("is rolled back with the payment, and commits when Payme comes again", async () => {
    const { call, status, state } = await openShop();
    state.fails = true;
    expect(await call("PerformTransaction", { id: "a" })).toMatchObject({ error: { code: -32400 } });
    expect(await status()).toBe("new");
    state.fails = false;
    expect(await call("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    expect(await status()).toBe("paid");
  });

  it("writes neither through a handle that only reads nor through one that has ended", async () => {
    const storage = await openStorage();
    const misuse = (hint: string) => ({ code: "STORAGE_MISUSE", hint: expect.stringContaining(hint) });
    await expect(storage.read((tx) => orm.pay(tx, 1))).rejects.toMatchObject(misuse("only reads"));
    const late = await storage.transaction(async (tx) => tx);
    // Outside of the storage's own calls an ORM wraps it.
    const error: unknown = await orm.pay(late, 1).catch((reason: unknown) => reason);
    expect(asStorageError(error)).toMatchObject(misuse("Await everything"));
    expect(await storage.read((tx) => orm.status(tx, 1))).toBe("new");
  });
});

it("a transaction of the ORM's own inside ours is refused, and ours is whole", async () => {
  const storage = await openStorage();
  await storage.transaction(async (tx) => {
    const inner = [
      drizzle(forDrizzle(tx)).transaction(async () => {}),
      onKysely(tx)
        .transaction()
        .execute(async () => {}),
    ];
    for (const result of await Promise.allSettled(inner)) expect(result.status).toBe("rejected");
    await onKysely(tx).insertInto("orders").values({ id: 2, status: "new", buyer: null }).execute();
  });
  expect(await storage.read(async (tx) => tx.prepare("SELECT id FROM orders").all())).toEqual([{ id: 1 }, { id: 2 }]);
});

it("a transaction of the ORM's own in a read begins nothing on the connection of all readers", async () => {
  const storage = await openStorage();
  const begun = storage.read((tx) =>
    onKysely(tx)
      .transaction()
      .execute(async () => {}),
  );
  await expect(begun).rejects.toMatchObject({ code: "STORAGE_MISUSE", hint: expect.stringContaining("only reads") });
});

it("two columns of one name stay two in Drizzle, and rows are streamed in Kysely", async () => {
  const storage = await openStorage();
  await storage.transaction(async (tx) => {
    const joined = await drizzle(forDrizzle(tx)).select().from(orders).innerJoin(buyers, eq(buyers.id, orders.buyer));
    expect(joined).toEqual([{ orders: { id: 1, status: "new", buyer: 7 }, buyers: { id: 7, status: "known" } }]);
    const streamed: unknown[] = [];
    for await (const row of onKysely(tx).selectFrom("orders").select("id").stream()) streamed.push(row);
    expect(streamed).toEqual([{ id: 1 }]);
    const { insertId } = await onKysely(tx)
      .insertInto("orders")
      .values({ id: 9, status: "new", buyer: null })
      .executeTakeFirstOrThrow();
    expect(insertId).toBe(9n);
  });
});

it("drizzle of drizzle-orm/better-sqlite3 takes the tx itself", async () => {
  const storage = await openStorage();
  await storage.transaction(async (tx) => {
    // Its types want the class of better-sqlite3; users of JavaScript do not see them.
    const db = Reflect.apply(drizzleOver, undefined, [tx]);
    expect(db.select().from(orders).all()).toEqual([{ id: 1, status: "new", buyer: 7 }]);
    expect(db.select().from(orders).where(eq(orders.id, 5)).get()).toBeUndefined();
    db.update(orders).set({ status: "paid" }).run();
    expect(tx.prepare("SELECT status FROM orders").get()).toEqual({ status: "paid" });
  });
});
