import type { Clock, Sleep } from "../kit/clock";
import {
  PaymeAPIError,
  PaymeConnectionError,
  PaymeError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
  type RefusalReason,
} from "../kit/errors";
import { ReceiptState } from "../protocol/states";
import { type CreateReceiptParams, checkPay, type Payer, type Receipts } from "./receipts";

/** Why a card was not charged: it says who has to act. `merchant` also stands for a cashbox that is set up wrongly. */
export type DeclineReason = "funds" | "card" | "otp" | "limit" | "merchant" | "unavailable";

/**
 * How a charge, a capture, a release or a wait ended. `receiptId` is the receipt that was, or still can be, paid.
 *
 * - `paid`: the money is yours. `held`: it is set aside for you.
 * - `pending`: Payme is at work on it, or nothing has happened yet; ask again with `waitUntilPaid`.
 * - `declined`: no money was taken, and this attempt will take none. `cancelled`: the receipt is cancelled, or will be.
 * - `unknown`: Payme could not be asked to the end. Charge again **with this `receiptId`** or wait; never with a new receipt.
 */
export type ChargeOutcome =
  | { status: "paid" | "held" | "pending" | "cancelled"; receiptId: string; state: number }
  | { status: "declined"; receiptId: string | null; reason: DeclineReason; error: PaymeError }
  | { status: "unknown"; receiptId: string; state: number | null; error: PaymeError | null };

/** Params of {@link ChargeMethods.charge}. */
export interface ChargeParams extends CreateReceiptParams, HoldOptions {
  /** A verified card's token. */
  token: string;
  payer?: Payer | undefined;
  /** The receipt of an earlier attempt at the same payment. It is paid instead of a new one, so nothing is paid twice. */
  receiptId?: string | undefined;
  /** Called with the receipt's id before it is paid, and awaited: store it. If it throws, the charge ends with nothing paid. */
  onReceipt?: ((receiptId: string) => unknown) | undefined;
}

