import { sleep } from "../kit/clock";
import {
  isPaymeError,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../kit/errors";
import { isTiyin, type Tiyin } from "../kit/money";
import { waitFor } from "../kit/wait-for";
import { isKind, newPayment, ORDER_KIND, type Outcome, type PaymentRow, rowAfter, withHooks } from "../ledger";
import { accountValue, type Receipt } from "../protocol/receipt";
import {
  ABANDONED_AFTER_MS,
  type ClientContext,
  endsAt,
  hasClient,
  nextCheckAt,
  OUTCOME_UNKNOWN,
  PAYMENT_ID_FIELD,
  type PaymentsContext,
  paymentEvent,
} from "./context";

/** What is to be paid. */
export interface NewPayment {
  readonly amount: Tiyin;
  /** What kind of thing it is: a fulfiller of this kind gives it. Small letters, digits and `-`. Default `order`. */
  readonly kind?: string | undefined;
  /**
   * What it is for, e.g. `order:197`: unique among open payments. The same reference and amount again (a double click)
   * is the same payment, with the same pay URL; another amount is an error.
   */
  readonly reference?: string | undefined;
  /** An open payment of the reference that is older than this makes room for a new one. Default: never. */
  readonly referenceTtlMs?: number | undefined;
  /** True: a paid reference is never paid again. It gives that payment, refunded or not. Default false. */
  readonly once?: boolean | undefined;
  /** The text that the payer reads. */
  readonly description?: string | undefined;
  /**
   * True: the payer's money is held first, and taken with `capture` or given back with `release`. Payme enables holds per
   * cashbox: without that the money is taken at once. Needs a client. Default false.
   */
  readonly hold?: boolean | undefined;
  /** The fiscal detail of its receipt: see `fiscalDetail`. It is sent to Payme, and not stored. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
  /** The user who pays, for lists and statistics. */
  readonly userId?: string | undefined;
  /** JSON that is kept with the payment, for your hooks. */
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

/** How long a second call waits for the first one's answer from Payme, and the pauses between its looks: each twice the last. */
const WAIT_FOR_OTHER_MS = 35_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const LONGEST_TURN_MS = 15_000;
/** The error code of a payment for which Payme was never reached. */
const NOT_REACHED = "not_reached";
/** Payme's page size, and how many pages are read at most: 2,000 receipts. */
const PAGE_SIZE = 50;
const MAX_PAGES = 40;
/** Payme's clock and ours may differ by this much. */
const CLOCK_MARGIN_MS = 10 * 60_000;

/**
 * Makes a payment: (1) commits the intent, (2) asks Payme for a receipt outside any transaction, (3) attaches the receipt
 * where none is. `reconcile` mends a crash or a lost answer in between.
 */
export async function createPayment<Tx>(context: PaymentsContext<Tx>, wanted: NewPayment): Promise<CreatedPayment> {
  assertPayable(context, wanted);
  const { scope, now } = context;
  const { reference, referenceTtlMs } = wanted;
  const payment = newRow(context, wanted);
  const freeReferenceBefore = referenceTtlMs === undefined ? undefined : now() - referenceTtlMs;
  let paid: PaymentRow | undefined;
  const adding = inTurn(context, payment.userId, () =>
    withHooks(context, async ({ verbs, append }) => {
      const result = await verbs.addPayment(payment, { freeReferenceBefore, mostOpen: context.mostOpen });
      // After the insert: the reference has no other open payment now, so none is paid that this read does not see.
      const isOnce = wanted.once === true && reference !== undefined;
      paid = isOnce ? await verbs.findPayment(scope, { reference, paid: true }) : undefined;
      if (paid !== undefined) throw new Error("rolled back: the reference is paid");
      if (result.outcome === "too_many_open") throw tooManyOpen(context.mostOpen);
      if (result.outcome === "applied") {
        await append([paymentEvent("payment.created", payment, payment.createdAt)]);
      }
      return result;
    }),
  );
  const added = await adding.catch((error: unknown) => {
    if (paid === undefined) throw error;
    return { outcome: "already_applied", row: paid } as const;
  });
  if (added.outcome === "already_applied") {
    const open = added.row;
    if (open.paidAt !== null) return created(open, true);
    refuseOther(open, wanted);
    // No creation takes so long: the call that was making the payment must have died.
    const isAbandoned = open.payUrl === null && now() >= open.createdAt + ABANDONED_AFTER_MS;
    return isAbandoned ? resume(context, open, wanted) : joinPayment(context, open);
  }
  if (!hasClient(context)) return created(payment, false);
  const making = makeReceipt(context, payment, wanted.detail);
  context.inTheMaking.set(
    payment.id,
    making.catch(() => {}),
  );
  return created(await making.finally(() => context.inTheMaking.delete(payment.id)), false);
}

/**
 * Books the payments of one user one after another: at once they would wait for each other in the database, and hold its
 * connections. The bound does not depend on it: after a while a call waits no longer.
 */
async function inTurn<Tx, R>({ turns }: PaymentsContext<Tx>, userId: string, book: () => Promise<R>): Promise<R> {
  if (userId === "") return book();
  const before = turns.get(userId);
  const turn = before === undefined ? book() : waitFor(before, LONGEST_TURN_MS, sleep).then(book);
  const end = turn.catch(() => {});
  turns.set(userId, end);
  try {
    return await turn;
  } finally {
    if (turns.get(userId) === end) turns.delete(userId);
  }
}

function tooManyOpen(most: number): PaymeValidationError {
  return new PaymeValidationError(`userId: this user has ${most} open payments, and may have no more`, {
    code: "TOO_MANY_OPEN",
    hint: "One of them must be paid, cancelled or run out first. Another bound: createPayments({ maxOpenPerUser }).",
    texts: {
      ru: "У вас слишком много неоплаченных платежей. Оплатите один из них или попробуйте завтра",
      uz: "To‘lanmagan to‘lovlaringiz juda ko‘p. Ulardan birini to‘lang yoki ertaga urinib ko‘ring",
      en: "You have too many unpaid payments. Pay one of them, or try again tomorrow",
    },
  });
}

function assertPayable<Tx>(
  { client, payUrl }: PaymentsContext<Tx>,
  { amount, reference, kind = ORDER_KIND, hold }: NewPayment,
): void {
  if (!isTiyin(amount) || amount === 0) {
    throw new PaymeValidationError("amount: a payment needs a whole number of tiyin above 0", {
      hint: "Use som(50_000) or tiyin(5_000_000).",
    });
  }
  if (!isKind(kind)) {
    throw new PaymeValidationError(`kind: ${JSON.stringify(kind)} cannot be one`, {
      hint: "Use small letters, digits and -.",
    });
  }
  if (reference === "") throw new PaymeValidationError("reference: leave it out, or give it a text");
  if (client === undefined && payUrl === undefined) {
    throw new PaymeConfigError("createPayments: without a client there is nowhere to send the payer", {
      hint: "Pass client, or payUrl where payments are paid by a checkout link.",
    });
  }
  if (hold === true && client === undefined) {
    throw new PaymeConfigError("createPayments: without a client no money is held: only a receipt can hold it");
  }
}

function newRow<Tx>(context: PaymentsContext<Tx>, wanted: NewPayment): PaymentRow {
  const now = context.now();
  const row = newPayment({
    ...context.scope,
    id: context.newId(),
    kind: wanted.kind ?? ORDER_KIND,
    userId: wanted.userId ?? "",
    reference: wanted.reference ?? null,
    amount: wanted.amount,
    description: wanted.description ?? null,
    data: wanted.data ?? null,
    hold: wanted.hold ?? false,
    createdAt: now,
  });
  if (context.client !== undefined) return { ...row, nextCheckAt: nextCheckAt(context, row) };
  // A link has no receipt to ask about: only its end of life comes by itself.
  return { ...row, payUrl: context.payUrl?.(row) ?? null, nextCheckAt: endsAt(context, row) };
}

async function makeReceipt<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  detail: NewPayment["detail"],
): Promise<PaymentRow> {
  const receipt = await askForReceipt(context, payment, detail);
  const attached = await attach(context, payment, receipt);
  const row = rowAfter(attached, payment);
  // The log has the receipt's id from here on: nothing else may ever be heard of it.
  context.logger.info("a receipt was made", { payment_id: payment.id, transaction_id: receipt._id });
  const isClosed = row.status === "CANCELLED";
  if (attached.outcome === "conflict" || isClosed) await dropReceipt(context, receipt);
  if (isClosed) throw closedMeanwhile();
  return row;
}

async function askForReceipt<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  detail: NewPayment["detail"],
): Promise<Receipt> {
  const { id, amount } = payment;
  const hold = payment.hold || undefined;
  try {
    const account = { [PAYMENT_ID_FIELD]: id };
    return await context.client.receipts.create({ amount, account, description: describe(payment), detail, hold });
  } catch (error) {
    await failPayment(context, payment, {
      errorCode: failureCode(error),
      errorMessage: error instanceof Error ? error.message : String(error),
      // Payme may have made a receipt: reconcile looks for it.
      nextCheckAt: error instanceof PaymeOutcomeUnknownError ? nextCheckAt(context, payment, 0) : null,
    });
    throw error;
  }
}

