import { expect, it } from "vitest";
import type { Reference } from "../../../src/entry/merchant";
import { som } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { onEachStorage, statementOf } from "./on-each-storage";

const UUID = "6f1b2c3d-0a4b-4c8d-9e0f-112233445566";

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
