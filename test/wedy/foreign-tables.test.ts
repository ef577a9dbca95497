import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { GUIDE_TABLE } from "./guide-blocks";
import { freePort, start, startInVain, temporaryFolder } from "./started";

const ports = async () => ({ PORT: String(await freePort()), MOCK_PORT: String(await freePort()) });

/** One line: the variable, what was found, what comes next; nothing of a driver. */
function expectOneMessage({ code, output }: { code: unknown; output: string }, table: string): void {
  expect(code).toBe(1);
  expect(output).toMatch(/^DATABASE_URL cannot be used: [^\n]+\n$/);
  expect(output).toContain(`${table} already, and payme-kit did not make it; nothing was changed`);
  expect(output).toContain("DATABASE_URL=file:./wedy-2.db");
  expect(output).toContain("Then `npm run adopt` moves them in.");
  expect(output).not.toMatch(/already exists|SQLITE|42P07|Error:/);
}

it("a start on the guide's printed tables says what it found and what comes next; the other database works", async () => {
  const folder = temporaryFolder();
  const database = new Database(join(folder, "wedy.db"));
  database.exec(`${GUIDE_TABLE} INSERT INTO payment (id, user_id, amount) VALUES ('1', 'user123', 5000000)`);
  expectOneMessage(await startInVain(folder, await ports()), 'a table "payment"');
  expect(database.prepare("SELECT COUNT(*) AS count FROM payment").get()).toEqual({ count: 1 });
  expect(database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()).toEqual([{ name: "payment" }]);
  database.close();
  const server = await start(folder, { DATABASE_URL: "file:./wedy-2.db" });
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

it("a start on a tariff table of somebody else's names that table", async () => {
  const folder = temporaryFolder();
  new Database(join(folder, "wedy.db")).exec("CREATE TABLE tariff (code TEXT)").close();
  expectOneMessage(await startInVain(folder, await ports()), 'a table "tariff"');
});

describeOnPostgres("on PostgreSQL", () => {
  it("a start on the guide's printed tables says what it found and what comes next", async () => {
    const url = await newDatabase();
    const pool = openPool(url);
    onTestFinished(() => pool.end());
    await pool.query(GUIDE_TABLE);
    const settings = {
      PAYME_MERCHANT_ID: "65a0b0000000000000000001",
      PAYME_SECRET_KEY: "k".repeat(36),
      JWT_SECRET: "a-secret-for-a-server-in-a-process-of-its-own-0123",
      DATABASE_URL: url,
      ...(await ports()),
    };
    expectOneMessage(await startInVain(temporaryFolder(), settings), 'a table "public.payment"');
    const schemas = await pool.query("SELECT 1 FROM pg_namespace WHERE nspname = 'payme'");
    expect(schemas.rows).toEqual([]);
  });
});
