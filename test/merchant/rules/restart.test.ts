import { describe, expect, it, onTestFinished } from "vitest";
import { openShop } from "../../merchant/shop";
import { sqliteBooks } from "../../merchant/shop-books";
import { temporaryFolder } from "../../storage/kits";
import { statementOf } from "./on-each-storage";

describe("a restart", () => {
  it("between any two calls changes no answer", async () => {
    const { file, remove } = temporaryFolder();
    onTestFinished(remove);
    /** Each call meets a process of its own, as it were: opened, asked twice, closed. */
    const restarted = async (method: string, params: object) => {
      const books = sqliteBooks(file);
      const shop = openShop(books);
      const answer = await shop.twice(method, params);
      const order = await shop.order();
      const [line] = await statementOf(shop);
      await books.close();
      return { answer, order, line };
    };
    const params = { id: "a", time: Date.UTC(2026, 0, 15, 10), amount: 5_000_000, account: { order_id: "1" } };
    const created = await restarted("CreateTransaction", params);
    expect(created).toMatchObject({ answer: { result: { state: 1 } }, order: { status: "reserved" } });
    expect(await restarted("CreateTransaction", params)).toEqual(created);
    const performed = await restarted("PerformTransaction", { id: "a" });
    expect(performed).toMatchObject({ answer: { result: { state: 2 } }, order: { status: "paid", fulfilled: 1 } });
    expect(await restarted("PerformTransaction", { id: "a" })).toEqual(performed);
    const cancelled = await restarted("CancelTransaction", { id: "a", reason: 5 });
    expect(cancelled).toMatchObject({ answer: { result: { state: -2 } }, order: { fulfilled: 1, takenBack: 1 } });
    expect(await restarted("CancelTransaction", { id: "a", reason: 5 })).toEqual(cancelled);
    const { line } = await restarted("CheckTransaction", { id: "a" });
    expect(line).toMatchObject({ id: "a", state: -2, reason: 5, account: { order_id: "1" } });
  });
});
