import type { PayOutcome } from "../../src/entry/client";
import type { MoneyMovement } from "../../src/testing/mock/money-book";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";

const sumOf = (movements: readonly MoneyMovement[], ...kinds: readonly MoneyMovement["kind"][]) =>
  movements.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { amount }) => sum + amount, 0);

/** Where the payers' money of some receipts is, by Payme's books. */
export function moneyOf(mock: MockPayme, receiptIds: readonly (string | null)[]) {
  // Looking at a receipt brings it to where the clock stands.
  for (const id of receiptIds) if (id !== null) mock.receipt(id);
  const movements = mock.movements.filter(({ receiptId }) => receiptIds.includes(receiptId));
  return {
    held: sumOf(movements, "hold") - sumOf(movements, "release", "capture"),
    taken: sumOf(movements, "take", "capture") - sumOf(movements, "return"),
    /** How often money was taken, and how often it was set aside, whatever became of it. */
    takes: movements.filter(({ kind }) => kind === "take" || kind === "capture").length,
    debits: movements.filter(({ kind }) => kind === "take" || kind === "hold").length,
  };
}

/** The receipts of one thing to be paid. */
export const receiptsOf = (mock: MockPayme, orderId: string): string[] =>
  mock
    .receipts()
    .filter(({ account }) => account.some(({ name, value }) => name === "order_id" && value === orderId))
    .map(({ _id }) => _id);

/** What a caller does when it makes a claim. */
export type Step = "charge" | "hold" | "capture" | "release";

/** What is untrue about an outcome at the moment in which the caller gets it; undefined where nothing is. */
export function untruthOf(mock: MockPayme, step: Step, outcome: PayOutcome): string | undefined {
  const { status, receiptId } = outcome;
  const state = receiptId === null ? undefined : mock.receipt(receiptId)?.state;
  const { held, taken } = moneyOf(mock, [receiptId]);
  const isCancelled = state === 21 || state === 50;
  // What is refused changes nothing: held money stays held, and taken money taken.
  const isDeclined = {
    charge: taken === 0 && held === 0,
    hold: taken === 0 && held === 0,
    capture: taken === 0,
    release: !isCancelled,
  };
  const isTrue = {
    paid: state === 4 && taken > 0,
    held: state === 5 && held > 0 && taken === 0,
    declined: isDeclined[step],
    cancelled: isCancelled && (state === 21 || (taken === 0 && held === 0)),
    pending: true,
    unknown: true,
  }[status];
  return isTrue ? undefined : `${step} says ${status}: the receipt is in ${state}, ${held} held, ${taken} taken`;
}