/** Our payment id ends the description: it survives there where a cashbox replaces the account. */
function describe({ description, id }: PaymentRow): string {
  return description === null ? id : `${description} ${id}`;
}

function attach<Tx>(context: ClientContext<Tx>, payment: PaymentRow, receipt: Receipt): Promise<Outcome<PaymentRow>> {
  return context.storage.attachReceipt(context.scope, payment.id, {
    transactionId: receipt._id,
    chequeId: String(receipt.cheque_id ?? receipt._id),
    payUrl: context.client.receiptUrl(receipt),
    at: context.now(),
    nextCheckAt: nextCheckAt(context, { ...payment, transactionId: receipt._id }),
  });
}

/** Attaches a receipt to the payment that it was made for; undefined where the payment has another one. */
export async function attachFoundReceipt<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  receipt: Receipt,
): Promise<PaymentRow | undefined> {
  const attached = await attach(context, payment, receipt);
  return attached.outcome === "applied" || attached.outcome === "already_applied" ? attached.row : undefined;
}

/** Cancels a receipt that must not be paid: its payment was closed meanwhile, or has another receipt. */
async function dropReceipt<Tx>({ client, logger }: ClientContext<Tx>, receipt: Receipt): Promise<void> {
  await client.receipts.cancel(receipt._id).catch((error: unknown) => {
    logger.warn("a superfluous receipt could not be cancelled", {
      transaction_id: receipt._id,
      code: isPaymeError(error) ? error.code : null,
    });
  });
}

