import { type BookState, type Cursor, type Difference, differenceOf, type Scope, type Storage } from "../ledger";

/** A transaction in Payme's books: a line of the cabinet's export, or of a statement. */
export interface StatementRow extends BookState {
  /** Payme's id. */
  readonly id: string;
}

/** The period whose transactions must be among the rows: by Payme's time, ms since 1970, both ends included. */
export interface StatementPeriod {
  readonly from: number;
  readonly to: number;
}

/** The result of a comparison. */
export interface StatementComparison {
  /** The number of Payme's rows. */
  readonly compared: number;
  readonly agreed: number;
  /** Transactions that are missing here, missing there, or different. */
  readonly differences: readonly Difference[];
}

const PAGE_SIZE = 500;

/**
 * Compares Payme's transactions of a period with ours. The rows may come in any order and as a stream. Memory holds the id,
 * amount and state of each of our own transactions of the period.
 */
export async function compareStatement<Tx>(
  storage: Storage<Tx>,
  scope: Scope,
  rows: Iterable<StatementRow> | AsyncIterable<StatementRow>,
  period: StatementPeriod,
): Promise<StatementComparison> {
  const ofPeriod = await ourTransactions(storage, scope, period);
  const missing = new Set(ofPeriod.keys());
  const differences: Difference[] = [];
  const seen = new Set<string>();
  let compared = 0;
  let agreed = 0;
  for await (const { id, amount, state } of rows) {
    missing.delete(id);
    const difference = differenceOf(id, { amount, state }, ofPeriod.get(id) ?? (await stateOf(storage, scope, id)));
    compared += 1;
    if (difference === undefined) agreed += 1;
    // An export may have a line twice: it counts as one difference, or the sum of what is missing would be too large.
    else if (seen.size < seen.add(JSON.stringify([id, amount, state])).size) differences.push(difference);
  }
  const missingThere = [...missing].flatMap((id) => differenceOf(id, null, ofPeriod.get(id) ?? null) ?? []);
  return { compared, agreed, differences: [...differences, ...missingThere] };
}

async function ourTransactions<Tx>(
  storage: Storage<Tx>,
  scope: Scope,
  period: StatementPeriod,
): Promise<Map<string, BookState>> {
  const ours = new Map<string, BookState>();
  for (let after: Cursor | undefined; ; ) {
    const page = await storage.listTransactions(scope, { ...period, after, limit: PAGE_SIZE });
    for (const { paymeId, amount, state } of page) ours.set(paymeId, { amount, state });
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_SIZE) return ours;
    after = { time: last.time, id: last.paymeId };
  }
}

/** Payme's day and ours may differ by a moment: a transaction outside the period is found by its id. */
async function stateOf<Tx>(storage: Storage<Tx>, scope: Scope, id: string): Promise<BookState | null> {
  const row = await storage.findTransaction(scope, id);
  return row === undefined ? null : { amount: row.amount, state: row.state };
}
