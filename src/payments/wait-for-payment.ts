import type { PaymentRow } from "../ledger";
import type { PaymentsContext } from "./context";
import { requirePayment } from "./find-payment";

/** How long to wait for a payment's end. */
export interface WaitOptions {
  /** Default 30 seconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 250;

/**
 * Waits until our own books know how a payment ended: the payer's browser is back before the news arrives. Returns the
 * payment as it stands when the time is over, PENDING too; rejects with the signal's reason.
 */
export async function waitForPayment<Tx>(
  context: PaymentsContext<Tx>,
  id: string,
  options: WaitOptions = {},
): Promise<PaymentRow> {
  const deadline = context.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  for (;;) {
    options.signal?.throwIfAborted();
    const payment = await requirePayment(context, id);
    const left = deadline - context.now();
    if (payment.status !== "PENDING" || left <= 0) return payment;
    await context.sleep(Math.min(LOOK_EVERY_MS, left), options.signal);
  }
}
