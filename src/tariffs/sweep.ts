import { project } from "./activate";
import type { TariffsContext } from "./context";

/** How many users one sweep looks at, unless told. */
const DEFAULT_LIMIT = 100;

export interface SweepOptions {
  /** How many users at most. Default 100. */
  readonly limit?: number | undefined;
}

/** What a sweep did. */
export interface SweepReport {
  /** Users whose row was brought up to date. */
  readonly updated: number;
  /** Users for whom it failed; they are due again, and the log says why. */
  readonly failed: number;
}

/** Brings the rows of users up to date whose tariff ended or gave way to the next one, a transaction each. */
export async function sweep<Tx>(context: TariffsContext<Tx>, options: SweepOptions = {}): Promise<SweepReport> {
  const due = await context.store.usersDue({ now: context.now(), limit: options.limit ?? DEFAULT_LIMIT });
  let updated = 0;
  for (const userId of due) {
    if (await sweepUser(context, userId)) updated += 1;
  }
  return { updated, failed: due.length - updated };
}

async function sweepUser<Tx>(context: TariffsContext<Tx>, userId: string): Promise<boolean> {
  try {
    await context.storage.transaction(async (tx) => {
      const verbs = context.store.using(tx);
      await verbs.lockUser(userId);
      await project(verbs, userId, context.now());
    });
    return true;
  } catch (error) {
    context.logger.error("a user's tariff could not be brought up to date", {
      userId,
      stack: error instanceof Error ? error.stack : String(error),
    });
    return false;
  }
}
