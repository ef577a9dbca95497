import { expect, it, onTestFinished } from "vitest";
import { type PostgresHandle, type PostgresStorageOptions, postgresStorage } from "../../src/entry/postgres";
import { commitChange } from "../../src/ledger";
import { paymentRow, scope } from "../ledger/rows";
import { describeOnPostgres, openPool } from "../postgres/database";
import { stallingProxy } from "../postgres/stalling-proxy";
import { postgresKit } from "./postgres-kits";

const BUSY = { name: "PaymeStorageError", code: "STORAGE_BUSY", hint: expect.stringContaining("503") };
const MISUSE = { name: "PaymeStorageError", code: "STORAGE_MISUSE" };

async function openKit(...options: Parameters<typeof postgresKit>) {
  const kit = await postgresKit(...options);
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  return kit;
}

/** A storage whose line to the database can be cut or stalled, and the same rows seen over another line. */
async function openOverProxy(options: PostgresStorageOptions) {
  const kit = await openKit();
  const proxy = await stallingProxy(kit.url);
  onTestFinished(() => proxy.close());
  const pool = openPool(proxy.url);
  onTestFinished(() => pool.end());
  return { kit, proxy, storage: postgresStorage(pool, { ...options, schema: kit.schema }) };
}

const pidOf = async (tx: PostgresHandle) => Number((await tx.query("SELECT pg_backend_pid() AS pid")).rows[0]?.pid);

describeOnPostgres("a connection that is lost", () => {
  it("in the middle of a hook ends the transaction as STORAGE_BUSY, keeps nothing, and the next one is served", async () => {
    const { storage, pool, host } = await openKit();
    const broken = storage.transaction(async (tx) => {
      await storage.using(tx).addPayment(paymentRow());
      await host.add(tx, "host-1");
      await pool.query("SELECT pg_terminate_backend($1)", [await pidOf(tx)]);
      await storage.using(tx).addPayment(paymentRow({ id: "payment-2" }));
    });
    await expect(broken).rejects.toMatchObject(BUSY);
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    expect(await host.has("host-1")).toBe(false);
    expect((await storage.addPayment(paymentRow())).outcome).toBe("applied");
  });

  it("between two statements, while nothing is asked, ends no process", async () => {
    const { storage, pool } = await openKit();
    const broken = storage.transaction(async (tx) => {
      await pool.query("SELECT pg_terminate_backend($1)", [await pidOf(tx)]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    await expect(broken).rejects.toMatchObject(BUSY);
    expect((await storage.addPayment(paymentRow())).outcome).toBe("applied");
  });

  it("in the very moment in which it is lent ends no process", async () => {
    const { storage, schema, url } = await openKit();
    await storage.migrate();
    const pool = openPool(url);
    onTestFinished(() => pool.end());
    const gone = new Error("terminating connection due to unexpected postmaster exit");
    const losing = postgresStorage(
      {
        connect: (callback) =>
          pool.connect((error, client) => {
            callback(error, client);
            // As pg does it where both messages come in one piece: no promise has gone on yet.
            client?.emit("error", gone);
          }),
        on: (event, listener) => pool.on(event, listener),
      },
      { schema },
    );
    await losing.findPayment(scope, { id: "none" });
    expect(pool.totalCount).toBe(0);
    expect((await storage.addPayment(paymentRow())).outcome).toBe("applied");
  });

  it("while it is idle in the pool is told to the logger, and ends no process", async () => {
    const warnings: string[] = [];
    const logger = { info() {}, error() {}, warn: (message: string) => void warnings.push(message) };
    const { storage, pool, open } = await openKit();
    const other = open({ logger });
    await other.findPayment(scope, { id: "payment-1" });
    await pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await expect.poll(() => warnings).toHaveLength(1);
    expect((await other.addPayment(paymentRow())).outcome).toBe("applied");
    expect((await storage.changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: 2 })).outcome).toBe(
      "applied",
    );
  });

  it("and a server that refuses new ones are STORAGE_BUSY; once it takes them again, all goes on", async () => {
    const { proxy, storage } = await openOverProxy({});
    await storage.addPayment(paymentRow());
    const hanging = storage.transaction(async (tx) => {
      await tx.query("SELECT 1");
      proxy.cut();
    });
    await expect(hanging).rejects.toMatchObject(BUSY);
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
    const nowhere = openPool("postgres://postgres@127.0.0.1:1/none");
    onTestFinished(() => nowhere.end());
    const refused = postgresStorage(nowhere);
    await expect(refused.findPayment(scope, { id: "payment-1" })).rejects.toMatchObject(BUSY);
    await expect(refused.addPayment(paymentRow())).rejects.toMatchObject(BUSY);
    await expect(refused.migrate()).rejects.toMatchObject(BUSY);
  });
});

describeOnPostgres("a network that swallows everything", () => {
  const LIMITS = { transactionTimeoutMs: 300, acquireTimeoutMs: 300 };

  it("keeps nobody waiting longer than the limits say, and is forgotten once it is back", async () => {
    const { kit, proxy, storage } = await openOverProxy(LIMITS);
    await storage.addPayment(paymentRow());
    proxy.stall();
    const calls = [
      storage.findPayment(scope, { id: "payment-1" }),
      storage.changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: 2 }),
      storage.transaction(async (tx) => storage.using(tx).addPayment(paymentRow({ id: "payment-2" }))),
    ];
    // All at once: one that fails while another is waited for would be an unhandled rejection.
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(BUSY)));
    proxy.heal();
    expect((await storage.addPayment(paymentRow({ id: "payment-3" }))).outcome).toBe("applied");
    expect(await kit.storage.findPayment(scope, { id: "payment-2" })).toBeUndefined();
  });

  it("in the middle of a transaction rolls it back", async () => {
    const { kit, proxy, storage } = await openOverProxy(LIMITS);
    const hanging = storage.transaction(async (tx) => {
      await storage.using(tx).addPayment(paymentRow());
      proxy.stall();
    });
    await expect(hanging).rejects.toMatchObject(BUSY);
    proxy.heal();
    expect((await kit.storage.addPayment(paymentRow())).outcome).toBe("applied");
  });
});