/** Options of {@link ChargeMethods.waitUntilPaid}. */
export interface PaidWaitOptions {
  /** How long to wait, in ms. Default 10 minutes. */
  forMs?: number | undefined;
  /** The first pause, in ms. Default 1,000. Each later pause is half as long again, up to `longestPauseMs`. */
  firstPauseMs?: number | undefined;
  /** Default 15,000. */
  longestPauseMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Options of {@link ChargeMethods.capture} and {@link ChargeMethods.release}. */
export interface HoldOptions {
  /** How long to ask for the outcome after a lost answer, in ms. Default 30,000. */
  settleMs?: number | undefined;
  /** Ends the charge or the change: `unknown` once it has been sent. */
  signal?: AbortSignal | undefined;
}

/** Payments by a saved card. They return every ending as an outcome; only wrong arguments, your own hook and an early abort throw. */
export interface ChargeMethods {
  /**
   * Charges a card: makes a receipt, passes its id to `onReceipt`, pays it. After a lost answer it asks about **that**
   * receipt, so money is taken at most once however often the network fails.
   *
   * @example
   * const outcome = await client.charge({ amount: som(50_000), account: { order_id: 197 }, token, onReceipt: (id) => save(id) });
   * if (outcome.status === "declined" && outcome.reason === "funds") return askForAnotherCard();
   */
  charge(params: ChargeParams): Promise<ChargeOutcome>;
  /** As `charge`, but only holds the money: the good outcome is `held`. Take it with `capture`, give it back with `release`. */
  hold(params: Omit<ChargeParams, "hold">): Promise<ChargeOutcome>;
  /** Takes held money. `paid`, or `held` where it is still to be taken. */
  capture(receiptId: string, options?: HoldOptions): Promise<ChargeOutcome>;
  /** Gives held money back, or cancels a receipt. `cancelled` also means that Payme has put it into its queue. */
  release(receiptId: string, options?: HoldOptions): Promise<ChargeOutcome>;
  /** Asks until a receipt is paid, held or cancelled, for as long as you say; then `pending`, or `unknown`. */
  waitUntilPaid(receiptId: string, options?: PaidWaitOptions): Promise<ChargeOutcome>;
}

/** An outcome of asking about a receipt: every one but a refusal. */
type Asked = Exclude<ChargeOutcome, { status: "declined" }>;
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

/** The charging methods over a client's receipts. */
export function createChargeMethods(receipts: Receipts, waiting: Omit<Asking, "receipts">): ChargeMethods {
  const asking: Asking = { receipts, ...waiting };
  const charge = (params: ChargeParams) => chargeReceipt(asking, params);
  return {
    charge,
    hold: (params) => charge({ ...params, hold: true }),
    capture: (id, options = {}) =>
      // Held money stays held until the capture arrives: only a paid or cancelled receipt is past it.
      changed(asking, id, options, ["paid", "cancelled"], () => receipts.confirmHold(id, { signal: options.signal })),
    release: (id, options = {}) =>
      changed(asking, id, options, ["cancelled"], () => receipts.cancel(id, { signal: options.signal })),
    waitUntilPaid: (id, { forMs = WAIT_MS, firstPauseMs = 1_000, ...options } = {}) =>
      ask(asking, id, { ...options, forMs, firstPauseMs, isEnd: isFinal }),
  };
}

async function chargeReceipt(asking: Asking, params: ChargeParams): Promise<ChargeOutcome> {
  const { token, payer, receiptId, onReceipt, settleMs, signal, ...receipt } = params;
  const { receipts } = asking;
  const { hold } = receipt;
  checkPay({ id: receiptId ?? "of-the-new-receipt", token, payer, hold });
  const options = { settleMs, signal };
  const found = await (receiptId === undefined
    ? newReceipt(receipts, receipt, signal)
    : unpaidReceipt(asking, receiptId, receipt, options));
  if (typeof found !== "string") return found;
  await onReceipt?.(found);
  return changed(asking, found, options, FINAL, () => receipts.pay({ id: found, token, payer, hold }, { signal }));
}

/** The id of a new receipt; or the outcome, where none was made. A lost answer may leave an unpaid receipt. */
async function newReceipt(receipts: Receipts, params: CreateReceiptParams, signal: AbortSignal | undefined) {
  const made = await receipts.create(params, { signal }).catch(failureOrThrow);
  return made instanceof PaymeError ? declined(null, made) : made._id;
}

/** The id of an earlier receipt that is still to be paid; or its outcome, where it has one. */
async function unpaidReceipt(
  asking: Asking,
  id: string,
  { amount }: CreateReceiptParams,
  { settleMs = SETTLE_MS, signal }: HoldOptions,
): Promise<string | ChargeOutcome> {
  try {
    const receipt = await asking.receipts.get(id, { signal });
    if (receipt.amount !== amount) {
      throw new PaymeValidationError(`charge: receipt ${id} is of ${receipt.amount} tiyin. Nothing was sent.`, {
        hint: "Use a receipt again for the same payment only. For another amount cancel it and leave receiptId out.",
      });
    }
    if (receipt.state === ReceiptState.CREATED) return id;
    // An earlier attempt has ended, or is under way.
    const outcome = outcomeOfState(id, receipt.state);
    if (outcome.status !== "pending") return outcome;
  } catch (error) {
    return unknown(id, failureOrThrow(error));
  }
  return ask(asking, id, { forMs: settleMs, signal, isEnd: isFinal });
}

/** Makes a change to a receipt; where its answer does not say how it ended, asks. */
async function changed(
  asking: Asking,
  id: string,
  { settleMs = SETTLE_MS, signal }: HoldOptions,
  ends: readonly Status[],
  change: () => Promise<{ state: number }>,
): Promise<ChargeOutcome> {
  const answer = await change().catch(failureOrThrow);
  if (answer instanceof PaymeConnectionError) return declined(id, answer);
  const seen = answer instanceof PaymeError ? unknown(id, answer) : outcomeOfState(id, answer.state);
  if (seen.status !== "pending" && seen.status !== "unknown") return seen;
  const wasRefused = answer instanceof PaymeAPIError;
  const isEnd: AskOptions["isEnd"] = ({ status }) => (wasRefused ? status !== "unknown" : ends.includes(status));
  try {
    const asked = await ask(asking, id, { forMs: settleMs, signal, isEnd });
    const hasEnded = ends.includes(asked.status) || isUnderWay(asked);
    if (!(answer instanceof PaymeError) || hasEnded) return asked;
    // After a lost answer, the change may still be on its way.
    if (!wasRefused) return { ...unknown(id, answer), state: asked.state };
    return asked.status === "unknown" ? { ...asked, error: answer } : declined(id, answer);
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
    if (answer instanceof PaymeAPIError && answer.reason !== "unavailable") return seen;
    const leftMs = end - now();
    if (isEnd(seen) || leftMs <= 0) return seen;
    await sleep(Math.min(pauseMs, leftMs), signal);
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, longestPauseMs);
  }
}

const STATUS: Readonly<Record<number, "paid" | "held" | "cancelled">> = {
  [ReceiptState.PAID]: "paid",
  [ReceiptState.HELD]: "held",
  [ReceiptState.CANCEL_QUEUED]: "cancelled",
  [ReceiptState.CANCELLED]: "cancelled",
};

/** The outcome that a receipt's state stands for; states between, and new ones, are `pending`. */
function outcomeOfState(receiptId: string, state: number): Exclude<Asked, { status: "unknown" }> {
  return { status: STATUS[state] ?? "pending", receiptId, state };
}

function unknown(receiptId: string, error: PaymeError): Extract<Asked, { status: "unknown" }> {
  return { status: "unknown", receiptId, state: null, error };
}

function isFinal({ status }: Asked): boolean {
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

/** The outcome of a refusal, or of a Payme that was not reached: in both cases no money was taken. */
function declined(receiptId: string | null, error: PaymeError): ChargeOutcome {
  const reason = error instanceof PaymeAPIError ? DECLINES[error.reason] : "unavailable";
  return { status: "declined", receiptId, reason, error };
}

/** Returns a refusal, a lost answer or a failed connection as a value; throws everything else. */
function failureOrThrow(error: unknown): PaymeError {
  if (error instanceof PaymeAPIError || error instanceof PaymeConnectionError) return error;
  if (error instanceof PaymeOutcomeUnknownError) return error;
  throw error;
}
