import { isPaymeError, PaymeEffectError, PaymeStorageError, PaymeValidationError } from "../kit/errors";
import type { Storage, Verbs } from "./storage";

/** Options of an import. */
export interface ImportOptions {
  /** How many rows commit together, 1 to 1,000. Default 100. A hook's deadline counts for all of them. */
  readonly batchSize?: number | undefined;
  /** Called after each commit with the counts so far. The next batch waits for a promise that it returns. */
  readonly onProgress?: ((report: ImportReport) => unknown) | undefined;
}

/** The counts of an import. */
export interface ImportReport {
  /** Rows that this run wrote. */
  readonly imported: number;
  /** Rows that the books had already, also where they have gone on here since. */
  readonly same: number;
  /** Rows that the books have otherwise, and the members that differ. They were left as they are. */
  readonly different: readonly { readonly id: string; readonly members: readonly string[] }[];
}

/** What became of one row: imported, or the members in which the books differ. */
export type ImportedRow = "imported" | readonly string[];

/**
 * Imports rows in batches of one commit each. A crash loses only the batch that was not committed, and a second run goes on: it
 * changes nothing of what is there.
 *
 * @throws the error of a row, with its number and id before it. Its batch is rolled back; the ones before it are committed.
 */
export async function importRows<Tx, Row>(
  storage: Storage<Tx>,
  rows: Iterable<Row> | AsyncIterable<Row>,
  { batchSize = 100, onProgress }: ImportOptions,
  idOf: (row: Row) => string,
  importOne: (row: Row, verbs: Verbs, tx: Tx) => Promise<ImportedRow>,
): Promise<ImportReport> {
  const isSize = Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= 1_000;
  if (!isSize) throw new PaymeValidationError("batchSize: give a whole number, 1 to 1,000");
  let [before, imported, same] = [0, 0, 0];
  const different: ImportReport["different"][number][] = [];

  async function commit(batch: readonly Row[]): Promise<void> {
    let place = "";
    const work = async (tx: Tx) => {
      const verbs = storage.using(tx);
      const done: { readonly id: string; readonly members: ImportedRow }[] = [];
      for (const row of batch) {
        const id = idOf(row);
        place = `row ${before + done.length + 1} (${id})`;
        done.push({ id, members: await importOne(row, verbs, tx) });
      }
      return done;
    };
    // Named outside of the transaction: a database runs some again, by their error.
    const done = await storage.transaction(work).catch((error: unknown) => {
      throw named(error, place);
    });
    for (const { id, members } of done) {
      if (members === "imported") imported += 1;
      else if (members.length === 0) same += 1;
      else different.push({ id, members });
    }
    before += batch.length;
    await onProgress?.({ imported, same, different });
  }

  let batch: Row[] = [];
  for await (const row of rows) {
    if (batch.push(row) < batchSize) continue;
    await commit(batch);
    batch = [];
  }
  if (batch.length > 0) await commit(batch);
  return { imported, same, different };
}

/** The error with the row before it. One of the database is no row's fault: the same batch may be tried again. */
function named(error: unknown, place: string): unknown {
  if (error instanceof PaymeStorageError) return error;
  if (!isPaymeError(error)) return new PaymeEffectError(`${place}: a hook threw, all is undone`, { cause: error });
  return new PaymeValidationError(`${place}: ${error.message}`, { hint: error.hint });
}

/** Returns those of the members in which two rows differ, objects by what they hold. */
export function membersThatDiffer<Row>(one: Row, other: Row, members: readonly (keyof Row & string)[]): string[] {
  return members.filter((member) => JSON.stringify(one[member]) !== JSON.stringify(other[member]));
}

/** @throws PaymeValidationError that names the first of these that does not hold. */
export function requireAll(checks: Readonly<Record<string, boolean>>): void {
  const [problem] = Object.entries(checks).find(([, holds]) => !holds) ?? [];
  if (problem !== undefined) throw new PaymeValidationError(problem);
}

/** True for ms since 1970. */
export function isMoment(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}
