import type { Logger } from "../kit/logger";
import type { IncidentKind } from "./event";
import type { Scope } from "./outcome";
import type { Storage } from "./storage";

/** Money that our books cannot place, or a hook that failed: something for a person to look at. */
export interface Incident extends Scope {
  readonly kind: IncidentKind;
  /** The payment or order concerned; the Payme id where none is known. */
  readonly subject: string;
  readonly paymeId: string;
  readonly at: number;
  readonly data?: unknown;
}

/** What recording an incident works with: a {@link Ledger}'s part. */
interface IncidentBook<Tx> {
  readonly storage: Storage<Tx>;
  readonly logger: Logger;
  readonly onIncident?: ((incident: Incident) => unknown) | undefined;
}

/** Records an incident in a transaction that commits, and tells who listens. A repeat is recorded once. */
export async function recordIncident<Tx>(book: IncidentBook<Tx>, incident: Incident): Promise<void> {
  const written = await book.storage.appendEvents([incident]);
  if (written.length === 0) return;
  const { kind, subject, paymeId } = incident;
  book.logger.error(`incident: ${kind}`, { kind, subject, paymeId });
  void tell(book, incident);
}

/** Nobody waits for who listens, and what goes wrong there goes to the log: a rejection that nobody takes ends the process. */
async function tell<Tx>(book: IncidentBook<Tx>, incident: Incident): Promise<void> {
  try {
    await book.onIncident?.(incident);
  } catch (error) {
    book.logger.error("onIncident threw", { stack: stackOf(error) });
  }
}

/** What the log shows of whatever was thrown. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
