import type { Rules } from "./reference";

/** An endpoint with one mistake, and the checks that must tell it: these, and no others. */
export interface Mistake {
  /** What is wrong, as one would say it. */
  readonly name: string;
  readonly instead: Partial<Rules>;
  readonly fails: readonly string[];
}
