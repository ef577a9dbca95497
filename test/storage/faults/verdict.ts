import type { FaultyDatabase } from "./faulty-databases";

type Ask = FaultyDatabase<never>["ask"];

const PAID = "p.status = 'PAID'";
const REFUNDED = "p.status = 'CANCELLED' AND p.paid_by IS NOT NULL";
const countOf = (kind: string) => `(SELECT COUNT(*) FROM payme_event e WHERE e.subject = p.id AND e.kind = '${kind}')`;
const goods = (change: number) => `(SELECT COUNT(*) FROM goods g WHERE g.payment_id = p.id AND g.change = ${change})`;
const ownTransaction = (state: number) =>
  `EXISTS (SELECT 1 FROM payme_transaction t WHERE t.payme_id = p.paid_by AND t.state = ${state})`;
const grants = (revoked: string) =>
  `EXISTS (SELECT 1 FROM payme_grant g WHERE g.payment_id = p.id AND g.revoked_ms IS ${revoked})`;

/** What must never be there, whenever one looks; each brings the rows that are wrong. SQL only: no code of ours judges itself. */
const WRONGS: Readonly<Record<string, string>> = {
  "paid, and given not exactly once": `SELECT id FROM payme_payment p WHERE ${PAID} AND kind = 'order'
    AND (${goods(1)} <> 1 OR ${goods(-1)} <> 0)`,
  "refunded, and taken back not exactly once": `SELECT id FROM payme_payment p WHERE ${REFUNDED} AND kind = 'order'
    AND (${goods(1)} <> 1 OR ${goods(-1)} <> 1)`,
  "given, and neither paid nor refunded": `SELECT id FROM payme_payment p
    WHERE (paid_by IS NULL OR kind <> 'order') AND ${goods(1)} + ${goods(-1)} > 0`,
  "a tariff paid, and not activated": `SELECT id FROM payme_payment p WHERE ${PAID}
    AND kind = 'tariff' AND NOT ${grants("NULL")}`,
  "a tariff refunded, and not taken back": `SELECT id FROM payme_payment p WHERE ${REFUNDED}
    AND kind = 'tariff' AND NOT ${grants("NOT NULL")}`,
  "activated, and not paid": `SELECT g.payment_id FROM payme_grant g WHERE g.revoked_ms IS NULL
    AND NOT EXISTS (SELECT 1 FROM payme_payment p WHERE p.id = g.payment_id AND ${PAID})`,
  "paid, and its transaction is not": `SELECT id FROM payme_payment p WHERE ${PAID} AND NOT ${ownTransaction(2)}`,
  "refunded, and its transaction is not": `SELECT id FROM payme_payment p WHERE ${REFUNDED} AND NOT ${ownTransaction(-2)}`,
  "a transaction performed, and no payment of it is paid": `SELECT t.payme_id FROM payme_transaction t WHERE t.state = 2
    AND NOT EXISTS (SELECT 1 FROM payme_payment p WHERE p.paid_by = t.payme_id AND ${PAID})`,
  "half a payment": `SELECT id FROM payme_payment p WHERE (${PAID} AND (paid_by IS NULL OR paid_ms IS NULL OR paid_source IS NULL))
    OR (status <> 'CANCELLED' AND cancelled_ms IS NOT NULL) OR (status = 'CANCELLED' AND cancelled_ms IS NULL)`,
  "half a transaction": `SELECT payme_id FROM payme_transaction WHERE
    (state IN (1, -1)) <> (perform_time = 0) OR (state > 0) <> (cancel_time = 0) OR (state > 0) <> (reason IS NULL)`,
  "half a grant": `SELECT u.id FROM payme_user u JOIN payme_grant g ON g.user_id = u.id AND g.revoked_ms IS NULL
    WHERE u.tariff_expires_ms <> g.settled_ms + g.duration_days * CAST(86400000 AS BIGINT)`,
  "a user who has what was taken back": `SELECT u.id FROM payme_user u WHERE u.tariff_expires_ms IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM payme_grant g WHERE g.user_id = u.id AND g.revoked_ms IS NULL)`,
  "a story that does not fit its payment": `SELECT id FROM payme_payment p WHERE ${countOf("payment.created")} <> 1
    OR ${countOf("payment.paid")} <> (CASE WHEN paid_by IS NULL THEN 0 ELSE 1 END)
    OR ${countOf("payment.refunded")} <> (CASE WHEN ${REFUNDED} THEN 1 ELSE 0 END)
    OR ${countOf("payment.cancelled")} <> (CASE WHEN status = 'CANCELLED' AND paid_by IS NULL THEN 1 ELSE 0 END)`,
  "a Merchant transaction without its story": `SELECT t.payme_id FROM payme_transaction t WHERE t.source = 'merchant'
    AND 1 <> (SELECT COUNT(*) FROM payme_event e WHERE e.payme_id = t.payme_id AND e.kind = 'transaction.created')`,
  "two open payments of one reference": `SELECT reference FROM payme_payment
    WHERE status = 'PENDING' AND reference IS NOT NULL GROUP BY reference HAVING COUNT(*) > 1`,
};

/** What is wrong in the books just now; empty where all is well. */
export async function wrongsIn(ask: Ask): Promise<string[]> {
  const wrongs: string[] = [];
  for (const [wrong, sql] of Object.entries(WRONGS)) {
    for (const row of await ask(sql)) wrongs.push(`${wrong}: ${Object.values(row).join()}`);
  }
  return wrongs;
}

/**
 * Where the money and the goods are, and what is told of them. What a failure legitimately leaves is left out: payments
 * that failed before anybody could pay them, and incidents about a hook that met the failure.
 */
const PICTURES: Readonly<Record<string, string>> = {
  payments: `SELECT status, paid_source, COUNT(*) AS count FROM payme_payment WHERE status <> 'FAILED'
    GROUP BY status, paid_source ORDER BY status, paid_source`,
  transactions:
    "SELECT source, state, COUNT(*) AS count FROM payme_transaction GROUP BY source, state ORDER BY source, state",
  goods: "SELECT change, COUNT(*) AS count FROM goods GROUP BY change ORDER BY change",
  grants: "SELECT COUNT(*) AS given, COUNT(revoked_ms) AS revoked FROM payme_grant",
  users: "SELECT id, tariff_id IS NOT NULL AS has FROM payme_user ORDER BY id",
  tariffs: "SELECT name, price, is_active FROM payme_tariff ORDER BY name",
  told: `SELECT kind, COUNT(*) AS count, COUNT(resolved_ms) AS resolved FROM payme_event
    WHERE kind NOT IN ('effect_failed', 'payment.created', 'payment.failed') GROUP BY kind ORDER BY kind`,
};

/** The books as they must be in the end, whatever failed on the way. */
export async function pictureOf(ask: Ask): Promise<Readonly<Record<string, string>>> {
  const picture: Record<string, string> = {};
  for (const [name, sql] of Object.entries(PICTURES)) {
    picture[name] = (await ask(sql)).map((row) => Object.values(row).map(String).join(" ")).join(", ");
  }
  return picture;
}

/** From those that name others to those that are named. */
const TABLES = [
  "goods",
  "payme_grant",
  "payme_user",
  "payme_tariff",
  "payme_event",
  "payme_transaction",
  "payme_payment",
];

/** Takes every row out. */
export async function emptyBooks(ask: Ask): Promise<void> {
  for (const table of TABLES) await ask(`DELETE FROM ${table}`);
}
