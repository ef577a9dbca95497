import * as fc from "fast-check";
import type { RefundEnd } from "../../src/testing/mock/choices";

/** What can happen in a world, the likeliest more than once. */
const DEEDS = [
  "create",
  "create",
  "charge",
  "charge",
  "pay",
  "pay",
  "pay",
  "decline",
  "deliver",
  "deliver",
  "deliver",
  "check",
  "cancel",
  "refund",
  "refund",
  "refund by hand",
  "expire",
  "reconcile",
  "reconcile",
  "review",
  "sweep",
  "begin",
  "begin",
  "perform",
  "perform",
  "cancel transaction",
  "begin at the shop",
  "sell elsewhere",
  "ship",
  "Payme settles",
  "wait",
  "wait",
] as const;

/** How the next call that crosses the network goes wrong. */
const FAULTS = [
  "none",
  "none",
  "none",
  "none",
  "lost before",
  "lost after",
  "twice",
  "-31601",
  "-31602",
  "-32400",
  "-32400, done later",
] as const;

/** One thing that happens, to one of what there is by then. */
export interface Step {
  readonly deed: (typeof DEEDS)[number];
  readonly which: number;
  /** The process that does it: 0 fulfils both kinds, 1 fulfils orders only. */
  readonly process: 0 | 1;
  readonly fault: (typeof FAULTS)[number];
  /** A hook that is called throws, after it has written. */
  readonly hookThrows: boolean;
  /** Begins before the step before it has ended. */
  readonly together: boolean;
}

/** All that happens in a world. */
export interface Life {
  /** `billing`: Payme's receipts call the Merchant API, so that one id comes on both roads. */
  readonly road: "terminal" | "billing";
  /** How refunds end, one after the other. */
  readonly refunds: readonly [RefundEnd, ...RefundEnd[]];
  /** Payme answers `receipts.pay` before it has finished. */
  readonly isSlow: boolean;
  readonly steps: readonly Step[];
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  deed: fc.constantFrom<Step["deed"][]>(...DEEDS),
  which: fc.nat(5),
  process: fc.constantFrom<Step["process"][]>(0, 0, 1),
  fault: fc.constantFrom<Step["fault"][]>(...FAULTS),
  hookThrows: fc.integer({ min: 0, max: 5 }).map((n) => n === 5),
  together: fc.integer({ min: 0, max: 3 }).map((n) => n === 3),
});

export const anyLife: fc.Arbitrary<Life> = fc.record({
  road: fc.constantFrom<Life["road"][]>("terminal", "terminal", "billing"),
  refunds: fc.tuple(
    fc.constantFrom<RefundEnd[]>(50, 50, 4, "never"),
    fc.constantFrom<RefundEnd[]>(50, 4, "never"),
    fc.constantFrom<RefundEnd[]>(50, 4, "never"),
  ),
  isSlow: fc.boolean(),
  steps: fc.array(anyStep, { minLength: 8, maxLength: 30, size: "max" }),
});

/** A life, as a failing run prints it. */
export function lifeText({ road, refunds, isSlow, steps }: Life): string {
  const lines = steps.map(({ deed, which, process, fault, hookThrows, together }) =>
    [
      together ? "& " : "- ",
      `${deed} ${which} by ${process}`,
      fault === "none" ? "" : `, ${fault}`,
      hookThrows ? ", hook throws" : "",
    ].join(""),
  );
  return [`${road}, refunds end as ${refunds.join(", ")}${isSlow ? ", slow" : ""}`, ...lines].join("\n");
}
