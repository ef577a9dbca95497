import { type Cursor, earliestLive, type Scope, stackOf } from "../ledger";
import type { MerchantContext } from "./context";
import { expire } from "./expiry";

/** What a sweep came to. */
export interface ExpiryReport {
  readonly expired: number;
  /** Those whose `onReleased` threw: see the log and the incidents. They are tried again by the next sweep. */
  readonly failed: number;
}

/** Expires at most `limit` transactions. Those that fail are passed over, however many: they keep no order behind them busy. */
export async function sweep<Tx>(context: MerchantContext<Tx>, scope: Scope, limit: number): Promise<ExpiryReport> {
  const { storage, logger } = context;
  const before = earliestLive(context.now());
  let [expired, failed] = [0, 0];
  let after: Cursor | undefined;
  for (;;) {
    const page = await storage.listExpired(scope, { before, after, limit });
    for (const row of page) {
      if (expired === limit) return { expired, failed };
      try {
        if ((await expire(context, row)).outcome === "applied") expired += 1;
      } catch (error) {
        failed += 1;
        logger.error("a transaction could not be expired", { paymeId: row.paymeId, stack: stackOf(error) });
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return { expired, failed };
    after = { time: last.time, id: last.paymeId };
  }
}
