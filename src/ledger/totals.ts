import type { TransactionSource } from "./transaction";

/** How many payments, and how much tiyin. */
export interface MoneyTotal {
  readonly count: number;
  readonly amount: number;
}

/** A total of what came in one way. */
export interface SourceTotal extends MoneyTotal {
  readonly source: TransactionSource;
}

/** What came in one way within a period, and what of it was given back within it. */
export interface PaymentTotals {
  readonly source: TransactionSource;
  readonly paid: MoneyTotal;
  readonly refunded: MoneyTotal;
}

const NONE: MoneyTotal = { count: 0, amount: 0 };

/** Both totals of each source that has any, ascending by source. For writers of adapters. */
export function joinTotals(paid: readonly SourceTotal[], refunded: readonly SourceTotal[]): PaymentTotals[] {
  const sources = new Set([...paid, ...refunded].map(({ source }) => source));
  const totalOf = (totals: readonly SourceTotal[], source: TransactionSource): MoneyTotal => {
    const { count, amount } = totals.find((each) => each.source === source) ?? NONE;
    return { count, amount };
  };
  return [...sources].sort().map((source) => ({
    source,
    paid: totalOf(paid, source),
    refunded: totalOf(refunded, source),
  }));
}
