import type { Tiyin } from "../kit/money";
import type { Scope } from "../ledger";
import type { Interval } from "./boundaries";

/**
 * The state of a subscription. INCOMPLETE (the first period is not paid) → ACTIVE | ENDED · TRIALING → ACTIVE | PAST_DUE ·
 * ACTIVE ⇄ PAST_DUE · ACTIVE → PAUSED → ACTIVE · any → ENDED, for good.
 */
export type SubscriptionState = "INCOMPLETE" | "TRIALING" | "ACTIVE" | "PAST_DUE" | "PAUSED" | "ENDED";

/** Why a subscription ended: somebody asked for it, no money came, no card could be charged, or its running period was refunded. */
export type EndCause = "asked" | "unpaid" | "card" | "refunded";

/**
 * The state of a period. DUE → PAYING → PAID | RETRY | NEEDS_CARD | UNKNOWN · NEEDS_CONSENT: the owner has not agreed to the
 * amount · VOID: it was skipped, or no money will come, which is proven · PAID → REFUND_QUEUED → REFUNDED | REFUND_REFUSED: how far the
 * refund is says its payment. Nothing leaves VOID and REFUNDED.
 */
export type PeriodState =
  | "DUE"
  | "PAYING"
  | "RETRY"
  | "NEEDS_CARD"
  | "NEEDS_CONSENT"
  | "UNKNOWN"
  | "PAID"
  | "VOID"
  | "REFUND_QUEUED"
  | "REFUND_REFUSED"
  | "REFUNDED";

/** How an attempt ended. `not_sent`: Payme was not reached, or our own work failed before. */
export type AttemptOutcome = "paid" | "declined" | "unknown" | "cancelled" | "not_sent";

/** What a subscription turns into at its next period. */
export interface PlanChange {
  readonly plan: string;
  readonly amount: Tiyin;
  readonly every: Interval;
}

/** A saved card. The token is sealed. */
export interface CardRow extends Scope {
  readonly id: string;
  readonly owner: string;
  /** Null once the card is removed. */
  readonly sealed: string | null;
  /** SHA-256 of the token: one row for each token. */
  readonly tokenHash: string;
  /** As Payme gives it: `860006******6311`. */
  readonly mask: string;
  /** The first moment at which it is no longer good, in ms; null where Payme gave no date. */
  readonly expiresAt: number | null;
  /** DEAD: Payme charges it no more. */
  readonly state: "ATTACHED" | "DEAD" | "REMOVED";
  /** When Payme was last asked about it. */
  readonly checkedAt: number;
  readonly consentVersion: string;
  readonly consentText: string;
  readonly consentAt: number;
  /** The last notice of expiry that was sent, in days before it; null: none. */
  readonly noticed: number | null;
  readonly createdAt: number;
}

/** A subscription as stored. Times are in ms; null: not happened. */
export interface SubscriptionRow extends Scope {
  readonly id: string;
  readonly owner: string;
  readonly plan: string;
  readonly state: SubscriptionState;
  /** The price of a period. */
  readonly amount: Tiyin;
  /** The highest amount that the owner has agreed to. */
  readonly consented: Tiyin;
  /** Money of an earlier plan that the next periods cost less. */
  readonly credit: Tiyin;
  readonly every: Interval;
  /** Boundaries are counted from here: period `firstNumber` begins at it. */
  readonly anchor: number;
  readonly firstNumber: number;
  /** The newest period; 0 before the first. */
  readonly number: number;
  /** The card that is charged. */
  readonly cardId: string;
  /** The text on the owner's receipts; null: Payme shows none. */
  readonly description: string | null;
  /** What the shop keeps beside it, as JSON. */
  readonly data: unknown;
  /** 0: it has no trial. */
  readonly trialDays: number;
  /** The access that is paid for, or given as a trial or as grace, ends here. It never moves back but by a refund. */
  readonly accessUntil: number;
  /** True: it ends with the period that is paid. */
  readonly cancelAtEnd: boolean;
  /** Takes effect with the next period; null: it stays as it is. */
  readonly change: PlanChange | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt: number | null;
  readonly cause: EndCause | null;
  /** When to look at it next; null: nothing is to come. */
  readonly nextAt: number | null;
}

/** One period of a subscription, and how its money stands. */
export interface PeriodRow extends Scope {
  readonly subscriptionId: string;
  /** From 1. */
  readonly number: number;
  /** `start` is in it, `end` is not. */
  readonly start: number;
  readonly end: number;
  /** What it costs, less the credit. */
  readonly amount: Tiyin;
  /** Money of an earlier plan that was taken off its price. */
  readonly credit: Tiyin;
  readonly state: PeriodState;
  /** Counts its payments: another is made only where the one before is dead. */
  readonly k: number;
  /** Its current payment. */
  readonly paymentId: string | null;
  /** The receipt of that payment at Payme. */
  readonly receiptId: string | null;
  /** How many attempts were begun. */
  readonly attempts: number;
  /** How many attempts may have reached Payme. */
  readonly pays: number;
  /** How often the card had too little money. */
  readonly fundsDeclines: number;
  /** How often it was declined for another reason. */
  readonly otherDeclines: number;
  /** How many attempts did not reach Payme. */
  readonly unsent: number;
  /** Since when the end of a charge is not known. */
  readonly unknownAt: number | null;
  /** How often it was charged again while that end was not known. */
  readonly repays: number;
  /** Its first charge: the days of the retries are counted from here. */
  readonly firstTriedAt: number | null;
  /** When it is tried or asked about again; null: it waits for somebody, or is over. */
  readonly nextAt: number | null;
  /** Unpaid by then it is given up. */
  readonly graceUntil: number | null;
  /** Why it is not paid: of a decline, or `unknown`. */
  readonly reason: string | null;
  /** Payme's code of that decline. */
  readonly code: string | null;
  readonly paidAt: number | null;
  readonly updatedAt: number;
}

/** One try to charge a period. */
export interface AttemptRow extends Scope {
  readonly subscriptionId: string;
  /** The number of its period. */
  readonly number: number;
  /** From 1 in each period. */
  readonly attempt: number;
  readonly cardId: string;
  readonly paymentId: string;
  readonly receiptId: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Null while it goes on. */
  readonly outcome: AttemptOutcome | null;
  /** Why it did not pay. */
  readonly reason: string | null;
  /** Payme's code of a decline. */
  readonly code: string | null;
}

const OPEN: readonly PeriodState[] = ["DUE", "PAYING", "RETRY", "NEEDS_CARD", "NEEDS_CONSENT", "UNKNOWN"];

/** True while money may come for a period. */
export function isOpen(period: Pick<PeriodRow, "state">): boolean {
  return OPEN.includes(period.state);
}

/** The reference of a period's payment. */
export function referenceOf({ subscriptionId, number, k }: Pick<PeriodRow, "subscriptionId" | "number" | "k">): string {
  return `sub:${subscriptionId}:${number}:${k}`;
}
