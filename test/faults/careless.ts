import type { PayOutcome } from "../../src/entry/client";
import { type Attempt, asTheDocsSay, makeAndPay, orderOf } from "./charge-stories";

/** Pays again on a new receipt after whatever was not a success. */
export const alwaysANewReceipt: Attempt = ({ client }, { orderId, token }) =>
  makeAndPay(client, { ...orderOf(orderId), token, settleMs: 0 });

/** Takes an answer without an error as paid, and an error as not paid. */
export const noErrorIsPaid: Attempt = async ({ client }, { orderId, token }, step): Promise<PayOutcome> => {
  try {
    const { _id: receiptId } = await client.receipts.create(orderOf(orderId));
    const { state } = await client.receipts.pay({ id: receiptId, token });
    return { status: step === "charge" ? "paid" : "held", receiptId, state };
  } catch {
    return { status: "unknown", receiptId: "", state: null, error: null };
  }
};

/** Tells the payer that nothing was taken where it is not known. */
export const unknownIsDeclined: Attempt = async (world, thing, step) => {
  const outcome = await asTheDocsSay(world, thing, step);
  if (outcome.status !== "unknown") return outcome;
  const { receiptId, error } = outcome;
  if (error === null) return outcome;
  return { status: "declined", receiptId, reason: "unavailable", error };
};
