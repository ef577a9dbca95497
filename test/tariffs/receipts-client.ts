import type { PaymentsClient } from "../../src/entry";
import { PaymeAPIError } from "../../src/kit/errors";

/** A client whose receipts carry our payment's id in theirs, for tests that report money themselves. */
export const receiptsClient: PaymentsClient = {
  mode: "test",
  receipts: {
    create: async ({ amount, account }) => ({ _id: receiptId(account.order_id ?? ""), state: 0, amount }),
    get: () => Promise.reject(new PaymeAPIError("no such receipt")),
    check: () => Promise.reject(new PaymeAPIError("no such receipt")),
    cancel: () => Promise.reject(new PaymeAPIError("no such receipt")),
    getAll: async () => ({ receipts: [], unread: [] }),
  },
  pay: () => Promise.reject(new PaymeAPIError("no such receipt")),
  hold: () => Promise.reject(new PaymeAPIError("no such receipt")),
  capture: () => Promise.reject(new PaymeAPIError("no such receipt")),
  receiptUrl: ({ _id }) => `https://checkout.paycom.uz/${_id}`,
};

/** The receipt of a payment. */
export function receiptId(paymentId: string): string {
  return `receipt-${paymentId}`;
}
