import { expect, it, onTestFinished } from "vitest";
import { createPayments } from "../../src/entry";
import { migrate } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { createTariffs } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import type { SqlStorage } from "../../src/storage/sql/executor";
import { quoted } from "../../src/storage/sql/tables";
import { tariffSteps, tariffTableNames } from "../../src/tariffs/tariff-tables";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";
import { temporaryFile } from "./open-stores";

/** Tables of the first step, with a tariff and a grant in them, are brought up to date, and both go on. */
async function goesOn<Tx>(storage: SqlStorage<Tx>): Promise<void> {
  const { sql } = storage;
  const tables = tariffTableNames({}, sql.schema);
  const { part, steps } = tariffSteps(tables, sql.dialect);
  await storage.migrate();
  await migrate(sql, storage.tables, { part, steps: steps.slice(0, 1) });
  await storage.transaction(async (tx) => {
    const executor = sql.executorOf(tx);
    const [tariff, grant] = [quoted(tables.tariff), quoted(tables.grant)];
    const columns = "payment_id, user_id, tariff_id, name, price, duration_days, settled_ms";
    await executor.execute(`INSERT INTO ${tariff} (name, price, duration_days) VALUES ('Basic', 10, 30)`, []);
    await executor.execute(
      `INSERT INTO ${grant} (${columns}) VALUES ('p', 'u', 1, 'Basic', 10, 30, ${Date.now()})`,
      [],
    );
  });
  const tariffs = createTariffs({ payments: createPayments({ storage, payUrl: () => "https://example.uz" }) });
  await tariffs.migrate();
  const basic = { id: 1, name: "Basic", price: som(10), durationDays: 30, isActive: true };
  const current = await tariffs.current("u");
  expect(current).toMatchObject({ tariffId: 1, tariff: basic });
  expect(await tariffs.change(1, { durationMonths: 1 })).toEqual({ ...basic, durationMonths: 1 });
  const until = (current.expiresAt ?? 0) + 1_000;
  const given = await tariffs.grant({ userId: "u", tariffId: 1, until, by: "Aziza", note: "a second" });
  expect(given).toEqual({ outcome: "applied", tariffId: 1, expiresAt: until });
}

it("tables with rows from before there were months go on, in a file", async () => {
  const storage = sqliteStorage({ file: temporaryFile() });
  onTestFinished(() => storage.close());
  await goesOn(storage);
});

describeOnPostgres("tables with rows from before there were months", () => {
  it("go on, on PostgreSQL", async () => {
    const pool = openPool(await databaseUrl());
    onTestFinished(() => pool.end());
    await goesOn(postgresStorage(pool, { schema: newSchema() }));
  });
});
