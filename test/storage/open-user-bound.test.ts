import type pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { type PostgresPool, postgresStorage } from "../../src/entry/postgres";
import { paymentRow, scope } from "../ledger/rows";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";

/** A pool on which the payments of one user take no turns. */
function withoutTurns(pool: pg.Pool, seen: (isChanged: boolean) => void): PostgresPool {
  return {
    connect: (callback) =>
      pool.connect((error, client) => {
        if (client === undefined) return callback(error, undefined);
        const query = client.query.bind(client);
        callback(undefined, {
          query: (statement: unknown, values?: unknown[]) => {
            const text = String(statement).replace(/pg_advisory_xact_lock\((?=\s*hash)/, "abs(");
            seen(text !== statement);
            return query(text, values);
          },
          release: (destroy) => client.release(destroy),
          on: (event, listener) => client.on(event, listener),
          removeListener: (event, listener) => client.removeListener(event, listener),
        });
      }),
    on: (event, listener) => pool.on(event, listener),
  };
}

/** Adds payments of one user at once, each from a connection of its own, and gives how many are open. */
async function addAtOnce(open: (pool: pg.Pool) => PostgresPool): Promise<number> {
  const pool = openPool(await databaseUrl(), { max: 20 });
  onTestFinished(() => pool.end());
  const storage = postgresStorage(open(pool), { schema: newSchema() });
  await storage.migrate();
  const add = (n: number) =>
    storage.transaction(async (tx) => {
      const added = await storage.using(tx).addPayment(paymentRow({ id: `payment-${n}` }), { mostOpen: 5 });
      // As long as a commit may take on a slow disk.
      await tx.query("SELECT pg_sleep(0.02)");
      return added.outcome;
    });
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => add(n)));
  const left = await storage.listPending(scope, { before: Number.MAX_SAFE_INTEGER, limit: 99 });
  expect(outcomes.filter((outcome) => outcome === "applied")).toHaveLength(left.length);
  return left.length;
}

describeOnPostgres("one user's payments from many connections at once", () => {
  it("are as many as the bound lets through", async () => {
    expect(await addAtOnce((pool) => pool)).toBe(5);
  });

  it("are more where they take no turns: this test can fail", async () => {
    let changed = 0;
    const count = await addAtOnce((pool) => withoutTurns(pool, (isChanged) => (changed += Number(isChanged))));
    expect(changed).toBe(20);
    expect(count).toBeGreaterThan(5);
  });
});
