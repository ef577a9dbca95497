import type { Eventual } from "../kit/eventual";
import { isRecord } from "../kit/json";

/** The kind of an account field: a whole number, digits of any length (kept as text), or any text. */
export type FieldKind = "integer" | "digits" | "string";

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

/** The type of an account by its description: hooks and `findOrder` get it. */
export type AccountOf<Spec extends AccountSpec> =
  Spec extends AccountSchema<infer Account>
    ? Account
    : { readonly [Field in keyof Spec]: Spec[Field] extends "integer" ? number : string };

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
  const read: Record<string, number | string> = {};
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

function readField(kind: FieldKind, value: unknown): number | string | undefined {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || text === "" || text.length > 256) return undefined;
  if (kind === "string") return text;
  if (!/^\d+$/.test(text)) return undefined;
  if (kind === "digits") return text;
  return Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/**
 * Returns the key of an order where the shop gives none: the account as it was read, in one form. `{"order_id":197}`,
 * `{"order_id":"197"}` and one with an extra member have the same key.
 */
export function orderKeyOf(account: unknown): string {
  if (typeof account !== "object" || account === null) return JSON.stringify(account, bigintAsText) ?? "null";
  const members = Object.entries(account).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(members), bigintAsText);
}

/** A schema may return an id as bigint (as Prisma does), and JSON has none. */
function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
