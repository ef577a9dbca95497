import type { ReceiptPage } from "../client/list-receipts";
import type { HoldOptions, PayOutcome, PayParams } from "../client/pay";
import type { IdSource, Sleep } from "../kit/clock";
import type { EventListener } from "../kit/emit";
import { PaymeConfigError } from "../kit/errors";
import type { Tiyin } from "../kit/money";
import {
  type AdminAction,
  type Asked,
  adminEvent,
  amountTaken,
  type Ledger,
  type NewEvent,
  type PaymentRow,
  type Scope,
  SUBSCRIPTION_KIND,
} from "../ledger";
import type { Card } from "../protocol/card";
import type { Mode } from "../protocol/hosts";
import type { Receipt } from "../protocol/receipt";
import type { Fulfillers } from "./fulfiller";
import type { PaymentsEvent } from "./payments-event";

/** The part of a Payme client that payments need; `createPaymeClient` gives it. */
export interface PaymentsClient {
  readonly mode: Mode;
  readonly receipts: {
    create(params: {
      amount: Tiyin;
      account: Record<string, string>;
      description?: string | undefined;
      detail?: Readonly<Record<string, unknown>> | undefined;
      hold?: boolean | undefined;
    }): Promise<Receipt>;
    get(id: string): Promise<Receipt>;
    check(id: string): Promise<{ state: number }>;
    cancel(id: string): Promise<Receipt>;
    getAll(params: { from: number; to: number; count: number; offset: number }): Promise<ReceiptPage>;
  };
  /** Pays a receipt with a card. `charge` needs it. */
  pay(params: PayParams): Promise<PayOutcome>;
  /** Holds the money of a receipt. `charge({ hold: true })` needs it. */
  hold(params: PayParams): Promise<PayOutcome>;
  /** Asks about saved cards. Subscriptions need it. */
  readonly cards?: { check(token: string): Promise<Card>; remove(token: string): Promise<unknown> } | undefined;
  /** Takes held money. `payments.capture` needs it. */
  capture(receiptId: string, options?: HoldOptions): Promise<PayOutcome>;
  /** The page on which the receipt is paid. */
  receiptUrl(receipt: Receipt): string;
}

/** The checked options of `createPayments`, which every verb gets. */
export interface PaymentsContext<Tx> extends Ledger<Tx> {
  readonly onEvent: EventListener<PaymentsEvent> | undefined;
  readonly scope: Scope;
  /** None for cashboxes that have the Merchant API only. */
  readonly client: PaymentsClient | undefined;
  /** Where a payment without a receipt is paid. */
  readonly payUrl: ((payment: PaymentRow) => string) | undefined;
  readonly newId: IdSource;
  readonly sleep: Sleep;
  readonly pendingTtlMs: number;
  /** How many payments one user may have open. */
  readonly mostOpen: number;
  /** The payments of which this process is making the receipt: a double click waits for the end of its twin. */
  readonly inTheMaking: Map<string, Promise<unknown>>;
  /** The last call of each user that is booking a payment in this process. */
  readonly turns: Map<string, Promise<unknown>>;
  /** The delays between the looks at a receipt, counted from its payment's creation; the last one repeats. */
  readonly checkDelaysMs: readonly number[];
  readonly fulfillers: Fulfillers<Tx>;
}

/** A context that can ask Payme. */
export interface ClientContext<Tx> extends PaymentsContext<Tx> {
  readonly client: PaymentsClient;
}

export function hasClient<Tx>(context: PaymentsContext<Tx>): context is ClientContext<Tx> {
  return context.client !== undefined;
}

/** The account field in which a receipt carries our payment's id. */
export const PAYMENT_ID_FIELD = "order_id";

/** The error code of a payment whose receipt may exist: the answer never came. */
export const OUTCOME_UNKNOWN = "outcome_unknown";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Dense while the payer may be at the page. */
const FRESH_DELAYS_MS = [10_000, 20_000, 40_000] as const;
const LATER_DELAYS_MS = [1, 2, 5, 10, 15, 30, 60, 6 * 60].map((minutes) => minutes * MINUTE_MS);
export const CHECK_DELAYS_MS: readonly number[] = [...FRESH_DELAYS_MS, ...LATER_DELAYS_MS];

/** The delays before each search for a receipt whose creation was not answered: one reads many pages. */
const SEARCH_DELAYS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS] as const;

/** How long a worker has for a payment that it claimed, before another may take it. */
export const CHECK_LEASE_MS = 2 * MINUTE_MS;

/** How long one call alone may charge a receipt: longer than a payment with its questions takes. */
export const CHARGE_LEASE_MS = 3 * MINUTE_MS;

