import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMerchantApi, type FieldKind, type Reference, refuse } from "../../../src/entry/merchant";
import { postgresStorage } from "../../../src/entry/postgres";
import { sqliteStorage } from "../../../src/entry/sqlite";
import { som } from "../../../src/kit/money";
import type { Storage } from "../../../src/ledger";
import { refusal } from "../../merchant/refusal";
import { answerOf, KEY } from "../../merchant/shop";
import { databaseUrl, describeOnPostgres, newDatabase, openPool } from "../../postgres/database";
import { temporaryFolder } from "../../storage/kits";
import { onEachStorage, statementOf } from "./on-each-storage";

/** One row of the shop, and spellings that its database takes for it. */
interface Column {
  readonly type: string;
  readonly kind: FieldKind;
  readonly id: string;
  readonly spellings: readonly (string | number)[];
}

const UUID = "6f1b2c3d-0a4b-4c8d-9e0f-112233445566";
const UUIDS = [UUID, UUID.toUpperCase(), `{${UUID}}`, UUID.replaceAll("-", ""), "6f1b-2c3d0a4b-4c8d9e0f1122-33445566"];
const NUMBERS = [197, "197", "0197", "+197", " 197"];
const DIGITS = [197, "197", "0197", "00197"];

const sqliteColumns: readonly Column[] = [
  { type: "INTEGER", kind: "string", id: "197", spellings: NUMBERS },
  { type: "INTEGER", kind: "digits", id: "197", spellings: DIGITS },
  { type: "INTEGER", kind: "integer", id: "197", spellings: DIGITS },
  { type: "INTEGER", kind: "bigint", id: "197", spellings: DIGITS },
  { type: "TEXT COLLATE NOCASE", kind: "string", id: "A-1042", spellings: ["A-1042", "a-1042"] },
  { type: "TEXT", kind: "string", id: "A-1042", spellings: ["A-1042", "a-1042"] },
  { type: "TEXT", kind: "uuid", id: UUID, spellings: UUIDS },
];

const postgresColumns: readonly Column[] = [
  { type: "integer", kind: "string", id: "197", spellings: NUMBERS },
  { type: "integer", kind: "digits", id: "197", spellings: DIGITS },
  { type: "integer", kind: "integer", id: "197", spellings: DIGITS },
  { type: "bigint", kind: "string", id: "197", spellings: NUMBERS },
  { type: "bigint", kind: "bigint", id: "197", spellings: DIGITS },
  { type: "uuid", kind: "string", id: UUID, spellings: UUIDS },
  { type: "uuid", kind: "uuid", id: UUID, spellings: UUIDS },
  { type: "text", kind: "string", id: "A-1042", spellings: ["A-1042", "a-1042"] },
  { type: "citext", kind: "string", id: "A-1042", spellings: ["A-1042", "a-1042"] },
];

/** What the database gives as the id of the row, or undefined. */
type FindRow<Tx> = (id: Reference, tx: Tx) => unknown;

/** Creates a transaction for each spelling, then performs them all. Returns what was paid, by the references of the hooks. */
async function payAll<Tx>(
  storage: Storage<Tx>,
  { kind, spellings }: Column,
  findRow: FindRow<Tx>,
  takesSpelling = false,
): Promise<{ paid: Reference[]; codes: unknown[] }> {
  const paid: Reference[] = [];
  const merchant = createMerchantApi({
    storage,
    key: KEY,
    account: { order_id: kind },
    logger: { info() {}, warn() {}, error() {} },
    async find({ order_id }, tx) {
      const id = await findRow(order_id, tx);
      if (typeof id !== "string" && typeof id !== "number" && typeof id !== "bigint")
        return refuse.notFound("order_id");
      return { reference: takesSpelling ? order_id : id, amount: som(50_000) };
    },
    onPaid: ({ reference }) => paid.push(reference) > 0,
  });
  async function call(method: string, params: object) {
    const headers = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
    return answerOf(String((await merchant.handle({ method: "POST", headers, body: { method, params, id: 7 } })).body));
  }
  const codes: unknown[] = [];
  for (const [n, order_id] of spellings.entries()) {
    const created = await call("CreateTransaction", {
      id: `t${n}`,
      time: Date.now(),
      amount: som(50_000),
      account: { order_id },
    });
    codes.push(created.error?.code ?? created.result?.state);
  }
  for (const n of spellings.keys()) await call("PerformTransaction", { id: `t${n}` });
  return { paid, codes };
}

