import * as fc from "fast-check";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What can happen in a life, and how likely it is beside the others. */
const WEIGHTS = {
  pass: 12,
  away: 2,
  subscribe: 2,
  "cancel at the end": 1,
  "cancel now": 1,
  pause: 1,
  resume: 2,
  "change the card": 4,
  "remove the card": 1,
  "change the price": 1,
  "change the plan": 1,
  consent: 2,
  refund: 1,
  "refund by hand": 1,
  "cancel by hand": 1,
} as const;
export type Deed = keyof typeof WEIGHTS;

/** The cards of an owner, by what happens when they are charged. */
export const CARD_KINDS = [
  ...(["good", "good", "good", "good", "good", "good", "good", "short", "short"] as const),
  ...(["empty", "empty", "gone", "refused", "limit", "sms", "broken"] as const),
] as const;
export type CardKind = (typeof CARD_KINDS)[number];

/** How calls to Payme go wrong, with how often beside the others. */
const FAULTS = {
  none: 12,
  "lost before": 2,
  "lost after": 3,
  "inside Payme": 2,
  "inside Payme, done later": 3,
  "done a day later": 1,
  "no money": 2,
  "merchant blocked": 1,
  unreachable: 1,
} as const;
export type ScheduleFault = keyof typeof FAULTS;

const PASSES = [MINUTE, 10 * MINUTE, HOUR, 13 * HOUR, DAY, 3 * DAY, 8 * DAY, 35 * DAY] as const;
const AWAYS = [HOUR, DAY, 12 * DAY, 75 * DAY] as const;
const WORKERS = [1, 1, 2, 4, 16] as const;

/** One thing that happens. */
export interface ScheduleStep {
  readonly deed: Deed;
  /** Which of what there is by then, and which of the ways. */
  readonly which: number;
  readonly fault: ScheduleFault;
  readonly method:
    | "receipts.pay"
    | "receipts.create"
    | "receipts.check"
    | "receipts.cancel"
    | "cards.check"
    | "receipts.*";
  /** How many calls the fault hits. */
  readonly times: number;
  /** The first process dies with its n-th call or transaction of this step: before it, or once it is done. */
  readonly kill: { readonly call: number; readonly when: "before" | "after" } | null;
  /** The hook of a renewal throws once, after it has written. */
  readonly hookThrows: boolean;
  readonly workers: number;
}

/** A schedule for one owner over three years. */
export interface Schedule {
  readonly every: { readonly months: number } | { readonly days: number };
  readonly isMonthEnd: boolean;
  readonly trialDays: number;
  readonly catchUp: "current" | "each";
  readonly card: CardKind;
  readonly steps: readonly ScheduleStep[];
}

function weighted<Name extends string>(weights: Readonly<Record<Name, number>>): fc.Arbitrary<Name> {
  const entries: { arbitrary: fc.Arbitrary<Name>; weight: number }[] = [];
  for (const name in weights) entries.push({ arbitrary: fc.constant(name), weight: weights[name] });
  return fc.oneof(...entries);
}

const anyStep: fc.Arbitrary<ScheduleStep> = fc.record({
  deed: weighted(WEIGHTS),
  which: fc.nat({ max: 71 }),
  fault: weighted(FAULTS),
  method: fc.constantFrom(
    "receipts.pay" as const,
    "receipts.pay" as const,
    "receipts.create" as const,
    "receipts.check" as const,
    "receipts.cancel" as const,
    "cards.check" as const,
    "receipts.*" as const,
  ),
  // The last is an outage.
  times: fc.constantFrom(1, 1, 2, 3, 4, 60),
  kill: fc.option(fc.record({ call: fc.integer({ min: 1, max: 24 }), when: fc.constantFrom("before", "after") }), {
    freq: 4,
    nil: null,
  }),
  hookThrows: fc.integer({ min: 0, max: 19 }).map((side) => side === 19),
  workers: fc.constantFrom(...WORKERS),
});

export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  every: fc.constantFrom({ months: 1 }, { months: 1 }, { months: 1 }, { months: 3 }, { days: 7 }),
  isMonthEnd: fc.boolean(),
  trialDays: fc.constantFrom(0, 0, 7),
  catchUp: fc.constantFrom("current" as const, "current" as const, "each" as const),
  card: fc.constantFrom(...CARD_KINDS),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 40, size: "max" }),
});

export const passOf = ({ which }: ScheduleStep): number => PASSES[which % PASSES.length] ?? DAY;
export const awayOf = ({ which }: ScheduleStep): number => AWAYS[which % AWAYS.length] ?? DAY;

/** A schedule as text, one line for each step. */
export function scheduleText({ steps, ...first }: Schedule): string {
  return [JSON.stringify(first), ...steps.map((step, index) => `${index + 1}. ${stepText(step)}`)].join("\n");
}

function stepText({ deed, which, fault, method, times, kill, hookThrows, workers }: ScheduleStep): string {
  return [
    `${deed} (${which})`,
    fault === "none" ? "" : `${fault}: ${method} x${times}`,
    kill === null ? "" : `dies ${kill.when} call ${kill.call}`,
    hookThrows ? "the hook throws" : "",
    workers > 1 ? `${workers} workers` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
