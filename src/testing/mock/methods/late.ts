import { PaymeConfigError } from "../../../kit/errors";
import type { LateCall } from "../receipt-steps";
import { type MethodContext, type Params, requireText } from "./method";
import { payerOf } from "./receipts";

/**
 * Plans a call to be carried out later, although its answer is a refusal. A call of another method than pay, confirm_hold and
 * cancel is never carried out.
 *
 * @throws Refusal for a call that Payme would have refused anyway. PaymeConfigError for a cashbox with billing: its merchant
 * would have to be called.
 */
export function carryOutLater(context: MethodContext, method: string, params: Params, at: number): void {
  const { cashbox } = context;
  const late = lateCall(context, method, params, at);
  if (late === undefined) return;
  if (cashbox.billing !== undefined) {
    throw new PaymeConfigError("createMockPayme: a fault with doneAfterMs needs a virtual terminal");
  }
  cashbox.book.later(requireText(params, "id"), late);
}

function lateCall(context: MethodContext, method: string, params: Params, at: number): LateCall | undefined {
  const { cashbox } = context;
  if (method === "receipts.confirm_hold") return { at, kind: "confirm" };
  if (method === "receipts.cancel") return { at, kind: "cancel" };
  if (method !== "receipts.pay") return undefined;
  const id = requireText(params, "id");
  const payer = payerOf(context, requireText(params, "token"), () => cashbox.book.get(id).amount);
  const { accepted: card, oneOffToken } = payer;
  return { at, kind: cashbox.isHold(id, params.hold === true) ? "hold" : "pay", card, oneOffToken };
}