async function onSqlite({ type, id }: Column) {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  onTestFinished(async () => {
    await storage.close();
    remove();
  });
  await storage.migrate();
  const database = new Database(file);
  database.exec(`CREATE TABLE orders (id ${type} PRIMARY KEY); INSERT INTO orders VALUES ('${id}')`);
  database.close();
  const findRow: FindRow<Parameters<Parameters<typeof storage.transaction>[0]>[0]> = (given, tx) =>
    Object(tx.prepare("SELECT id FROM orders WHERE id = ?").get(given)).id;
  return { storage, findRow };
}

/** citext comes with PostgreSQL's contrib package, which a server may lack. */
async function hasCitext(): Promise<boolean> {
  const pool = openPool(await databaseUrl());
  onTestFinished(() => pool.end());
  return (await pool.query("SELECT 1 FROM pg_available_extensions WHERE name = 'citext'")).rows.length > 0;
}

async function onPostgres({ type, id }: Column) {
  const pool = openPool(await newDatabase());
  onTestFinished(() => pool.end());
  if (type === "citext") await pool.query("CREATE EXTENSION citext");
  await pool.query(`CREATE TABLE orders (id ${type} PRIMARY KEY)`);
  await pool.query(`INSERT INTO orders VALUES ('${id}')`);
  const storage = postgresStorage(pool);
  await storage.migrate();
  const findRow: FindRow<Parameters<Parameters<typeof storage.transaction>[0]>[0]> = async (given, tx) =>
    (await tx.query("SELECT id FROM orders WHERE id = $1", [given])).rows[0]?.id;
  return { storage, findRow };
}

const named = (columns: readonly Column[]) =>
  columns.map((column) => ({ ...column, name: `${column.type}, read as ${column.kind}` }));

describe("one row of the shop is paid once, however its id is written, on SQLite", () => {
  it.each(named(sqliteColumns))("$name", async (column) => {
    const { storage, findRow } = await onSqlite(column);
    const { paid, codes } = await payAll(storage, column, findRow);
    expect(paid.map(String)).toEqual([column.id]);
    expect(codes[0]).toBe(1);
    for (const code of codes.slice(1)) expect([-31099, -31050]).toContain(code);
  });

  it("and would be paid by each spelling, were the reference what the caller sent", async () => {
    const [column] = sqliteColumns;
    if (column === undefined) throw new Error("a column is missing");
    const { storage, findRow } = await onSqlite(column);
    expect((await payAll(storage, column, findRow, true)).paid).toHaveLength(4);
  });
});

describeOnPostgres("one row of the shop is paid once, however its id is written, on PostgreSQL", () => {
  it.for(named(postgresColumns))("$name", async (column, { skip }) => {
    if (column.type === "citext" && !(await hasCitext())) skip("this PostgreSQL has no citext");
    const { storage, findRow } = await onPostgres(column);
    const { paid, codes } = await payAll(storage, column, findRow);
    expect(paid.map(String)).toEqual([column.id]);
    expect(codes[0]).toBe(1);
    for (const code of codes.slice(1)) expect([-31099, -31050]).toContain(code);
  });

  it("and would be paid by each spelling, were the reference what the caller sent", async () => {
    const column = postgresColumns.find(({ type }) => type === "uuid");
    if (column === undefined) throw new Error("a column is missing");
    const { storage, findRow } = await onPostgres(column);
    expect((await payAll(storage, column, findRow, true)).paid).toHaveLength(UUIDS.length);
  });
});

