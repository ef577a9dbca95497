import {
  isPaymeError,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../kit/errors";
import { isTiyin, type Tiyin } from "../kit/money";
import { newPayment, type PaymentRow, type Verbs } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { OUTCOME_UNKNOWN, PAYMENT_ID_FIELD, type PaymentsClient, type PaymentsContext, paymentEvent } from "./context";
import { failPayment } from "./fail-payment";
import { attachFoundReceipt, chequeIdOf, describe, findLostReceipt } from "./receipt-of-payment";
import { ABANDONED_AFTER_MS, nextCheckAt } from "./schedule";

/** What is to be paid. */
export interface NewPayment {
  readonly amount: Tiyin;
  /**
   * What it is for, e.g. `order:197`: unique among open payments. The same reference and amount again (a double click)
   * is the same payment, with the same pay URL; another amount is an error.
   */
  readonly reference?: string | undefined;
  /** An open payment of the reference that is older than this makes room for a new one. Default: never. */
  readonly referenceTtlMs?: number | undefined;
  /** True: a reference that was paid is never paid again, but answered with that payment, refunded or not. Default false. */
  readonly once?: boolean | undefined;
  /** What the payer reads. */
  readonly description?: string | undefined;
  /** Whose payment it is, for lists and statistics. */
  readonly userId?: string | undefined;
  readonly tariffId?: number | undefined;
  /** JSON that is kept with it and given to your hooks. */
  readonly data?: unknown;
}

/** A payment that waits for its payer. */
export interface CreatedPayment {
  /** Our own id: the Merchant API's `account.order_id`. */
  readonly id: string;
  /** The receipt's id at Payme; null for a checkout link. */
  readonly transactionId: string | null;
  readonly chequeId: string | null;
  /** Where to send the payer. */
  readonly payUrl: string;
  /** True where an earlier call made it. */
  readonly reused: boolean;
  readonly payment: PaymentRow;
}

/** How long a second call waits for the first one's answer from Payme, and how often it looks. */
const WAIT_FOR_OTHER_MS = 35_000;
const LOOK_EVERY_MS = 50;
/** The error code of a payment for which Payme was never reached. */
const NOT_REACHED = "not_reached";

/**
 * Makes a payment: (1) the intent is committed, (2) Payme is asked for a receipt outside any transaction, (3) the receipt
 * is attached where none is. A crash or a lost answer in between is mended by `reconcile`.
 */
export async function createPayment<Tx>(context: PaymentsContext<Tx>, wanted: NewPayment): Promise<CreatedPayment> {
  assertPayable(context, wanted);
  const payment = newRow(context, wanted);
  const added = await context.storage.transaction(async (tx) => {
    const verbs = context.storage.using(tx);
    const paid = wanted.once === true ? await findPaid(context, verbs, wanted) : undefined;
    if (paid !== undefined) return { outcome: "already_applied", row: paid } as const;
    const result = await verbs.addPayment(payment, { freeReferenceBefore: freeBefore(context.now(), wanted) });
    if (result.outcome === "applied") {
      await verbs.appendEvents([paymentEvent("payment.created", payment, payment.createdAt)]);
    }
    return result;
  });
  if (added.outcome === "already_applied") {
    if (added.row.paidAt !== null) return created(added.row, true);
    refuseOtherAmount(added.row, wanted);
    return isAbandoned(context, added.row) ? takeOver(context, added.row, wanted) : joinPayment(context, added.row);
  }
  const payable = context.client === undefined ? payment : await makeReceipt(context, context.client, payment);
  return created(payable, false);
}

async function findPaid<Tx>(
  context: PaymentsContext<Tx>,
  verbs: Verbs,
  { reference }: NewPayment,
): Promise<PaymentRow | undefined> {
  const known = reference === undefined ? undefined : await verbs.findPayment(context.scope, { reference });
  return known === undefined || known.paidAt === null ? undefined : known;
}

function assertPayable<Tx>(context: PaymentsContext<Tx>, wanted: NewPayment): void {
  if (!isTiyin(wanted.amount) || wanted.amount === 0) {
    throw new PaymeValidationError("amount: a payment needs a whole number of tiyin above 0", {
      hint: "Use som(50_000) or tiyin(5_000_000).",
    });
  }
  if (wanted.reference === "") throw new PaymeValidationError("reference: leave it out, or give it a text");
  if (context.client === undefined && context.payUrl === undefined) {
    throw new PaymeConfigError("createPayments: without a client there is nowhere to send the payer", {
      hint: "Pass client, or payUrl where payments are paid by a checkout link.",
    });
  }
}

function freeBefore(now: number, wanted: NewPayment): number | undefined {
  return wanted.referenceTtlMs === undefined ? undefined : now - wanted.referenceTtlMs;
}

function newRow<Tx>(context: PaymentsContext<Tx>, wanted: NewPayment): PaymentRow {
  const now = context.now();
  const endsAt = now + context.pendingTtlMs;
  const row = newPayment({
    ...context.scope,
    id: context.newId(),
    userId: wanted.userId ?? "",
    reference: wanted.reference ?? null,
    amount: wanted.amount,
    description: wanted.description ?? null,
    tariffId: wanted.tariffId ?? null,
    data: wanted.data ?? null,
    createdAt: now,
    // With a link there is no receipt to ask about: the next thing that can happen by itself is its end of life.
    nextCheckAt: context.client === undefined ? endsAt : nextCheckAt(now, 0, endsAt),
  });
  return context.client === undefined ? { ...row, payUrl: context.payUrl?.(row) ?? null } : row;
}

async function makeReceipt<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
): Promise<PaymentRow> {
  const receipt = await askForReceipt(context, client, payment);
  const now = context.now();
  const attached = await context.storage.attachReceipt(context.scope, payment.id, {
    transactionId: receipt._id,
    chequeId: chequeIdOf(receipt),
    payUrl: client.receiptUrl(receipt),
    at: now,
    nextCheckAt: nextCheckAt(now, payment.checks, payment.createdAt + context.pendingTtlMs),
  });
  if (attached.outcome === "not_found") throw new Error(`payment ${payment.id} is gone`);
  const isClosed = attached.row.status === "CANCELLED";
  if (attached.outcome === "conflict" || isClosed) await dropReceipt(context, client, receipt);
  if (isClosed) throw closedMeanwhile();
  return attached.row;
}

