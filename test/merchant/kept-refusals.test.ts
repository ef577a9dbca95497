import { describe, expect, it } from "vitest";
import { createShop, type Shop } from "./shop";

const live = { cashbox: "default", mode: "live" } as const;
const HOUR = 3_600_000;

/** The refusals that the story of order 1 has. */
async function kept(shop: Shop) {
  const rows = await shop.storage.listEvents(live, { kinds: ["call.refused"], limit: 99 });
  return rows.map(({ paymeId, data, subject }) => ({ paymeId, subject, data }));
}

/** A paid order whose refund the shop does not allow. */
async function paidShop() {
  const shop = createShop({ canRefund: () => false });
  await shop.call("CreateTransaction", shop.create("a"));
  await shop.call("PerformTransaction", { id: "a" });
  return shop;
}

describe("the refusal of a change of a known transaction", () => {
  it("is kept once for each transaction, method and code, with how it stood", async () => {
    const shop = await paidShop();
    const refusals = [
      ["CancelTransaction", { id: "a", reason: 5 }],
      ["CancelTransaction", { id: "a", reason: 3 }],
      ["CreateTransaction", shop.create("a", { amount: 1 })],
      ["CreateTransaction", shop.create("a", { amount: 2 })],
    ] as const;
    const codes: unknown[] = [];
    for (const [method, params] of refusals) codes.push((await shop.call(method, params)).error?.code);
    expect(codes).toEqual([-31007, -31007, -31008, -31008]);
    const about = { paymeId: "a", subject: "1" };
    const data = { state: 2, amount: 5_000_000 };
    expect(await kept(shop)).toEqual([
      { ...about, data: { ...data, method: "CancelTransaction", code: -31007 } },
      { ...about, data: { ...data, method: "CreateTransaction", code: -31008 } },
    ]);
  });

  it("is kept for each method that has the same code", async () => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"));
    await shop.call("CancelTransaction", { id: "a", reason: 3 });
    await shop.call("PerformTransaction", { id: "a" });
    await shop.call("CreateTransaction", shop.create("a"));
    const rows = await shop.storage.listEvents(live, { kinds: ["call.refused"], limit: 9 });
    expect(rows.map(({ data }) => data)).toMatchObject([
      { method: "PerformTransaction", code: -31008 },
      { method: "CreateTransaction", code: -31008 },
    ]);
  });

  it("is kept for another transaction of the same order, too", async () => {
    const shop = createShop();
    for (const id of ["a", "b"]) {
      await shop.call("CreateTransaction", shop.create(id));
      await shop.call("CancelTransaction", { id, reason: 3 });
      expect(await shop.call("PerformTransaction", { id })).toMatchObject({ error: { code: -31008 } });
    }
    expect((await kept(shop)).map(({ paymeId }) => paymeId)).toEqual(["a", "b"]);
  });

  it("is not kept for an unknown one, and not for another reason", async () => {
    const shop = createShop();
    await shop.call("PerformTransaction", { id: "nobody" });
    await shop.call("CreateTransaction", shop.create("a"));
    await shop.call("CreateTransaction", shop.create("b"));
    await shop.call("CreateTransaction", shop.create("a", { id: 5 }));
    await shop.call("CancelTransaction", { id: "a" });
    expect(await kept(shop)).toEqual([]);
  });

  it("is answered where it cannot be kept: the log says so", async () => {
    const shop = await paidShop();
    shop.storage.listEvents = () => Promise.reject(new Error("the database is away"));
    expect(await shop.call("CancelTransaction", { id: "a", reason: 5 })).toMatchObject({ error: { code: -31007 } });
    const lines = shop.lines.map((line) => JSON.parse(line));
    expect(lines).toContainEqual({
      message: "a refusal could not be kept for the story",
      transaction_id: "a",
      stack: expect.stringContaining("the database is away"),
    });
  });
});

describe("the story of a transaction", () => {
  it("has when each change happened, with the state, amount and reason", async () => {
    const shop = createShop();
    const created = shop.now();
    await shop.call("CreateTransaction", shop.create("a"));
    shop.pass(HOUR);
    await shop.call("PerformTransaction", { id: "a" });
    shop.pass(HOUR);
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    const rows = await shop.storage.listEvents(live, { subject: "1", limit: 9 });
    const amount = 5_000_000;
    expect(rows.map(({ kind, at, data }) => ({ kind, at, data }))).toEqual([
      { kind: "transaction.created", at: created, data: { state: 1, amount, reason: null } },
      { kind: "transaction.performed", at: created + HOUR, data: { state: 2, amount, reason: null } },
      { kind: "transaction.refunded", at: created + 2 * HOUR, data: { state: -2, amount, reason: 5 } },
    ]);
  });
});

describe("the log of a call that failed", () => {
  const ID = "65a0c1d2e3f4a5b6c7d8e9f0";

  it.each([
    [ID, ID],
    [`${ID}0`, undefined],
    [`x${ID}`, undefined],
    ["998901234567", undefined],
  ])("names the id %j as %j: what Payme does not write may be anything", async (id, shown) => {
    const shop = createShop({
      find() {
        throw new Error("no table");
      },
    });
    expect(await shop.call("CreateTransaction", shop.create(id))).toMatchObject({ error: { code: -32400 } });
    const [line] = shop.lines.map((each) => JSON.parse(each));
    expect(line?.transaction_id).toBe(shown);
    expect(line?.stack).toContain("no table");
  });
});

describe("an incident of a transaction", () => {
  it("has its amount and how it came, where a hook failed and where nothing was taken back", async () => {
    const incidents: object[] = [];
    const onIncident = (incident: object) => incidents.push(incident);
    const amount = 5_000_000;
    const failing = createShop({ onIncident, onPaid: () => Promise.reject(new Error("no table")) });
    await failing.call("CreateTransaction", failing.create("a"));
    await failing.call("PerformTransaction", { id: "a" });
    const keeping = createShop({ onIncident, onRefunded: () => false });
    await keeping.call("CreateTransaction", keeping.create("b"));
    await keeping.call("PerformTransaction", { id: "b" });
    await keeping.call("CancelTransaction", { id: "b", reason: 5 });
    expect(incidents).toMatchObject([
      { kind: "effect_failed", paymeId: "a", data: { source: "merchant", amount, errorId: expect.any(String) } },
      { kind: "not_taken_back", paymeId: "b", data: { source: "merchant", amount } },
    ]);
  });

  it("is none where the shop has nothing to take back", async () => {
    const incidents: object[] = [];
    const onIncident = (incident: object) => incidents.push(incident);
    const shop = createShop(JSON.parse("{}", () => ({ onIncident, onRefunded: undefined })));
    await shop.call("CreateTransaction", shop.create("a"));
    await shop.call("PerformTransaction", { id: "a" });
    expect(await shop.call("CancelTransaction", { id: "a", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(incidents).toEqual([]);
  });
});

it("a caller with the key leaves no warning, whatever he sends", async () => {
  const shop = createShop();
  await shop.call("Nothing", {});
  await shop.call("CheckTransaction", []);
  expect(shop.lines).toEqual([]);
  await shop.call("CheckTransaction", {}, "a wrong key");
  expect(shop.lines.join()).toContain("a caller was not let in (-32504)");
});
