// The storage suite on the driver that sqliteStorage chooses in this runtime; with "bigints", on the runtime's own driver that
// gives every integer as a bigint. Forked, it is the suite's second process.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStorage } from "payme-kit/sqlite";
import { sqlTariffStore } from "payme-kit/tariffs";
import { serveStorageSuite, sqlWitness, storageSuite } from "payme-kit/testing";
import { Driver } from "./driver.mjs";

const [kind, file] = process.argv.slice(2);
// Each driver reads its own option.
const open = kind === "bigints" ? (path) => new Driver(path, { readBigInts: true, safeIntegers: true }) : undefined;
const groups = kind === "bigints" ? ["basics", "guards", "64-bit", "paging", "events", "timetable"] : undefined;
if (file === undefined) await runSuite();
else serveStorageSuite(sqliteStorage({ file, open }));

async function runSuite() {
  const cases = [];
  const runner = { describe: (_title, define) => define(), it: (title, run) => cases.push({ title, run }) };
  storageSuite({ runner, create, witness: true, groups });
  const failures = [];
  for (const { title, run } of cases) {
    await run().catch((error) => failures.push(`${title}: ${error.message}`));
  }
  console.log(JSON.stringify({ cases: cases.length, failures }));
  process.exit();
}

async function create() {
  const folder = mkdtempSync(join(tmpdir(), "payme-driver-"));
  const path = join(folder, "books.db");
  const opened = [];
  const openStorage = () => {
    const storage = sqliteStorage({ file: path, open });
    opened.push(storage);
    return storage;
  };
  const storage = openStorage();
  const bare = new Driver(path);
  const ask = async (sql, ...params) => bare.prepare(sql).all(...params);
  bare.exec("CREATE TABLE host (id TEXT PRIMARY KEY)");
  return {
    storage,
    tariffs: sqlTariffStore(storage),
    witness: sqlWitness(ask),
    host: {
      add: (tx, id) => tx.prepare("INSERT INTO host (id) VALUES (?)").run(id),
      has: async (id) => (await ask("SELECT 1 FROM host WHERE id = ?", id)).length > 0,
    },
    second: async () => openStorage(),
    process: () => fork(new URL(import.meta.url), [kind, path]),
    async reopen() {
      for (const each of opened.splice(0)) await each.close();
      return openStorage();
    },
    async close() {
      for (const each of opened.splice(0)) await each.close();
      bare.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
