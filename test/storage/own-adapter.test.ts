import type { PoolClient } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { postgresSeam, rowsIn, sqlStorage } from "../../src/entry/adapter";
import { paymentRow, scope } from "../ledger/rows";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";

/** The adapter of docs/write-an-adapter.md: its handle is the pool's own client, which serves one transaction after another. */
async function openStorage() {
  const pool = openPool(await databaseUrl(), { max: 1 });
  onTestFinished(() => pool.end());
  return sqlStorage(
    postgresSeam<PoolClient>(
      {
        query: async (sql, params) => rowsIn((await pool.query(sql, [...params])).rows),
        queryIn: async (client, sql, params) => rowsIn((await client.query(sql, [...params])).rows),
        async transaction(work) {
          const client = await pool.connect();
          try {
            await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
            const result = await work(client);
            await client.query("COMMIT");
            return result;
          } catch (error) {
            await client.query("ROLLBACK").catch(() => {});
            throw error;
          } finally {
            client.release();
          }
        },
      },
      { schema: newSchema() },
    ),
  );
}

describeOnPostgres("an adapter whose handle is a connection that is used again", () => {
  it("runs one transaction after another on it, and still refuses what comes after the end", async () => {
    const storage = await openStorage();
    await storage.migrate();
    let last: PoolClient | undefined;
    for (const id of ["payment-1", "payment-2"]) {
      const added = await storage.transaction((tx) => {
        last = tx;
        return storage.using(tx).addPayment(paymentRow({ id }));
      });
      expect(added.outcome).toBe("applied");
    }
    expect(await storage.findPayment(scope, { id: "payment-2" })).toMatchObject({ status: "PENDING" });
    if (last === undefined) throw new Error("no transaction was run");
    await expect(storage.using(last).addPayment(paymentRow({ id: "payment-3" }))).rejects.toMatchObject({
      code: "STORAGE_MISUSE",
    });
  });
});
