import { isRecord } from "../kit/json";
import { isTiyin, type Tiyin } from "../kit/money";
import { currentTrace } from "../kit/trace";
import type { Mode } from "../protocol/hosts";
import { type EventRow, type IncidentKind, isIncidentKind, type NewEvent } from "./event";
import type { Scope } from "./outcome";

/** What every event has. An event has money and ids only: never an account, a reference, a phone, a token or a hook's text. */
export interface EventBase {
  /** When, in ms. */
  readonly at: number;
  readonly cashbox: string;
  /** Left out where it is not known: a call with a wrong key. */
  readonly mode?: Mode | undefined;
  /** One id for all events of a call, from the request to the commit. */
  readonly trace?: string | undefined;
}

/** A payment was made, paid, cancelled unpaid, or could not be made. */
export interface PaymentEvent extends EventBase {
  readonly kind: "payment.created" | "payment.paid" | "payment.cancelled" | "payment.failed";
  readonly paymentId: string;
  readonly userId?: string | undefined;
  readonly paymeId: string | null;
  readonly amount?: Tiyin | undefined;
  /** How it became known: `merchant`, `gateway`, `receipt` (Payme was asked) or `review`. */
  readonly source?: string | undefined;
  /** The person who accepted the money. */
  readonly acceptedBy?: string | undefined;
  readonly errorCode?: string | undefined;
}

/** A refund began (the goods are taken back), ended, or needs a person. */
export interface RefundEvent extends EventBase {
  readonly kind: "refund.queued" | "refund.done" | "refund.refused" | "refund.stuck";
  readonly paymentId: string;
  readonly userId?: string | undefined;
  readonly paymeId: string | null;
  readonly amount?: Tiyin | undefined;
  readonly source?: string | undefined;
}

/** A transaction of the Merchant API changed its state. */
export interface TransactionEvent extends EventBase {
  readonly kind:
    | "transaction.created"
    | "transaction.performed"
    | "transaction.cancelled"
    | "transaction.expired"
    | "transaction.refunded";
  readonly paymeId: string;
  readonly amount?: Tiyin | undefined;
  readonly reason?: number | undefined;
}

/** An incident was opened or resolved. `by`: a person, or `payme-kit` where what it named has come right. */
export interface IncidentEvent extends EventBase {
  readonly kind: "incident.opened" | "incident.resolved";
  readonly incident: IncidentKind;
  readonly incidentId: number;
  readonly paymentId?: string | undefined;
  readonly paymeId: string | null;
  readonly by?: string | undefined;
}

/** A subscription was made, renewed, changed, or its charge failed: see the messages of `payme-kit/subscriptions`. */
export interface SubscriptionEvent extends EventBase {
  readonly kind: `subscription.${string}`;
  readonly subscriptionId: string;
  readonly amount?: Tiyin | undefined;
  readonly paymentId?: string | undefined;
  /** The period. */
  readonly number?: number | undefined;
  /** Why it was not paid. */
  readonly reason?: string | undefined;
}

/** A person asked for something: see the operator's page. */
export interface AdminEvent extends EventBase {
  readonly kind: `admin.${AdminAction}`;
  /** The person's name. */
  readonly by: string;
  readonly paymentId?: string | undefined;
  readonly paymeId: string | null;
}

/** What a person may ask for. */
export type AdminAction = "check" | "refund" | "cancel" | "accept" | "resolve" | "requeue" | "sweep";

/** A person who asks for something. */
export interface Asked {
  /** The person's name. Kept in an event `admin.*`, in the commit of what it changes. */
  readonly by: string;
  /** The id of a press: the same one again, in any process, asks for nothing more. */
  readonly press?: string | undefined;
}

/** The event that a person asked for something. `data`: more that it is kept with. */
export function adminEvent(
  { cashbox, mode }: Scope,
  action: AdminAction,
  {
    by,
    press,
    data,
    ...about
  }: Asked & Pick<NewEvent, "subject" | "paymeId" | "at"> & { readonly data?: object | undefined },
): NewEvent {
  return { cashbox, mode, kind: `admin.${action}`, data: { by, press, ...data }, ...about };
}

