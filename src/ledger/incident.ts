import type { Clock } from "../kit/clock";
import { callSafely, type EventListener, emit } from "../kit/emit";
import { isRecord } from "../kit/json";
import type { Logger } from "../kit/logger";
import { currentTrace } from "../kit/trace";
import { type BookEvent, bookEventsOf } from "./book-event";
import { type EventRow, type IncidentClosing, type IncidentKind, isIncidentKind, type NewEvent } from "./event";
import type { Scope } from "./outcome";
import type { LastStep, Storage, TurnOptions, Verbs } from "./storage";

/** Something that a person must look at: money that our books cannot place, or a hook that failed. */
export interface Incident extends Scope {
  readonly kind: IncidentKind;
  /** The payment or order; the Payme id where neither is known. */
  readonly subject: string;
  readonly paymeId: string;
  readonly at: number;
  readonly data?: unknown;
}

/** Those who are told of what was written to the books. */
export interface Told {
  readonly logger: Logger;
  readonly now: Clock;
  /** Called with each incident after its commit. */
  readonly onIncident?: ((incident: Incident) => unknown) | undefined;
  /** Called with each event after its commit. */
  readonly onEvent?: EventListener<BookEvent> | undefined;
  /** True where the subjects of events are ids of payments. A shop's own references are not told: they may be phone numbers. */
  readonly subjectsArePayments?: boolean | undefined;
  /** True where each incident becomes a message of the outbox, in the same commit. */
  readonly incidentMessages?: boolean | undefined;
}

/** The part of a ledger that incidents need. */
interface IncidentBook<Tx> extends Told, TurnOptions {
  readonly storage: Storage<Tx>;
}

/** The incidents that a change puts right, by kind. */
export type Closes = Pick<IncidentClosing, "kinds" | "kindsOfOthers">;

/** A transaction whose 12 hours are over, by our clock: it ends no hold and no charge at Payme. */
export const CLOSED_BY_EXPIRY: Closes = { kinds: ["effect_failed", "no_fulfiller"] };

/** Money that goes back, and transactions that Payme ended unpaid. */
export const CLOSED_BY_CANCEL: Closes = {
  kinds: [...CLOSED_BY_EXPIRY.kinds, "hold_expiring", "charge_unknown", "charge_blocked"],
};

/** Money that was booked: where another id has paid, that of a wrong amount becomes a double payment. */
export const CLOSED_BY_PAYMENT: Closes = {
  kinds: [...CLOSED_BY_CANCEL.kinds, "amount_mismatch", "unknown_transaction", "paid_elsewhere", "refund_stuck"],
  kindsOfOthers: ["amount_mismatch"],
};

/** Money that is back: Payme says 50. */
export const CLOSED_BY_REFUND: Closes = {
  kinds: [...CLOSED_BY_CANCEL.kinds, "refund_refused", "refund_stuck", "paid_elsewhere"],
};

/** The payment or order, and the Payme id, of incidents. */
type IncidentSubject = Pick<Incident, "cashbox" | "mode" | "subject" | "paymeId">;

/** The payment that a row is about. A subject may be a shop's own reference, too, and Payme's id where no payment is known. */
export function paymentOf(
  { subjectsArePayments }: Told,
  { subject, paymeId }: { readonly subject: string; readonly paymeId: string | null },
): string | undefined {
  return subjectsArePayments && subject !== paymeId ? subject : undefined;
}

/** The ids of a log line. */
export function idsOf(told: Told, row: { readonly subject: string; readonly paymeId: string | null }) {
  return { payment_id: paymentOf(told, row), transaction_id: row.paymeId };
}

/** Who has closed what was put right by an event, and no person. */
export const CLOSED_BY_US = "payme-kit";

