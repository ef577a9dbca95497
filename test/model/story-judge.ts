import type { EventRow, PaymentRow, PaymentTotals, TransactionRow } from "../../src/ledger";
import type { PaymentStory, StoryEntry } from "../../src/payments/story";
import { TransactionState } from "../../src/protocol/states";

/** A payment, or an order of the shop's own, as the books have it, and as its story tells it. */
export interface Told {
  readonly name: string;
  /** Null: an order of the shop's own. */
  readonly payment: PaymentRow | null;
  readonly transactions: readonly TransactionRow[];
  readonly story: PaymentStory | undefined;
}

/** What the books have of a world, and what its stories tell. */
export interface Stories {
  readonly told: readonly Told[];
  /** Also those that were resolved, each with the story of its payment or order, else the one that its Payme id finds. */
  readonly incidents: readonly { readonly row: EventRow; readonly story: PaymentStory | undefined }[];
  /** Of all days. */
  readonly totals: readonly PaymentTotals[];
}

/** The status that an entry leaves behind. */
const STATUS: Readonly<Record<string, string>> = {
  "payment.created": "PENDING",
  "payment.failed": "FAILED",
  "payment.paid": "PAID",
  "payment.cancelled": "CANCELLED",
  "payment.refunded": "CANCELLED",
};

/** The entries that explain a Merchant transaction, and a receipt, in a state. */
const MERCHANT: Readonly<Record<number, readonly string[]>> = {
  [TransactionState.CREATED]: ["transaction.created"],
  [TransactionState.PERFORMED]: ["transaction.performed"],
  [TransactionState.CANCELLED]: ["transaction.cancelled", "transaction.expired"],
  [TransactionState.REFUNDED]: ["transaction.refunded"],
};
const RECEIPT: Readonly<Record<number, readonly string[]>> = {
  [TransactionState.PERFORMED]: ["payment.paid"],
  [TransactionState.CANCELLED]: ["receipt.ended"],
  [TransactionState.REFUNDED]: ["payment.refunded"],
};

/** What the stories of a world leave out or tell wrongly: each state in the books has its entry, and the sums are the books' sums. */
export function wrongStoriesOf({ told, incidents, totals }: Stories): string[] {
  const wrongs: string[] = [];
  const sums = { taken: 0, refunding: 0, refunded: 0 };
  for (const { name, payment, transactions, story } of told) {
    if (story === undefined) {
      wrongs.push(`${name} has no story`);
      continue;
    }
    wrongs.push(...wrongsOfStory(payment, transactions, story).map((wrong) => `the story of ${name}: ${wrong}`));
    if (payment === null) continue;
    for (const member of ["taken", "refunding", "refunded"] as const) sums[member] += story.sums[member];
  }
  for (const [member, total] of [
    ["taken", "paid"],
    ["refunding", "refunding"],
    ["refunded", "refunded"],
  ] as const) {
    const inBooks = totals.reduce((sum, source) => sum + source[total].amount, 0);
    if (inBooks !== sums[member]) wrongs.push(`the stories say ${member} ${sums[member]}, the books ${inBooks}`);
  }
  for (const { row, story } of incidents) {
    const { id, kind, paymeId, at, resolvedAt } = row;
    const entries = (story?.entries ?? []).filter(
      (entry) => entry.paymeId === paymeId && entry.verdict.startsWith(kind),
    );
    const has = (what: string, when: number) => entries.some((entry) => entry.what === what && entry.at === when);
    if (!has("incident.opened", at)) wrongs.push(`no story of ${paymeId} tells of incident ${id}, ${kind}`);
    if (resolvedAt !== null && !has("incident.resolved", resolvedAt)) wrongs.push(`nor who resolved ${id}, ${kind}`);
  }
  return wrongs;
}

function wrongsOfStory(
  payment: PaymentRow | null,
  transactions: readonly TransactionRow[],
  { entries, ...story }: PaymentStory,
): string[] {
  const wrongs: string[] = [];
  const has = (whats: readonly string[], isMeant: (entry: StoryEntry) => boolean = () => true) =>
    entries.some((entry) => whats.includes(entry.what) && isMeant(entry));
  const wants = (isThere: boolean, whats: readonly string[], isMeant?: (entry: StoryEntry) => boolean) => {
    if (isThere && !has(whats, isMeant)) wrongs.push(`nothing says ${whats.join(" or ")}`);
  };
  if (payment !== null) {
    const { status, refund, paidAt, paidBy, heldAt, unfulfilled, webhookReceivedAt } = payment;
    const last = entries.flatMap(({ what }) => STATUS[what] ?? []).at(-1);
    if (last !== status) wrongs.push(`it ends ${last}, the books say ${status}`);
    wants(true, ["payment.created"]);
    wants(paidAt !== null, ["payment.paid"], ({ paymeId, money }) => {
      return paymeId === paidBy && money === (payment.paidAmount ?? payment.amount);
    });
    wants(refund === "done", ["payment.refund_done"]);
    if (refund !== "done" && has(["payment.refund_done"])) wrongs.push(`the money is back, the books say ${refund}`);
    const marked = ({ verdict }: StoryEntry) => verdict.startsWith(`refund_${refund}`);
    wants(refund === "refused" || refund === "stuck", ["incident.opened"], marked);
    wants(unfulfilled, ["incident.opened"], ({ verdict }) => verdict.startsWith("paid_elsewhere"));
    wants(heldAt !== null, ["payment.held"]);
    wants(webhookReceivedAt !== null, ["notification.received"]);
    wants(payment.cancelRequestedAt !== null, ["cancel.wished", "refund.wished"]);
    wants(payment.refundDoubtedAt !== null, ["refund.doubted"]);
    wants(payment.chargeUntil !== null, ["payment.charging"]);
  }
  for (const { paymeId, source, state, amount } of transactions) {
    const whats = (source === "merchant" ? MERCHANT : RECEIPT)[state] ?? [];
    wants(true, whats, (entry) => entry.paymeId === paymeId);
    const isShown = story.transactions.some((row) => {
      return row.paymeId === paymeId && row.state === state && row.amount === amount;
    });
    if (!isShown) wrongs.push(`${paymeId} in state ${state} is not among its transactions`);
  }
  if (payment === null) {
    const sum = (...states: readonly number[]) =>
      transactions.filter(({ state }) => states.includes(state)).reduce((total, { amount }) => total + amount, 0);
    const { taken, refunded } = story.sums;
    if (taken !== sum(2, -2) || refunded !== sum(-2)) wrongs.push(`its sums are ${taken}, ${refunded}`);
  }
  return wrongs;
}
