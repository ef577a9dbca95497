import { createPaymeClient, createPayments } from "../../src/entry";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { aesSeal, createSubscriptions } from "../../src/entry/subscriptions";
import type { Storage } from "../../src/ledger";

/**
 * A process that runs what is due, and dies by SIGKILL at a step of a renewal. Settings come as JSON in SETTINGS.
 *
 * - `opened`: the period is committed. `receipt`: Payme has made a receipt, and its answer is not stored. `attempt`: the attempt
 *   is committed, and nothing is sent. `paid`: Payme has taken the money, and its answer is not read. `booking`: the hook has run,
 *   and its transaction is not committed.
 */
export type Step = "opened" | "receipt" | "attempt" | "paid" | "booking";

export interface KilledSettings {
  readonly database: string;
  readonly payme: { readonly merchantId: string; readonly key: string; readonly apiUrl: string };
  readonly sealKey: string;
  /** So much later than now is its clock. */
  readonly later: number;
  readonly step: Step;
}

const { database, payme, sealKey, later, step }: KilledSettings = JSON.parse(process.env.SETTINGS ?? "{}");
const now = () => Date.now() + later;

async function main(storage: Storage<unknown>): Promise<void> {
  const client = createPaymeClient({
    ...payme,
    mode: "test",
    auth: "key",
    retries: 0,
    async fetch(input, init) {
      const request = new Request(input, init);
      const { method } = JSON.parse(await request.clone().text());
      if (method === "receipts.create") dieAt("opened");
      if (method === "receipts.pay") dieAt("attempt");
      const response = await fetch(request);
      const body = await response.text();
      if (method === "receipts.create") dieAt("receipt");
      if (method === "receipts.pay") dieAt("paid");
      return new Response(body, { status: response.status, headers: response.headers });
    },
  });
  const payments = createPayments({ storage, client, now });
  const subs = createSubscriptions({ payments, seal: aesSeal([sealKey]), onRenewed: () => dieAt("booking") });
  await subs.migrate();
  await payments.reconcile();
  while ((await subs.run()).checked > 0);
  await storage.close();
}

function dieAt(here: Step): void {
  if (here === step) process.kill(process.pid, "SIGKILL");
}

if (database.startsWith("postgres")) {
  const { Pool } = await import("pg");
  const pool = new Pool({ connectionString: database, max: 4 });
  await main(postgresStorage(pool));
  await pool.end();
} else {
  await main(sqliteStorage({ file: database }));
}
