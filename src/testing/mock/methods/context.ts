import type { Clock } from "../../../kit/clock";
import type { Receipt } from "../../../protocol/receipt";
import type { TestCard } from "../cards";
import type { Cashbox } from "../cashbox";
import type { MockChoices } from "../choices";
import type { MockReceipt } from "../mock-receipt";

/** What methods work with: the cashbox that calls, and what all cashboxes share. */
export interface MethodContext {
  readonly cashbox: Cashbox;
  readonly cards: readonly TestCard[];
  readonly choices: MockChoices;
  readonly now: Clock;
}

/** A method: takes parameters as they came, gives a result or throws a Refusal. */
export type Method = (context: MethodContext, params: Readonly<Record<string, unknown>>) => unknown;

/** The receipt as answers have it: `cheque_id` is the gateway's, and not in Payme's answers. */
export function answered(receipt: MockReceipt): Receipt {
  const { cheque_id: _chequeId, ...answer } = receipt;
  return answer;
}
