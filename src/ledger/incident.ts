import type { Logger } from "../kit/logger";
import { type EventRow, type IncidentKind, isIncidentKind } from "./event";
import type { Scope } from "./outcome";
import type { Storage } from "./storage";

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

/** Records an incident in a transaction of its own, then calls `onIncident`. A repeat is recorded once. */
export async function recordIncident<Tx>(book: IncidentBook<Tx>, incident: Incident): Promise<void> {
  tellIncidents(book, await book.storage.appendEvents([incident]));
}

/** Logs the incidents among events that were written, and calls `onIncident`. After their commit. */
export function tellIncidents<Tx>(book: IncidentBook<Tx>, written: readonly EventRow[]): void {
  for (const { cashbox, mode, kind, subject, paymeId, at, data } of written) {
    if (!isIncidentKind(kind) || paymeId === null) continue;
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
