import { type Tiyin, tiyin } from "../../kit/money";
import type { Scope } from "../../ledger";
import type { SqlRow, SqlValue } from "./executor";

/** Decodes a 64-bit integer from a number, text (pg) or bigint (Prisma). Refuses what a number cannot hold. */
export function integer(value: unknown): number {
  const number = typeof value === "number" ? value : Number(value);
  if (value !== null && value !== "" && Number.isSafeInteger(number)) return number;
  throw new TypeError(`the database gave ${String(value)} instead of a safe integer`);
}

/** Decodes a text column. */
export function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`the database gave ${typeof value} instead of text`);
}

/** Decodes a column that may be NULL. */
export function nullable<Value>(value: unknown, decode: (value: unknown) => Value): Value | null {
  return value === null || value === undefined ? null : decode(value);
}

/** Decodes a JSON column: drivers give text, or the value that they parsed. */
export function json(value: unknown): unknown {
  return typeof value === "string" ? JSON.parse(value) : value;
}

/** The type of a column, as statements cast it. */
type SqlType = "text" | "bigint" | "integer";

/** How values of one type go into a column and come out of it. */
export interface Codec<Value> {
  readonly type: SqlType;
  encode(value: Value): SqlValue;
  decode(value: unknown): Value;
}

const asIs = (value: SqlValue) => value;
export const TEXT: Codec<string> = { type: "text", encode: asIs, decode: text };
export const BIGINT: Codec<number> = { type: "bigint", encode: asIs, decode: integer };
export const INTEGER: Codec<number> = { type: "integer", encode: asIs, decode: integer };
export const FLAG: Codec<boolean> = { type: "integer", encode: Number, decode: (value) => integer(value) === 1 };
export const MONEY: Codec<Tiyin> = { type: "bigint", encode: asIs, decode: (value) => tiyin(integer(value)) };
export const JSON_TEXT: Codec<unknown> = { type: "text", encode: (value) => JSON.stringify(value), decode: json };
export const MODE = oneOf<Scope["mode"]>("live", "test");

/** The codec of a column that may be NULL. */
export function orNull<Value>({ type, encode, decode }: Codec<Value>): Codec<Value | null> {
  return {
    type,
    encode: (value) => (value === null || value === undefined ? null : encode(value)),
    decode: (value) => nullable(value, decode),
  };
}

/** The codec of a column that has one of a few values. */
export function oneOf<Value extends string | number>(...known: Value[]): Codec<Value> {
  return {
    type: "text",
    encode: asIs,
    decode(value) {
      const found = known.find((each) => each === value);
      if (found !== undefined) return found;
      throw new TypeError(`the database gave ${String(value)} instead of one of ${known.join(", ")}`);
    },
  };
}

/** The column of each member of a row: its name, and its codec. */
export type Columns<Row> = { readonly [Member in keyof Row]: readonly [name: string, codec: Codec<Row[Member]>] };

/** A column of an INSERT, and the value that a new row has for it. */
interface Inserted<New> {
  readonly name: string;
  readonly type: SqlType;
  encode(row: New): SqlValue;
}

/** A table: the decoder of its rows, and the columns of a new one. */
export interface RowTable<Row, New> {
  decode(row: SqlRow): Row;
  readonly inserted: readonly Inserted<New>[];
}

/** The table of rows whose new ones have all members. */
export function tableOf<Row extends object>(columns: Columns<Row>): RowTable<Row, Row> {
  return { decode: decoderOf(columns), inserted: membersOf(columns).map((member) => columnOf(columns, member)) };
}

function membersOf<Row extends object>(columns: Columns<Row>): (keyof Row)[] {
  const members: (keyof Row)[] = [];
  for (const member in columns) members.push(member);
  return members;
}

/** A column, as statements that insert need it. */
export function columnOf<Row, Member extends keyof Row>(
  columns: Columns<Row>,
  member: Member,
): Inserted<{ readonly [M in Member]: Row[M] }> {
  const [name, { type, encode }] = columns[member];
  return { name, type, encode: (row) => encode(row[member]) };
}

/** The decoder of rows. The columns say what its members are; the loop over them cannot know. */
function decoderOf<Row extends object>(columns: Columns<Row>): (row: SqlRow) => Row;
function decoderOf(columns: Columns<Record<string, unknown>>): (row: SqlRow) => object {
  const members = Object.entries(columns);
  return (row) => {
    const decoded: Record<string, unknown> = {};
    for (const [member, [name, { decode }]] of members) decoded[member] = decode(row[name]);
    return decoded;
  };
}