/** A hook of the shop threw (everything was rolled back), or took long. */
export interface HookEvent extends EventBase {
  readonly kind: "hook.failed" | "hook.slow";
  readonly paymentId?: string | undefined;
  readonly paymeId: string;
  readonly ms?: number | undefined;
  /** Names the stack in the log. */
  readonly errorId?: string | undefined;
}

/** A change of the books, told after its commit and from the committed rows. */
export type BookEvent =
  | PaymentEvent
  | RefundEvent
  | TransactionEvent
  | IncidentEvent
  | SubscriptionEvent
  | AdminEvent
  | HookEvent;

/** The events that tell of a stored row. */
export function bookEventsOf(row: EventRow, paymentId: string | undefined): BookEvent[] {
  const { cashbox, mode, at, kind, subject, paymeId, data } = row;
  const known = isRecord(data) ? data : {};
  const base = { at: row.resolvedAt ?? at, cashbox, mode, trace: currentTrace() ?? textIn(known, "trace") };
  const money = { paymeId, amount: amountIn(known), source: textIn(known, "source") };
  const ofPayment = { paymentId: subject, userId: textIn(known, "userId"), ...money };
  if (isIncidentKind(kind)) {
    const incident = { incident: kind, incidentId: row.id, paymentId, paymeId };
    if (row.resolvedAt !== null) {
      return [{ kind: "incident.resolved", by: row.resolvedBy ?? undefined, ...base, ...incident }];
    }
    const refund = kind === "refund_refused" ? "refund.refused" : kind === "refund_stuck" ? "refund.stuck" : undefined;
    return [
      ...(refund === undefined ? [] : [{ kind: refund, ...base, ...ofPayment } as const]),
      { kind: "incident.opened", ...base, ...incident },
    ];
  }
  switch (kind) {
    case "payment.created":
    case "payment.paid":
    case "payment.cancelled":
    case "payment.failed":
      return [
        { kind, acceptedBy: textIn(known, "acceptedBy"), errorCode: textIn(known, "errorCode"), ...base, ...ofPayment },
      ];
    case "payment.refunded":
      return [{ kind: "refund.queued", ...base, ...ofPayment }];
    case "payment.refund_done":
      return [{ kind: "refund.done", ...base, ...ofPayment }];
    case "transaction.created":
    case "transaction.performed":
    case "transaction.cancelled":
    case "transaction.expired":
    case "transaction.refunded": {
      const { amount } = money;
      return paymeId === null ? [] : [{ kind, paymeId, amount, reason: numberIn(known, "reason"), ...base }];
    }
    case "admin.check":
    case "admin.refund":
    case "admin.cancel":
    case "admin.accept":
    case "admin.resolve":
    case "admin.requeue":
    case "admin.sweep":
      return [{ kind, by: textIn(known, "by") ?? "", paymentId, paymeId, ...base }];
    default:
      return isSubscriptionNews(kind) ? [subscriptionEvent(base, kind, subject, known)] : [];
  }
}

function isSubscriptionNews(kind: string): kind is SubscriptionEvent["kind"] {
  return kind.startsWith("subscription.");
}

function subscriptionEvent(
  base: EventBase,
  kind: SubscriptionEvent["kind"],
  subscriptionId: string,
  known: Record<string, unknown>,
): SubscriptionEvent {
  const [amount, number] = [amountIn(known), numberIn(known, "number")];
  const [paymentId, reason] = [textIn(known, "paymentId"), textIn(known, "reason")];
  return { kind, subscriptionId, amount, paymentId, number, reason, ...base };
}

function numberIn(data: Record<string, unknown>, name: string): number | undefined {
  const value = data[name];
  return typeof value === "number" ? value : undefined;
}

function textIn(data: Record<string, unknown>, name: string): string | undefined {
  const value = data[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function amountIn({ amount }: Record<string, unknown>): Tiyin | undefined {
  return isTiyin(amount) ? amount : undefined;
}
