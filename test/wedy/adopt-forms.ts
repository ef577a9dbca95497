import { randomBytes } from "node:crypto";
import type { GuideDatabase } from "./guide-books";

type Dialect = GuideDatabase["dialect"];
type Cell = string | number | null;
export type OldRow = Readonly<Record<string, Cell>>;

/** A form in which the guide's tables are found. */
export interface Form {
  readonly name: string;
  readonly unit: "som" | "tiyin";
  readonly clock: "UTC" | "+05:00";
  /** The old words of PENDING, PAID, CANCELLED, FAILED. */
  readonly words: readonly [string, string, string, string];
  tables(dialect: Dialect): string[];
  /** Values of the columns that the guide does not have. */
  readonly more: OldRow;
  readonly userMore: OldRow;
  userId(number: number): Cell;
  paymentId(number: number): string;
}

const GUIDE_COLUMNS = `status VARCHAR DEFAULT 'PENDING', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  paid_at TIMESTAMP NULL, payme_transaction_id VARCHAR NULL, payme_cheque_id VARCHAR NULL, tariff_id INTEGER NULL,
  payment_method VARCHAR DEFAULT 'PAYME', payme_error_code VARCHAR NULL, payme_error_message VARCHAR NULL,
  updated_at TIMESTAMP NULL, webhook_received_at TIMESTAMP NULL`;
const INDEXES = ["user_id", "payme_transaction_id", "status", "created_at"].map(
  (column) => `CREATE INDEX idx_payment_${column} ON payment(${column})`,
);
const USER = "tariff_id INTEGER NULL REFERENCES tariff(id), tariff_expires_at TIMESTAMP NULL";
const key = (dialect: Dialect) => (dialect === "sqlite" ? "INTEGER PRIMARY KEY" : "SERIAL PRIMARY KEY");

/** The guide's own: integers, som, UTC. */
export const GUIDE: Form = {
  name: "the guide's own (integer som, UTC)",
  unit: "som",
  clock: "UTC",
  words: ["PENDING", "PAID", "CANCELLED", "FAILED"],
  tables: (dialect) => [
    `CREATE TABLE tariff (id ${key(dialect)}, name VARCHAR NOT NULL, price INTEGER NOT NULL,
      duration_days INTEGER NOT NULL, is_active BOOLEAN DEFAULT TRUE)`,
    `CREATE TABLE "user" (id ${key(dialect)}, role VARCHAR NOT NULL, ${USER})`,
    `CREATE TABLE payment (id VARCHAR PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES "user"(id), amount INTEGER NOT NULL, ${GUIDE_COLUMNS})`,
    ...INDEXES,
  ],
  more: {},
  userMore: { role: "client" },
  userId: (number) => number,
  paymentId: (number) => `payment-${number}`,
};

/** As the Wedy team's backend writes: FLOAT som, the clock of Tashkent, small letters, JSON beside it. */
export const BACKEND: Form = {
  name: "a backend's (FLOAT som, +5, small letters, metadata)",
  unit: "som",
  clock: "+05:00",
  words: ["pending", "completed", "canceled", "failed"],
  tables: (dialect) => [
    `CREATE TABLE tariff (id ${key(dialect)}, name VARCHAR NOT NULL, price ${dialect === "sqlite" ? "FLOAT" : "NUMERIC(12,2)"} NOT NULL,
      duration_days INTEGER NOT NULL, is_active BOOLEAN NOT NULL DEFAULT TRUE, badge VARCHAR NOT NULL)`,
    `CREATE TABLE "user" (id VARCHAR PRIMARY KEY, phone VARCHAR NOT NULL UNIQUE, role VARCHAR NOT NULL, ${USER})`,
    `CREATE TABLE payment (id VARCHAR PRIMARY KEY, user_id VARCHAR NOT NULL REFERENCES "user"(id), amount FLOAT NOT NULL,
      metadata ${dialect === "sqlite" ? "TEXT" : "JSON"} NOT NULL, channel VARCHAR NOT NULL, ${GUIDE_COLUMNS})`,
    "CREATE TABLE receipt_mail (id INTEGER PRIMARY KEY, payment_id VARCHAR REFERENCES payment(id))",
    ...INDEXES,
  ],
  more: { metadata: '{"month_count":1}', channel: "web" },
  userMore: { role: "moderator" },
  userId: (number) => `user ${number}'s`,
  paymentId: (number) => `${number.toString(16).padStart(8, "0")}-aaaa-4bbb-8ccc-0123456789ab`,
};

