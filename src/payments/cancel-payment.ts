import { isFinalRefusal } from "../client/finality";
import {
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../kit/errors";
import {
  type Asked,
  amountTaken,
  type EventRow,
  isExpired,
  type PaymentChange,
  type PaymentRow,
  recordIncident,
  rowAfter,
  type TransactionRow,
  tellWritten,
  writeEvents,
} from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import { askedEvents, CHECK_LEASE_MS, type ClientContext, hasClient, type PaymentsContext } from "./context";
import { followRefund } from "./follow-refund";
import { deniedReceipt, followStray } from "./follow-stray";
import { closeUncharged } from "./record-cancelled";
import { endFor, endOf, settleReceipt } from "./settle-receipt";
import { requireFulfiller } from "./waiting-money";

/**
 * How a cancel ended. `queued`: Payme has taken it, and `reconcile` records its end. `conflict`: a Merchant transaction of the
 * payment is in progress, and nothing changed.
 */
export type CancelOutcome =
  | { readonly outcome: "applied" | "already_applied" | "queued"; readonly payment: PaymentRow }
  | { readonly outcome: "conflict"; readonly payment: PaymentRow; readonly transaction: TransactionRow };

/** How a refund stands. */
export interface RefundedPayment {
  readonly payment: PaymentRow;
  /** `queued`: Payme will give the money back. `done`: it has. */
  readonly refund: "queued" | "done";
}

const UNPAID = ["PENDING", "FAILED"] as const;

/**
 * Cancels an unpaid payment: (1) commits the wish, (2) asks Payme outside any transaction, (3) records what its answer says.
 * `reconcile` mends a crash or a lost answer in between. The wish never refunds: found paid, the payment is settled as PAID.
 */
export async function cancelPayment<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  asked?: Asked,
): Promise<CancelOutcome> {
  refusePaid(payment);
  if (payment.held && !hasClient(context))
    throw new PaymeConfigError("createPayments: only a client gives held money back");
  if (!hasClient(context) || payment.transactionId === null) return closeUnasked(context, payment, asked);
  const wish = await wishUnlessLive(context, payment, asked);
  if ("transaction" in wish) return wish;
  const { row } = wish;
  if (row.status === "CANCELLED") return { outcome: "already_applied", payment: row };
  refusePaid(row);
  if (wish.outcome === "conflict") throw charging();
  const isNewWish = wish.outcome === "applied";
  await refuseIfPaidAtPayme(context, row, payment.transactionId, isNewWish);
  const { payment: after, state } = await cancelReceipt(context, row, payment.transactionId, isNewWish);
  refusePaid(after);
  // A payment whose creation failed stays FAILED: the end of its receipt is enough, and 21 is none.
  const end = endFor(after, payment.transactionId, state);
  const isEnded = after.status === "CANCELLED" || (after.status === "FAILED" && end === "cancelled");
  if (isEnded) return { outcome: "applied", payment: after };
  if (state === ReceiptState.CANCEL_QUEUED) return { outcome: "queued", payment: after };
  const transaction = await liveTransaction(context, after);
  if (transaction !== undefined) return { outcome: "conflict", payment: after, transaction };
  throw notCancelled(state);
}

/**
 * Refunds a paid payment: (1) commits the wish, (2) asks Payme outside any transaction, (3) records what its answer says.
 * `reconcile` mends a crash or a lost answer in between.
 */
export async function refundPayment<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  asked?: Asked,
): Promise<RefundedPayment> {
  if (payment.status === "CANCELLED" && payment.paidAt !== null) return refundAgain(context, payment, asked);
  refuseMerchantRefund(payment);
  if (payment.status !== "PAID") {
    throw new PaymeValidationError(`the payment is not paid: it is ${payment.status}`, {
      code: "CONFLICT",
      hint: "Use cancel for what is unpaid. Where the payer says that it is paid, use check first.",
    });
  }
  const { paidBy } = payment;
  if (!hasClient(context) || paidBy === null) {
    throw new PaymeValidationError("without a client and a receipt a payment is refunded in the Payme cabinet", {
      code: "CONFLICT",
    });
  }
  // What nobody here can take back must not be given back here.
  if (!payment.unfulfilled) requireFulfiller(context, payment.kind);
  const wish = await requestRefund(context, payment, asked);
  if (wish.row.status === "CANCELLED") return refunded(wish.row);
  const isNewWish = wish.outcome === "applied";
  // Two people at once are one refund: the first one's is carried out, by its call or by reconcile.
  if (asked !== undefined && wish.outcome === "already_applied") return refunded(wish.row);
  const { payment: after, state } = await cancelReceipt(context, wish.row, paidBy, isNewWish);
  if (after.status !== "CANCELLED") throw notCancelled(state);
  return refunded(after);
}

