import type { Clock } from "../../clock";
import type { Receipt } from "../../protocol/receipt";
import type { TokenBook } from "../card-tokens";
import type { TestCard } from "../cards";
import type { Cashier } from "../cashier";
import type { MockReceipt, ReceiptBook } from "../receipt-book";

/** What methods work with. */
export interface MethodContext {
  readonly merchantId: string;
  readonly book: ReceiptBook;
  readonly tokens: TokenBook;
  readonly cards: readonly TestCard[];
  readonly now: Clock;
  readonly cashier: Cashier;
  /** Tells the gateway's listeners what became of a receipt. */
  notify(method: "receipts.pay" | "receipts.cancel", receipt: MockReceipt): void;
}

/** A method: takes parameters as they came, gives a result or throws a Refusal. */
export type Method = (context: MethodContext, params: Readonly<Record<string, unknown>>) => unknown;

/** The receipt as answers have it: `cheque_id` is the gateway's, and not in Payme's answers. */
export function answered(receipt: MockReceipt): Receipt {
  const { cheque_id: _chequeId, ...answer } = receipt;
  return answer;
}
