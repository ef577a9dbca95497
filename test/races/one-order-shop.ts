import pg from "pg";
import { createMerchantApi, type FieldKind, type Reference, refuse } from "../../src/entry/merchant";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import { isPostgres } from "./databases";

/** One endpoint of a shop whose only order is raced for. It looks at no status: the reference alone says that it is taken. */
export interface OneOrderOptions {
  /** A file, or the URL of a database, with a table `orders` and one row in it. */
  readonly address: string;
  readonly cashbox?: string | undefined;
  readonly sharedOrders?: string | undefined;
  readonly kind: FieldKind;
  /** How the driver gives int8; default text. */
  readonly int8?: "text" | "bigint" | undefined;
  /** True: a reference of the shop's own making, by the type that the driver gave or by what the caller sent. */
  readonly careless?: "type" | "spelling" | undefined;
}

/** Makes all Creates at once, then all Performs at once; `spellings` has one for each. Returns what was paid. */
export type PayAtOnce = (prefix: string, spellings: readonly (string | number)[]) => Promise<PaidAtOnce>;

export interface PaidAtOnce {
  /** What Create answered: a state, or a code. */
  readonly created: readonly unknown[];
  /** How many transactions were performed. */
  readonly performed: number;
}

const KEY = "live-key-of-36-characters-0123456789";
const HEADERS = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };

export function openOneOrderShop(options: OneOrderOptions): { payAtOnce: PayAtOnce; close(): Promise<unknown> } {
  return isPostgres(options.address) ? onPostgres(options) : inFile(options);
}

function inFile(options: OneOrderOptions) {
  const storage = sqliteStorage({ file: options.address });
  const payAtOnce = paying(storage, options, (id, tx) => tx.prepare("SELECT id FROM orders WHERE id = ?").get(id));
  return { payAtOnce, close: () => storage.close() };
}

function onPostgres(options: OneOrderOptions) {
  const types = {
    getTypeParser: (oid: number, format?: "text" | "binary") =>
      oid === pg.types.builtins.INT8 && options.int8 === "bigint" ? BigInt : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({ connectionString: options.address, types });
  const payAtOnce = paying(
    postgresStorage(pool),
    options,
    async (id, tx) => (await tx.query("SELECT id FROM orders WHERE id = $1", [id])).rows[0],
  );
  return { payAtOnce, close: () => pool.end() };
}

function paying<Tx>(
  storage: Storage<Tx>,
  { kind, cashbox, sharedOrders, careless }: OneOrderOptions,
  findRow: (id: Reference, tx: Tx) => unknown,
): PayAtOnce {
  const merchant = createMerchantApi({
    storage,
    key: KEY,
    cashbox,
    sharedOrders,
    account: { order_id: kind },
    logger: { info() {}, warn() {}, error() {} },
    async find({ order_id }, tx) {
      const { id } = Object(await findRow(order_id, tx));
      if (typeof id !== "string" && typeof id !== "number" && typeof id !== "bigint")
        return refuse.notFound("order_id");
      const reference = { type: `${typeof id} ${id}`, spelling: String(order_id), none: id }[careless ?? "none"];
      return { reference, amount: som(50_000) };
    },
  });
  async function call(method: string, params: object) {
    const { body } = await merchant.handle({ method: "POST", headers: HEADERS, body: { method, params, id: 1 } });
    const { result, error } = JSON.parse(String(body));
    return error?.code ?? result.state;
  }
  return async (prefix, spellings) => {
    const create = (order_id: string | number, n: number) =>
      call("CreateTransaction", {
        id: `${prefix}-${n}`,
        time: Date.now(),
        amount: som(50_000),
        account: { order_id },
      });
    const created = await Promise.all(spellings.map(create));
    const performed = await Promise.all(spellings.map((_, n) => call("PerformTransaction", { id: `${prefix}-${n}` })));
    return { created, performed: performed.filter((state) => state === 2).length };
  };
}
