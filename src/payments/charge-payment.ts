import { declineText } from "../client/decline-text";
import { type DeclineReason, declineReasonOf, failureOrThrow } from "../client/pay";
import type { Payer } from "../client/receipts";
import { PaymeConfigError, type PaymeError, PaymeValidationError } from "../kit/errors";
import { isExpired, ORDER_KIND, type PaymentRow, type TransactionRow } from "../ledger";
import type { LocalizedText } from "../protocol/states";
import { cancelPayment } from "./cancel-payment";
import { CHARGE_LEASE_MS, type ClientContext, hasClient, nextCheckAt, type PaymentsContext } from "./context";
import { createPayment, type NewPayment, refuseOther } from "./create-payment";
import { askPayme } from "./reconcile";
import { settleReceipt } from "./settle-receipt";
import { requireFulfiller } from "./waiting-money";

/** What is to be charged to a saved card. */
export interface NewCharge extends Omit<NewPayment, "reference" | "referenceTtlMs" | "once"> {
  /** What it is for, e.g. `rent:42:2026-01`. It is charged once. What is paid every month has a reference for each month. */
  readonly reference: string;
  /** A verified card's token. It is never stored. */
  readonly token: string;
  readonly payer?: Payer | undefined;
  /**
   * How long to ask for the outcome after a lost answer or a failure inside Payme, and to wait for another call, in ms. Default
   * 30,000.
   */
  readonly settleMs?: number | undefined;
  /** Ends the charge; once it has been sent, the outcome is `unknown` or `pending`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a charge ended, with its payment and the id of its receipt at Payme.
 *
 * - `paid`: the money is yours, and recorded. Also where an earlier call charged it.
 * - `unfulfilled`: the money was taken, and `onPaid` answered false: refund it. An incident `paid_elsewhere` says so, too.
 * - `declined`: no money was taken, and this attempt will take none. `text` is for the payer. Charge again with another card.
 * - `pending`: Payme or another call is at work on it.
 * - `unknown`: no answer came, or a failure inside Payme, and asking did not tell the end. The money may still be taken.
 *
 * After `pending` and `unknown` charge again **with this reference**, never with a new one; or wait: `reconcile` records the end.
 * - `cancelled`: the payment was cancelled or refunded.
 */
export type ChargeOutcome = {
  readonly payment: PaymentRow;
  /** Null until Payme has made one. */
  readonly receiptId: string | null;
} & (
  | { readonly status: "paid" | "unfulfilled" | "pending" | "cancelled" }
  | {
      readonly status: "declined";
      readonly reason: DeclineReason;
      readonly text: LocalizedText;
      readonly error: PaymeError;
    }
  | { readonly status: "unknown"; readonly error: PaymeError | null }
);

const SETTLE_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * Charges a card for a reference: (1) finds or makes its payment and receipt, (2) claims the receipt in the books, (3) pays it
 * outside any transaction, (4) books what Payme says. A receipt is paid only while its payment is PENDING and claimed, and a
 * reference has one PENDING payment: so two calls never pay two receipts.
 */
export async function chargePayment<Tx>(context: PaymentsContext<Tx>, wanted: NewCharge): Promise<ChargeOutcome> {
  if (!hasClient(context)) throw new PaymeConfigError("createPayments: charge needs a client");
  for (const name of ["reference", "token"] as const) {
    if (typeof wanted[name] === "string" && wanted[name].trim() !== "") continue;
    throw new PaymeValidationError(`charge: ${name} must be a text. Nothing was sent.`);
  }
  requireFulfiller(context, wanted.kind ?? ORDER_KIND);
  wanted.signal?.throwIfAborted();
  const found = (await continued(context, wanted)) ?? (await made(context, wanted));
  return "payment" in found ? found : payAlone(context, found, wanted);
}

/** The payment of the reference as Payme says it stands, or its outcome; undefined where a new one is to be made. */
async function continued<Tx>(
  context: ClientContext<Tx>,
  wanted: NewCharge,
): Promise<PaymentRow | ChargeOutcome | undefined> {
  const { storage, scope } = context;
  const { reference } = wanted;
  const known =
    (await storage.findPayment(scope, { reference, paid: true })) ?? (await storage.findPayment(scope, { reference }));
  if (known === undefined || isOver(known)) return undefined;
  refuseOther(known, wanted);
  if (known.paidAt !== null) return known;
  // Its receipt is being made: createPayment waits for it, or goes on where that call died.
  if (known.status === "PENDING" && known.transactionId === null) return undefined;
  try {
    const seen = await askPayme(context, known);
    if (seen.paidAt !== null || (seen.status === "PENDING" && seen.transactionId !== null)) return seen;
    // Without a receipt that we know, no call pays it.
    if (seen.transactionId === null || isOver(seen)) return undefined;
    if (seen.status !== "FAILED") return outcomeOf(seen, "pending");
    // Only a PENDING payment is charged: the receipt of a failed one is cancelled before another is made.
    const cancelled = await cancelPayment(context, seen);
    return cancelled.outcome === "conflict" ? outcomeOf(cancelled.payment, "pending") : undefined;
  } catch (error) {
    // Paid meanwhile, or charged just now.
    if (error instanceof PaymeValidationError) return (await storage.findPayment(scope, { id: known.id })) ?? known;
    return { ...outcomeOf(known, "pending"), status: "unknown", error: failureOrThrow(error) };
  }
}

/** True where nothing more can be taken for a payment that was not paid. */
function isOver({ status, paidAt, nextCheckAt: next, transactionId }: PaymentRow): boolean {
  const hasNoReceipt = status === "FAILED" && transactionId === null;
  return paidAt === null && next === null && (status === "CANCELLED" || hasNoReceipt);
}

async function made<Tx>(context: ClientContext<Tx>, wanted: NewCharge): Promise<PaymentRow | ChargeOutcome> {
  const { token: _never, ...thing } = wanted;
  try {
    const { payment } = await createPayment(context, { ...thing, once: true });
    refuseOther(payment, wanted);
    return payment;
  } catch (error) {
    const failure = failureOrThrow(error);
    const row = await context.storage.findPayment(context.scope, { reference: wanted.reference });
    if (row === undefined) throw error;
    if (row.status !== "FAILED") return outcomeOf(row, "pending");
    const reason = declineReasonOf(failure);
    return { ...outcomeOf(row, "pending"), status: "declined", reason, text: declineText[reason], error: failure };
  }
}

/** Pays the receipt once no other call does. */
async function payAlone<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  wanted: NewCharge,
): Promise<ChargeOutcome> {
  const { now, sleep } = context;
  const deadline = now() + (wanted.settleMs ?? SETTLE_MS);
  let row = payment;
  for (;;) {
    if (row.paidAt !== null || row.status !== "PENDING") return ended(row);
    const until = now() + CHARGE_LEASE_MS;
    const claimed = await claim(context, row, until);
    if (claimed.isMine && claimed.row.transactionId !== null) {
      return payClaimed(context, claimed.row, claimed.row.transactionId, until, wanted);
    }
    row = claimed.row;
    if (row.status === "PENDING" && now() >= deadline) return outcomeOf(row, "pending");
    if (row.status === "PENDING") await sleep(Math.min(LOOK_EVERY_MS, deadline - now()), wanted.signal);
  }
}

