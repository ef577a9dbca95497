import { integer, quoted, text } from "payme-kit/adapter";
import { convertedRows } from "./check-rows";
import type { Rules } from "./convert";
import type { NewBooks } from "./new-books";
import type { OldTables } from "./old-tables";
import { isImported, isUntouched } from "./untouched";
import { differingUsers } from "./verify-users";

/** What a comparison of the kept tables with the books found. */
export interface Verdict {
  readonly compared: { readonly payments: number; readonly users: number };
  /** Payments that have gone on since: what they are now is right, and no part of the sums. */
  readonly goneOn: number;
  readonly differences: readonly string[];
}

/** Compares sums per day and status, in tiyin, and the end of every user's tariff to the second. */
export async function verify(books: NewBooks, old: OldTables, rules: Rules): Promise<Verdict> {
  const goneOn = await touchedIds(old);
  const before = new Map<string, number>();
  const differences: string[] = [];
  let payments = 0;
  for await (const { row, converted } of convertedRows(old, rules)) {
    if (converted === "left_out" || goneOn.has(row.id ?? "")) continue;
    if ("problem" in converted) {
      differences.push(`payment ${row.id}: ${converted.problem}`);
      continue;
    }
    const { createdAt, status, amount } = converted.payment;
    add(before, `${dayOf(createdAt)} ${status}`, amount);
    payments += 1;
  }
  differences.push(...differing(before, await sumsNow(old)), ...(await writtenByOthers(old)));
  const users = await differingUsers(books, old, rules);
  return {
    compared: { payments, users: users.compared },
    goneOn: goneOn.size,
    differences: [...differences, ...users.differences],
  };
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

function differing(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): string[] {
  const keys = [...new Set([...before.keys(), ...now.keys()])].sort();
  return keys
    .filter((key) => before.get(key) !== now.get(key))
    .map((key) => `${key}: ${before.get(key) ?? 0} tiyin before, ${now.get(key) ?? 0} now`);
}

/** Imported payments that something has happened to since. */
async function touchedIds({ storage }: OldTables): Promise<ReadonlySet<string>> {
  const rows = await storage.sql.read((executor) =>
    executor.execute(
      `SELECT p.id FROM ${quoted(storage.tables.payment)} AS p
        WHERE ${isImported(storage, "p.id")} AND NOT (${isUntouched(storage, "p.id")})`,
      [],
    ),
  );
  return new Set(rows.map(({ id }) => text(id)));
}

/** The sums of what was imported and has not changed. */
async function sumsNow({ storage }: OldTables): Promise<ReadonlyMap<string, number>> {
  const day = 86_400_000;
  const rows = await storage.sql.read((executor) =>
    executor.execute(
      `SELECT created_ms / ${day} AS day, status, CAST(SUM(amount) AS text) AS amount FROM ${quoted(storage.tables.payment)} AS p
        WHERE ${isImported(storage, "p.id")} AND ${isUntouched(storage, "p.id")} GROUP BY created_ms / ${day}, status`,
      [],
    ),
  );
  return new Map(rows.map((row) => [`${dayOf(integer(row.day) * day)} ${text(row.status)}`, integer(row.amount)]));
}

/** Rows of the guide's table that are not in the books: the old server still runs, or somebody writes by hand. */
async function writtenByOthers({ storage, names }: OldTables): Promise<string[]> {
  const rows = await storage.sql.read((executor) =>
    executor.execute(
      `SELECT g.id FROM ${quoted(names.payment)} AS g WHERE NOT EXISTS
        (SELECT 1 FROM ${quoted(storage.tables.payment)} AS p WHERE p.id = g.id) ORDER BY g.id LIMIT 100`,
      [],
    ),
  );
  return rows.map(
    ({ id }) => `payment ${text(id)}: somebody else wrote it into the table payment. Is the old server stopped?`,
  );
}
