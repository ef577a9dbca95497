import {
  PaymeAPIError,
  PaymeConnectionError,
  PaymeError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../kit/errors";
import { ReceiptState } from "../protocol/states";
import { type Asked, type ChargeOutcome, declined, outcomeOfState } from "./charge-outcome";
import { type CreateReceiptParams, checkPay, type Payer, type Receipts } from "./receipts";
import { type Asking, type AskOptions, ask } from "./settle";

/** What {@link ChargeMethods.charge} takes. */
export interface ChargeParams extends CreateReceiptParams {
  /** A verified card's token. */
  token: string;
  payer?: Payer | undefined;
  /** The receipt of an earlier attempt at the same thing, to be paid instead of a new one: nothing is paid twice. */
  receiptId?: string | undefined;
  /**
   * Called with the receipt's id before it is paid, and awaited: store it. What it throws ends the charge, with nothing paid.
   */
  onReceipt?: ((receiptId: string) => unknown) | undefined;
  /** How long to ask for the end after a lost answer, in ms. Default 30,000. */
  settleMs?: number | undefined;
  /** Ends the charge: `unknown` once the payment has been sent. */
  signal?: AbortSignal | undefined;
}

/** What {@link ChargeMethods.waitUntilPaid} takes. */
export interface PaidWaitOptions {
  /** How long to wait, in ms. Default 10 minutes. */
  forMs?: number | undefined;
  /** Pauses between two looks: the first, in ms (default 1,000), and the longest (default 15,000). */
  firstPauseMs?: number | undefined;
  longestPauseMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What {@link ChargeMethods.capture} and {@link ChargeMethods.release} take. */
export interface HoldOptions {
  /** How long to ask for the end after a lost answer, in ms. Default 30,000. */
  settleMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Payments by a saved card, with every ending as an outcome. Only wrong arguments, your own hook and an abort before anything was sent throw. */
export interface ChargeMethods {
  /**
   * Charges a card: makes a receipt, tells you its id, pays it. A lost answer is settled by asking about **that** receipt,
   * so money is taken at most once however often the network fails.
   *
   * @example
   * const outcome = await client.charge({ amount: som(50_000), account: { order_id: 197 }, token, onReceipt: (id) => save(id) });
   * if (outcome.status === "declined" && outcome.reason === "funds") return askForAnotherCard();
   */
  charge(params: ChargeParams): Promise<ChargeOutcome>;
  /** The same, but the money is only held: `held` is then the good end. Take it with `capture`, give it back with `release`. */
  hold(params: Omit<ChargeParams, "hold">): Promise<ChargeOutcome>;
  /** Takes held money. `paid`, or `held` where it is still to be taken. */
  capture(receiptId: string, options?: HoldOptions): Promise<ChargeOutcome>;
  /** Gives held money back, or cancels a receipt. `cancelled` also means: Payme has put it into its queue. */
  release(receiptId: string, options?: HoldOptions): Promise<ChargeOutcome>;
  /** Asks until a receipt is paid, held or cancelled, for as long as you say; then `pending`, or `unknown`. */
  waitUntilPaid(receiptId: string, options?: PaidWaitOptions): Promise<ChargeOutcome>;
}

const SETTLE_MS = 30_000;
const WAIT_MS = 600_000;

/** The charging methods over a client's receipts. */
export function createChargeMethods(receipts: Receipts, { sleep, now }: Omit<Asking, "receipts">): ChargeMethods {
  const asking: Asking = { receipts, sleep, now };
  const charge = (params: ChargeParams) => chargeReceipt(asking, receipts, params);
  return {
    charge,
    hold: (params) => charge({ ...params, hold: true }),
    capture: (id, options = {}) =>
      // Held money stays held until the capture arrives: only a paid or cancelled receipt is past it.
      changed(asking, id, options, ["paid", "cancelled"], () => receipts.confirmHold(id, { signal: options.signal })),
    release: (id, options = {}) =>
      changed(asking, id, options, ["cancelled"], () => receipts.cancel(id, { signal: options.signal })),
    waitUntilPaid: (id, { forMs = WAIT_MS, firstPauseMs = 1_000, ...options } = {}) =>
      ask(asking, id, { ...options, forMs, firstPauseMs, isEnd: ({ status }) => isEnd(status) }),
  };
}

async function chargeReceipt(asking: Asking, receipts: Receipts, params: ChargeParams): Promise<ChargeOutcome> {
  const { token, payer, receiptId, onReceipt, settleMs, signal, ...receipt } = params;
  const { hold } = receipt;
  checkPay({ id: receiptId ?? "of-the-new-receipt", token, payer, hold });
  const options = { settleMs, signal };
  const found =
    receiptId === undefined
      ? await newReceipt(receipts, receipt, signal)
      : await unpaidReceipt(asking, receipts, receiptId, receipt, options);
  if (typeof found !== "string") return found;
  await onReceipt?.(found);
  return changed(asking, found, options, ["paid", "held", "cancelled"], () =>
    receipts.pay({ id: found, token, payer, hold }, { signal }),
  );
}

/** The id of a new receipt; or the outcome, where none was made. An answer that was lost left one that nobody pays. */
async function newReceipt(
  receipts: Receipts,
  params: CreateReceiptParams,
  signal: AbortSignal | undefined,
): Promise<string | ChargeOutcome> {
  try {
    return (await receipts.create(params, { signal }))._id;
  } catch (error) {
    return declined(null, failureOrThrow(error));
  }
}

/** The id of an earlier receipt that is still to be paid; or the outcome, where it has one. */
async function unpaidReceipt(
  asking: Asking,
  receipts: Receipts,
  id: string,
  { amount }: CreateReceiptParams,
  { settleMs = SETTLE_MS, signal }: HoldOptions,
): Promise<string | ChargeOutcome> {
  try {
    const receipt = await receipts.get(id, { signal });
    if (receipt.amount !== amount) {
      throw new PaymeValidationError(`charge: receipt ${id} is of ${receipt.amount} tiyin. Nothing was sent.`, {
        hint: "A receipt is used again for the same thing only; for another amount cancel it and leave receiptId out.",
      });
    }
    if (receipt.state === ReceiptState.CREATED) return id;
    // An earlier attempt has come to an end, or is under way.
    const outcome = outcomeOfState(id, receipt.state);
    if (outcome.status !== "pending") return outcome;
  } catch (error) {
    return unknown(id, failureOrThrow(error));
  }
  return ask(asking, id, { forMs: settleMs, signal, isEnd: ({ status }) => isEnd(status) });
}

/** Makes a change to a receipt; where its answer does not say how it ended, asks. */
async function changed(
  asking: Asking,
  id: string,
  { settleMs = SETTLE_MS, signal }: HoldOptions,
  ends: readonly Asked["status"][],
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
    if (!(answer instanceof PaymeError)) return asked;
    return wasRefused ? refused(asked, ends, answer) : lost(asked, ends, answer);
  } catch (error) {
    // Ended by its signal while it asked: what was sent may have been carried out.
    if (signal?.aborted) return seen;
    throw error;
  }
}

/** After a lost answer: what it came to; while nothing is to be seen of it the change may still be on its way. */
function lost(asked: Asked, ends: readonly Asked["status"][], error: PaymeError): ChargeOutcome {
  if (ends.includes(asked.status) || isUnderWay(asked)) return asked;
  return { ...unknown(asked.receiptId, error), state: asked.state };
}

/** After a refusal: refused it is, unless the receipt says otherwise: an earlier attempt may have gone through. */
function refused(asked: Asked, ends: readonly Asked["status"][], error: PaymeError): ChargeOutcome {
  if (ends.includes(asked.status) || isUnderWay(asked)) return asked;
  return asked.status === "unknown" ? { ...asked, error } : declined(asked.receiptId, error);
}

function unknown(receiptId: string, error: PaymeError): Extract<Asked, { status: "unknown" }> {
  return { status: "unknown", receiptId, state: null, error };
}

function isEnd(status: Asked["status"]): boolean {
  return status === "paid" || status === "held" || status === "cancelled";
}

/** A payment that Payme has begun. */
function isUnderWay({ status, state }: Asked): boolean {
  return status === "pending" && state !== ReceiptState.CREATED;
}

/** Payme's refusal, silence or absence as a value; all else is thrown on. */
function failureOrThrow(error: unknown): PaymeError {
  if (error instanceof PaymeAPIError) return error;
  if (error instanceof PaymeConnectionError || error instanceof PaymeOutcomeUnknownError) return error;
  throw error;
}
