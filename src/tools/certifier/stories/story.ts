import type { Run } from "../run";

/** A part of what Payme does with an order. Told once in a run: the checks that look at it share its calls and its order. */
export type Story<Told> = (run: Run) => Promise<Told>;

/**
 * A story. It builds on others by telling them first; where one of those was refused it is skipped with all that looks at it, so
 * that one mistake is one failure.
 */
export function story<Told>(tell: Story<Told>): Story<Told> {
  const told = new WeakMap<Run, Promise<Told>>();
  return (run) => {
    const telling = told.get(run) ?? tell(run);
    told.set(run, telling);
    return telling;
  };
}
