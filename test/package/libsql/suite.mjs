// The storage suite over @libsql/client on files. Forked, it is the suite's second process.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@libsql/client";
import { sqlTariffStore } from "payme-kit/tariffs";
import { serveStorageSuite, sqlWitness, storageSuite } from "payme-kit/testing";
import { libsqlStorage } from "./storage.mjs";

const open = (path) => createClient({ url: `file:${path}` });
const [file] = process.argv.slice(2);
if (file === undefined) await runSuite();
else serveStorageSuite(libsqlStorage(open(file)));

async function runSuite() {
  const cases = [];
  const runner = { describe: (_title, define) => define(), it: (title, run) => cases.push({ title, run }) };
  storageSuite({ runner, create, witness: true });
  const failures = [];
  for (const { title, run } of cases) await run().catch((error) => failures.push(`${title}: ${error.message}`));
  console.log(JSON.stringify({ cases: cases.length, failures }));
  process.exit();
}

async function create() {
  const folder = mkdtempSync(join(tmpdir(), "payme-libsql-"));
  const path = join(folder, "books.db");
  const clients = [];
  const openClient = () => {
    clients.push(open(path));
    return clients.at(-1);
  };
  const openStorage = () => libsqlStorage(openClient());
  const storage = openStorage();
  const bare = openClient();
  await bare.execute("CREATE TABLE host (id TEXT PRIMARY KEY)");
  return {
    storage,
    tariffs: sqlTariffStore(storage),
    witness: sqlWitness(async (sql) => (await bare.execute(sql)).rows),
    host: {
      add: (tx, id) => tx.execute({ sql: "INSERT INTO host (id) VALUES (?)", args: [id] }),
      has: async (id) => (await bare.execute({ sql: "SELECT 1 FROM host WHERE id = ?", args: [id] })).rows.length > 0,
    },
    second: async () => openStorage(),
    process: () => fork(new URL(import.meta.url), [path]),
    reopen: async () => openStorage(),
    async close() {
      await storage.close();
      for (const client of clients.splice(0)) client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
