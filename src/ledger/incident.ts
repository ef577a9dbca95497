import type { IncidentKind } from "./event";
import type { Scope } from "./outcome";

/** Money that our books cannot place, or a hook that failed: something for a person to look at. */
export interface Incident extends Scope {
  readonly kind: IncidentKind;
  /** The payment or order concerned; the Payme id where none is known. */
  readonly subject: string;
  readonly paymeId: string;
  readonly at: number;
  readonly data?: unknown;
}
