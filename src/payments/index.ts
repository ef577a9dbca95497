export type { CancelledPayment } from "./cancel-payment";
export type { PaymentHook, PaymentsClient } from "./context";
export type { CreatedPayment, NewPayment } from "./create-payment";
export type { Incidents } from "./incidents";
export { createPayments, type Payments, type PaymentsOptions } from "./payments";
export type { ReconcileOptions, ReconcileReport } from "./reconcile";
export type { CancelledReport } from "./record-cancelled";
export type { PaidReport, Recorded } from "./record-paid";
export type { WaitOptions } from "./wait-for-payment";
