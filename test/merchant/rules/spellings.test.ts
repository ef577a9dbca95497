import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FieldKind } from "../../../src/entry/merchant";
import { describeOnPostgres, newDatabase, openPool } from "../../postgres/database";
import { openAt } from "../../races/databases";
import { type OneOrderOptions, openOneOrderShop } from "../../races/one-order-shop";
import { temporaryFolder } from "../../storage/kits";

/** One row of the shop, and the spellings that its database takes for it. */
interface Column {
  readonly type: string;
  readonly kind: FieldKind;
  readonly id: string;
  readonly spellings: readonly (string | number)[];
}

const UUID = "6f1b2c3d-0a4b-4c8d-9e0f-112233445566";
const UUIDS = [
  UUID,
  UUID.toUpperCase(),
  `${UUID.slice(0, 18).toUpperCase()}${UUID.slice(18)}`,
  `{${UUID}}`,
  `{${UUID.toUpperCase()}}`,
  UUID.replaceAll("-", ""),
  "6f1b-2c3d0a4b-4c8d9e0f1122-33445566",
  "6f1b-2c3d-0a4b-4c8d-9e0f-1122-3344-5566",
];
const DIGITS = [197, "197", "0197", "00197", "0".repeat(200) + 197];
const NUMBERS = [...DIGITS, "+197", " 197", "197 ", "\t197\n"];
const CASES = ["A-1042", "a-1042"];

const inSqlite: readonly Column[] = [
  { type: "INTEGER", kind: "integer", id: "197", spellings: DIGITS },
  { type: "INTEGER", kind: "bigint", id: "197", spellings: DIGITS },
  { type: "INTEGER", kind: "digits", id: "197", spellings: DIGITS },
  { type: "INTEGER", kind: "string", id: "197", spellings: [...NUMBERS, "197.0", "1.97e2", "1970E-1"] },
  { type: "TEXT", kind: "bigint", id: "197", spellings: DIGITS },
  { type: "TEXT", kind: "digits", id: "0197", spellings: ["0197"] },
  { type: "TEXT", kind: "string", id: "A-1042", spellings: ["A-1042"] },
  { type: "TEXT", kind: "uuid", id: UUID, spellings: UUIDS },
  { type: "TEXT COLLATE NOCASE", kind: "string", id: "A-1042", spellings: CASES },
  { type: "TEXT COLLATE NOCASE", kind: "string", id: UUID, spellings: [UUID, UUID.toUpperCase()] },
  { type: "TEXT COLLATE RTRIM", kind: "string", id: "A-1042", spellings: ["A-1042", "A-1042 "] },
];

const inPostgres: readonly Column[] = [
  { type: "integer", kind: "integer", id: "197", spellings: DIGITS },
  { type: "integer", kind: "digits", id: "197", spellings: DIGITS },
  { type: "integer", kind: "string", id: "197", spellings: NUMBERS },
  { type: "bigint", kind: "integer", id: "197", spellings: DIGITS },
  { type: "bigint", kind: "bigint", id: "197", spellings: DIGITS },
  { type: "bigint", kind: "digits", id: "197", spellings: DIGITS },
  { type: "bigint", kind: "string", id: "197", spellings: NUMBERS },
  { type: "uuid", kind: "uuid", id: UUID, spellings: UUIDS },
  { type: "uuid", kind: "string", id: UUID, spellings: UUIDS },
  { type: "text", kind: "integer", id: "197", spellings: DIGITS },
  { type: "text", kind: "bigint", id: "197", spellings: DIGITS },
  { type: "text", kind: "digits", id: "0197", spellings: ["0197"] },
  { type: "text", kind: "string", id: "A-1042", spellings: ["A-1042"] },
  { type: "text", kind: "uuid", id: UUID, spellings: UUIDS },
  { type: "citext", kind: "string", id: "A-1042", spellings: CASES },
  { type: "citext", kind: "string", id: UUID, spellings: [UUID, UUID.toUpperCase()] },
  { type: "character(9)", kind: "string", id: "A-1042", spellings: ["A-1042", "A-1042 ", "A-1042   "] },
];

