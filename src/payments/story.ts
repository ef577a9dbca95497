import { isRecord } from "../kit/json";
import { isTiyin, type Tiyin, tiyin } from "../kit/money";
import {
  amountTaken,
  CLOSED_BY_US,
  type EventRow,
  type IncidentKind,
  incidentKinds,
  isIncidentKind,
  isOpenIncident,
  type PaymentRow,
  type ReadVerbs,
  type Reference,
  type Scope,
  storedReference,
  type TransactionRow,
} from "../ledger";
import { TransactionState } from "../protocol/states";

/** What a story is looked for by: our payment's id, Payme's id, or the shop's own reference. */
export type StoryKey = string | { readonly paymeId: string } | { readonly reference: Reference };

/** One thing that happened. */
export interface StoryEntry {
  /** In ms. */
  readonly at: number;
  /** `us`: this package, by itself or for the shop. `person`: somebody who accepted or resolved an incident. */
  readonly who: "payer" | "payme" | "us" | "person";
  /** What happened, e.g. `payment.paid`, `call.refused`, `incident.opened`. */
  readonly what: string;
  /** How it ended, in a few words: never a text of the shop's, but for the note of a person. */
  readonly verdict: string;
  readonly money?: Tiyin | undefined;
  readonly paymeId?: string | undefined;
  /** The id of the call, as its other events have it; only where somebody listened to events. */
  readonly trace?: string | undefined;
}

/** A payment as a story shows it. */
export type StoryPayment = Pick<
  PaymentRow,
  | "id"
  | "kind"
  | "userId"
  | "reference"
  | "status"
  | "amount"
  | "paidAmount"
  | "refund"
  | "unfulfilled"
  | "held"
  | "transactionId"
  | "paidBy"
  | "paidSource"
  | "nextCheckAt"
>;

/** A Payme transaction or receipt as a story shows it: without the account. */
export type StoryTransaction = Pick<TransactionRow, "paymeId" | "source" | "state" | "amount" | "reason">;

/** Everything that the books know of a payment or an order, oldest first. */
export interface PaymentStory {
  /** Null for an order of the shop's own. */
  readonly payment: StoryPayment | null;
  readonly transactions: readonly StoryTransaction[];
  readonly entries: readonly StoryEntry[];
  /** Incidents that wait for a person. */
  readonly open: readonly IncidentKind[];
  /** As in the sums of the books: what Payme took, what is on its way back, and what is back. */
  readonly sums: { readonly taken: Tiyin; readonly refunding: Tiyin; readonly refunded: Tiyin };
}

/** The reads that a story needs. */
type StoryBooks = Pick<ReadVerbs, "findPayment" | "findTransaction" | "findTransactions" | "listEvents">;

const PAGE = 500;

/** A story, and the rows that it is told from. */
export interface ToldStory {
  readonly story: PaymentStory;
  /** Undefined for an order of the shop's own. */
  readonly payment: PaymentRow | undefined;
  readonly transactions: readonly TransactionRow[];
  readonly events: readonly EventRow[];
}

/** What a story is about. */
interface StorySubject {
  readonly payment?: PaymentRow | undefined;
  /** The shop's own order. */
  readonly subject?: string | undefined;
  readonly paymeId?: string | undefined;
}

/** Returns the story of a payment or an order; undefined where the books know neither. Reads only. */
export async function storyOf(storage: StoryBooks, scope: Scope, key: StoryKey): Promise<PaymentStory | undefined> {
  return (await tellStory(storage, scope, await lookUp(storage, scope, key)))?.story;
}

/** The same with its rows, of what was looked up: two queries where the story is of usual length. */
export async function tellStory(
  storage: StoryBooks,
  scope: Scope,
  { payment, subject, paymeId }: StorySubject,
): Promise<ToldStory | undefined> {
  // An incident of money that came before its payment was known has Payme's id for its subject.
  const about = [payment?.id, subject, paymeId, payment?.transactionId, payment?.paidBy];
  const events = await allEvents(storage, scope, [...new Set(about.filter((each) => typeof each === "string"))]);
  const transactions = await transactionsOf(storage, scope, payment, events, paymeId);
  const isKnown = paymeId !== undefined && events.length > 0;
  if (payment === undefined && transactions.length === 0 && !isKnown) return undefined;
  const isOurs = payment !== undefined;
  let latest = 0;
  const told = events
    .sort((a, b) => a.id - b.id)
    .flatMap((row) => {
      // Commits are in the order of their ids. The clocks of two processes may differ, so times are not.
      latest = Math.max(latest, row.at);
      return entriesOf(row, payment).map((entry) => ({ entry, order: Math.max(latest, entry.at) }));
    });
  const isFirst = ({ entry }: { entry: StoryEntry }) => entry.what === "payment.created";
  const begun = payment?.createdAt ?? 0;
  const columns = [...(isOurs ? columnsOf(payment) : []), ...transactions.flatMap(endsOf)].map((entry) => {
    return { entry, order: Math.max(begun, entry.at) };
  });
  // Of one moment: it was made, then wished or announced, then done.
  const entries = [...told.filter(isFirst), ...columns, ...told.filter((each) => !isFirst(each))];
  const story: PaymentStory = {
    payment: isOurs ? shown(payment) : null,
    transactions: transactions.map(({ paymeId, source, state, amount, reason }) => ({
      paymeId,
      source,
      state,
      amount,
      reason,
    })),
    open: events.filter(isOpenIncident).flatMap(({ kind }) => (isIncidentKind(kind) ? [kind] : [])),
    // A stable sort.
    entries: entries.sort((a, b) => a.order - b.order).map(({ entry }) => entry),
    sums: isOurs ? sumsOf(payment) : sumsOfOrder(transactions),
  };
  return { story, payment, transactions, events };
}