/** Far longer than Payme has to answer: a call that is still making a payment then has died. */
export const ABANDONED_AFTER_MS = 2 * MINUTE_MS;

/** The receipt of a period of a subscription is tried for as long as the period is open: longer than any of those. */
const SUBSCRIPTION_TTL_MS = 60 * 24 * HOUR_MS;

/** The clock and delays of an unpaid payment. */
type Delays = Pick<PaymentsContext<unknown>, "now" | "pendingTtlMs" | "checkDelaysMs">;

/** The moment from which an unpaid payment is cancelled. */
export function endsAt(
  context: Pick<Delays, "pendingTtlMs">,
  { createdAt, kind, status }: Pick<PaymentRow, "createdAt" | "kind" | "status">,
): number {
  const isPeriod = kind === SUBSCRIPTION_KIND && status === "PENDING";
  return createdAt + (isPeriod ? SUBSCRIPTION_TTL_MS : context.pendingTtlMs);
}

/** How long a bank holds money: Uzcard then lets it go, and HUMO's can only be taken. Source: "Холдирование". */
export const HOLD_MS = 30 * 24 * HOUR_MS;
/** When a person is told, counted from the hold. */
export const HOLD_EXPIRING_MS = HOLD_MS - 3 * 24 * HOUR_MS;

/** True while one call alone charges its receipt. */
export function isCharged({ chargeUntil }: PaymentRow, now: number): boolean {
  return chargeUntil !== null && chargeUntil > now;
}

/** When to ask next about a payment that was asked about `checks` times; at its end at the latest. */
export function nextCheckAt(context: Delays, payment: PaymentRow, checks = payment.checks): number {
  const now = context.now();
  const { transactionId, heldAt } = payment;
  const isLost = transactionId === null;
  const next = isLost ? now + (SEARCH_DELAYS_MS[checks] ?? 6 * HOUR_MS) : nextLook(context, payment, now);
  const deadlines = [endsAt(context, payment), (heldAt ?? 0) + HOLD_EXPIRING_MS].filter((deadline) => deadline > now);
  return Math.min(next, ...deadlines);
}

/** Counted from when it was made, paid or wished to be cancelled: a worker that looks late puts off no later look. */
function nextLook({ checkDelaysMs }: Delays, payment: PaymentRow, now: number): number {
  const { createdAt, paidAt, cancelRequestedAt } = payment;
  let at = Math.min(cancelRequestedAt ?? paidAt ?? createdAt, now);
  let last = 0;
  for (last of checkDelaysMs) {
    at += last;
    if (at > now) return at;
  }
  return at + (Math.floor((now - at) / last) + 1) * last;
}

const DEFAULT_MOST_OPEN = 20;

/** @throws PaymeConfigError where it is no bound. */
export function requireMostOpen(most: number = DEFAULT_MOST_OPEN): number {
  if (most > 0 && (Number.isSafeInteger(most) || most === Number.POSITIVE_INFINITY)) return most;
  throw new PaymeConfigError("createPayments: maxOpenPerUser must be a whole number above 0", {
    hint: "Infinity: no bound. Leave it out for the default, 20.",
  });
}

/** @throws PaymeConfigError where they are not delays. */
export function requireDelays(delays: readonly number[]): readonly number[] {
  if (delays.length > 0 && delays.every((delay) => Number.isSafeInteger(delay) && delay > 0)) return [...delays];
  throw new PaymeConfigError("createPayments: checkDelaysMs must be whole numbers of ms above 0, at least one", {
    hint: "E.g. [10_000, 60_000, 3_600_000]: the last one repeats. Leave it out for the default.",
  });
}

/** The event of what a person asked for; none where nobody did. */
export function askedEvents<Tx>(
  { scope, now }: PaymentsContext<Tx>,
  action: AdminAction,
  { id, paidBy, transactionId }: Pick<PaymentRow, "id" | "paidBy" | "transactionId">,
  asked: Asked | undefined,
): NewEvent[] {
  return asked === undefined
    ? []
    : [adminEvent(scope, action, { subject: id, paymeId: paidBy ?? transactionId, at: now(), ...asked })];
}

/** An event of a payment's story. */
export function paymentEvent(kind: string, payment: PaymentRow, at: number, data?: object): NewEvent {
  const { cashbox, mode, id, userId, paidBy, transactionId } = payment;
  const told = { amount: amountTaken(payment), userId: userId === "" ? undefined : userId, ...data };
  return { cashbox, mode, kind, subject: id, paymeId: paidBy ?? transactionId, at, data: told };
}