function failureCode(error: unknown): string {
  if (error instanceof PaymeAPIError) return error.errorCode ?? error.code;
  if (error instanceof PaymeOutcomeUnknownError) return OUTCOME_UNKNOWN;
  return error instanceof PaymeConnectionError ? NOT_REACHED : isPaymeError(error) ? error.code : "error";
}

/** PENDING → FAILED, with its event; `nextCheckAt`: when to look for money all the same. Another status stays as it is. */
export async function failPayment<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  failure: { readonly errorCode: string; readonly errorMessage: string; readonly nextCheckAt: number | null },
): Promise<PaymentRow> {
  const at = context.now();
  return withHooks(context, async ({ verbs, append }) => {
    const change = { ...failure, from: ["PENDING"], to: "FAILED", at } as const;
    const failed = await verbs.changePayment(context.scope, payment.id, change);
    if (failed.outcome === "applied") {
      await append([paymentEvent("payment.failed", failed.row, at, { errorCode: failure.errorCode })]);
    }
    return rowAfter(failed, payment);
  });
}

/** Refuses another amount or kind for a reference, and a hold for a payment without one. Nothing was sent. */
export function refuseOther(known: PaymentRow, wanted: Omit<NewPayment, "detail">): void {
  const { kind = ORDER_KIND, hold = false, amount, reference } = wanted;
  const other = known.kind !== kind ? "kind" : known.amount !== amount ? "amount" : known.hold !== hold ? "hold" : null;
  if (other === null) return;
  throw new PaymeValidationError(`reference ${JSON.stringify(reference)}: its payment has another ${other}`, {
    code: "CONFLICT",
    hint: "Cancel that payment first, or use another reference.",
  });
}

