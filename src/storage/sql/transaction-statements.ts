import { quoted, type TableNames } from "./tables";

/** The statements on transactions. Each change carries its guard, and gives back the row that it changed. */
export function transactionStatements(tables: TableNames) {
  const transaction = quoted(tables.transaction);
  return {
    add: `
      INSERT INTO ${transaction} (cashbox, mode, payme_id, source, transaction_id, state, order_key, one_time, amount,
        account, time, create_time, perform_time, cancel_time, reason, receivers, fiscal_perform, fiscal_cancel)
      VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::integer, $7::text, $8::integer, $9::bigint,
        $10::text, $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::integer, $16::text, $17::text, $18::text)
      ON CONFLICT DO NOTHING
      RETURNING *`,

    find: `
      SELECT * FROM ${transaction} WHERE payme_id = $3::text AND cashbox = $1::text AND mode = $2::text`,

    findLiveByOrder: `
      SELECT * FROM ${transaction}
      WHERE order_key = $3::text AND cashbox = $1::text AND mode = $2::text
        AND source = 'merchant' AND one_time = 1 AND state IN (1, 2)`,

    // A clock that ran back is lifted: cancel_time >= perform_time >= create_time.
    change: `
      UPDATE ${transaction} SET
        state = $4::integer,
        perform_time = CASE
          WHEN $4::integer <> 2 THEN perform_time
          WHEN $5::bigint > create_time THEN $5::bigint ELSE create_time END,
        cancel_time = CASE
          WHEN $4::integer = 2 THEN cancel_time
          WHEN $5::bigint >= perform_time AND $5::bigint >= create_time THEN $5::bigint
          WHEN perform_time > create_time THEN perform_time ELSE create_time END,
        reason = COALESCE($6::integer, reason)
      WHERE payme_id = $3::text AND cashbox = $1::text AND mode = $2::text
        AND state = $7::integer AND time >= $8::bigint
      RETURNING *`,

    saveFiscalPerform: `
      UPDATE ${transaction} SET fiscal_perform = $4::text
      WHERE payme_id = $3::text AND cashbox = $1::text AND mode = $2::text
        AND (fiscal_perform IS NULL OR fiscal_perform <> $4::text)
      RETURNING *`,

    saveFiscalCancel: `
      UPDATE ${transaction} SET fiscal_cancel = $4::text
      WHERE payme_id = $3::text AND cashbox = $1::text AND mode = $2::text
        AND (fiscal_cancel IS NULL OR fiscal_cancel <> $4::text)
      RETURNING *`,

    list: `
      SELECT * FROM ${transaction}
      WHERE cashbox = $1::text AND mode = $2::text AND source = 'merchant'
        AND time >= $3::bigint AND time <= $4::bigint AND (time, payme_id) > ($3::bigint, $5::text)
      ORDER BY time, payme_id LIMIT $6::integer`,

    listExpired: `
      SELECT * FROM ${transaction}
      WHERE cashbox = $1::text AND mode = $2::text AND source = 'merchant' AND state = 1 AND time < $3::bigint
        AND time >= $4::bigint AND (time, payme_id) > ($4::bigint, $5::text)
      ORDER BY time, payme_id LIMIT $6::integer`,
  };
}