onEachStorage("the reference that find gives", (open) => {
  it("is one order as a number, a bigint and a text", async () => {
    const references: Reference[] = [197, 197n, "197"];
    for (const first of references) {
      const given = { reference: first };
      const shop = await open({ find: () => ({ ...given, amount: som(50_000) }) });
      expect(await shop.twice("CreateTransaction", shop.create("a"))).toMatchObject({ result: { state: 1 } });
      for (const [n, reference] of references.entries()) {
        given.reference = reference;
        expect(await shop.twice("CreateTransaction", shop.create(`b${n}`))).toEqual(refusal(-31099, "order_id"));
        expect(await shop.merchant.isBeingPaid(reference)).toBe(true);
      }
      expect(await shop.merchant.isBeingPaid("0197")).toBe(false);
    }
  });

  it.each<[string, Reference]>([
    ["a number", 197],
    ["a number below zero", -1],
    ["the largest safe number", Number.MAX_SAFE_INTEGER],
    ["a bigint that no number holds", 9_007_199_254_740_993n],
    ["a UUID", UUID],
    ["text of digits", "0197"],
  ])("reaches every hook in its type: %s", async (_name, reference) => {
    const seen: unknown[] = [];
    const note = (transaction: { reference: Reference }) => seen.push(transaction.reference) > 0;
    const shop = await open({
      find: () => ({ reference, amount: som(50_000) }),
      onReserved: note,
      onPaid: note,
      onReleased: note,
      onRefunded: note,
      canRefund: note,
      onFiscalData: (_fiscal, transaction) => note(transaction),
    });
    await shop.call("CreateTransaction", shop.create("a"));
    await shop.call("CancelTransaction", { id: "a", reason: 2 });
    await shop.call("CreateTransaction", shop.create("b"));
    await shop.call("PerformTransaction", { id: "b" });
    await shop.call("SetFiscalData", { id: "b", type: "PERFORM", fiscal_data: { status_code: 0 } });
    await shop.call("CancelTransaction", { id: "b", reason: 5 });
    expect(seen).toEqual(Array(7).fill(reference));
  });

  it("may be another for each purchase: what was paid in January is bought again in February", async () => {
    const bought = { count: 1 };
    const shop = await open({
      find: ({ order_id }) => ({ reference: `${order_id}/premium/${bought.count}`, amount: som(50_000) }),
      onPaid() {
        bought.count += 1;
        return true;
      },
    });
    for (const id of ["january", "february"]) {
      expect(await shop.twice("CheckPerformTransaction", shop.create(id))).toMatchObject({ result: { allow: true } });
      await shop.call("CreateTransaction", shop.create(id));
      await shop.call("PerformTransaction", { id });
    }
    expect(await statementOf(shop)).toMatchObject([{ state: 2 }, { state: 2 }]);
  });

  it("belongs to an order or to a balance, as the found thing decides: both from one find", async () => {
    const shop = await open({
      find: ({ order_id }) =>
        order_id < 5
          ? { reference: `order-${order_id}`, amount: som(50_000) }
          : { reference: `pupil-${order_id}`, min: som(1_000), max: som(100_000) },
    });
    const pay = (id: string, order_id: number, amount: number) =>
      shop.twice("CreateTransaction", shop.create(id, { account: { order_id }, amount }));
    expect(await pay("a", 1, som(50_000))).toMatchObject({ result: { state: 1 } });
    expect(await pay("b", 1, som(50_000))).toEqual(refusal(-31099, "order_id"));
    expect(await pay("c", 2, som(1_000))).toEqual(refusal(-31001));
    expect(await pay("d", 7, som(1_000))).toMatchObject({ result: { state: 1 } });
    expect(await pay("e", 7, som(100_000))).toMatchObject({ result: { state: 1 } });
    expect(await pay("f", 7, som(100_001))).toEqual(refusal(-31001));
    expect(await shop.merchant.isBeingPaid("order-1")).toBe(true);
    expect(await shop.merchant.isBeingPaid("pupil-7")).toBe(false);
  });
});

onEachStorage("isBeingPaid", (open) => {
  it("reads inside the transaction of the caller", async () => {
    const shop = await open();
    await shop.call("CreateTransaction", shop.create("a"));
    const row = await shop.storage.findTransaction({ cashbox: "default", mode: "live" }, "a");
    if (row === undefined) throw new Error("the transaction is missing");
    const undone = shop.storage.transaction(async (tx) => {
      await shop.storage.using(tx).addTransaction({ ...row, paymeId: "b", reference: "2" });
      expect(await shop.merchant.isBeingPaid(2, { tx })).toBe(true);
      expect(await shop.merchant.isBeingPaid(2, { tx, mode: "test" })).toBe(false);
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect(await shop.merchant.isBeingPaid(2)).toBe(false);
    expect(await shop.merchant.isBeingPaid(1)).toBe(true);
  });

  it("refuses what names nothing", async () => {
    const shop = await open();
    for (const reference of ["", Number.NaN, 1.5]) {
      await expect(shop.merchant.isBeingPaid(reference)).rejects.toThrow("cannot be a reference");
    }
  });
});
