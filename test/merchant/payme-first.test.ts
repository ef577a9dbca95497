import { describe, expect, it, onTestFinished } from "vitest";
import { createMerchantApi, createPayments, memoryStorage, type Storage, som } from "../../src/entry";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";
import { temporaryFolder } from "../storage/kits";

const KEY = "live-key-of-36-characters-0123456789";
const OTHERS = 400;
const silent = { info() {}, warn() {}, error() {} };

/** A shop whose payers pay by a link, and Payme, which pays one payment by its three calls. */
async function openShop<Tx>(storage: Storage<Tx>, forPayme = storage) {
  await storage.migrate();
  const payments = createPayments<Tx>({
    storage,
    payUrl: ({ id }) => `https://pay.example/${id}`,
    onPaid: () => true,
    logger: silent,
  });
  const merchant = createMerchantApi({ ...payments.asOrders(), storage: forPayme, key: KEY, logger: silent });
  const { id: order_id } = await payments.create({ amount: som(1_000) });
  const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;
  async function call(method: string): Promise<unknown> {
    const params = { id: "payme-1", time: Date.now(), amount: som(1_000), account: { order_id } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await merchant.handle({ method: "POST", headers: { authorization }, body });
    const parsed: unknown = JSON.parse(String(answer.body));
    return Reflect.get(Object(parsed), "error")?.code ?? "done";
  }
  async function pay(): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (const method of ["CheckPerformTransaction", "CreateTransaction", "PerformTransaction"]) {
      answers.push(await call(method));
    }
    return answers;
  }
  return { payments, order_id, pay };
}

/** How many writes of others, which were there before Payme called, were done when Payme had its last answer. */
async function passed<Tx>(storage: Storage<Tx>): Promise<number> {
  const { order_id, pay } = await openShop(storage);
  let done = 0;
  const scope = { cashbox: "default", mode: "live" } as const;
  const others = Array.from({ length: OTHERS }, async () => {
    await storage.noteNotification(scope, order_id, { at: 1 });
    done += 1;
  });
  expect(await pay()).toEqual(["done", "done", "done"]);
  const doneBefore = done;
  await Promise.all(others);
  return doneBefore;
}

/** The same books, where nobody goes first. */
const inOneLine = <Tx>(storage: Storage<Tx>): Storage<Tx> => ({
  ...storage,
  transaction: (work) => storage.transaction(work),
});

function sqlite() {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  onTestFinished(async () => {
    await storage.close();
    remove();
  });
  return storage;
}

describe("Payme's calls", () => {
  it("pass the writes that wait: SQLite", async () => {
    expect(await passed(sqlite())).toBeLessThan(OTHERS / 2);
  });

  it("pass the writes that wait: memory", async () => {
    expect(await passed(memoryStorage())).toBeLessThan(OTHERS / 2);
  });

  it("wait for all of them in a storage where nobody goes first: these tests can fail", async () => {
    expect(await passed(inOneLine(sqlite()))).toBe(OTHERS);
    expect(await passed(inOneLine(memoryStorage()))).toBe(OTHERS);
  });
});

describeOnPostgres("on PostgreSQL", () => {
  /** Payers hold all connections of their pool for as long as Payme calls. */
  async function payBesidePayers(hasOwnPool: boolean): Promise<unknown[]> {
    const url = await databaseUrl();
    const [payers, own] = [openPool(url, { max: 2 }), openPool(url, { max: 2 })];
    onTestFinished(async () => void (await Promise.all([payers.end(), own.end()])));
    const options = { schema: newSchema(), acquireTimeoutMs: 200 };
    const storage = postgresStorage(payers, options);
    const { payments, order_id, pay } = await openShop(storage, postgresStorage(hasOwnPool ? own : payers, options));
    let leave = () => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const holding = [1, 2].map(() => storage.transaction(() => left));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answers = await pay();
    leave();
    await Promise.all(holding);
    if (hasOwnPool) expect(await payments.find(order_id)).toMatchObject({ status: "PAID", paidBy: "payme-1" });
    return answers;
  }

  it("Payme's calls wait for no payer where they have a pool of their own", async () => {
    expect(await payBesidePayers(true)).toEqual(["done", "done", "done"]);
  });

  it("Payme is answered -32400 where payers hold the only pool: this test can fail", async () => {
    expect(await payBesidePayers(false)).toEqual([-32400, -32400, -32400]);
  });
});
