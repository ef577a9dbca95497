import { join } from "node:path";
import Database from "better-sqlite3";
import type { Logger } from "payme-kit";
import type { SqlStorage, TableNames } from "payme-kit/adapter";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { describe, onTestFinished } from "vitest";
import { type Books, openBooks } from "../../examples/express-wedy/src/open-books";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "./started";

type Row = Readonly<Record<string, unknown>>;

const logger: Logger = { info() {}, warn() {}, error() {} };

/** A database of the Wedy server, and a way to it past the server: people ask with SQL. */
export interface GuideDatabase {
  readonly dialect: "sqlite" | "postgres";
  /** As DATABASE_URL names it. */
  readonly url: string;
  /** Opens it as a process of the server does. */
  openBooks(): Books;
  /** Its tables of payments alone. */
  readonly storage: SqlStorage<unknown>;
  /** The guide's table, and the names that our tables had in an earlier version. */
  readonly guide: string;
  readonly earlier: TableNames;
  /** Our table of payments, as SQL has it. */
  readonly ours: string;
  ask(sql: string): Promise<Row[]>;
}

async function inFile(): Promise<GuideDatabase> {
  const file = join(temporaryFolder(), "wedy.db");
  const bare = new Database(file);
  onTestFinished(() => void bare.close());
  const storage = sqliteStorage({ file });
  onTestFinished(() => storage.close());
  return {
    dialect: "sqlite",
    url: `file:${file}`,
    openBooks: () => opened(openBooks({ file }, logger)),
    storage,
    guide: "payment",
    earlier: { ...storage.tables, payment: "payment" },
    ours: "payme_payment",
    async ask(sql) {
      const statement = bare.prepare<[], Row>(sql);
      if (statement.reader) return statement.all();
      statement.run();
      return [];
    },
  };
}

async function onPostgres(): Promise<GuideDatabase> {
  const url = await newDatabase();
  const pool = openPool(url);
  onTestFinished(() => pool.end());
  const storage = postgresStorage(pool);
  return {
    dialect: "postgres",
    url,
    openBooks: () => opened(openBooks({ url }, logger)),
    storage,
    guide: "public.payment",
    earlier: { ...storage.tables, payment: "public.payment" },
    ours: "payme.payme_payment",
    ask: async (sql) => (await pool.query<Row>(sql)).rows,
  };
}

function opened(books: Books): Books {
  onTestFinished(() => books.close());
  return books;
}

/** Runs the rules on both databases. */
export function onBoth(rules: (open: () => Promise<GuideDatabase>) => void): void {
  describe("on SQLite", () => rules(inFile));
  describeOnPostgres("on PostgreSQL", () => rules(onPostgres));
}

/** Each row of the guide's table, its times as text: so SQL prints them. */
export function guideRows({ dialect, ask }: GuideDatabase): Promise<Row[]> {
  const time = (column: string) => (dialect === "postgres" ? `${column}::text` : column);
  return ask(`SELECT id, user_id, amount, status, ${time("created_at")}, ${time("paid_at")}, payme_transaction_id,
    payme_cheque_id, tariff_id, payment_method, payme_error_code, payme_error_message, ${time("updated_at")},
    ${time("webhook_received_at")} FROM payment ORDER BY id`);
}
