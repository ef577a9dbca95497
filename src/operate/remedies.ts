import type { IncidentKind } from "../ledger";

/** What a person does about an incident. Each may be done twice: the second time changes nothing. */
const REMEDIES: Readonly<Record<IncidentKind, string>> = {
  double_payment:
    "One payment was paid under two Payme ids. Refund the second one in the Payme cabinet, or give goods for it, a tariff with tariffs.grant. Then resolve this.",
  paid_after_cancel:
    "Money came for a cancelled payment. Accept it, or give it back in the Payme cabinet and resolve this.",
  amount_mismatch:
    "Another amount came than was asked for. Accept it, or give it back in the Payme cabinet and resolve this.",
  unknown_transaction:
    "Money came under an unknown id. Find out what it is for and accept it for that payment, or give it back and resolve this.",
  paid_elsewhere:
    "The order was sold another way. Where the money was taken, refund the payment; where it was refused, see in the cabinet that it went back. Then resolve this.",
  not_taken_back: "A refund is recorded, and the goods were not taken back. Take them back by hand, then resolve this.",
  no_fulfiller: "No process here fulfils this kind. Start the one that does: it settles by itself.",
  refund_refused:
    "Payme refused a refund, at once or after it was queued: it has the money. Refund again, or in the cabinet.",
  refund_stuck:
    "A refund has no end that was heard of for over 48 hours. Look in the cabinet; ask Payme's support, with the receipt's id.",
  hold_expiring:
    "Held money ends in three days, or no payment follows its receipt. Capture it or release it; another receipt than the payment's own, in the Payme cabinet.",
  charge_unknown:
    "Payme has not told for days whether the charge of a period took money. See in the cabinet how its receipt stands: paid, it settles by itself; else cancel the subscription, or change its card.",
  charge_blocked:
    "A period of a subscription cannot be charged, and its owner is not at fault: Payme refuses the cashbox, the seal opens no card, or Payme neither answers nor cancels a receipt. See code and reason, and mend it: the charge comes again by itself, unless the subscription has ended.",
  periods_skipped: "While no worker ran, periods went by that nobody charged. They stay free. Resolve this.",
  effect_failed: "A hook threw and all was rolled back. Mend it, then check the payment: it settles by itself.",
  message_parked: "A message was not delivered. Mend its receiver, then requeue the message.",
};

/** Returns what a person does about an incident, in one or two sentences. */
export function remedyOf(kind: IncidentKind): string {
  return REMEDIES[kind];
}
