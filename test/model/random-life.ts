import * as fc from "fast-check";
import type { RefundEnd } from "../../src/testing/mock/choices";

/** What can happen in a world, and how likely it is beside the others. */
const WEIGHTS = {
  create: 2,
  charge: 4,
  pay: 5,
  decline: 1,
  deliver: 3,
  check: 1,
  cancel: 1,
  refund: 2,
  "refund by hand": 1,
  expire: 1,
  capture: 1,
  release: 1,
  "capture by hand": 1,
  "drop the hold": 1,
  reconcile: 2,
  review: 1,
  sweep: 1,
  begin: 2,
  perform: 2,
  "cancel transaction": 1,
  "begin at the shop": 1,
  "sell elsewhere": 1,
  ship: 1,
  "a person looks": 2,
  "a person refunds": 1,
  "Payme settles": 1,
  clock: 1,
  wait: 2,
} as const;
type Deed = keyof typeof WEIGHTS;

/** How the next call that crosses the network goes wrong. */
const FAULTS = {
  none: 16,
  "lost before": 1,
  "lost after": 1,
  twice: 1,
  "-31601": 1,
  "-31602": 1,
  "-32400": 1,
  "-32400, done later": 2,
  "-31622, done later": 1,
} as const;

/** One thing that happens, to one of what there is by then. */
export interface Step {
  readonly deed: Deed;
  readonly which: number;
  /** The process that does it: 0 fulfils both kinds, 1 fulfils orders only. */
  readonly process: 0 | 1;
  readonly fault: keyof typeof FAULTS;
  /** A hook that is called throws, after it has written. */
  readonly hookThrows: boolean;
  /** Begins before the step before it has ended. */
  readonly together: boolean;
}

/** A refund in the cabinet, long after all else. */
export interface LateRefund {
  readonly which: number;
  readonly afterDays: number;
}

/** All that happens in a world. */
export interface Life {
  /** `billing`: Payme's receipts call the Merchant API, so that one id comes on both roads. */
  readonly road: "terminal" | "billing";
  /** How refunds end, one after the other. */
  readonly refunds: readonly [RefundEnd, ...RefundEnd[]];
  /** Payme answers `receipts.pay` before it has finished. */
  readonly isSlow: boolean;
  /** A cancelled hold is in the queue first. */
  readonly queuesHolds: boolean;
  /** Process 1 has no client: it takes Payme's calls, and asks Payme nothing. */
  readonly isSecondAlone: boolean;
  /** The worker does the jobs, with all that is due, instead of a caller of each. */
  readonly hasWorker: boolean;
  /** A hook that throws whenever it is called for one of the wares: a mistake in the shop's own code. */
  readonly broken: { readonly hook: "onPaid" | "onRefunded"; readonly which: number } | null;
  readonly steps: readonly Step[];
  /** A person looks at what is open once all has come to rest. */
  readonly isLookedAt: boolean;
  /** What comes weeks later; null: the world is not lived on. */
  readonly later: readonly LateRefund[] | null;
}

function likely<Key extends string>(weights: Readonly<Record<Key, number>>): fc.Arbitrary<Key> {
  const all = Object.entries<number>(weights).flatMap(([key, weight]) => Array.from({ length: weight }, () => key));
  return fc.constantFrom(...all).map((key) => keyOf(weights, key));
}

function keyOf<Key extends string>(weights: Readonly<Record<Key, number>>, key: string): Key {
  for (const known in weights) if (known === key) return known;
  throw new Error(`${key} has no weight`);
}

const oneIn = (n: number): fc.Arbitrary<boolean> => fc.integer({ min: 1, max: n }).map((drawn) => drawn === n);

function sometimes<Thing>(n: number, thing: fc.Arbitrary<Thing>): fc.Arbitrary<Thing | null> {
  return fc.tuple(oneIn(n), thing).map(([isThere, drawn]) => (isThere ? drawn : null));
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  deed: likely(WEIGHTS),
  which: fc.nat(24),
  process: fc.constantFrom<Step["process"][]>(0, 0, 1),
  fault: likely(FAULTS),
  hookThrows: oneIn(6),
  together: oneIn(4),
});

const lateRefund: fc.Arbitrary<LateRefund> = fc.record({ which: fc.nat(24), afterDays: fc.constantFrom(1, 11, 25) });

export const anyLife: fc.Arbitrary<Life> = fc.record({
  road: fc.constantFrom<Life["road"][]>("terminal", "terminal", "billing"),
  refunds: fc.tuple(
    fc.constantFrom<RefundEnd[]>(50, 50, 4, "never"),
    fc.constantFrom<RefundEnd[]>(50, 4, "never"),
    fc.constantFrom<RefundEnd[]>(50, 4, "never"),
  ),
  isSlow: fc.boolean(),
  queuesHolds: fc.boolean(),
  hasWorker: oneIn(6),
  broken: sometimes(
    8,
    fc.record({ hook: fc.constantFrom<("onPaid" | "onRefunded")[]>("onPaid", "onRefunded"), which: fc.nat(4) }),
  ),
  steps: fc.array(anyStep, { minLength: 8, maxLength: 28, size: "max" }),
  isLookedAt: oneIn(3),
  later: sometimes(16, fc.array(lateRefund, { maxLength: 3, size: "max" })),
  isSecondAlone: oneIn(3),
});

/** A life, as a failing run prints it. */
export function lifeText({ steps, ...traits }: Life): string {
  const lines = steps.map(({ deed, which, process, fault, hookThrows, together }) =>
    [
      together ? "& " : "- ",
      `${deed} ${which} by ${process}`,
      fault === "none" ? "" : `, ${fault}`,
      hookThrows ? ", hook throws" : "",
    ].join(""),
  );
  return [JSON.stringify(traits), ...lines].join("\n");
}
