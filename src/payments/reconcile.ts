import { isPaymeError } from "../kit/errors";
import type { PaymentRow } from "../ledger";
import { askPayme, scheduleNext } from "./ask-payme";
import type { PaymentsContext } from "./context";
import { CHECK_LEASE_MS } from "./schedule";

/** How much a run does. */
export interface ReconcileOptions {
  /** Only payments whose check has been due for at least this long. Default 0. */
  readonly olderThanMs?: number | undefined;
  /** At most so many payments. Default 100. */
  readonly limit?: number | undefined;
}

/** What a run did. */
export interface ReconcileReport {
  /** Payments looked at. */
  readonly checked: number;
  /** How many of them are now paid, cancelled, failed. */
  readonly paid: number;
  readonly cancelled: number;
  readonly failed: number;
  /** How many are still open. */
  readonly pending: number;
  /** How many could not be asked about, or met an error; they come again later. */
  readonly errors: number;
}

/**
 * Asks Payme about each payment whose check is due, and books what it answers. Any number of workers may run it at once:
 * a payment is claimed in a short transaction and asked about outside of it. Errors are counted and logged, never thrown.
 */
export async function reconcile<Tx>(
  context: PaymentsContext<Tx>,
  options: ReconcileOptions = {},
): Promise<ReconcileReport> {
  const now = context.now();
  const leaseUntil = now + CHECK_LEASE_MS;
  const claimed = await context.storage.claimDuePayments(context.scope, {
    now: now - (options.olderThanMs ?? 0),
    leaseUntil,
    limit: options.limit ?? 100,
  });
  const report = { checked: 0, paid: 0, cancelled: 0, failed: 0, pending: 0, errors: 0 };
  for (const payment of claimed) {
    // From here on the rest may be another worker's: it is due again.
    if (context.now() >= leaseUntil) break;
    const after = await reconcileOne(context, payment);
    report.checked += 1;
    report[after] += 1;
  }
  return report;
}

type ReportedAs = "paid" | "cancelled" | "failed" | "pending" | "errors";

const REPORTED = { PAID: "paid", CANCELLED: "cancelled", FAILED: "failed", PENDING: "pending" } as const;

async function reconcileOne<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<ReportedAs> {
  try {
    const after = await askPayme(context, payment);
    return REPORTED[after.status];
  } catch (error) {
    context.logger.warn("reconcile could not settle a payment; it comes again", {
      subject: payment.id,
      error: isPaymeError(error) ? error.code : error instanceof Error ? error.message : String(error),
    });
    await scheduleNext(context, payment, payment.held).catch(() => {});
    return "errors";
  }
}
