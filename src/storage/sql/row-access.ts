import type { LastStep, Outcome, Scope } from "../../ledger";
import { busy } from "../storage-errors";
import type { RowTable } from "./columns";
import type { Dialect, Executor, SqlValue } from "./executor";

/**
 * Returns the statement that inserts a row and returns it. A row that would break a unique index is left out, and so is one
 * whose guard does not hold.
 */
export function insertInto<Row, New>(table: string, { inserted }: RowTable<Row, New>, guard?: string): string {
  const names = inserted.map(({ name }) => name).join(", ");
  const values = inserted.map(({ type }, index) => `$${index + 1}::${type}`).join(", ");
  const source = guard === undefined ? `VALUES (${values})` : `SELECT ${values} WHERE ${guard}`;
  return `INSERT INTO ${table} (${names}) ${source} ON CONFLICT DO NOTHING RETURNING *`;
}

/** Locks the found rows until the transaction ends. A transaction of SQLite is the only writer anyhow. */
export function forUpdate(dialect: Dialect): string {
  return dialect === "postgres" ? "FOR UPDATE" : "";
}

/** How often an insert is tried: the row that refused it may be gone a moment later. */
const MAX_ATTEMPTS = 3;

/** Runs statements on one table and decodes the rows. $1 and $2 are the scope, $3 is the id in a change. */
export class RowAccess<Row, New> {
  readonly #executor: Executor;
  readonly #table: RowTable<Row, New>;
  readonly #statements: { readonly add: string; readonly find: string };

  constructor(
    executor: Executor,
    table: RowTable<Row, New>,
    /** `add` is made by {@link insertInto}; `find` finds a row by its id, $3. */
    statements: { readonly add: string; readonly find: string },
  ) {
    this.#executor = executor;
    this.#table = table;
    this.#statements = statements;
  }

  /** Returns the first row. The statement may be the last of its transaction. */
  async first(sql: string, scope: Scope, params: readonly SqlValue[], last?: LastStep): Promise<Row | undefined> {
    const [row] = await this.#executor.execute(sql, [scope.cashbox, scope.mode, ...params], last);
    return row === undefined ? undefined : this.#table.decode(row);
  }

  /** Returns all rows. */
  async all(sql: string, { cashbox, mode }: Scope, ...params: SqlValue[]): Promise<Row[]> {
    return (await this.#executor.execute(sql, [cashbox, mode, ...params])).map(this.#table.decode);
  }

  find(scope: Scope, id: string | number): Promise<Row | undefined> {
    return this.first(this.#statements.find, scope, [id]);
  }

  /** Inserts a row; undefined where another one refuses it. */
  async insert(row: New, last?: LastStep): Promise<Row | undefined> {
    return (await this.insertBy(this.#statements.add, row, [], last))[0];
  }

  /** The same by a statement with the parameters of `add`, and more. Returns what the statement does. */
  async insertBy(sql: string, row: New, more: readonly SqlValue[], last?: LastStep): Promise<Row[]> {
    const values: SqlValue[] = [];
    for (const { encode } of this.#table.inserted) values.push(encode(row));
    return (await this.#executor.execute(sql, [...values, ...more], last)).map(this.#table.decode);
  }

  /** Inserts a row, or returns the row that refuses it: the one with the same id, or what `findHolder` finds. */
  async add<Held>(
    row: New & Scope,
    id: string,
    findHolder: () => Promise<Held | undefined>,
    insert: () => Promise<Row | undefined> = () => this.insert(row),
  ): Promise<{ outcome: "applied" | "already_applied"; row: Row } | Held> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const added = await insert();
      if (added !== undefined) return { outcome: "applied", row: added };
      const same = await this.find(row, id);
      if (same !== undefined) return { outcome: "already_applied", row: same };
      const holder = await findHolder();
      if (holder !== undefined) return holder;
    }
    throw busy("the row that refuses an insert keeps changing");
  }

  /** Makes a guarded change. Where no row came back, `judge` says what the row as it stands means. */
  async change(
    sql: string,
    scope: Scope,
    [id, ...params]: readonly [id: string | number, ...SqlValue[]],
    judge: (row: Row) => "already_applied" | "conflict" | Outcome<Row>,
    unlessApplied?: LastStep,
  ): Promise<Outcome<Row>> {
    const changed = await this.first(sql, scope, [id, ...params]);
    if (changed !== undefined) return { outcome: "applied", row: changed };
    const row = await this.first(this.#statements.find, scope, [id], unlessApplied);
    if (row === undefined) return { outcome: "not_found" };
    const judged = judge(row);
    return typeof judged === "string" ? { outcome: judged, row } : judged;
  }
}
