import type { EventRow } from "../../ledger/event";
import type { PaymentRow } from "../../ledger/payment";
import type { TransactionRow } from "../../ledger/transaction";
import type { Entry } from "./memory-keys";
import type { MemoryTx } from "./memory-table";

// Our tables by name, and the indexes that a database would keep by itself. Asked for where they are used: most
// transactions touch few of them.

export const transactions = (tx: MemoryTx) => tx.table<TransactionRow>("payme_transaction");
export const holders = (tx: MemoryTx) => tx.table<Entry>("payme_transaction_by_order");
export const payments = (tx: MemoryTx) => tx.table<PaymentRow>("payme_payment");
export const paymentByPaymeId = (tx: MemoryTx) => tx.table<Entry>("payme_payment_by_payme_id");
export const openByReference = (tx: MemoryTx) => tx.table<Entry>("payme_payment_by_open_reference");
export const events = (tx: MemoryTx) => tx.table<EventRow>("payme_event");
export const incidents = (tx: MemoryTx) => tx.table<Entry>("payme_event_by_incident");
