import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { sqliteKit } from "../storage/kits";
import { postgresKit } from "../storage/postgres-kits";

/** How often a shop gave what one Payme id paid for, and took it back. */
export interface Goods {
  readonly paymeId: string;
  readonly given: number;
  readonly takenBack: number;
}

/** A shop's own tables, beside ours: things that are there once, and what was given. Each world has rows of its own. */
export interface Stock<Tx> {
  /** Two processes on one database; in memory it is one storage. */
  readonly storages: readonly [Storage<Tx>, Storage<Tx>];
  /** Sells a thing. False: it is sold. */
  sell(tx: Tx, thing: string, buyer: string): Promise<boolean>;
  /** Takes it back. False: somebody else has it, or it is shipped. */
  takeBack(tx: Tx, thing: string, buyer: string): Promise<boolean>;
  ship(tx: Tx, thing: string): Promise<unknown>;
  count(tx: Tx, world: string, goods: Goods): Promise<unknown>;
  goodsOf(world: string): Promise<Goods[]>;
  close(): Promise<void>;
}

interface Thing {
  buyer: string | null;
  shipped: boolean;
}

interface Count {
  world: string;
  paymeId: string;
  given: number;
  takenBack: number;
}

export function memoryStock(storage = memoryStorage()): Stock<MemoryTx> {
  const things = (tx: MemoryTx) => tx.table<Thing>("things");
  const counts = (tx: MemoryTx) => tx.table<Count>("counts");
  return {
    storages: [storage, storage],
    async sell(tx, thing, buyer) {
      const found = things(tx).get(thing) ?? { buyer: null, shipped: false };
      if (found.buyer !== null) return false;
      things(tx).set(thing, { buyer, shipped: false });
      return true;
    },
    async takeBack(tx, thing, buyer) {
      const found = things(tx).get(thing);
      if (found?.buyer !== buyer || found.shipped) return false;
      things(tx).set(thing, { buyer: null, shipped: false });
      return true;
    },
    async ship(tx, thing) {
      const found = things(tx).get(thing);
      if (found !== undefined) things(tx).set(thing, { ...found, shipped: true });
    },
    async count(tx, world, { paymeId, given, takenBack }) {
      const key = `${world} ${paymeId}`;
      const before = counts(tx).get(key) ?? { given: 0, takenBack: 0 };
      counts(tx).set(key, {
        world,
        paymeId,
        given: before.given + given,
        takenBack: before.takenBack + takenBack,
      });
    },
    goodsOf: async (world) =>
      counts(storage.published())
        .filter((row) => row.world === world)
        .map(({ paymeId, given, takenBack }) => ({ paymeId, given, takenBack })),
    close: () => storage.close(),
  };
}

/** Runs a statement whose placeholders are `$1`, `$2`, …; each appears once, in order. */
type Run<Tx> = (
  tx: Tx,
  sql: string,
  params: readonly string[],
) => Promise<{ readonly changes: number; readonly rows: readonly unknown[] }>;

async function sqlStock<Tx>(
  storages: Stock<Tx>["storages"],
  prefix: string,
  run: Run<Tx>,
  close: () => Promise<void>,
): Promise<Stock<Tx>> {
  const [storage] = storages;
  await storage.migrate();
  await storage.transaction(async (tx) => {
    await run(tx, `CREATE TABLE ${prefix}things (thing TEXT PRIMARY KEY, buyer TEXT, shipped INTEGER NOT NULL)`, []);
    const columns = "world TEXT NOT NULL, payme_id TEXT NOT NULL, given INTEGER NOT NULL, taken_back INTEGER NOT NULL";
    await run(tx, `CREATE TABLE ${prefix}counts (${columns}, PRIMARY KEY (world, payme_id))`, []);
  });
  return {
    storages,
    async sell(tx, thing, buyer) {
      const sql = `INSERT INTO ${prefix}things (thing, buyer, shipped) VALUES ($1, $2, 0)
        ON CONFLICT (thing) DO UPDATE SET buyer = excluded.buyer, shipped = 0 WHERE things.buyer IS NULL`;
      return (await run(tx, sql, [thing, buyer])).changes === 1;
    },
    async takeBack(tx, thing, buyer) {
      const sql = `UPDATE ${prefix}things SET buyer = NULL WHERE thing = $1 AND buyer = $2 AND shipped = 0`;
      return (await run(tx, sql, [thing, buyer])).changes === 1;
    },
    ship: (tx, thing) =>
      run(tx, `UPDATE ${prefix}things SET shipped = 1 WHERE thing = $1 AND buyer IS NOT NULL`, [thing]),
    count(tx, world, { paymeId, given, takenBack }) {
      const sql = `INSERT INTO ${prefix}counts (world, payme_id, given, taken_back) VALUES ($1, $2, ${given}, ${takenBack})
        ON CONFLICT (world, payme_id) DO UPDATE
          SET given = counts.given + excluded.given, taken_back = counts.taken_back + excluded.taken_back`;
      return run(tx, sql, [world, paymeId]);
    },
    async goodsOf(world) {
      const sql = `SELECT payme_id, given, taken_back FROM ${prefix}counts WHERE world = $1`;
      const { rows } = await storage.transaction((tx) => run(tx, sql, [world]));
      return rows.map((row) => {
        const member = (name: string): unknown => Reflect.get(Object(row), name);
        return {
          paymeId: String(member("payme_id")),
          given: Number(member("given")),
          takenBack: Number(member("taken_back")),
        };
      });
    },
    close,
  };
}

export async function sqliteStock() {
  const kit = await sqliteKit();
  return sqlStock(
    [kit.storage, await kit.second()],
    "",
    async (tx, sql, params) => {
      const statement = tx.prepare(sql.replaceAll(/\$\d/g, "?"));
      if (/^\s*SELECT/.test(sql)) return { changes: 0, rows: statement.all(...params) };
      return { changes: Number(statement.run(...params).changes), rows: [] };
    },
    () => kit.close(),
  );
}

export async function postgresStock() {
  const kit = await postgresKit();
  return sqlStock(
    [kit.storage, kit.open()],
    `${kit.schema}.`,
    async (tx, sql, params) => {
      const { rowCount, rows } = await tx.query(sql, [...params]);
      return { changes: rowCount ?? 0, rows };
    },
    () => kit.close(),
  );
}