/** Asks Payme again where it has refused a refund that it had taken, or has not ended it for days. */
async function refundAgain<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  asked: Asked | undefined,
): Promise<RefundedPayment> {
  const { refund, paidBy } = payment;
  if (!hasClient(context) || refund === "queued") return refunded(payment);
  const receiptId = refund === "done" ? await deniedReceipt(context, payment) : paidBy;
  if (receiptId === null) return refunded(payment);
  const { receipts } = context.client;
  const events = askedEvents(context, "refund", payment, asked);
  const written = await context.storage.appendEvents(events);
  // The same press has asked already.
  if (written.length < events.length) return refunded(payment);
  tellWritten(context, written);
  const receipt = await receipts.cancel(receiptId).catch((error: unknown) => {
    if (error instanceof PaymeAPIError) return receipts.get(receiptId);
    throw error;
  });
  const { state } = receipt;
  // Books that call it done already are not set back: a person is told until Payme says 50.
  if (refund === "done") await followStray(context, payment, receipt);
  const row = refund === "done" ? payment : await followRefund(context, payment, state);
  if (state === ReceiptState.PAID) throw notCancelled(state);
  return { payment: row, refund: state === ReceiptState.CANCELLED ? "done" : "queued" };
}

function refunded(payment: PaymentRow): RefundedPayment {
  return { payment, refund: payment.refund === "done" ? "done" : "queued" };
}

async function requestFrom<Tx>(
  { storage, scope, now }: PaymentsContext<Tx>,
  payment: PaymentRow,
  from: PaymentChange["from"],
  verbs: Pick<typeof storage, "requestCancel"> = storage,
) {
  const at = now();
  const wish = await verbs.requestCancel(scope, payment.id, { from, at, nextCheckAt: at + CHECK_LEASE_MS });
  return { outcome: wish.outcome, row: rowAfter(wish, payment) };
}

/** Commits the wish to refund, and who asked for it. */
async function requestRefund<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow, asked: Asked | undefined) {
  if (asked === undefined) return requestFrom(context, payment, ["PAID"]);
  const { storage } = context;
  let written: EventRow[] = [];
  const wish = await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const wished = await requestFrom(context, payment, ["PAID"], verbs);
    const events = wished.outcome === "applied" ? askedEvents(context, "refund", payment, asked) : [];
    written = await writeEvents(context, verbs, events);
    return wished;
  });
  tellWritten(context, written);
  return wish;
}

/** Commits a wish to cancel. False: the payment was paid meanwhile, or a charge of it is under way. */
export async function wishToCancel<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<boolean> {
  return (await requestFrom(context, payment, UNPAID)).outcome !== "conflict";
}

/** Commits the wish; not where a Merchant transaction of the payment is in progress. After it, none begins. */
async function wishUnlessLive<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow, asked: Asked | undefined) {
  const { storage } = context;
  let live: TransactionRow | undefined;
  let written: EventRow[] = [];
  try {
    const wished = await storage.transaction(async (tx) => {
      const verbs = storage.using(tx);
      const wish = await requestFrom(context, payment, UNPAID, verbs);
      live = await liveTransaction(context, payment, verbs);
      // At a billing cashbox a hold keeps the transaction of its receipt open: Payme cancels it.
      if (payment.held && live?.paymeId === payment.transactionId) live = undefined;
      if (wish.outcome === "applied" && live !== undefined) throw new Error("rolled back: a transaction is live");
      const events = wish.outcome === "applied" ? askedEvents(context, "cancel", payment, asked) : [];
      written = await writeEvents(context, verbs, events);
      return wish;
    });
    tellWritten(context, written);
    return wished;
  } catch (error) {
    if (live === undefined) throw error;
    return { outcome: "conflict", payment, transaction: live } as const;
  }
}

async function liveTransaction<Tx>(
  { storage, scope, now }: PaymentsContext<Tx>,
  { id }: PaymentRow,
  verbs: Pick<typeof storage, "findLiveByOrder"> = storage,
): Promise<TransactionRow | undefined> {
  const live = await verbs.findLiveByOrder(scope, id);
  return live === undefined || isExpired(live, now()) ? undefined : live;
}

/** A cancel of a paid receipt would give the money back: so Payme is asked first. */
async function refuseIfPaidAtPayme<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  transactionId: string,
  isNewWish: boolean,
): Promise<void> {
  const { receipts } = context.client;
  try {
    // -31602 stops here, too: "not found or already paid".
    const { state } = await receipts.check(transactionId);
    if (endOf(state) !== "paid") return;
    const settled = await settleReceipt(context, payment, await receipts.get(transactionId));
    if (settled.status !== "PAID") throw notCancelled(state);
    refusePaid(settled);
  } catch (error) {
    if (isNewWish) await withdraw(context, payment);
    throw error;
  }
}

