import type { TransactionRow } from "../ledger";

// Replies are made from stored rows, never from the moment: Payme sends each call twice and compares the answers.

export function createReply(row: TransactionRow) {
  return {
    create_time: row.createTime,
    transaction: row.transaction,
    state: row.state,
    ...(row.receivers === null ? {} : { receivers: row.receivers }),
  };
}

export function performReply(row: TransactionRow) {
  return { transaction: row.transaction, perform_time: row.performTime, state: row.state };
}

export function cancelReply(row: TransactionRow) {
  return { transaction: row.transaction, cancel_time: row.cancelTime, state: row.state };
}

export function checkReply(row: TransactionRow) {
  return {
    create_time: row.createTime,
    perform_time: row.performTime,
    cancel_time: row.cancelTime,
    transaction: row.transaction,
    state: row.state,
    reason: row.reason,
  };
}

/** A line of the statement: the account as it was received. */
export function statementLine(row: TransactionRow) {
  return {
    id: row.paymeId,
    time: row.time,
    amount: row.amount,
    account: row.account,
    create_time: row.createTime,
    perform_time: row.performTime,
    cancel_time: row.cancelTime,
    transaction: row.transaction,
    state: row.state,
    reason: row.reason,
    receivers: row.receivers,
  };
}
