import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { nodeMerchant } from "../../src/entry/node";
import { sqliteStorage } from "../../src/entry/sqlite";
import { tiyin } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { idsOf, KEY, memoryShop, paymentShop, sqliteShop } from "./shops";

/** What a right endpoint need not have. */
const UNSEEN = ["check-perform.detail", "cancel.refused-changes-nothing", "change-password.changed"];
const CLEAN = { failed: [], warned: [], skipped: ["create.every-field", ...UNSEEN] };
/** Payments have UUIDs. */
const CLEAN_WITH_UUIDS = { ...CLEAN, skipped: ["create.every-field", "create.large-number", ...UNSEEN] };

describe("our endpoint passes without a warning", () => {
  it.each([
    ["with the orders of a shop in memory", () => memoryShop(), CLEAN],
    ["with the orders of a shop in SQLite", sqliteShop, CLEAN],
    ["with payments in memory", () => paymentShop(memoryStorage()), CLEAN_WITH_UUIDS],
    ["with payments in SQLite", () => paymentShop(sqliteStorage({ file: ":memory:" })), CLEAN_WITH_UUIDS],
  ])("%s", async (_, open, clean) => {
    const { merchant, ...shop } = await open();
    expect(await idsOf({ api: fetchMerchant(merchant), key: KEY, ...shop })).toEqual(clean);
  });

  it("over HTTP", async () => {
    const { merchant, ...shop } = await sqliteShop();
    const server = createServer(nodeMerchant(merchant)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      expect(await idsOf({ api: `http://127.0.0.1:${port}/payme`, key: KEY, ...shop })).toEqual(CLEAN);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("an order whose price has tiyin", () => {
  // The last one is a tiyin below whole som: then a tiyin more is right, too.
  const prices = [tiyin(150_050), tiyin(150_001), tiyin(150_099)];

  it.each(prices)("of %i is warned about where the endpoint refuses the rounded amount", async (amount) => {
    const { merchant, ...shop } = await memoryShop({ amount });
    const checked = await idsOf({ api: fetchMerchant(merchant), key: KEY, ...shop });
    expect(checked).toEqual({ ...CLEAN, warned: ["check-perform.rounded-amount"] });
  });

  it.each(prices)("of %i is not where the endpoint takes it", async (amount) => {
    const { merchant, ...shop } = await memoryShop({ amount, roundsToSom: true });
    expect(await idsOf({ api: fetchMerchant(merchant), key: KEY, ...shop })).toEqual(CLEAN);
  });
});
