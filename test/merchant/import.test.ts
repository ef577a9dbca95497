import { describe, expect, it } from "vitest";
import type { ImportedTransaction } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { HOUR, onEachStorage } from "./rules/on-each-storage";
import { createShop, type Shop } from "./shop";

const AMOUNT = som(50_000);
const scope = { cashbox: "default", mode: "live" } as const;

/** The endpoint that was here before: orders 1 to 4 open, paid, cancelled and refunded. */
async function oldShop(): Promise<Shop> {
  const shop = createShop({ newId: () => `old-${shop.now()}` });
  for (const [index, id] of ["open", "paid", "cancelled", "refunded"].entries()) {
    await shop.call("CreateTransaction", shop.create(id, { account: { order_id: index + 1 } }));
    shop.pass(1_234);
  }
  await shop.call("PerformTransaction", { id: "paid" });
  await shop.call("PerformTransaction", { id: "refunded" });
  shop.pass(777);
  await shop.call("CancelTransaction", { id: "cancelled", reason: 3 });
  await shop.call("CancelTransaction", { id: "refunded", reason: 5 });
  return shop;
}

async function rowsOf(shop: Shop, changes: Partial<ImportedTransaction> = {}): Promise<ImportedTransaction[]> {
  const rows = await shop.storage.listTransactions(scope, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000 });
  return rows.map(({ paymeId, state, transaction, amount, account, time, createTime, ...row }) => {
    const { performTime, cancelTime, reason, reference } = row;
    const told = { paymeId, state, transaction, amount, account, time, createTime, performTime, cancelTime, reason };
    return { ...told, reference: Number(reference), ...changes };
  });
}

async function* streamed<Row>(rows: readonly Row[]): AsyncIterable<Row> {
  yield* rows;
}

/** Every answer about the transactions of the old endpoint. */
async function answersOf(shop: Shop): Promise<string[]> {
  const answers: string[] = [];
  for (const id of ["open", "paid", "cancelled", "refunded"]) answers.push(await shop.send("CheckTransaction", { id }));
  const { time } = JSON.parse(await shop.send("GetStatement", { from: 0, to: 4e12 })).result.transactions[0];
  answers.push(await shop.send("CreateTransaction", { id: "open", time, amount: AMOUNT, account: { order_id: 1 } }));
  answers.push(await shop.send("PerformTransaction", { id: "paid" }));
  answers.push(await shop.send("CancelTransaction", { id: "cancelled", reason: 3 }));
  answers.push(await shop.send("CancelTransaction", { id: "refunded", reason: 5 }));
  answers.push(await shop.send("GetStatement", { from: 0, to: 4e12 }));
  return answers;
}

