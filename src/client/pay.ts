import type { Clock, Sleep } from "../kit/clock";
import {
  PaymeAPIError,
  PaymeConnectionError,
  PaymeError,
  PaymeOutcomeUnknownError,
  type RefusalReason,
} from "../kit/errors";
import { ReceiptState } from "../protocol/states";
import { isFinalRefusal } from "./finality";
import { checkPay, type Payer, type Receipts } from "./receipts";

/**
 * Why a card was not charged: it says who has to act. `merchant` also stands for a cashbox that is set up wrongly, `unavailable`
 * for a Payme that was not reached.
 */
export type DeclineReason = "funds" | "card" | "otp" | "limit" | "merchant" | "unavailable";

/**
 * How a payment, a hold, a capture, a release or a wait ended.
 *
 * - `paid`: the money is yours. `held`: it is set aside for you.
 * - `pending`: Payme is at work on it, or nothing has happened yet; ask again with `waitUntilPaid`.
 * - `declined`: no money was taken, and this attempt will take none. `cancelled`: the receipt is cancelled.
 * - `unknown`: no answer came, or a failure inside Payme, and asking did not tell the end. The money may still be taken. Pay
 *   again **with this receipt** or wait; never pay another one for it.
 */
export type PayOutcome =
  | { status: "paid" | "held" | "pending" | "cancelled"; receiptId: string; state: number }
  | { status: "declined"; receiptId: string; reason: DeclineReason; error: PaymeError }
  | { status: "unknown"; receiptId: string; state: number | null; error: PaymeError | null };

/** Params of {@link PayMethods.pay} and {@link PayMethods.hold}. */
export interface PayParams extends HoldOptions {
  /** The receipt to pay. It is paid at most once, however often it is tried. */
  receiptId: string;
  /** A verified card's token. */
  token: string;
  payer?: Payer | undefined;
}

/** Options of {@link PayMethods.waitUntilPaid}. */
export interface PaidWaitOptions {
  /** How long to wait, in ms. Default 10 minutes. */
  forMs?: number | undefined;
  /** The first pause, in ms. Default 1,000. Each later pause is half as long again, up to `longestPauseMs`. */
  firstPauseMs?: number | undefined;
  /** Default 15,000. */
  longestPauseMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Options of {@link PayMethods.capture} and {@link PayMethods.release}. */
export interface HoldOptions {
  /** How long to ask for the outcome after a lost answer or a failure inside Payme, in ms. Default 30,000. */
  settleMs?: number | undefined;
  /** Ends the payment or the change: `unknown` once it has been sent. */
  signal?: AbortSignal | undefined;
}

/** Payments by a saved card. They return every ending as an outcome; only wrong arguments and an early abort throw. */
export interface PayMethods {
  /**
   * Pays a receipt that is unpaid. After a lost answer or a failure inside Payme it asks about the receipt. One receipt is paid
   * once; **two receipts of one order are paid twice**: `payments.charge` keeps one for each reference.
   *
   * @example
   * const outcome = await client.pay({ receiptId, token });
   * if (outcome.status === "declined" && outcome.reason === "funds") return askForAnotherCard();
   */
  pay(params: PayParams): Promise<PayOutcome>;
  /**
   * As `pay`, but only holds the money: the good outcome is `held`. The receipt is made with `hold: true`. Take the money
   * with `capture`, give it back with `release`.
   */
  hold(params: PayParams): Promise<PayOutcome>;
  /** Takes held money. `paid`, or `held` where it is still to be taken. */
  capture(receiptId: string, options?: HoldOptions): Promise<PayOutcome>;
  /** Gives held money back, or cancels a receipt. `cancelled`: at 50 only. `pending`: Payme has put it into its queue (21). */
  release(receiptId: string, options?: HoldOptions): Promise<PayOutcome>;
  /** Asks until a receipt is paid, held or cancelled, for as long as you say; then `pending`, or `unknown`. */
  waitUntilPaid(receiptId: string, options?: PaidWaitOptions): Promise<PayOutcome>;
}

/** An outcome of asking about a receipt: every one but a refusal. */
type Asked = Exclude<PayOutcome, { status: "declined" }>;
type Status = Asked["status"];

/** The tools for asking about a receipt. */
interface Asking {
  readonly receipts: Receipts;
  readonly sleep: Sleep;
  readonly now: Clock;
}

interface AskOptions extends PaidWaitOptions {
  readonly forMs: number;
  /** True for an outcome that ends the asking. */
  readonly isEnd: (outcome: Asked) => boolean;
}

const SETTLE_MS = 30_000;
const WAIT_MS = 600_000;
const PAUSE_GROWTH = 1.5;
const FINAL: readonly Status[] = ["paid", "held", "cancelled"];

const { CHECKING, DEBITING, CLOSING, HOLDING, CLOSE_QUEUED } = ReceiptState;
/** States in which Payme is at work. They end by themselves. */
const AT_WORK: readonly (number | null)[] = [CHECKING, DEBITING, CLOSING, HOLDING, CLOSE_QUEUED];

/** The paying methods over a client's receipts. */
export function createPayMethods(receipts: Receipts, waiting: Omit<Asking, "receipts">): PayMethods {
  const asking: Asking = { receipts, ...waiting };
  return {
    pay: (params) => payReceipt(asking, params),
    hold: (params) => payReceipt(asking, params, true),
    capture: (id, options = {}) =>
      // Held money stays held until the capture arrives: only a paid or cancelled receipt is past it.
      changed(asking, id, options, ["paid", "cancelled"], () => receipts.confirmHold(id, { signal: options.signal })),
    release: (id, options = {}) =>
      changed(asking, id, options, ["cancelled"], () => receipts.cancel(id, { signal: options.signal })),
    waitUntilPaid: (id, { forMs = WAIT_MS, firstPauseMs = 1_000, ...options } = {}) =>
      ask(asking, id, { ...options, forMs, firstPauseMs, isEnd: hasEnd }),
  };
}

async function payReceipt(asking: Asking, params: PayParams, hold?: true): Promise<PayOutcome> {
  const { receiptId: id, token, payer, settleMs = SETTLE_MS, signal } = params;
  checkPay({ id, token, payer, hold });
  const { receipts } = asking;
  const answer = await receipts.check(id, { signal }).catch(failureOrThrow);
  if (answer instanceof PaymeError) return unknown(id, answer);
  if (answer.state !== ReceiptState.CREATED) {
    // An earlier attempt has ended, or is under way.
    const outcome = outcomeOfState(id, answer.state);
    return outcome.status === "pending" ? ask(asking, id, { forMs: settleMs, signal, isEnd: hasEnd }) : outcome;
  }
  return changed(asking, id, { settleMs, signal }, FINAL, () => receipts.pay({ id, token, payer, hold }, { signal }));
}

/** Makes a change to a receipt; where its answer does not say how it ended, asks. */
async function changed(
  asking: Asking,
  id: string,
  { settleMs = SETTLE_MS, signal }: HoldOptions,
  ends: readonly Status[],
  change: () => Promise<{ state: number }>,
): Promise<PayOutcome> {
  const answer = await change().catch(failureOrThrow);
  if (answer instanceof PaymeConnectionError) return declined(id, answer);
  const seen = answer instanceof PaymeError ? unknown(id, answer) : outcomeOfState(id, answer.state);
  if (seen.status !== "pending" && seen.status !== "unknown") return seen;
  const isFinal = answer instanceof PaymeAPIError && isFinalRefusal(answer);
  // A final refusal is looked at once, and for longer where Payme is at work on the receipt all the same.
  const isEnd: AskOptions["isEnd"] = (looked) =>
    isFinal ? looked.status !== "unknown" && !AT_WORK.includes(looked.state) : ends.includes(looked.status);
  try {
    const asked = await ask(asking, id, { forMs: settleMs, signal, isEnd });
    const hasEnded = ends.includes(asked.status) || isUnderWay(asked);
    if (!(answer instanceof PaymeError) || hasEnded) return asked;
    if (isFinal && asked.status !== "unknown") return declined(id, answer);
    // After a lost answer, and after a failure inside Payme, the change may still be on its way.
    return { ...unknown(id, answer), state: asked.state };
  } catch (error) {
    // The signal ended the asking: what was sent may have been carried out.
    if (signal?.aborted) return seen;
    throw error;
  }
}

/**
 * Asks `receipts.check`, with growing pauses, until the receipt has ended or the time is over. Asks again where Payme was
 * not reached; stops where Payme refuses to tell.
 */
async function ask({ receipts, sleep, now }: Asking, id: string, options: AskOptions): Promise<Asked> {
  const { forMs, firstPauseMs = 500, longestPauseMs = 15_000, isEnd, signal } = options;
  const end = now() + forMs;
  let pauseMs = firstPauseMs;
  for (;;) {
    const answer = await receipts.check(id, { signal }).catch(failureOrThrow);
    const seen = answer instanceof PaymeError ? unknown(id, answer) : outcomeOfState(id, answer.state);
    const isRefused = answer instanceof PaymeAPIError && (isFinalRefusal(answer) || answer.reason === "receipt");
    if (isRefused) return seen;
    const leftMs = end - now();
    if (isEnd(seen) || leftMs <= 0) return seen;
    await sleep(Math.min(pauseMs, leftMs), signal);
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, longestPauseMs);
  }
}