describeOnPostgres("a pool", () => {
  it("without a free connection is STORAGE_BUSY in time, and serves again when one comes back", async () => {
    const { storage, pool } = await openKit({ acquireTimeoutMs: 100 }, { max: 1 });
    const taken = await pool.connect();
    await expect(storage.findPayment(scope, { id: "payment-1" })).rejects.toMatchObject(BUSY);
    await expect(storage.addPayment(paymentRow())).rejects.toMatchObject(BUSY);
    taken.release();
    expect((await storage.addPayment(paymentRow())).outcome).toBe("applied");
    expect(pool).toMatchObject({ totalCount: 1, waitingCount: 0 });
  });

  it("of one connection serves any number of callers, each in its turn", async () => {
    const { storage } = await openKit({}, { max: 1 });
    const calls = Array.from({ length: 50 }, (_, n) => storage.addPayment(paymentRow({ id: `payment-${n}` })));
    expect((await Promise.all(calls)).every(({ outcome }) => outcome === "applied")).toBe(true);
  });

  it("gets every connection back, whatever became of the transactions", async () => {
    const { storage, pool } = await openKit({}, { max: 3 });
    const fates: ((tx: PostgresHandle) => Promise<unknown>)[] = [
      async () => "commits",
      () => Promise.reject(new Error("the hook throws")),
      (tx) => tx.query("SELECT * FROM no_such_table"),
      (tx) => tx.query("COMMIT"),
    ];
    await Promise.allSettled([...fates, ...fates, ...fates].map((fate) => storage.transaction(fate)));
    await Promise.allSettled([...fates, ...fates].map(() => storage.findPayment(scope, { id: "x" })));
    expect(pool.idleCount).toBe(pool.totalCount);
    expect(pool.waitingCount).toBe(0);
  });
});