/**
 * Asks Payme to cancel a receipt and records what its answer says: cancelled, or still paid. Where it is not cancelled, the
 * wish to cancel is withdrawn. Without an answer, and after a refusal that is not final, the wish stands: reconcile goes on.
 *
 * @param isNewWish false: an earlier call may have cancelled it while its answer was lost, so that wish always stands.
 */
export async function cancelReceipt<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  transactionId: string,
  isNewWish: boolean,
): Promise<{ readonly payment: PaymentRow; readonly state: number }> {
  const { receipts } = context.client;
  let receipt: Receipt | undefined;
  let refusal: PaymeAPIError | undefined;
  try {
    receipt = await receipts.cancel(transactionId);
  } catch (error) {
    if (error instanceof PaymeConnectionError && isNewWish) await withdraw(context, payment);
    if (!(error instanceof PaymeAPIError)) throw error;
    // Perhaps Payme refuses because it cancelled the receipt before, and its answer was lost: the receipt says so.
    refusal = error;
    receipt = await receipts.get(transactionId).catch(() => undefined);
    if (receipt === undefined) throw isFinalRefusal(refusal) ? refusal : notDecided(refusal);
  }
  const { state } = receipt;
  const settled = await settleReceipt(context, payment, receipt);
  // A queued cancel of what is unpaid is not withdrawn either: Payme ends it.
  if (endOf(state) === "cancelled") return { payment: settled, state };
  if (refusal !== undefined && !isFinalRefusal(refusal)) throw notDecided(refusal);
  if (!isNewWish && settled.paidBy === transactionId && settled.cancelRequestedAt !== null) {
    // Who asked for the refund was told that it goes on.
    const data = { amount: amountTaken(settled) };
    const about = { ...context.scope, subject: settled.id, paymeId: transactionId, at: context.now() };
    await recordIncident(context, { kind: "refund_refused", data, ...about });
  }
  const withdrawn = await withdraw(context, settled);
  if (refusal !== undefined) throw refusal;
  return { payment: withdrawn, state };
}

async function withdraw<Tx>({ storage, scope, now }: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const at = now();
  const nextCheckAt = payment.status === "PAID" ? null : at + CHECK_LEASE_MS;
  const withdrawn = await storage.withdrawCancel(scope, payment.id, { at, nextCheckAt });
  return rowAfter(withdrawn, payment);
}

/** A refusal that is not final: Payme may cancel the receipt all the same. */
function notDecided(refusal: PaymeAPIError): PaymeOutcomeUnknownError {
  return new PaymeOutcomeUnknownError(`receipts.cancel was refused with ${refusal.errorCode}: it may be carried out`, {
    method: "receipts.cancel",
    settledBy: "receipts.check",
    hint: "The wish stands: reconcile goes on with it.",
    cause: refusal,
  });
}

function notCancelled(state: number): PaymeAPIError {
  return new PaymeAPIError(`Payme answered the cancel with state ${state}: the payment is not cancelled`, {
    responseData: { state },
    hint:
      endOf(state) === "paid"
        ? "It stays paid: refund it in the Payme cabinet."
        : "Look again in a few minutes: Payme or a Merchant transaction still works on it.",
  });
}

function refusePaid(payment: PaymentRow): void {
  refuseMerchantRefund(payment);
  if (payment.status !== "PAID") return;
  throw new PaymeValidationError("the payment is paid: it is not cancelled, and no money is given back", {
    code: "CONFLICT",
    hint: "Use refund where the money is to be given back.",
  });
}

function refuseMerchantRefund(payment: PaymentRow): void {
  if (payment.status !== "PAID" || payment.paidSource !== "merchant") return;
  throw new PaymeValidationError("a payment made through the Merchant API is refunded in the Payme cabinet", {
    code: "CONFLICT",
    hint: "Refund it there: Payme will then call CancelTransaction.",
  });
}

function charging(): PaymeValidationError {
  return new PaymeValidationError("the payment is being charged: nothing was changed", {
    code: "CONFLICT",
    hint: "Try again in a few minutes. Then it is paid, or it can be cancelled.",
  });
}

/** Closes a payment in our books: it has no receipt that we know of. */
async function closeUnasked<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  asked: Asked | undefined,
): Promise<CancelOutcome> {
  if (payment.status === "FAILED") {
    throw new PaymeValidationError("the payment's creation failed: there is nothing to cancel", { code: "CONFLICT" });
  }
  const closed = await closeUncharged(context, payment, askedEvents(context, "cancel", payment, asked));
  const row = rowAfter(closed, payment);
  if (closed.outcome === "applied" || closed.outcome === "already_applied") {
    return { outcome: closed.outcome, payment: row };
  }
  refusePaid(row);
  const transaction = await liveTransaction(context, row);
  if (transaction !== undefined) return { outcome: "conflict", payment: row, transaction };
  throw charging();
}
