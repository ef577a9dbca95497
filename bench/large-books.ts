import type { Dialect } from "payme-kit/adapter";

/** The first payment's time; another one each second. */
export const START = Date.UTC(2025, 0, 1);
export const EVERY_MS = 1_000;

/** The names of the tables, as SQL takes them. */
export interface Tables {
  readonly transaction: string;
  readonly payment: string;
  readonly event: string;
}

/**
 * Statements that fill the books: `count` payments, each paid through a Merchant transaction, with its line in the story.
 * The ids of payments are scattered, as random ids are: each new one goes to another page of its index.
 */
export function largeBooks(dialect: Dialect, tables: Tables, count: number): string[] {
  const numbers =
    dialect === "postgres"
      ? `WITH numbers (n) AS (SELECT generate_series(0::bigint, ${count - 1}))`
      : `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count - 1})`;
  const paymentId = `'payment-' || ${padded(dialect, "(n * 2654435761) % 4294967296")} || '-' || n`;
  const paymeId = padded(dialect, "n");
  const at = `${START} + n * ${EVERY_MS}`;
  return [
    `INSERT INTO ${tables.payment} (cashbox, mode, id, user_id, reference, amount, status, payme_transaction_id, paid_by,
        paid_source, held, created_ms, updated_ms, paid_ms, webhook_received_ms, checks)
      ${numbers}
      SELECT 'default', 'live', ${paymentId}, 'user-' || (n / 10), 'order-' || n, 5000000, 'PAID', ${paymeId}, ${paymeId},
        'merchant', 0, ${at}, ${at} + 900, ${at} + 900, ${at} + 900, 0
      FROM numbers`,
    `INSERT INTO ${tables.transaction} (cashbox, mode, payme_id, source, transaction_id, state, order_key, order_space, one_time, amount,
        account, time, create_time, perform_time, cancel_time)
      ${numbers}
      SELECT 'default', 'live', ${paymeId}, 'merchant', ${paymentId}, 2, 'order-' || n, 'default', 1, 5000000,
        '{"order_id":"' || n || '"}', ${at}, ${at} + 200, ${at} + 900, 0
      FROM numbers`,
    `INSERT INTO ${tables.event} (cashbox, mode, kind, subject, payme_id, at_ms, is_incident)
      ${numbers}
      SELECT 'default', 'live', 'payment.paid', ${paymentId}, ${paymeId}, ${at} + 900, 0
      FROM numbers`,
  ];
}

/** The Payme id of the n-th payment. */
export const paymeIdOf = (n: number): string => String(n).padStart(24, "0");

function padded(dialect: Dialect, number: string): string {
  return dialect === "postgres" ? `lpad((${number})::text, 24, '0')` : `printf('%024d', ${number})`;
}
