import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventLogger, type StorageEvent } from "../../src/entry";
import type { PostgresStorageOptions } from "../../src/entry/postgres";
import type { SqliteStorageOptions } from "../../src/entry/sqlite";
import { currentTrace, traced } from "../../src/kit/trace";
import { paymentRow, scope } from "../ledger/rows";
import { describeOnPostgres } from "../postgres/database";
import { sqliteKit } from "./kits";
import { postgresKit } from "./postgres-kits";

const BUSY = { code: "STORAGE_BUSY" };

async function onSqlite(options: Partial<SqliteStorageOptions>) {
  const events: StorageEvent[] = [];
  const kit = await sqliteKit({ onEvent: (event) => void events.push(event), ...options });
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  return { ...kit, events };
}

/** Another process that holds the write lock of a file; ends when the returned function is called. */
async function lockedByAnother(file: string) {
  const holder = fork(fileURLToPath(new URL("./lock-holder.ts", import.meta.url)), [file], {
    execArgv: ["--import", "tsx"],
  });
  onTestFinished(() => void holder.kill());
  await once(holder, "message");
  return async () => {
    const ended = once(holder, "exit");
    holder.send("release");
    await ended;
  };
}

describe("an SQLite file on which another process writes", () => {
  it("is storage.retried where the write went on, with its trace and how long it waited", async () => {
    const { storage, file, events } = await onSqlite({ busyTimeoutMs: 20_000 });
    const release = await lockedByAnother(file);
    let trace: string | undefined;
    const write = traced(true, () => {
      trace = currentTrace();
      return storage.addPayment(paymentRow());
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(events).toEqual([]);
    await release();
    expect((await write).outcome).toBe("applied");
    expect(events).toEqual([
      {
        kind: "storage.retried",
        at: expect.any(Number),
        trace,
        dialect: "sqlite",
        ms: expect.any(Number),
        code: "SQLITE_BUSY",
      },
    ]);
    expect(trace).toEqual(expect.any(String));
    expect(events[0]?.ms).toBeGreaterThan(50);
  });

  it("is storage.busy where the write gave up", async () => {
    const { storage, file, events } = await onSqlite({ busyTimeoutMs: 50 });
    await lockedByAnother(file);
    await expect(storage.addPayment(paymentRow())).rejects.toMatchObject(BUSY);
    expect(events).toMatchObject([{ kind: "storage.busy", dialect: "sqlite", code: "SQLITE_BUSY" }]);
  });
});

describe("a limit of SQLite's storage", () => {
  it("is storage.busy without a code; what the database does at once is not told", async () => {
    const { storage, events } = await onSqlite({ hookTimeoutMs: 20 });
    await storage.addPayment(paymentRow());
    await expect(storage.transaction(() => new Promise(() => {}))).rejects.toMatchObject(BUSY);
    await expect(storage.read(() => new Promise(() => {}))).rejects.toMatchObject(BUSY);
    expect(events).toMatchObject([
      { kind: "storage.busy", code: null },
      { kind: "storage.busy", code: null },
    ]);
  });

  it("is the same without a listener, and with one that throws", async () => {
    const complaints: string[] = [];
    const logger = { info() {}, warn() {}, error: (message: string) => void complaints.push(message) };
    const throwing = () => {
      throw new Error("of the listener");
    };
    for (const onEvent of [undefined, throwing]) {
      const { storage } = await onSqlite({ hookTimeoutMs: 20, onEvent, logger });
      await expect(storage.transaction(() => new Promise(() => {}))).rejects.toMatchObject(BUSY);
      expect((await storage.addPayment(paymentRow())).outcome).toBe("applied");
    }
    expect(complaints).toEqual(["onEvent failed; this is said once a minute"]);
  });

  it("an error of the host is no storage.busy, and passes as it is", async () => {
    const { storage, events } = await onSqlite({});
    const error = new Error("of the host");
    await expect(storage.transaction(() => Promise.reject(error))).rejects.toBe(error);
    expect(events).toEqual([]);
  });

  it("a file that SQLite cannot use is STORAGE_BUSY", async () => {
    const { storage, events } = await onSqlite({});
    const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
    await expect(storage.transaction(() => Promise.reject(full))).rejects.toMatchObject({ ...BUSY, cause: full });
    expect(events).toMatchObject([{ kind: "storage.busy", code: "SQLITE_FULL" }]);
  });
});

describeOnPostgres("a PostgreSQL", () => {
  async function onPostgres(options: PostgresStorageOptions = {}) {
    const events: StorageEvent[] = [];
    const kit = await postgresKit({ onEvent: (event) => void events.push(event), ...options });
    onTestFinished(() => kit.close());
    await kit.storage.migrate();
    return { ...kit, events };
  }

  it("with a deadlock is storage.retried, once, by the transaction that ran again", async () => {
    const { storage, host, pool, schema, events } = await onPostgres();
    await storage.transaction(async (tx) => {
      await host.add(tx, "a");
      await host.add(tx, "b");
    });
    await pool.query(`ALTER TABLE ${schema}.host ADD COLUMN n INTEGER NOT NULL DEFAULT 0`);
    let waiting = 2;
    let meet = () => {};
    const both = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const crossing = (first: string, second: string) =>
      storage.transaction(async (tx) => {
        await tx.query(`UPDATE ${schema}.host SET n = n + 1 WHERE id = $1`, [first]);
        waiting -= 1;
        if (waiting === 0) meet();
        // The one that runs again meets nobody.
        await both;
        await tx.query(`UPDATE ${schema}.host SET n = n + 1 WHERE id = $1`, [second]);
      });
    await Promise.all([crossing("a", "b"), crossing("b", "a")]);
    const { rows } = await pool.query(`SELECT n FROM ${schema}.host`);
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
    expect(events).toMatchObject([{ kind: "storage.retried", dialect: "postgres", code: "40P01" }]);
  });

  it("that undoes a transaction three times is storage.busy", async () => {
    const { storage, events } = await onPostgres();
    const failed = storage.transaction((tx) =>
      tx.query("DO $$ BEGIN RAISE EXCEPTION 'undone' USING ERRCODE = '40001'; END $$"),
    );
    await expect(failed).rejects.toMatchObject(BUSY);
    expect(events).toMatchObject([{ kind: "storage.busy", code: "40001" }]);
  });

  it("with a row that another one holds is storage.busy", async () => {
    const { storage, pool, schema, events } = await onPostgres({ lockTimeoutMs: 100 });
    await storage.addPayment(paymentRow());
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await holder.query(`SELECT 1 FROM ${schema}.payme_payment FOR UPDATE`);
    const change = { from: ["PENDING"], to: "PAID", at: 2 } as const;
    await expect(storage.changePayment(scope, "payment-1", change)).rejects.toMatchObject(BUSY);
    await holder.query("COMMIT");
    holder.release();
    expect(events).toMatchObject([{ kind: "storage.busy", dialect: "postgres", code: "55P03" }]);
    expect((await storage.changePayment(scope, "payment-1", change)).outcome).toBe("applied");
    expect(events).toHaveLength(1);
  });
});

it("eventLogger says it once a minute for each of the two, a call that gave up as a warning", () => {
  const lines: unknown[] = [];
  const write = (level: string) => (message: string, fields?: object) => void lines.push([level, message, fields]);
  const tell = eventLogger({ info: write("info"), warn: write("warn"), error: write("error") });
  const event = { dialect: "postgres", ms: 12, code: "40P01" } as const;
  for (const at of [0, 1, 59_999, 60_000]) {
    tell({ kind: "storage.busy", at, ...event });
    tell({ kind: "storage.retried", at, ...event });
  }
  const busy = ["warn", expect.stringContaining("gave up"), event];
  const retried = ["info", expect.stringContaining("done later"), event];
  expect(lines).toEqual([busy, retried, busy, retried]);
});