/** How PostgreSQL 16 and later read whole numbers, too. */
const NEWER_NUMBERS = ["0xC5", "0XC5", "0o305", "0b11000101", "1_97"];
const SINCE_16: readonly Column[] = [
  { type: "integer", kind: "string", id: "197", spellings: [...NUMBERS, ...NEWER_NUMBERS] },
  { type: "bigint", kind: "string", id: "197", spellings: [...NUMBERS, ...NEWER_NUMBERS] },
];

const CALLS = 16;

/** Sixteen transactions at once, in all spellings: how many were created, refused as busy, and performed. */
async function payAtOnce(address: string, { kind, spellings }: Column, careless?: OneOrderOptions["careless"]) {
  const { storage, close } = openAt(address);
  await storage.migrate();
  await close();
  const shop = openOneOrderShop({ address, kind, careless });
  onTestFinished(async () => void (await shop.close()));
  const each = Array.from({ length: CALLS }, (_, n) => spellings[n % spellings.length] ?? "");
  const { created, performed } = await shop.payAtOnce("t", each);
  const count = (code: number) => created.filter((found) => found === code).length;
  return { created: count(1), busy: count(-31099), performed };
}

/** Every spelling finds the row: none is -31050. */
const PAID_ONCE = { created: 1, busy: CALLS - 1, performed: 1 };

function newFile({ type, id }: Column): string {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  const database = new Database(file);
  database.exec(`CREATE TABLE orders (id ${type} PRIMARY KEY); INSERT INTO orders VALUES ('${id}')`);
  database.close();
  return file;
}

/** The URL of a database with the row, and its version; undefined without citext, which a server may lack. */
async function newPostgres({ type, id }: Column): Promise<{ url: string; version: number } | undefined> {
  const url = await newDatabase();
  const pool = openPool(url);
  onTestFinished(() => pool.end());
  const extensions = await pool.query("SELECT 1 FROM pg_available_extensions WHERE name = 'citext'");
  if (type === "citext" && extensions.rows.length === 0) return undefined;
  if (type === "citext") await pool.query("CREATE EXTENSION citext");
  await pool.query(`CREATE TABLE orders (id ${type} PRIMARY KEY)`);
  await pool.query(`INSERT INTO orders VALUES ('${id}')`);
  const { rows } = await pool.query("SELECT current_setting('server_version_num')::int AS version");
  return { url, version: rows[0]?.version };
}

const named = (columns: readonly Column[]) =>
  columns.map((column) => ({ ...column, name: `${column.type}, read as ${column.kind}: ${column.id}` }));

describe("one row of the shop is paid once, however its id is written, on SQLite", () => {
  it.each(named(inSqlite))("$name", async (column) => {
    expect(await payAtOnce(newFile(column), column)).toEqual(PAID_ONCE);
  });

  it("and would be paid by each spelling, were the reference what the caller sent", async () => {
    const column: Column = { type: "INTEGER", kind: "string", id: "197", spellings: ["197", "0197", "+197", " 197"] };
    expect(await payAtOnce(newFile(column), column, "spelling")).toMatchObject({ created: 4, performed: 4 });
  });
});

describeOnPostgres("one row of the shop is paid once, however its id is written, on PostgreSQL", () => {
  it.for(named(inPostgres))("$name", async (column, { skip }) => {
    const made = await newPostgres(column);
    if (made === undefined) return skip("this PostgreSQL has no citext");
    expect(await payAtOnce(made.url, column)).toEqual(PAID_ONCE);
  });

  it.for(named(SINCE_16))("$name, as version 16 reads it", async (column, { skip }) => {
    const made = await newPostgres(column);
    if (made === undefined || made.version < 160_000) return skip("this PostgreSQL is older than 16");
    expect(await payAtOnce(made.url, column)).toEqual(PAID_ONCE);
  });

  it("and would be paid by each spelling, were the reference what the caller sent", async () => {
    const column: Column = { type: "uuid", kind: "string", id: UUID, spellings: UUIDS };
    const made = await newPostgres(column);
    expect(await payAtOnce(made?.url ?? "", column, "spelling")).toMatchObject({ created: 8, performed: 8 });
  });
});
