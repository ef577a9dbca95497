// What a hook does on the driver that sqliteStorage chooses in this runtime, and on one that is opened by the shop.
import { rmSync } from "node:fs";
import { eq } from "drizzle-orm";
import { int, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { drizzle } from "drizzle-orm/sqlite-proxy";
import { Kysely, SqliteDialect } from "kysely";
import { forDrizzle, forKysely, sqliteConnection, sqliteStorage } from "payme-kit/sqlite";
import { Driver } from "./driver.mjs";

const shops = sqliteTable("shop", { id: int().primaryKey(), name: text() });
const others = sqliteTable("other", { id: int().primaryKey(), name: text() });
const file = process.argv[2];
const said = {};
for (const [name, open] of [
  ["chosen", undefined],
  ["opened", (path) => new Driver(path)],
]) {
  said[name] = await play(sqliteStorage({ file, open }));
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
}
console.log(JSON.stringify(said));

async function play(storage) {
  await storage.migrate();
  await storage.transaction(async (tx) => {
    tx.exec(
      "CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE other (id INTEGER PRIMARY KEY, name TEXT)",
    );
    tx.exec("INSERT INTO other VALUES (1, 'theirs')");
  });
  const kysely = (tx) => new Kysely({ dialect: new SqliteDialect({ database: forKysely(tx) }) });
  const ids = () =>
    storage.read(async (tx) =>
      tx
        .prepare("SELECT id FROM shop ORDER BY id")
        .all()
        .map(({ id }) => id),
    );
  const write = async (tx) => {
    await drizzle(forDrizzle(tx)).insert(shops).values({ id: 1, name: "ours" });
    await kysely(tx).insertInto("shop").values({ id: 2, name: "ours" }).execute();
  };
  const fails = (work) =>
    work.then(
      () => "done",
      (error) => error.code,
    );
  const rolledBack = await fails(
    storage.transaction(async (tx) => {
      await write(tx);
      throw Object.assign(new Error("closed"), { code: "CLOSED" });
    }),
  );
  const afterRollback = await ids();
  await storage.transaction(write);
  const swallowed = await fails(
    storage.transaction(async (tx) => {
      try {
        tx.exec("INSERT OR ROLLBACK INTO shop VALUES (1, 'again')");
      } catch {}
      tx.exec("INSERT INTO shop VALUES (3, 'outside')");
    }),
  );
  const rows = await storage.read(async (tx) => ({
    missing: tx.prepare("SELECT 1 FROM shop WHERE id = 9").get() === undefined,
    none: (await drizzle(forDrizzle(tx)).select().from(shops).where(eq(shops.id, 9)).get()) === undefined,
    joined: await drizzle(forDrizzle(tx)).select().from(shops).innerJoin(others, eq(others.id, shops.id)),
    kysely: await kysely(tx).selectFrom("shop").select("id").where("id", "=", 2).executeTakeFirst(),
  }));
  const writing = await fails(storage.read(async (tx) => tx.prepare("DELETE FROM shop RETURNING id").all()));
  const theirs = sqliteConnection(new Driver(file));
  theirs.exec("BEGIN IMMEDIATE");
  const at = Date.now();
  const event = { cashbox: "default", mode: "live", kind: "order.made", subject: "1", at, deliverAt: at };
  await storage.using(theirs).appendEvents([event]);
  theirs.exec("ROLLBACK");
  theirs.close();
  const events = await storage.listEvents({ cashbox: "default", mode: "live" }, { limit: 9 });
  const kept = await ids();
  await storage.close();
  return { rolledBack, afterRollback, swallowed, kept, writing, events: events.length, ...rows };
}
