import { describe, expect, it } from "vitest";
import { memoryStorage } from "../../src/ledger";
import { sqliteStorage } from "../../src/storage/sqlite";
import { idsOf, KEY, memoryShop, paymentShop, sqliteShop } from "./shops";

/** What a right endpoint need not have. */
const UNSEEN = ["check-perform.detail", "cancel.refused-changes-nothing", "change-password.changed"];
const CLEAN = { failed: [], warned: [], skipped: UNSEEN };

describe("our endpoint passes without a warning", () => {
  it.each([
    ["with the orders of a shop in memory", memoryShop],
    ["with the orders of a shop in SQLite", sqliteShop],
    ["with payments in memory", () => paymentShop(memoryStorage())],
    ["with payments in SQLite", () => paymentShop(sqliteStorage({ file: ":memory:" }))],
  ])("%s", async (_, open) => {
    const { merchant, ...shop } = await open();
    expect(await idsOf({ api: merchant, key: KEY, ...shop })).toEqual(CLEAN);
  });
});
