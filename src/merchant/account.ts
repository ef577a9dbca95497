import type { Eventual } from "../kit/eventual";
import { isRecord } from "../kit/json";

/**
 * The kind of an account field: a whole number of a PostgreSQL `integer` (a number) or `bigint` (a bigint), digits of any
 * length, a UUID, or any text (a text). A UUID is given in its usual form, however it was written.
 */
export type FieldKind = "integer" | "bigint" | "digits" | "uuid" | "string";

/** The fields of an account, named as in the cabinet, with their kinds. */
export type AccountFields = Readonly<Record<string, FieldKind>>;

/** A validator that follows the Standard Schema (zod, valibot, arktype …): https://standardschema.dev. */
export interface AccountSchema<Account> {
  readonly "~standard": {
    readonly version: 1;
    validate(value: unknown): AccountResult<Account> | Promise<AccountResult<Account>>;
    readonly types?: { readonly input: unknown; readonly output: Account } | undefined;
  };
}

type AccountResult<Account> =
  | { readonly value: Account; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** The description of an account. */
export type AccountSpec = AccountFields | AccountSchema<unknown>;

/** The type of an account by its description: hooks and `find` get it. */
export type AccountOf<Spec extends AccountSpec> =
  Spec extends AccountSchema<infer Account> ? Account : { readonly [Field in keyof Spec]: FieldValue<Spec[Field]> };

type FieldValue<Kind> = Kind extends "integer" ? number : Kind extends "bigint" ? bigint : string;

/** An account that fits, or the first field that does not. */
export type ReadAccount<Account> = { readonly account: Account } | { readonly badField: string };

/** Returns the reader of accounts. Payme sends values as text and as numbers. Extra members are ignored. */
export function accountReader(spec: AccountSpec): (account: unknown) => Eventual<ReadAccount<unknown>> {
  if (isSchema(spec)) return (account) => readBySchema(spec, account);
  const fields = Object.entries(spec);
  return (account) => readByFields(fields, account);
}

function isSchema(spec: AccountSpec): spec is AccountSchema<unknown> {
  return "~standard" in spec;
}

async function readBySchema(schema: AccountSchema<unknown>, account: unknown): Promise<ReadAccount<unknown>> {
  const result = await schema["~standard"].validate(account ?? {});
  if (result.issues === undefined) return { account: result.value };
  const [first] = result.issues[0]?.path ?? [];
  const field = typeof first === "object" && first !== null ? Reflect.get(first, "key") : first;
  return { badField: typeof field === "string" ? field : firstFieldOf(account) };
}

/** Returns the first field that came, for an error without a field: Payme wants a field of the cabinet in `data`. */
export function firstFieldOf(account: unknown, candidates: readonly string[] = []): string {
  const came = isRecord(account) ? Object.keys(account) : [];
  return candidates.find((field) => came.includes(field)) ?? came[0] ?? "account";
}

function readByFields(fields: readonly [string, FieldKind][], account: unknown): ReadAccount<unknown> {
  const read: Record<string, number | bigint | string> = {};
  for (const [field, kind] of fields) {
    const value = readField(kind, memberOf(account, field));
    if (value === undefined) return { badField: field };
    read[field] = value;
  }
  return { account: read };
}

function memberOf(account: unknown, field: string): unknown {
  return typeof account === "object" && account !== null && Object.hasOwn(account, field)
    ? Reflect.get(account, field)
    : undefined;
}

/** The largest values of PostgreSQL's `integer` and `bigint`: what is larger is no id of any row. */
const [MOST_INT4, MOST_INT8] = [2_147_483_647, 9_223_372_036_854_775_807n];
/** As PostgreSQL reads a UUID: in any case, in braces, a hyphen after any four digits or none. */
const UUID = /^(?:[\da-f]{4}-?){7}[\da-f]{4}$/i;

function readField(kind: FieldKind, value: unknown): number | bigint | string | undefined {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || text === "" || text.length > 256) return undefined;
  if (kind === "string") return text;
  if (kind === "uuid") return readUuid(text);
  if (!/^\d+$/.test(text)) return undefined;
  if (kind === "digits") return text;
  if (kind === "bigint") return BigInt(text) > MOST_INT8 ? undefined : BigInt(text);
  return Number(text) > MOST_INT4 ? undefined : Number(text);
}

function readUuid(text: string): string | undefined {
  const bare = /^\{.*\}$/.test(text) ? text.slice(1, -1) : text;
  if (!UUID.test(bare)) return undefined;
  return bare
    .replaceAll("-", "")
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Returns an account that was read as one text, to compare two of them: members in any order, at any depth, are the same. */
export function accountText(account: unknown): string {
  return JSON.stringify(account, comparable) ?? "null";
}

/** A schema may return an id as bigint (as Prisma does), and JSON has none. */
function comparable(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