/** Returns the closing of the incidents of a subject by what happened: the kind of an event, or a few words. */
export function closingBy(
  { cashbox, mode, subject, paymeId }: IncidentSubject,
  closes: Closes,
  { kind, at }: Pick<NewEvent, "kind" | "at">,
): IncidentClosing {
  const note = `put right by ${kind}, Payme id ${paymeId}`;
  return { cashbox, mode, subject, paymeId, by: CLOSED_BY_US, note, at, ...closes };
}

/** Records an incident in a transaction of its own, then calls `onIncident`. One that is open is not recorded again. */
export async function recordIncident<Tx>(
  book: IncidentBook<Tx>,
  incident: Incident,
  /** Runs before, in the same transaction. False: there is nothing to record. */
  isNeeded?: ((verbs: Verbs) => Promise<boolean>) | undefined,
): Promise<void> {
  const { storage } = book;
  const written = await storage.transaction(
    async (tx) => {
      const verbs = storage.using(tx);
      return isNeeded === undefined || (await isNeeded(verbs)) ? writeEvents(book, verbs, [incident]) : [];
    },
    { first: book.first },
  );
  tellWritten(book, written);
}

/** The kind of the message that an outbox gets for each incident. */
export const INCIDENT_MESSAGE = "payme.incident";

/** Writes events inside a transaction, and the messages of new incidents. Returns the written and the closed events. */
export function writeEvents(
  { incidentMessages }: Told,
  verbs: Verbs,
  events: readonly NewEvent[],
  closing?: IncidentClosing,
  last?: LastStep,
): Promise<EventRow[]> {
  const named = traceable(events);
  return incidentMessages ? writeWithMessages(verbs, named, closing) : verbs.appendEvents(named, closing, last);
}

async function writeWithMessages(
  verbs: Verbs,
  events: readonly NewEvent[],
  closing: IncidentClosing | undefined,
): Promise<EventRow[]> {
  const written = await verbs.appendEvents(events, closing);
  const opened = written.filter((row) => isIncidentKind(row.kind) && row.resolvedAt === null);
  if (opened.length > 0) await verbs.appendEvents(opened.map(incidentMessage));
  return written;
}

/** Without the incident's data: a message leaves the house. Its reader asks for the incident by its id. */
function incidentMessage({ cashbox, mode, id, kind, paymeId, at }: EventRow): NewEvent {
  const data = { incident: kind, incidentId: id };
  return { cashbox, mode, kind: INCIDENT_MESSAGE, subject: `incident:${id}`, paymeId, at, data, deliverAt: at };
}

/** The events with the id of the call that writes them, where somebody listens. */
export function traceable(events: readonly NewEvent[]): readonly NewEvent[] {
  const trace = currentTrace();
  if (trace === undefined) return events;
  return events.map((event) => ({ ...event, data: { ...(isRecord(event.data) ? event.data : {}), trace } }));
}

/** Tells of rows that were written: incidents to the log and `onIncident`, all to `onEvent`. After their commit. */
export function tellWritten(book: Told, written: readonly EventRow[]): void {
  tellIncidents(book, written);
  const { onEvent, logger } = book;
  if (onEvent === undefined) return;
  for (const row of written) {
    for (const event of bookEventsOf(row, paymentOf(book, row))) emit(onEvent, event, logger);
  }
}

function tellIncidents(book: Told, written: readonly EventRow[]): void {
  for (const row of written) {
    const { cashbox, mode, kind, subject, paymeId, at, data, resolvedAt, resolvedBy: by } = row;
    if (!isIncidentKind(kind) || paymeId === null) continue;
    if (resolvedAt !== null) {
      // Without the note: a person may have written anything.
      book.logger.info(`incident closed: ${kind}`, { kind, ...idsOf(book, row), by });
      continue;
    }
    book.logger.error(`incident: ${kind}`, { kind, ...idsOf(book, row) });
    callSafely(
      () => book.onIncident?.({ cashbox, mode, kind, subject, paymeId, at, data }),
      (error) => book.logger.error("onIncident threw", { stack: stackOf(error) }),
    );
  }
}

/** Returns the text of a thrown value for the log. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
