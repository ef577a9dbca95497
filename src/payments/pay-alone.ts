import { declineText } from "../client/decline-text";
import { failureOrThrow, type HoldOptions, type PayOutcome } from "../client/pay";
import { PaymeError } from "../kit/errors";
import { isExpired, type PaymentRow, rowAfter, type TransactionRow } from "../ledger";
import { type ChargeOutcome, ended, outcomeOf, unknownOutcome } from "./charge-outcome";
import { CHARGE_LEASE_MS, type ClientContext, nextCheckAt } from "./context";
import { followHold, isHold } from "./follow-hold";
import { settleReceipt } from "./settle-receipt";

/** Sends what moves the money of a receipt. */
type Send = (receiptId: string, bounds: HoldOptions) => Promise<PayOutcome>;

const SETTLE_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * Moves the money of a payment's receipt once no other call does, outside any transaction, and books what Payme says. A wish
 * to cancel waits as long; one that came first stops it.
 */
export async function payAlone<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  { settleMs = SETTLE_MS, signal }: HoldOptions,
  send: Send,
): Promise<ChargeOutcome> {
  const { now, sleep } = context;
  const deadline = now() + settleMs;
  let row = payment;
  for (;;) {
    const until = now() + CHARGE_LEASE_MS;
    const claimed = await claim(context, row, until);
    if (claimed.isMine && claimed.row.transactionId !== null) {
      return payClaimed(context, claimed.row, claimed.row.transactionId, until, (id) => send(id, { settleMs, signal }));
    }
    row = claimed.row;
    if (row.status !== "PENDING" && !isHold(row)) return ended(row);
    if (now() >= deadline) return outcomeOf(row, "pending");
    await sleep(Math.min(LOOK_EVERY_MS, deadline - now()), signal);
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
    return { isMine, row: rowAfter(claimed, payment) };
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
  send: (receiptId: string) => Promise<PayOutcome>,
): Promise<ChargeOutcome> {
  const { client, storage, scope, now } = context;
  const free = async (row: PaymentRow) => {
    const released = await storage.releaseCharge(scope, row.id, {
      at: now(),
      until,
      nextCheckAt: nextCheckAt(context, row),
    });
    return rowAfter(released, row);
  };
  const outcome = await send(receiptId).catch(async (error: unknown) => {
    // Wrong arguments, or the signal: nothing was sent.
    await free(payment);
    throw error;
  });
  switch (outcome.status) {
    case "declined": {
      const { reason, error } = outcome;
      return {
        status: "declined",
        payment: await free(payment),
        receiptId,
        reason,
        text: declineText[reason],
        error,
      };
    }
    case "unknown":
      // The claim stands until it runs out: what was sent may still arrive.
      return unknownOutcome(payment, outcome.error);
    case "held": {
      const held = await followHold(context, payment).catch(failureOrThrow);
      return held instanceof PaymeError ? unknownOutcome(payment, held) : outcomeOf(await free(held), "held");
    }
    case "paid":
    case "cancelled": {
      const receipt = await client.receipts.get(receiptId).catch(failureOrThrow);
      if (!("_id" in receipt)) return unknownOutcome(payment, receipt);
      return ended(await settleReceipt(context, payment, receipt));
    }
    default:
      return outcomeOf(payment, "pending");
  }
}
