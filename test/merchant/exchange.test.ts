import { describe, expect, it } from "vitest";
import type { Exchange } from "../../src/protocol/exchange";
import { createShop } from "./shop";

describe("onExchange", () => {
  it("is told of each call: the method, how long it took, the code, what was asked and answered", async () => {
    const told: Exchange[] = [];
    const shop = createShop({ onExchange: (exchange) => void told.push(exchange), find: slowly });
    function slowly() {
      shop.pass(20);
      return { reference: 1, amount: shop.create("a").amount };
    }
    const create = shop.create("a");
    await shop.call("CreateTransaction", create);
    await shop.call("CheckTransaction", { id: "no" });
    await shop.call("GetStatement", { from: 0, to: shop.now() });
    await shop.call("CheckTransaction", { id: "a" }, "nobody's key");
    await shop.merchant.handle({ method: "GET", headers: {}, body: undefined });
    expect(told).toMatchObject([
      { direction: "in", method: "CreateTransaction", ms: 20, code: null, request: create, response: { state: 1 } },
      { method: "CheckTransaction", ms: 0, code: -31003, request: { id: "no" }, response: { code: -31003 } },
      { method: "GetStatement", code: null, response: "[a statement]" },
      { method: "", code: -32504, request: null },
      { method: "", code: -32300, request: null },
    ]);
  });

  it("sees no key that Payme sets, and no card number that somebody takes for an order's", async () => {
    const told: Exchange[] = [];
    const shop = createShop({ onExchange: (exchange) => void told.push(exchange), onChangePassword: () => {} });
    await shop.call("ChangePassword", { password: "planted-key" });
    await shop.call("CheckPerformTransaction", { amount: 1, account: { order_id: "8600495473316478" } }, "planted-key");
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toMatch(/planted|8600495473316478/);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no disk");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no disk"))],
  ])("that %s is logged, and costs nobody an answer", async (_name, onExchange) => {
    const shop = createShop({ onExchange });
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ error: { code: -31003 } });
    await new Promise(setImmediate);
    expect(shop.lines).toEqual([expect.stringContaining("no disk")]);
  });
});

it("a listener to incidents that rejects is logged, and costs nobody an answer", async () => {
  const shop = createShop({
    onPaid: () => {
      throw new Error("the column is missing");
    },
    onIncident: () => Promise.reject(new Error("nobody is on duty")),
  });
  await shop.call("CreateTransaction", shop.create("a"));
  expect(await shop.call("PerformTransaction", { id: "a" })).toMatchObject({ error: { code: -32400 } });
  await new Promise(setImmediate);
  expect(shop.lines.filter((line) => line.includes("nobody is on duty"))).toHaveLength(1);
});
