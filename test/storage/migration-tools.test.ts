import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { postgresStorage } from "../../src/entry/postgres";
import { withClient } from "../postgres/cluster";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";

const DRIZZLE_KIT = join(createRequire(import.meta.url).resolve("drizzle-kit"), "../bin.cjs");

/** A shop's folder with a schema in Drizzle and nothing of ours in it. */
function shopFolder(): string {
  // Beside node_modules, where the schema's own imports are found.
  const folder = mkdtempSync(join(resolve(import.meta.dirname, "../.."), "node_modules/.drizzle-shop-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = `export default { dialect: "postgresql", schema: "./schema.ts", dbCredentials: { url: process.env.DATABASE_URL ?? "" } };`;
  const schema = `import { pgTable, text } from "drizzle-orm/pg-core";\nexport const orders = pgTable("orders", { id: text().primaryKey() });`;
  writeFileSync(join(folder, "drizzle.config.ts"), config);
  writeFileSync(join(folder, "schema.ts"), schema);
  return folder;
}

/** Prisma's tools need an engine that npm alone does not bring: they are not run here (docs/orm-transactions.md). */
describeOnPostgres("a migration tool of the shop's", () => {
  it("drizzle-kit push drops what the shop's schema does not name, and leaves the schema payme alone", async () => {
    const url = await newDatabase();
    const pool = openPool(url);
    onTestFinished(() => pool.end());
    await postgresStorage(pool).migrate();
    await pool.query(
      "CREATE TABLE public.orders (id TEXT PRIMARY KEY); CREATE TABLE public.forgotten (id TEXT PRIMARY KEY)",
    );
    const env = { ...process.env, DATABASE_URL: url };
    await promisify(execFile)(process.execPath, [DRIZZLE_KIT, "push", "--force"], { cwd: shopFolder(), env });
    const tables = await withClient(url, (client) =>
      client.query(`SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
        WHERE table_schema IN ('public', 'payme') ORDER BY 1`),
    );
    expect(tables.rows.map(({ name }) => name)).toEqual([
      "payme.payme_event",
      "payme.payme_migration",
      "payme.payme_payment",
      "payme.payme_payment_count",
      "payme.payme_transaction",
      "public.orders",
    ]);
  });
});