/** The printed DDL, with amounts in tiyin as this server would write them. */
export const PRINTED: Form = {
  ...GUIDE,
  name: "the printed tables (integer tiyin, UTC)",
  unit: "tiyin",
  tables: (dialect) => [
    `CREATE TABLE tariff (id ${key(dialect)}, name VARCHAR NOT NULL, price BIGINT NOT NULL,
      duration_days INTEGER NOT NULL, is_active INTEGER NOT NULL DEFAULT 1)`,
    `CREATE TABLE "user" (id VARCHAR PRIMARY KEY, ${USER})`,
    `CREATE TABLE payment (id VARCHAR PRIMARY KEY, user_id VARCHAR NOT NULL, amount INTEGER NOT NULL, ${GUIDE_COLUMNS})`,
    ...INDEXES,
  ],
  userMore: {},
  userId: (number) => `user${number}`,
};

export const FORMS = [GUIDE, BACKEND, PRINTED];

const DAY_MS = 86_400_000;
const PRICE = 50_000;

/** A moment by the form's clock, as its server writes it. */
export function timeText({ clock }: Pick<Form, "clock">, ms: number): string {
  return new Date(ms + (clock === "UTC" ? 0 : 5 * 3_600_000)).toISOString().slice(0, 19).replace("T", " ");
}

/** An id of Payme that was made in that second. */
export function paymeId(ms: number): string {
  return Math.floor(ms / 1000).toString(16) + randomBytes(8).toString("hex");
}

/** The old payment of a number: of five, one is open, two are paid, one is refunded, one failed. */
export function oldPayment(form: Form, number: number, createdAt: number, change: OldRow = {}): OldRow {
  const kind = number % 5;
  const [pending, paid, cancelled, failed] = form.words;
  const status = kind === 0 ? pending : kind === 3 ? cancelled : kind === 4 ? failed : paid;
  const isPaid = kind === 1 || kind === 2 || kind === 3;
  const at = (ms: number) => timeText(form, createdAt + ms);
  return {
    id: form.paymentId(number),
    user_id: form.userId(number),
    amount: form.unit === "som" ? PRICE : PRICE * 100,
    status,
    created_at: at(0),
    paid_at: isPaid ? at(60_000) : null,
    payme_transaction_id: kind === 4 ? null : paymeId(createdAt + 1_000),
    payme_cheque_id: number % 2 === 0 ? null : `cheque-${number}`,
    tariff_id: number % 10 === 9 ? null : 1,
    payment_method: number % 7 === 0 ? "CARD" : "PAYME",
    payme_error_code: kind === 4 ? "-31630" : null,
    payme_error_message: kind === 4 ? "it's refused" : null,
    updated_at: number % 3 === 0 ? null : at(120_000),
    webhook_received_at: kind === 1 ? at(61_000) : null,
    ...form.more,
    ...change,
  };
}

export const quote = (value: Cell) =>
  value === null ? "NULL" : typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;

export async function insert({ ask }: GuideDatabase, table: string, rows: readonly OldRow[]): Promise<void> {
  for (let first = 0; first < rows.length; first += 500) {
    const page = rows.slice(first, first + 500);
    const names = Object.keys(page[0] ?? {});
    const values = page.map((row) => `(${names.map((name) => quote(row[name] ?? null)).join(", ")})`);
    await ask(`INSERT INTO "${table}" (${names.join(", ")}) VALUES ${values.join(", ")}`);
  }
}

/** Makes the tables of a form, with payments of as many users. A user who paid has the tariff for 30 days from then. */
export async function makeOld(form: Form, database: GuideDatabase, count: number, now = Date.now()): Promise<void> {
  for (const sql of form.tables(database.dialect)) await database.ask(sql);
  const badge = form === BACKEND ? { badge: "new" } : {};
  await insert(database, "tariff", [
    { name: "Premium Plan", price: PRICE, duration_days: 30, ...badge },
    { name: "Business", price: PRICE * 3, duration_days: 90, ...badge },
  ]);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  // Some ended long ago, some run.
  const createdAt = (number: number) => now - DAY_MS * (5 + (number % 40)) - number * 1_000;
  const phone = (number: number) => (form === BACKEND ? { phone: `+99890${number}` } : {});
  await insert(
    database,
    "user",
    numbers.map((number) => {
      const isPaid = [1, 2].includes(number % 5) && number % 10 !== 9;
      const end = timeText(form, createdAt(number) + 60_000 + 30 * DAY_MS);
      const has = { tariff_id: isPaid ? 1 : null, tariff_expires_at: isPaid ? end : null };
      return { id: form.userId(number), ...has, ...form.userMore, ...phone(number) };
    }),
  );
  // Open payments without a tariff fit no rule.
  const tariff = (number: number) => (number % 5 === 0 ? { tariff_id: 1 } : {});
  await insert(
    database,
    "payment",
    numbers.map((number) => oldPayment(form, number, createdAt(number), tariff(number))),
  );
}
