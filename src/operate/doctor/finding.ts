import type { Subject } from "./subject";

/** The groups of checks. */
export const GROUPS = ["env", "payme", "clock", "endpoint", "link", "database", "books", "process"] as const;
/** A group of checks. */
export type DoctorGroup = (typeof GROUPS)[number];

/** How a check ended. `uncertain` is also what could not be reached, or did not answer in time. */
export type FindingStatus = "wrong" | "uncertain" | "right";

/** What a check found. It never holds a secret. */
export interface Finding {
  /** The name of the check, e.g. `payme.key`. */
  readonly check: string;
  readonly group: string;
  readonly status: FindingStatus;
  /** What was seen. */
  readonly saw: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do or to type; null where nothing is to be done. */
  readonly fix: string | null;
}

/** A check. It only reads. */
export interface Check {
  readonly id: `${DoctorGroup}.${string}`;
  /** Checks that come first. Where one of them found something, this one is left out: it would tell of the same. */
  readonly after?: readonly string[];
  readonly why: string;
  readonly fix: string;
  /** Undefined: there is nothing to look at. */
  look(subject: Subject, signal: AbortSignal): Promise<Seen | undefined> | Seen | undefined;
}

/** What a check saw. `fix`: another one than the check's usual one. */
export type Seen = { readonly status: FindingStatus; readonly saw: string; readonly fix?: string | undefined };

export const right = (saw: string): Seen => ({ status: "right", saw });
export const wrong = (saw: string, fix?: string): Seen => ({ status: "wrong", saw, fix });
export const uncertain = (saw: string, fix?: string): Seen => ({ status: "uncertain", saw, fix });
