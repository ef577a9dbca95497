import type { EventRow } from "../../ledger/event";
import type { Scope } from "../../ledger/outcome";
import type { PaymentRow } from "../../ledger/payment";
import type { Cursor } from "../../ledger/storage";
import type { TransactionRow } from "../../ledger/transaction";
import type { MemoryTable, MemoryTx } from "./memory-table";

/** An entry of an index: the key of its row. */
interface Entry {
  key: string;
}

// Our tables by name, and the indexes that a database would keep by itself. Each use asks for its table: most transactions
// touch few of them.

export const transactions = (tx: MemoryTx) => tx.table<TransactionRow>("payme_transaction");
export const holders = (tx: MemoryTx) => tx.table<Entry>("payme_transaction_by_order");
export const payments = (tx: MemoryTx) => tx.table<PaymentRow>("payme_payment");
export const paymentByPaymeId = (tx: MemoryTx) => tx.table<Entry>("payme_payment_by_payme_id");
export const openByReference = (tx: MemoryTx) => tx.table<Entry>("payme_payment_by_open_reference");
export const openOfUser = (tx: MemoryTx) => tx.table<{ count: number }>("payme_payment_by_open_user");
export const events = (tx: MemoryTx) => tx.table<EventRow>("payme_event");
export const openIncidents = (tx: MemoryTx) => tx.table<Entry>("payme_event_by_open_incident");
export const openOfSubject = (tx: MemoryTx) => tx.table<{ ids: readonly number[] }>("payme_event_by_open_subject");

/** Returns the key of a row: its scope and id. */
export function keyOf(scope: Scope, id: string): string {
  return `${scope.mode}\u0000${scope.cashbox}\u0000${id}`;
}

/** Returns a value as a database gives it back: what JSON cannot say (-0, undefined members) is gone. */
export function asJson<Value>(value: Value): Value {
  // One level of plain values, as nearly all of our rows have, needs no text.
  if (isPlainValue(value)) return value;
  const isFlat = Object.getPrototypeOf(value) === Object.prototype && Object.values(Object(value)).every(isPlainValue);
  return isFlat ? { ...value } : JSON.parse(JSON.stringify(value));
}

/** True for what JSON gives back as it is. */
function isPlainValue(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === "string" || typeof value === "boolean";
}

/** True for a row of the scope. */
export function isOf(scope: Scope, row: Scope): boolean {
  return row.cashbox === scope.cashbox && row.mode === scope.mode;
}

/** Returns the row of an index entry. */
export function follow<Row extends object>(table: MemoryTable<Row>, entry: Entry | undefined): Row | undefined {
  return entry === undefined ? undefined : table.get(entry.key);
}

/** Returns the page of rows after the cursor, ascending by time, then id. */
export function pageOf<Row>(
  rows: readonly Row[],
  positionOf: (row: Row) => Cursor,
  { after, limit }: { after?: Cursor | undefined; limit: number },
): Row[] {
  return rows
    .map((row) => ({ row, at: positionOf(row) }))
    .filter(({ at }) => after === undefined || byTime(at, after) > 0)
    .sort((a, b) => byTime(a.at, b.at))
    .slice(0, limit)
    .map(({ row }) => row);
}

function byTime(a: Cursor, b: Cursor): number {
  return a.time - b.time || (a.id < b.id ? -1 : Number(a.id > b.id));
}
