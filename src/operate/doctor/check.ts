import type { DoctorGroup, Seen } from "./finding";
import type { Subject } from "./subject";

/** A check that only reads. */
export interface Check {
  readonly id: string;
  readonly group: DoctorGroup;
  /** What it looks at, for the docs. */
  readonly looksAt: string;
  readonly why: string;
  /** Checks that come first. Where one of them found something, this one is left out: it would tell of the same. */
  readonly after: readonly string[];
  /** True where it needs Payme or the shop's own address. */
  readonly isOnline: boolean;
  /** Undefined: there is nothing to look at. */
  look(subject: Subject, signal: AbortSignal): Promise<Seen | undefined>;
}

/** A row of a table of checks. `Part` is what the group looks at. */
export interface CheckRow<Part> {
  /** The name within the group. */
  readonly id: string;
  readonly looksAt: string;
  readonly why: string;
  readonly after?: readonly string[];
  readonly isOnline?: boolean;
  look(part: Part, subject: Subject, signal: AbortSignal): Promise<Seen | undefined> | Seen | undefined;
}

/** Makes the checks of a group. Without its part there is nothing to look at. */
export function checksOf<Part>(
  group: DoctorGroup,
  partOf: (subject: Subject) => Part | undefined,
  rows: readonly CheckRow<Part>[],
): Check[] {
  return rows.map(({ id, look, looksAt, why, after = [], isOnline = false }) => ({
    id: `${group}.${id}`,
    group,
    looksAt,
    why,
    after: after.map((other) => (other.includes(".") ? other : `${group}.${other}`)),
    isOnline,
    async look(subject, signal) {
      const part = partOf(subject);
      return part === undefined ? undefined : look(part, subject, signal);
    },
  }));
}