describeOnPostgres("a transaction that the database undid", () => {
  it.each(["40001", "40P01"])("with %s is run again, commits once, and gives up after three times", async (code) => {
    const { storage, host } = await openKit();
    const failing = (times: number) => {
      const state = { runs: 0 };
      const run = storage.transaction(async (tx) => {
        state.runs += 1;
        await host.add(tx, `host-${times}`);
        if (state.runs <= times)
          await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'undone' USING ERRCODE = '${code}'; END $$`);
      });
      return { run, state };
    };
    const second = failing(2);
    await second.run;
    expect(second.state.runs).toBe(3);
    expect(await host.has("host-2")).toBe(true);
    const fourth = failing(3);
    await expect(fourth.run).rejects.toMatchObject(BUSY);
    expect(fourth.state.runs).toBe(3);
    expect(await host.has("host-3")).toBe(false);
  });

  it("for waiting too long on a row that another holds is STORAGE_BUSY, and is not run again", async () => {
    const { storage, pool, schema } = await openKit({ lockTimeoutMs: 100 });
    await storage.addPayment(paymentRow());
    const holder = await pool.connect();
    await holder.query("BEGIN");
    await holder.query(`SELECT 1 FROM ${schema}.payme_payment FOR UPDATE`);
    let runs = 0;
    const waiting = storage.transaction(async (tx) => {
      runs += 1;
      await storage.using(tx).changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: 2 });
    });
    await expect(waiting).rejects.toMatchObject(BUSY);
    await holder.query("COMMIT");
    holder.release();
    expect(runs).toBe(1);
  });
});

describeOnPostgres("a hook that", () => {
  it("is given up in the middle of a long statement lets its rows go: the server ends the statement", async () => {
    const { storage } = await openKit({ transactionTimeoutMs: 500 });
    await storage.addPayment(paymentRow());
    const pay = { from: ["PENDING"], to: "PAID", at: 2 } as const;
    const hanging = storage.transaction(async (tx) => {
      await storage.using(tx).changePayment(scope, "payment-1", pay);
      await tx.query("SELECT pg_sleep(60)");
    });
    await expect(hanging).rejects.toMatchObject(BUSY);
    await expect
      .poll(() => storage.changePayment(scope, "payment-1", pay).catch(() => undefined), { timeout: 5_000 })
      .toMatchObject({ outcome: "applied" });
  });

  it("holds the transaction for too long is rolled back; what it does later is refused", async () => {
    const { storage, host } = await openKit({ transactionTimeoutMs: 100 });
    let late: Promise<unknown[]> | undefined;
    const hanging = storage.transaction(async (tx) => {
      await host.add(tx, "host-1");
      await new Promise((resolve) => setTimeout(resolve, 300));
      const uses = [tx.query("SELECT 1"), storage.using(tx).addPayment(paymentRow())];
      late = Promise.all(uses.map((use) => use.catch((error: unknown) => error)));
    });
    await expect(hanging).rejects.toMatchObject(BUSY);
    await expect.poll(() => late).toBeDefined();
    expect(await late).toEqual([expect.objectContaining(MISUSE), expect.objectContaining(MISUSE)]);
    expect(await host.has("host-1")).toBe(false);
  });

  it("swallows the error of a statement is not committed quietly: PostgreSQL has undone it", async () => {
    const { storage } = await openKit();
    const swallowing = storage.transaction(async (tx) => {
      await storage.using(tx).addPayment(paymentRow());
      await tx.query("SELECT * FROM no_such_table").catch(() => {});
    });
    await expect(swallowing).rejects.toMatchObject(MISUSE);
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
  });

  it("goes on after a SAVEPOINT commits", async () => {
    const { storage } = await openKit();
    await storage.transaction(async (tx) => {
      await storage.using(tx).addPayment(paymentRow());
      await tx.query("SAVEPOINT before");
      await tx.query("SELECT * FROM no_such_table").catch(() => tx.query("ROLLBACK TO SAVEPOINT before"));
    });
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
  });

  it.each(["COMMIT", "ROLLBACK"])("says %s itself writes nothing more, and the payment is not booked", async (end) => {
    const { storage, host } = await openKit();
    await storage.addPayment(paymentRow());
    const logger = { info() {}, warn() {}, error() {} };
    const settling = commitChange(
      { storage, now: () => 2, logger },
      {
        ...scope,
        subject: "payment-1",
        paymeId: "payme-1",
        guard: (verbs) => verbs.noteNotification(scope, "payment-1", { at: 1 }),
        hook: {
          name: "onPaid",
          async run(_row, tx) {
            await tx.query(end);
            await host.add(tx, "host-1");
            return true;
          },
        },
        events: () => [{ ...scope, kind: "payment.paid", subject: "payment-1", at: 2 }],
      },
    );
    await expect(settling).rejects.toMatchObject({ cause: expect.objectContaining(MISUSE) });
    expect(await host.has("host-1")).toBe(false);
    expect(await storage.listEvents(scope, { kinds: ["payment.paid"], limit: 9 })).toEqual([]);
  });
});

describeOnPostgres("a process that migrates", () => {
  it("waits for another that makes the tables, longer than a payment would for a row", async () => {
    const kit = await postgresKit({ lockTimeoutMs: 100 });
    onTestFinished(() => kit.close());
    const other = await kit.pool.connect();
    await other.query("BEGIN");
    await other.query("SELECT pg_advisory_xact_lock(7224633101)");
    const migrating = kit.storage.migrate();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await other.query("COMMIT");
    other.release();
    await migrating;
    expect((await kit.storage.addPayment(paymentRow())).outcome).toBe("applied");
  });

  it("does not hold up a shop for long: it waits for a table as long as a payment would", async () => {
    const kit = await postgresKit({ lockTimeoutMs: 100 });
    onTestFinished(() => kit.close());
    await kit.pool.query(
      `CREATE TABLE ${kit.schema}.payme_migration (part VARCHAR, step INTEGER, PRIMARY KEY (part, step))`,
    );
    const other = await kit.pool.connect();
    onTestFinished(() => other.release());
    await other.query(`BEGIN; LOCK TABLE ${kit.schema}.payme_migration IN EXCLUSIVE MODE`);
    await expect(kit.storage.migrate()).rejects.toMatchObject(BUSY);
    await other.query("COMMIT");
  });
});

describeOnPostgres("text that PostgreSQL cannot hold", () => {
  it("finds nothing, and is stored as U+FFFD", async () => {
    const { storage } = await openKit();
    expect(await storage.findTransaction(scope, "\0")).toBeUndefined();
    await storage.addPayment(paymentRow({ description: "a\0b\uD800c", data: { text: "\0" } }));
    const row = await storage.findPayment(scope, { id: "payment-1" });
    expect(row).toMatchObject({ description: "a\uFFFDb\uFFFDc", data: { text: "\0" } });
  });
});

describeOnPostgres("a transaction that the host opened", () => {
  it("takes our rows with it, whether it commits or rolls back", async () => {
    const { storage, pool, schema } = await openKit();
    for (const [id, end] of [
      ["kept", "COMMIT"],
      ["undone", "ROLLBACK"],
    ] as const) {
      const client = await pool.connect();
      await client.query("BEGIN");
      await client.query(`INSERT INTO ${schema}.host (id) VALUES ($1)`, [id]);
      expect((await storage.using(client).addPayment(paymentRow({ id }))).outcome).toBe("applied");
      expect(await storage.findPayment(scope, { id })).toBeUndefined();
      await client.query(end);
      client.release();
    }
    expect(await storage.findPayment(scope, { id: "kept" })).toMatchObject({ id: "kept" });
    expect(await storage.findPayment(scope, { id: "undone" })).toBeUndefined();
  });
});