onEachStorage("transactions of an endpoint that was here before", (open) => {
  it("are answered byte for byte as there, and the open one reserves its order", async () => {
    const old = await oldShop();
    const shop = await open();
    const report = await shop.merchant.importTransactions(streamed(await rowsOf(old)), { batchSize: 3 });
    expect(report).toEqual({ imported: 4, same: 0, different: [] });
    expect(await answersOf(shop)).toEqual(await answersOf(old));
    const orders = [await shop.order(1), await shop.order(2), await shop.order(3), await shop.order(4)];
    expect(orders.map((order) => order?.status)).toEqual(["reserved", "new", "new", "new"]);
    expect(await shop.storage.listEvents(scope, { limit: 10 })).toMatchObject(
      Array.from({ length: 4 }, () => ({ kind: "transaction.imported", deliverAt: null })),
    );
  });

  it("go on: the open one is performed, the paid one is refunded, and hooks run then", async () => {
    const shop = await open();
    await shop.merchant.importTransactions(await rowsOf(await oldShop()));
    expect(await shop.twice("PerformTransaction", { id: "open" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.order(1)).toMatchObject({ status: "paid", fulfilled: 1 });
    expect(await shop.twice("CancelTransaction", { id: "paid", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await shop.order(2)).toMatchObject({ status: "refunded", takenBack: 1 });
    const busy = await shop.call("CreateTransaction", shop.create("new", { account: { order_id: 1 } }));
    expect(busy.error?.code).toBe(-31051);
  });

  it("are the same in a second run, which never writes over what went on here", async () => {
    const shop = await open();
    const rows = await rowsOf(await oldShop());
    await shop.merchant.importTransactions(rows);
    await shop.call("PerformTransaction", { id: "open" });
    await shop.call("CancelTransaction", { id: "paid", reason: 5 });
    const before = await shop.send("GetStatement", { from: 0, to: 4e12 });
    expect(await shop.merchant.importTransactions(rows)).toEqual({ imported: 0, same: 4, different: [] });
    const wrong = rows.map((row) => ({ ...row, createTime: row.createTime + 1, reason: 9 }));
    expect(await shop.merchant.importTransactions(wrong)).toEqual({
      imported: 0,
      same: 0,
      different: [
        { id: "open", members: ["createTime"] },
        { id: "paid", members: ["createTime"] },
        { id: "cancelled", members: ["createTime", "reason"] },
        { id: "refunded", members: ["createTime", "reason"] },
      ],
    });
    expect(await shop.send("GetStatement", { from: 0, to: 4e12 })).toBe(before);
    expect(await shop.order(1)).toMatchObject({ status: "paid", fulfilled: 1 });
  });

  it("leave the batches before a wrong row committed, and name the row", async () => {
    const shop = await open();
    const rows = await rowsOf(await oldShop());
    const wrong = rows.map((row) => (row.paymeId === "refunded" ? { ...row, cancelTime: 0 } : row));
    await expect(shop.merchant.importTransactions(wrong, { batchSize: 2 })).rejects.toThrow(
      "row 4 (refunded): cancelTime: give ms for the states -1 and -2, else 0",
    );
    expect(await shop.merchant.importTransactions(rows)).toMatchObject({ imported: 2, same: 2 });
  });
});

describe("an imported transaction", () => {
  it("that is open and whose order is reserved already runs no hook", async () => {
    const shop = createShop();
    await shop.merchant.importTransactions(await rowsOf(await oldShop(), { reserved: true }));
    expect(await shop.order(1)).toMatchObject({ status: "new" });
    expect(await shop.call("PerformTransaction", { id: "open" })).toMatchObject({ result: { state: 2 } });
  });

  it("whose 12 hours are over holds nothing, in each run the same", async () => {
    const rows = await rowsOf(await oldShop());
    const shop = createShop();
    shop.pass(13 * HOUR);
    expect(await shop.merchant.importTransactions(rows)).toMatchObject({ imported: 4 });
    expect(await shop.merchant.importTransactions(rows)).toMatchObject({ same: 4, different: [] });
    const { result } = await shop.call("CheckTransaction", { id: "open" });
    expect(result).toMatchObject({ state: -1, reason: 4, cancel_time: Number(rows[0]?.time) + 12 * HOUR });
    expect(await shop.order(1)).toMatchObject({ status: "new" });
    expect(await shop.call("CreateTransaction", shop.create("next"))).toMatchObject({ result: { state: 1 } });
  });

  it("of an order that another one holds is refused by its name; oneTime: false takes it all the same", async () => {
    const [, paid] = await rowsOf(await oldShop());
    if (paid === undefined) throw new Error("no row");
    const shop = createShop();
    const twice = { ...paid, paymeId: "second", transaction: "t-second" };
    await expect(shop.merchant.importTransactions([paid, twice])).rejects.toThrow(
      "row 2 (second): the transaction paid holds the order 2",
    );
    await shop.merchant.importTransactions([paid, { ...twice, oneTime: false }]);
    for (const id of ["paid", "second"]) {
      expect(await shop.call("CancelTransaction", { id, reason: 5 })).toMatchObject({ result: { state: -2 } });
    }
  });

  it("whose onReserved throws or refuses undoes its batch, is named, and is no incident", async () => {
    const rows = await rowsOf(await oldShop());
    const incidents: unknown[] = [];
    const onIncident = (incident: unknown) => incidents.push(incident);
    const throwing = createShop({
      onIncident,
      onReserved() {
        throw new Error("no table");
      },
    });
    await expect(throwing.merchant.importTransactions(rows)).rejects.toThrow("row 1 (open): a hook threw");
    const refusing = createShop({ onIncident, onReserved: () => false });
    await expect(refusing.merchant.importTransactions(rows)).rejects.toThrow("row 1 (open): onReserved did not");
    for (const { storage } of [throwing, refusing]) {
      expect(await storage.listEvents(scope, { limit: 10 })).toEqual([]);
      expect(await storage.findTransaction(scope, "paid")).toBeUndefined();
    }
    expect(incidents).toEqual([]);
  });

  it.each<[string, Partial<Record<keyof ImportedTransaction, unknown>>, string]>([
    ["no id", { paymeId: "" }, "paymeId"],
    ["another state", { state: 0 }, "state"],
    ["a float", { amount: 0.1 }, "amount"],
    ["no id of ours", { transaction: 5 }, "transaction"],
    ["a text as account", { account: "1" }, "account"],
    ["seconds as text", { time: "1700000000" }, "time"],
    ["no time of the payment", { performTime: undefined, state: 2 }, "performTime"],
    ["a payment that its state denies", { state: -1, cancelTime: 5, performTime: 5 }, "performTime"],
    ["a reason in words", { reason: "3" }, "reason"],
    ["no reference", { reference: "" }, "an empty text cannot be a reference"],
    ["an open one with another account", { state: 1, performTime: 0, account: { id: 1 } }, "account: order_id"],
  ])("with %s is refused, and the row named", async (_, wrong, problem) => {
    const [, paid] = await rowsOf(await oldShop());
    const rows: unknown[] = [{ ...paid, ...wrong }];
    const shop = createShop();
    await expect(Reflect.apply(shop.merchant.importTransactions, undefined, [rows])).rejects.toThrow(
      new RegExp(`^row 1 \\(.*\\): ${problem}`),
    );
  });

  it("is in the order's story", async () => {
    const shop = createShop();
    await shop.merchant.importTransactions(await rowsOf(await oldShop()));
    const events = await shop.storage.listEvents(scope, { subject: "2", limit: 10 });
    expect(events).toMatchObject([{ kind: "transaction.imported", paymeId: "paid", data: { state: 2 } }]);
  });
});

describe("a long import", () => {
  it("takes a stream, reads no further than its batch, and tells how far it is", async () => {
    const shop = createShop({ logger: { info() {}, warn() {}, error() {} } });
    let [read, ahead] = [0, 0];
    async function* rows(): AsyncIterable<ImportedTransaction> {
      for (; read < 5_000; read += 1) {
        const [id, time] = [`t${read}`, shop.now() - read * 1_000];
        const times = { time, createTime: time, performTime: time + 1 };
        yield { paymeId: id, state: 2, transaction: id, amount: AMOUNT, account: {}, reference: read, ...times };
      }
    }
    const told: number[] = [];
    const report = await shop.merchant.importTransactions(rows(), {
      batchSize: 500,
      onProgress({ imported }) {
        told.push(imported);
        ahead = Math.max(ahead, read - imported);
      },
    });
    expect(report).toMatchObject({ imported: 5_000 });
    expect(told).toEqual(Array.from({ length: 10 }, (_, index) => (index + 1) * 500));
    expect(ahead).toBeLessThanOrEqual(500);
  });

  it("refuses a batch of no rows or too many", async () => {
    const { merchant } = createShop();
    for (const batchSize of [0, 1.5, 1_001]) {
      await expect(merchant.importTransactions([], { batchSize })).rejects.toThrow("batchSize");
    }
  });
});