const STATUS: Readonly<Record<number, "paid" | "held" | "cancelled">> = {
  [ReceiptState.PAID]: "paid",
  [ReceiptState.HELD]: "held",
  [ReceiptState.CANCELLED]: "cancelled",
};

/** The outcome that a receipt's state stands for; states between, and new ones, are `pending`. */
function outcomeOfState(receiptId: string, state: number): Exclude<Asked, { status: "unknown" }> {
  return { status: STATUS[state] ?? "pending", receiptId, state };
}

function unknown(receiptId: string, error: PaymeError): Extract<Asked, { status: "unknown" }> {
  return { status: "unknown", receiptId, state: null, error };
}

function hasEnd({ status }: Asked): boolean {
  return FINAL.includes(status);
}

/** True for a payment that Payme has begun. */
function isUnderWay({ status, state }: Asked): boolean {
  return status === "pending" && state !== ReceiptState.CREATED;
}

const DECLINES: Readonly<Record<RefusalReason, DeclineReason>> = {
  auth: "merchant",
  validation: "merchant",
  merchant: "merchant",
  card: "card",
  funds: "funds",
  otp: "otp",
  limit: "limit",
  receipt: "unavailable",
  unavailable: "unavailable",
  unknown: "unavailable",
};

/** The outcome of a final refusal, or of a Payme that was not reached: in both cases no money was taken. */
function declined(receiptId: string, error: PaymeError): PayOutcome {
  return { status: "declined", receiptId, reason: declineReasonOf(error), error };
}

export function declineReasonOf(error: PaymeError): DeclineReason {
  return error instanceof PaymeAPIError ? DECLINES[error.reason] : "unavailable";
}

/** Returns a refusal, a lost answer or a failed connection as a value; throws everything else. */
export function failureOrThrow(error: unknown): PaymeError {
  if (error instanceof PaymeAPIError || error instanceof PaymeConnectionError) return error;
  if (error instanceof PaymeOutcomeUnknownError) return error;
  throw error;
}
