/** The groups of checks, in the order in which they are told. */
export const GROUPS = ["env", "payme", "clock", "endpoint", "link", "database", "books", "process"] as const;
export type DoctorGroup = (typeof GROUPS)[number];

/** How a check ended: `uncertain` is also what could not be reached, or did not answer in time. */
export type FindingStatus = "wrong" | "uncertain" | "right";

/** What a check found. It never holds a secret. */
export interface Finding {
  /** The name of the check, e.g. `payme.key`. */
  readonly check: string;
  readonly group: DoctorGroup;
  readonly status: FindingStatus;
  /** What was seen. */
  readonly saw: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do or type; null where nothing is to be done. */
  readonly fix: string | null;
}

/** What a check saw, before it is a {@link Finding}. */
export type Seen = Pick<Finding, "status" | "saw" | "fix">;

export const right = (saw: string): Seen => ({ status: "right", saw, fix: null });
export const wrong = (saw: string, fix: string): Seen => ({ status: "wrong", saw, fix });
export const uncertain = (saw: string, fix: string): Seen => ({ status: "uncertain", saw, fix });