/** Claims a receipt for this call alone; not while a Merchant transaction of another id holds the payment. */
async function claim<Tx>({ storage, scope, now }: ClientContext<Tx>, payment: PaymentRow, until: number) {
  let holder: TransactionRow | undefined;
  const claiming = storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const at = now();
    const claimed = await verbs.claimCharge(scope, payment.id, { at, until });
    const isMine = claimed.outcome === "applied";
    const live = isMine ? await verbs.findLiveByOrder(scope, payment.id) : undefined;
    holder = live === undefined || live.paymeId === payment.transactionId || isExpired(live, at) ? undefined : live;
    if (holder !== undefined) throw new Error("rolled back: a Merchant transaction is live");
    return { isMine, row: claimed.outcome === "not_found" ? payment : claimed.row };
  });
  return claiming.catch((error: unknown) => {
    if (holder !== undefined) return { isMine: false, row: payment };
    throw error;
  });
}

async function payClaimed<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  receiptId: string,
  until: number,
  { token, payer, settleMs = SETTLE_MS, signal }: NewCharge,
): Promise<ChargeOutcome> {
  const { client, storage, scope, now } = context;
  const release = async () => {
    const freed = { at: now(), until, nextCheckAt: nextCheckAt(context, payment) };
    const released = await storage.releaseCharge(scope, payment.id, freed);
    return released.outcome === "not_found" ? payment : released.row;
  };
  const outcome = await client.pay({ receiptId, token, payer, settleMs, signal }).catch(async (error: unknown) => {
    // Wrong arguments, or the signal: nothing was sent.
    await release();
    throw error;
  });
  switch (outcome.status) {
    case "declined": {
      const { reason, error } = outcome;
      return { status: "declined", payment: await release(), receiptId, reason, text: declineText[reason], error };
    }
    case "unknown":
      // The claim stands until it runs out: what was sent may still arrive.
      return { status: "unknown", payment, receiptId, error: outcome.error };
    case "paid":
    case "cancelled": {
      const receipt = await client.receipts.get(receiptId).catch(failureOrThrow);
      if (!("_id" in receipt)) return { status: "unknown", payment, receiptId, error: receipt };
      return ended(await settleReceipt(context, payment, receipt));
    }
    default:
      return outcomeOf(payment, "pending");
  }
}

/** The outcome of a payment that our books have at its end. Money that they could not place is an incident: `unknown`. */
function ended(payment: PaymentRow): ChargeOutcome {
  if (payment.status === "PAID") return outcomeOf(payment, payment.unfulfilled ? "unfulfilled" : "paid");
  if (payment.status === "CANCELLED") return outcomeOf(payment, "cancelled");
  return { ...outcomeOf(payment, "pending"), status: "unknown", error: null };
}

function outcomeOf(payment: PaymentRow, status: "paid" | "unfulfilled" | "pending" | "cancelled"): ChargeOutcome {
  return { status, payment, receiptId: payment.transactionId };
}