async function lookUp(storage: StoryBooks, scope: Scope, key: StoryKey): Promise<StorySubject> {
  const given = typeof key === "string" ? { paymeId: key, id: key } : key;
  if ("reference" in given) {
    const { reference } = storedReference(given.reference);
    return { payment: await storage.findPayment(scope, { reference }), subject: reference };
  }
  const { paymeId } = given;
  const byId = "id" in given ? await storage.findPayment(scope, { id: given.id }) : undefined;
  const found = byId ?? (await storage.findPayment(scope, { paymeId }));
  if (found !== undefined) return { payment: found, paymeId };
  const subject =
    (await storage.findTransaction(scope, paymeId))?.reference ?? (await strayOf(storage, scope, paymeId));
  if (subject === undefined) return { payment: undefined, paymeId };
  return { payment: await storage.findPayment(scope, { id: subject }), subject, paymeId };
}

/** A receipt that our books never learnt of is in no row of theirs: the incident that it opened says whose it is. */
async function strayOf(storage: StoryBooks, scope: Scope, paymeId: string): Promise<string | undefined> {
  const waiting = await storage.listEvents(scope, { kinds: incidentKinds, open: true, limit: PAGE });
  return waiting.find((incident) => incident.paymeId === paymeId)?.subject;
}

async function allEvents(storage: StoryBooks, scope: Scope, subject: readonly string[]): Promise<EventRow[]> {
  const events: EventRow[] = [];
  for (;;) {
    const page = await storage.listEvents(scope, { subject, after: events.at(-1)?.id, limit: PAGE });
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

async function transactionsOf(
  storage: StoryBooks,
  scope: Scope,
  payment: PaymentRow | undefined,
  events: readonly EventRow[],
  asked: string | undefined,
): Promise<TransactionRow[]> {
  const named = [payment?.transactionId, payment?.paidBy, asked, ...events.map(({ paymeId }) => paymeId)];
  return storage.findTransactions(scope, [...new Set(named.filter((id) => typeof id === "string"))]);
}

/** What a row of events tells: an incident is two entries once it is resolved. */
function entriesOf(row: EventRow, payment: PaymentRow | undefined): StoryEntry[] {
  const { at, kind, data, paymeId } = row;
  const known = isRecord(data) ? data : {};
  const base = {
    at,
    money: isTiyin(known.amount) ? known.amount : undefined,
    paymeId: paymeId ?? undefined,
    trace: typeof known.trace === "string" ? known.trace : undefined,
  };
  if (isIncidentKind(kind)) {
    const state = row.resolvedAt === null ? "open" : "resolved later";
    const opened = { ...base, who: "us", what: "incident.opened", verdict: `${kind} (${state})` } as const;
    if (row.resolvedAt === null) return [opened];
    const isPerson = row.resolvedBy !== CLOSED_BY_US;
    const verdict = `${kind}: ${isPerson ? `${row.resolvedBy}: ` : ""}${row.note ?? ""}`;
    const who = isPerson ? "person" : "us";
    return [opened, { ...base, at: row.resolvedAt, who, what: "incident.resolved", verdict, money: undefined }];
  }
  const told = TOLD[kind];
  if (told !== undefined) return [{ ...base, what: kind, ...told(known, payment) }];
  // A message of the shop.
  const verdict = row.deliveredAt !== null ? "delivered" : row.parkedAt !== null ? "parked" : "to be delivered";
  return row.deliverAt !== null || row.deliveredAt !== null || row.parkedAt !== null
    ? [{ ...base, who: "us", what: "message", verdict: `${kind}: ${verdict}` }]
    : [];
}

type Told = Pick<StoryEntry, "who" | "verdict">;

/** Who did what an event tells, and how it ended. */
const TOLD: Readonly<Record<string, (data: Record<string, unknown>, payment: PaymentRow | undefined) => Told>> = {
  "payment.created": () => ({ who: "us", verdict: "to be paid" }),
  "payment.paid": paidBy,
  "payment.cancelled": () => ({ who: "us", verdict: "cancelled unpaid" }),
  "payment.cancel_queued": () => ({ who: "payme", verdict: "Payme works on the cancel" }),
  "payment.failed": ({ errorCode }, payment) => ({
    who: "us",
    verdict: `could not be made: ${payment?.errorMessage ?? word(errorCode)}`,
  }),
  "payment.refunded": ({ source }) => ({
    who: source === "review" ? "us" : "payme",
    verdict: "the goods are taken back",
  }),
  "payment.refund_done": () => ({ who: "payme", verdict: "the money is back" }),
  "payment.paid_waiting": () => ({ who: "us", verdict: "money waits for the process that fulfils its kind" }),
  "payment.refunded_waiting": () => ({ who: "us", verdict: "a refund waits for the process that fulfils its kind" }),
  "transaction.created": () => ({ who: "payer", verdict: "held for this transaction" }),
  "transaction.performed": () => ({ who: "payme", verdict: "paid" }),
  "transaction.cancelled": ({ reason }) => ({ who: "payme", verdict: `cancelled unpaid, reason ${word(reason)}` }),
  "transaction.expired": () => ({ who: "us", verdict: "its 12 hours are over" }),
  "transaction.refunded": ({ reason }) => ({ who: "payme", verdict: `refunded, reason ${word(reason)}` }),
  "transaction.imported": ({ state }) => ({
    who: "us",
    verdict: `taken over from another endpoint, state ${word(state)}`,
  }),
  "payment.imported": ({ status }) => ({ who: "us", verdict: `taken over from other books: ${word(status)}` }),
  "tariff.granted": ({ by, note }) => ({ who: "person", verdict: `given by ${word(by)}: ${word(note)}` }),
  "admin.check": askedBy,
  "admin.refund": askedBy,
  "admin.cancel": askedBy,
  "admin.requeue": askedBy,
  "call.refused": ({ method, code }) => ({ who: "payme", verdict: `${word(method)} was refused: ${word(code)}` }),
};

function paidBy({ source, acceptedBy }: Record<string, unknown>): Told {
  if (typeof acceptedBy === "string") return { who: "person", verdict: `accepted by ${acceptedBy}` };
  if (source === "receipt") return { who: "us", verdict: "paid: we asked Payme" };
  if (source === "review") return { who: "us", verdict: "paid: found by the review of a past day" };
  return { who: "payme", verdict: source === "gateway" ? "paid: by notification" : "paid: by PerformTransaction" };
}

/** What a person accepted or resolved is told by the incident. */
function askedBy({ by }: Record<string, unknown>): Told {
  return { who: "person", verdict: `asked for by ${word(by)}` };
}

function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "not given";
}

/** What columns alone tell: what was wished, held or announced, and has no event. */
function columnsOf(payment: PaymentRow): StoryEntry[] {
  const { webhookReceivedAt, cancelRequestedAt, heldAt, chargeUntil, refundDoubtedAt, status } = payment;
  const unheard = status === "PENDING" && webhookReceivedAt === null ? payment.nextCheckAt : null;
  const wish = payment.paidAt === null ? "cancel.wished" : "refund.wished";
  const seen: readonly (readonly [number | null, StoryEntry["who"], string, string])[] = [
    [webhookReceivedAt, "payme", "notification.received", "the first one"],
    [heldAt, "payme", "payment.held", payment.held ? "the money is held" : "the money was held"],
    [cancelRequestedAt, "us", wish, status === "CANCELLED" ? "carried out" : "Payme has not said that it is done"],
    [refundDoubtedAt, "payme", "refund.doubted", "Payme says that it is paid"],
    [chargeUntil, "us", "payment.charging", "a charge may be under way until then"],
    [unheard, "us", "payment.waiting", "no notification has come; looked at again then"],
  ];
  return seen.flatMap(([at, who, what, verdict]) => (at === null ? [] : [{ at, who, what, verdict }]));
}

/** A receipt that ended without having paid: its row alone knows. */
function endsOf({ source, state, cancelTime: at, paymeId }: TransactionRow): StoryEntry[] {
  if (source === "merchant" || state !== TransactionState.CANCELLED) return [];
  return [{ at, who: "payme", what: "receipt.ended", verdict: "cancelled unpaid", paymeId }];
}

function sumsOf(payment: PaymentRow): PaymentStory["sums"] {
  const [amount, none] = [amountTaken(payment), tiyin(0)];
  const taken = payment.paidAt === null ? none : amount;
  const isBack = payment.status === "CANCELLED" && payment.paidAt !== null;
  const isDone = payment.refund === "done";
  return { taken, refunding: isBack && !isDone ? amount : none, refunded: isBack && isDone ? amount : none };
}

function sumsOfOrder(transactions: readonly TransactionRow[]): PaymentStory["sums"] {
  const sum = (...states: number[]) =>
    tiyin(
      transactions
        .filter(({ source, state }) => source === "merchant" && states.includes(state))
        .reduce((total, { amount }) => total + amount, 0),
    );
  const refunded = sum(TransactionState.REFUNDED);
  return { taken: sum(TransactionState.PERFORMED, TransactionState.REFUNDED), refunding: tiyin(0), refunded };
}

function shown(payment: PaymentRow): StoryPayment {
  const { id, kind, userId, reference, status, amount, paidAmount, refund, unfulfilled } = payment;
  const { held, transactionId, paidBy: by, paidSource, nextCheckAt } = payment;
  const money = { status, amount, paidAmount, refund, unfulfilled, held };
  return { id, kind, userId, reference, ...money, transactionId, paidBy: by, paidSource, nextCheckAt };
}
