import Database from "better-sqlite3";

const DURATION_MS = 30 * 86_400_000;

/** What the database says in the end, asked in SQL: no code of ours stands between the rows and the verdict. */
export function readBooks(file: string, acknowledged: ReadonlySet<string>) {
  const database = new Database(file, { readonly: true });
  try {
    const count = (sql: string) => database.prepare<[], { n: number }>(sql).get()?.n ?? Number.NaN;
    const paid = new Set(
      database
        .prepare<[], { paid_by: string }>("SELECT paid_by FROM payme_payment WHERE status = 'PAID'")
        .all()
        .map((row) => row.paid_by),
    );
    const integrity = database.pragma("integrity_check", { simple: true });
    if (integrity !== "ok") throw new Error(`the database is damaged: ${String(integrity)}`);
    return {
      paidWithoutGrant: count(`SELECT COUNT(*) AS n FROM payme_payment p WHERE status = 'PAID'
        AND NOT EXISTS (SELECT 1 FROM payme_grant g WHERE g.payment_id = p.id)`),
      grantsWithoutPayment: count(`SELECT COUNT(*) AS n FROM payme_grant g
        WHERE NOT EXISTS (SELECT 1 FROM payme_payment p WHERE p.id = g.payment_id AND p.status = 'PAID')`),
      unpaid: [...acknowledged].filter((id) => !paid.has(id)).length,
      wrongEnds: count(`SELECT COUNT(*) AS n FROM payme_user u
        JOIN (SELECT user_id, MIN(settled_ms) AS began, COUNT(*) AS grants FROM payme_grant GROUP BY user_id) g
          ON g.user_id = u.id
        WHERE u.tariff_expires_ms <> g.began + g.grants * ${DURATION_MS}`),
    };
  } finally {
    database.close();
  }
}
