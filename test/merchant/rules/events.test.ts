import { expect, it } from "vitest";
import type { Shop } from "../../merchant/shop";
import { HOUR, onEachStorage, reasons } from "./on-each-storage";

const scope = { cashbox: "default", mode: "live" } as const;

/** The kinds of a transaction's events, in the order in which they were written. */
async function storyOf(shop: Shop): Promise<string[]> {
  const events = await shop.storage.listEvents(scope, { limit: 99 });
  expect(events.every(({ paymeId }) => paymeId === "a")).toBe(true);
  return events.map(({ kind }) => kind);
}

onEachStorage("a transaction's story", (open) => {
  it("has each change once, although each call came twice: created, performed, refunded", async () => {
    const shop = await open();
    await shop.twice("CreateTransaction", shop.create("a"));
    expect(await storyOf(shop)).toEqual(["transaction.created"]);
    await shop.twice("PerformTransaction", { id: "a" });
    await shop.twice("CancelTransaction", { id: "a", reason: reasons.refund });
    expect(await storyOf(shop)).toEqual(["transaction.created", "transaction.performed", "transaction.refunded"]);
  });

  it("ends with cancelled where nothing was paid", async () => {
    const shop = await open();
    await shop.twice("CreateTransaction", shop.create("a"));
    await shop.twice("CancelTransaction", { id: "a", reason: reasons.executionError });
    expect(await storyOf(shop)).toEqual(["transaction.created", "transaction.cancelled"]);
  });

  it("ends with expired after 12 hours", async () => {
    const shop = await open();
    await shop.twice("CreateTransaction", shop.create("a"));
    shop.pass(13 * HOUR);
    await shop.twice("PerformTransaction", { id: "a" });
    // The refusal is kept once, however often the call comes.
    expect(await storyOf(shop)).toEqual(["transaction.created", "transaction.expired", "call.refused"]);
  });

  it("has nothing of a call that was refused", async () => {
    const shop = await open();
    await shop.call("CheckPerformTransaction", shop.create("a"));
    await shop.call("CreateTransaction", shop.create("a", { amount: 1 }));
    await shop.call("PerformTransaction", { id: "a" });
    expect(await storyOf(shop)).toEqual([]);
  });
});
