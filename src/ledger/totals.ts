import { type Tiyin, tiyin } from "../kit/money";
import type { TransactionSource } from "./transaction";

/** A number of payments, and their sum. */
export interface MoneyTotal {
  readonly count: number;
  readonly amount: Tiyin;
}

/** The total of one source. */
export interface SourceTotal extends MoneyTotal {
  readonly source: TransactionSource;
}

/** The payments of one source within a period, and the refunds of it. */
export interface PaymentTotals {
  readonly source: TransactionSource;
  readonly paid: MoneyTotal;
  /** Refunds that began in the period, and whose money is not back yet. */
  readonly refunding: MoneyTotal;
  /** Refunds whose money went back in the period. */
  readonly refunded: MoneyTotal;
}

/** The totals of one source on one day. */
export interface DayTotals extends PaymentTotals {
  /** Counted from the beginning of the period: 0 is its first 24 hours. */
  readonly day: number;
}

/** Returns the totals of each source that has any, ascending by source. For writers of adapters. */
export function joinTotals(
  paid: readonly SourceTotal[],
  refunding: readonly SourceTotal[],
  refunded: readonly SourceTotal[],
): PaymentTotals[] {
  const sources = new Set([...paid, ...refunding, ...refunded].map(({ source }) => source));
  const totalOf = (totals: readonly SourceTotal[], source: TransactionSource): MoneyTotal => {
    const { count, amount } = totals.find((each) => each.source === source) ?? { count: 0, amount: tiyin(0) };
    return { count, amount };
  };
  return [...sources].sort().map((source) => ({
    source,
    paid: totalOf(paid, source),
    refunding: totalOf(refunding, source),
    refunded: totalOf(refunded, source),
  }));
}