/** Goes on where another call died: with the receipt that it made, or with a new payment. */
async function resume<Tx>(context: PaymentsContext<Tx>, open: PaymentRow, wanted: NewPayment): Promise<CreatedPayment> {
  const attached = hasClient(context) ? await findLostReceipt(context, open) : undefined;
  if (attached !== undefined) return created(attached, true);
  await failPayment(context, open, {
    errorCode: OUTCOME_UNKNOWN,
    errorMessage: "the call that was making this payment did not finish",
    nextCheckAt: nextCheckAt(context, open, 0),
  });
  return createPayment(context, wanted);
}

/**
 * Looks among Payme's receipts for the one of a payment whose answer never came, and attaches it. Payme lists the newest
 * first, by a time that moves when payment starts: so the search runs from shortly before the intent until now.
 */
export async function findLostReceipt<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
): Promise<PaymentRow | undefined> {
  const range = { from: payment.createdAt - CLOCK_MARGIN_MS, to: context.now() + CLOCK_MARGIN_MS, count: PAGE_SIZE };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { receipts, unread } = await context.client.receipts.getAll({ ...range, offset: page * PAGE_SIZE });
    const found = receipts.find((receipt) => belongsTo(receipt, payment));
    if (found !== undefined) return attachFoundReceipt(context, payment, found);
    // One of them may be its receipt: the search goes on as long as for any other that Payme does not list yet.
    for (const { id, problem } of unread) {
      const ids = { payment_id: payment.id, transaction_id: id };
      context.logger.warn(`a listed receipt cannot be read, and may be this payment's: ${problem}`, ids);
    }
    if (receipts.length + unread.length < PAGE_SIZE) return undefined;
  }
  return undefined;
}

function belongsTo(receipt: Receipt, payment: PaymentRow): boolean {
  if (receipt.amount !== payment.amount) return false;
  return accountValue(receipt, PAYMENT_ID_FIELD) === payment.id || receipt.description === describe(payment);
}

/**
 * A second call for the same reference: waits until the first has its pay URL, and returns it. It waits for the end of a call in
 * this process; after one in another process it looks ever more seldom.
 */
async function joinPayment<Tx>(context: PaymentsContext<Tx>, open: PaymentRow): Promise<CreatedPayment> {
  const { inTheMaking } = context;
  for (let waited = 0, pause = FIRST_PAUSE_MS; waited <= WAIT_FOR_OTHER_MS; ) {
    const payment = await context.storage.findPayment(context.scope, { id: open.id });
    if (payment === undefined || payment.status === "FAILED") throw failureOf(payment);
    if (payment.status === "CANCELLED") throw closedMeanwhile();
    if (payment.payUrl !== null) return created(payment, true);
    const twin = inTheMaking.get(open.id);
    if (twin !== undefined) {
      await twin;
      continue;
    }
    await context.sleep(pause);
    waited += pause;
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
  throw failureOf(undefined);
}

function closedMeanwhile(): PaymeValidationError {
  return new PaymeValidationError("the payment was closed while its receipt was being made", { code: "CONFLICT" });
}

/** Why the first call made no pay URL: the answer of Payme, where it gave one. */
function failureOf(payment: PaymentRow | undefined): Error {
  const code = payment?.errorCode ?? "";
  if (/^-?\d+$/.test(code)) return new PaymeAPIError(payment?.errorMessage ?? "Payme refused", { errorCode: code });
  return new PaymeConnectionError("another call is making this payment, and Payme has not answered it", {
    hint: "Try again: the same reference never makes two open payments.",
  });
}

/** The payment as its caller gets it. One that was paid another way may have no page: its link is empty. */
export function created(payment: PaymentRow, reused: boolean): CreatedPayment {
  const { id, transactionId, chequeId, payUrl } = payment;
  return { id, transactionId, chequeId, payUrl: payUrl ?? "", reused, payment };
}
