import Database from "better-sqlite3";
import { withClient } from "../postgres/cluster";

const DURATION_MS = 30 * 86_400_000;

/** One number, asked of the database in SQL: no code of ours stands between the rows and the verdict. */
type Ask = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** What the database says in the end. */
export async function readBooks(address: string, acknowledged: ReadonlySet<string>) {
  return address.startsWith("postgres:")
    ? withClient(address, async (client) => {
        await client.query("SET search_path = payme");
        return verdict(async (sql) => (await client.query(sql)).rows, acknowledged);
      })
    : readFile(address, acknowledged);
}

async function readFile(file: string, acknowledged: ReadonlySet<string>) {
  const database = new Database(file, { readonly: true });
  try {
    const integrity = database.pragma("integrity_check", { simple: true });
    if (integrity !== "ok") throw new Error(`the database is damaged: ${String(integrity)}`);
    return await verdict(async (sql) => database.prepare<[], Record<string, unknown>>(sql).all(), acknowledged);
  } finally {
    database.close();
  }
}

async function verdict(ask: Ask, acknowledged: ReadonlySet<string>) {
  const count = async (sql: string) => Number((await ask(sql))[0]?.n ?? Number.NaN);
  const paid = new Set(
    (await ask("SELECT paid_by FROM payme_payment WHERE status = 'PAID'")).map((row) => row.paid_by),
  );
  return {
    paidWithoutGrant: await count(`SELECT COUNT(*) AS n FROM payme_payment p WHERE status = 'PAID'
      AND NOT EXISTS (SELECT 1 FROM payme_grant g WHERE g.payment_id = p.id)`),
    grantsWithoutPayment: await count(`SELECT COUNT(*) AS n FROM payme_grant g
      WHERE NOT EXISTS (SELECT 1 FROM payme_payment p WHERE p.id = g.payment_id AND p.status = 'PAID')`),
    unpaid: [...acknowledged].filter((id) => !paid.has(id)).length,
    wrongEnds: await count(`SELECT COUNT(*) AS n FROM payme_user u
      JOIN (SELECT user_id, MIN(settled_ms) AS began, COUNT(*) AS grants FROM payme_grant GROUP BY user_id) g
        ON g.user_id = u.id
      WHERE u.tariff_expires_ms <> g.began + g.grants * ${DURATION_MS}`),
  };
}