async function askForReceipt<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
): Promise<Receipt> {
  try {
    return await client.receipts.create({
      amount: payment.amount,
      account: { [PAYMENT_ID_FIELD]: payment.id },
      description: describe(payment),
    });
  } catch (error) {
    await recordFailure(context, payment, error);
    throw error;
  }
}

/** The payment was closed meanwhile, or another receipt of it was found and attached: this one must not be paid. */
async function dropReceipt<Tx>(context: PaymentsContext<Tx>, client: PaymentsClient, receipt: Receipt): Promise<void> {
  await client.receipts.cancel(receipt._id).catch((error: unknown) => {
    context.logger.warn("a superfluous receipt could not be cancelled", {
      paymeId: receipt._id,
      code: isPaymeError(error) ? error.code : null,
    });
  });
}

async function recordFailure<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow, error: unknown): Promise<void> {
  const now = context.now();
  await failPayment(context, payment, {
    errorCode: failureCode(error),
    errorMessage: error instanceof Error ? error.message : String(error),
    // A receipt may have been made all the same: reconcile looks for it.
    nextCheckAt:
      error instanceof PaymeOutcomeUnknownError ? nextCheckAt(now, 0, payment.createdAt + context.pendingTtlMs) : null,
  });
}

function failureCode(error: unknown): string {
  if (error instanceof PaymeAPIError) return error.errorCode ?? error.code;
  if (error instanceof PaymeOutcomeUnknownError) return OUTCOME_UNKNOWN;
  return error instanceof PaymeConnectionError ? NOT_REACHED : isPaymeError(error) ? error.code : "error";
}

function refuseOtherAmount(open: PaymentRow, wanted: NewPayment): void {
  if (open.amount === wanted.amount) return;
  throw new PaymeValidationError(`reference ${JSON.stringify(wanted.reference)}: an open payment has another amount`, {
    code: "CONFLICT",
    hint: "Close that payment first, or use another reference.",
  });
}

/** True where whoever was making the payment must have died on the way: no creation takes so long. */
function isAbandoned<Tx>(context: PaymentsContext<Tx>, open: PaymentRow): boolean {
  return open.payUrl === null && context.now() >= open.createdAt + ABANDONED_AFTER_MS;
}

/** Goes on where another call died: with the receipt that it made, or with a new payment. */
async function takeOver<Tx>(
  context: PaymentsContext<Tx>,
  open: PaymentRow,
  wanted: NewPayment,
): Promise<CreatedPayment> {
  const { client, now } = context;
  const receipt = client === undefined ? undefined : await findLostReceipt(client, open, now());
  const attached = receipt === undefined ? undefined : await attachFoundReceipt(context, open, receipt);
  if (attached !== undefined) return created(attached, true);
  await failPayment(context, open, {
    errorCode: OUTCOME_UNKNOWN,
    errorMessage: "whoever was making this payment did not get to its end",
    nextCheckAt: nextCheckAt(now(), 0, open.createdAt + context.pendingTtlMs),
  });
  return createPayment(context, wanted);
}

/** A second call for the same reference: waits until the first has its pay URL, and returns it. */
async function joinPayment<Tx>(context: PaymentsContext<Tx>, open: PaymentRow): Promise<CreatedPayment> {
  for (let waited = 0; waited <= WAIT_FOR_OTHER_MS; waited += LOOK_EVERY_MS) {
    const payment = await context.storage.findPayment(context.scope, { id: open.id });
    if (payment === undefined || payment.status === "FAILED") throw failureOf(payment);
    if (payment.status === "CANCELLED") throw closedMeanwhile();
    if (payment.payUrl !== null) return created(payment, true);
    await context.sleep(LOOK_EVERY_MS);
  }
  throw failureOf(undefined);
}

function closedMeanwhile(): PaymeValidationError {
  return new PaymeValidationError("the payment was closed while its receipt was being made", { code: "CONFLICT" });
}

/** Why the call that was waited for made no pay URL: what Payme told it, where it told anything. */
function failureOf(payment: PaymentRow | undefined): Error {
  const code = payment?.errorCode ?? "";
  if (/^-?\d+$/.test(code)) return new PaymeAPIError(payment?.errorMessage ?? "Payme refused", { errorCode: code });
  return new PaymeConnectionError("another call is making this payment, and Payme has not answered it", {
    hint: "Try again: the same reference never makes two open payments.",
  });
}

function created(payment: PaymentRow, reused: boolean): CreatedPayment {
  const { id, transactionId, chequeId, payUrl } = payment;
  return { id, transactionId, chequeId, payUrl: payUrl ?? "", reused, payment };
}
