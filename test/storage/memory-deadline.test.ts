import { describe, expect, it } from "vitest";
import { PaymeStorageError } from "../../src/kit/errors";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTable, MemoryTx } from "../../src/storage/memory/memory-table";
import { paymentRow } from "../ledger/rows";
import { createShop } from "../merchant/shop";

const scope = { cashbox: "default", mode: "live" } as const;
const MISUSE = { code: "STORAGE_MISUSE" };

interface Row {
  id: string;
}

describe("a hook that never ends, on memory storage,", () => {
  it("is rolled back after its time, and the writers behind it are served", async () => {
    const storage = memoryStorage({ hookTimeoutMs: 20 });
    const hang = () =>
      storage.transaction(async (tx) => {
        await storage.using(tx).addPayment(paymentRow());
        tx.table<Row>("host").set("host-1", { id: "host-1" });
        await new Promise(() => {});
      });
    const hanging = [hang(), hang()];
    const behind = storage.addPayment(paymentRow({ id: "behind" }));
    for (const each of hanging)
      await expect(each).rejects.toMatchObject({ code: "STORAGE_BUSY", message: expect.stringContaining("20 ms") });
    expect((await behind).outcome).toBe("applied");
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    expect(storage.published().table("host").size).toBe(0);
  });

  it("has 5 seconds unless told otherwise", async () => {
    const storage = memoryStorage();
    const hanging = storage.transaction(() => new Promise(() => {}));
    const startedAt = performance.now();
    await expect(hanging).rejects.toMatchObject({ code: "STORAGE_BUSY" });
    expect(performance.now() - startedAt).toBeGreaterThan(4_900);
  }, 15_000);

  it("can write nothing more: neither through its handle, nor through a table, nor past it", async () => {
    const storage = memoryStorage({ hookTimeoutMs: 20 });
    const late: unknown[] = [];
    const hanging = storage.transaction(async (tx) => {
      const table = tx.table<Row>("host");
      const verbs = storage.using(tx);
      await new Promise((resolve) => setTimeout(resolve, 80));
      late.push(await failureOf(() => verbs.addPayment(paymentRow({ id: "late" }))));
      late.push(await failureOf(() => storage.addPayment(paymentRow({ id: "late" }))));
      for (const use of usesOf(tx, table)) late.push(await failureOf(use));
    });
    await expect(hanging).rejects.toThrow(PaymeStorageError);
    await expect.poll(() => late.length).toBe(8);
    for (const error of late) expect(error).toMatchObject(MISUSE);
    expect(storage.published().table("host").size).toBe(0);
    expect(await storage.findPayment(scope, { id: "late" })).toBeUndefined();
  });

  it("is answered -32400, and the next call is served", async () => {
    const shop = createShop({
      storage: memoryStorage({ hookTimeoutMs: 20 }),
      find: ({ order_id }) => ({ reference: order_id, amount: shop.create("a").amount }),
      onReserved: () => undefined,
      onPaid: ({ reference }) => (reference === 1 ? new Promise(() => {}) : true),
    });
    await shop.call("CreateTransaction", shop.create("a"));
    await shop.call("CreateTransaction", shop.create("b", { account: { order_id: 2 } }));
    const hanging = shop.call("PerformTransaction", { id: "a" });
    expect(await shop.call("PerformTransaction", { id: "b" })).toMatchObject({ result: { state: 2 } });
    expect(await hanging).toMatchObject({ error: { code: -32400 } });
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1 } });
  });
});

it("a handle whose transaction was committed refuses every use", async () => {
  const storage = memoryStorage();
  const { tx, table } = await storage.transaction(async (open) => ({ tx: open, table: open.table<Row>("host") }));
  for (const use of usesOf(tx, table)) expect(await failureOf(use)).toMatchObject(MISUSE);
});

function usesOf(tx: MemoryTx, table: MemoryTable<Row>): (() => unknown)[] {
  return [
    () => tx.table("host"),
    () => table.get("a"),
    () => table.set("a", { id: "a" }),
    () => table.delete("a"),
    () => table.filter(),
    () => table.size,
  ];
}

async function failureOf(use: () => unknown): Promise<unknown> {
  try {
    return await use();
  } catch (error) {
    return error;
  }
}
