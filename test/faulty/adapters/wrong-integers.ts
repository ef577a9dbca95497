import { tiyin } from "../../../src/kit/money";
import { onMemory } from "./on-memory";
import type { FaultyAdapter } from "./variants";

/** Integers that are too narrow, or were floats on their way. */
export const wrongIntegers: readonly FaultyAdapter[] = [
  {
    fault: "keeps amounts in 32 bits",
    caughtBy: "64-bit",
    run: () =>
      onMemory((verbs) => ({
        async findPayment(scope, key) {
          const row = await verbs.findPayment(scope, key);
          return row === undefined ? undefined : { ...row, amount: tiyin(row.amount >>> 0) };
        },
      })),
  },
  {
    fault: "prints amounts with 15 digits",
    caughtBy: "64-bit",
    run: () => onMemory((verbs) => ({ addPayment: (row, options) => verbs.addPayment(rounded(row), options) })),
  },
];

function rounded<Row extends { amount: number }>(row: Row): Row & { amount: ReturnType<typeof tiyin> } {
  return { ...row, amount: tiyin(Math.min(Number(row.amount.toPrecision(15)), Number.MAX_SAFE_INTEGER)) };
}
