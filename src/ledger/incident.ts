import type { Logger } from "../kit/logger";
import { type EventRow, type IncidentClosing, type IncidentKind, isIncidentKind, type NewEvent } from "./event";
import type { Scope } from "./outcome";
import type { Storage, Verbs } from "./storage";

/** Something that a person must look at: money that our books cannot place, or a hook that failed. */
export interface Incident extends Scope {
  readonly kind: IncidentKind;
  /** The payment or order; the Payme id where neither is known. */
  readonly subject: string;
  readonly paymeId: string;
  readonly at: number;
  readonly data?: unknown;
}

/** The part of a {@link Ledger} that incidents need. */
interface IncidentBook<Tx> {
  readonly storage: Storage<Tx>;
  readonly logger: Logger;
  readonly onIncident?: ((incident: Incident) => unknown) | undefined;
}

/** The incidents that a change puts right, by kind. */
export type Closes = Pick<IncidentClosing, "kinds" | "kindsOfOthers">;

/** Money that was booked: where another id has paid, that of a wrong amount becomes a double payment. */
export const CLOSED_BY_PAYMENT: Closes = {
  kinds: [
    "effect_failed",
    "no_fulfiller",
    "amount_mismatch",
    "hold_expiring",
    "unknown_transaction",
    "paid_elsewhere",
    "refund_stuck",
  ],
  kindsOfOthers: ["amount_mismatch"],
};

/** Money that goes back, and transactions that ended unpaid. */
export const CLOSED_BY_CANCEL: Closes = { kinds: ["effect_failed", "no_fulfiller", "hold_expiring"] };

/** Money that is back: Payme says 50. */
export const CLOSED_BY_REFUND: Closes = {
  kinds: [...CLOSED_BY_CANCEL.kinds, "refund_refused", "refund_stuck", "paid_elsewhere"],
};

/** The payment or order, and the Payme id, of incidents. */
type IncidentSubject = Pick<Incident, "cashbox" | "mode" | "subject" | "paymeId">;

/** Returns the closing of the incidents of a subject by what happened: the kind of an event, or a few words. */
export function closingBy(
  { cashbox, mode, subject, paymeId }: IncidentSubject,
  closes: Closes,
  { kind, at }: Pick<NewEvent, "kind" | "at">,
): IncidentClosing {
  const note = `put right by ${kind}, Payme id ${paymeId}`;
  return { cashbox, mode, subject, paymeId, ...closes, by: "payme-kit", note, at };
}

/** Records an incident in a transaction of its own, then calls `onIncident`. One that is open is not recorded again. */
export async function recordIncident<Tx>(
  book: IncidentBook<Tx>,
  incident: Incident,
  /** Runs before, in the same transaction. False: there is nothing to record. */
  isNeeded?: ((verbs: Verbs) => Promise<boolean>) | undefined,
): Promise<void> {
  const { storage } = book;
  if (isNeeded === undefined) return tellIncidents(book, await storage.appendEvents([incident]));
  const written = await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    return (await isNeeded(verbs)) ? verbs.appendEvents([incident]) : [];
  });
  tellIncidents(book, written);
}

/** Logs the incidents that were opened and closed, and calls `onIncident` with the opened ones. After their commit. */
export function tellIncidents<Tx>(book: IncidentBook<Tx>, written: readonly EventRow[]): void {
  for (const { cashbox, mode, kind, subject, paymeId, at, data, resolvedAt, note } of written) {
    if (!isIncidentKind(kind) || paymeId === null) continue;
    if (resolvedAt !== null) {
      book.logger.info(`incident closed: ${kind}`, { kind, subject, paymeId, note });
      continue;
    }
    book.logger.error(`incident: ${kind}`, { kind, subject, paymeId });
    void callListener(book, { cashbox, mode, kind, subject, paymeId, at, data });
  }
}

/** Is not awaited by the caller. An error goes to the log: an unhandled rejection would end the process. */
async function callListener<Tx>(book: IncidentBook<Tx>, incident: Incident): Promise<void> {
  try {
    await book.onIncident?.(incident);
  } catch (error) {
    book.logger.error("onIncident threw", { stack: stackOf(error) });
  }
}

/** Returns the text of a thrown value for the log. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
