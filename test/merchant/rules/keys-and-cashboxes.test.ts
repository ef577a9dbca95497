import { describe, expect, it } from "vitest";
import { refusal } from "../../merchant/refusal";
import { createShop, KEY, openShop, TEST_KEY } from "../../merchant/shop";
import { memoryBooks } from "../../merchant/shop-books";
import { onEachStorage, paid, reserved, statementOf } from "./on-each-storage";

onEachStorage("test and live money", (open) => {
  it("are apart: a transaction of one is unknown to the other, whatever is asked", async () => {
    const shop = await reserved(await open());
    expect(await shop.twice("CheckTransaction", { id: "a" }, TEST_KEY)).toEqual(refusal(-31003));
    expect(await shop.twice("PerformTransaction", { id: "a" }, TEST_KEY)).toEqual(refusal(-31003));
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 3 }, TEST_KEY)).toEqual(refusal(-31003));
    expect(await shop.twice("GetStatement", { from: 0, to: shop.now() }, TEST_KEY)).toEqual({
      result: { transactions: [] },
      id: 7,
    });
    expect(await shop.order()).toMatchObject({ status: "reserved", fulfilled: 0 });
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1 } });
  });

  it("may have the same Payme id, and the hooks are told which it is", async () => {
    const seen: unknown[] = [];
    const shop = await open({ onPaid: ({ id, test }) => seen.push([id, test]) > 0 });
    for (const key of [KEY, TEST_KEY]) {
      expect(await shop.twice("CreateTransaction", shop.create("a"), key)).toMatchObject({ result: { state: 1 } });
      expect(await shop.twice("PerformTransaction", { id: "a" }, key)).toMatchObject({ result: { state: 2 } });
    }
    expect(seen).toEqual([
      ["a", false],
      ["a", true],
    ]);
  });
});

describe("two cashboxes on one database", () => {
  it("know nothing of each other's transactions, and may have an order each", async () => {
    const books = memoryBooks();
    const first = await reserved(openShop(books));
    const second = openShop(books, { cashbox: "second" });
    expect(await second.twice("CheckTransaction", { id: "a" })).toEqual(refusal(-31003));
    expect(await second.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31003));
    expect(await second.twice("CancelTransaction", { id: "a", reason: 3 })).toEqual(refusal(-31003));
    expect(await statementOf(second)).toEqual([]);
    expect(await second.twice("CreateTransaction", second.create("b"))).toMatchObject({ result: { state: 1 } });
    expect(await statementOf(first)).toMatchObject([{ id: "a" }]);
    expect(await statementOf(second)).toMatchObject([{ id: "b" }]);
    first.pass(13 * 3_600_000);
    expect(await first.merchant.sweep()).toEqual({ expired: 1, failed: 0 });
    expect(await second.call("CheckTransaction", { id: "b" })).toMatchObject({ result: { state: 1 } });
  });
});

describe("a key", () => {
  it.each([
    "our#key%of&36@chars?with$signs!+/=:;",
    "ключ-по-русски-36-символов-123456789",
    " key with spaces at its ends .",
  ])("counts by its exact bytes: %s", async (key) => {
    const shop = createShop({ key });
    await paid(shop);
    expect(await shop.twice("CheckTransaction", { id: "a" }, key)).toEqual(refusal(-31003));
    for (const wrong of [
      key.trim().slice(1),
      key.slice(0, -1),
      encodeURIComponent(key),
      `${key} `,
      key.replace(/&/, "&amp;"),
    ]) {
      if (wrong !== key) expect(await shop.call("CheckTransaction", { id: "a" }, wrong)).toEqual(refusal(-32504));
    }
  });

  it("is asked for by every method, before its parameters are looked at", async () => {
    const shop = await paid(createShop());
    for (const method of [
      "CheckPerformTransaction",
      "CreateTransaction",
      "PerformTransaction",
      "CancelTransaction",
      "CheckTransaction",
      "GetStatement",
      "SetFiscalData",
      "ChangePassword",
      "NoSuchMethod",
    ]) {
      expect(await shop.twice(method, { amount: 50_000, account: {} }, "Uzcard:someRandomString1545343543545")).toEqual(
        refusal(-32504),
      );
    }
  });
});
