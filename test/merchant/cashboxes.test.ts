import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { expressMerchant } from "../../src/entry/express";
import { cashboxes, createMerchantApi, type MerchantApiOptions } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { answerOf, KEY, TEST_KEY } from "./shop";

const OTHER_KEY = KEY.replace("live", "else");
const silent = { info() {}, warn() {}, error() {} };

function endpoint(
  cashbox: string,
  amount: number,
  options: Partial<MerchantApiOptions<MemoryTx, { id: "integer" }>> = {},
) {
  return createMerchantApi({
    storage: memoryStorage(),
    cashbox,
    account: { id: "integer" },
    logger: silent,
    key: KEY,
    find: async () => ({ reference: 1, amount: som(amount) }),
    ...options,
  });
}

const request = (key: string | undefined, amount = 5_000_000) => ({
  method: "POST",
  headers: key === undefined ? {} : { Authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` },
  body: JSON.stringify({ method: "CheckPerformTransaction", params: { amount, account: { id: 1 } }, id: 7 }),
});

describe("several cashboxes on one URL", () => {
  const shop = endpoint("shop", 50_000, { testKey: TEST_KEY });
  const delivery = endpoint("delivery", 10_000, { key: OTHER_KEY, limitBytes: 100_000 });
  const both = cashboxes(shop, delivery);
  const ask = async (...given: Parameters<typeof request>) =>
    answerOf(String((await both.handle(request(...given))).body));

  it("are told apart by their keys, those for tests too", async () => {
    expect(await ask(KEY, 5_000_000)).toMatchObject({ result: { allow: true } });
    expect(await ask(TEST_KEY, 5_000_000)).toMatchObject({ result: { allow: true } });
    expect(await ask(OTHER_KEY, 1_000_000)).toMatchObject({ result: { allow: true } });
    expect(await ask(OTHER_KEY, 5_000_000)).toMatchObject({ error: { code: -31001 } });
    expect(both.limitBytes).toBe(100_000);
    expect(cashboxes(delivery, shop).limitBytes).toBe(100_000);
  });

  it("answer a wrong key, or none, as one endpoint does", async () => {
    for (const key of [undefined, "", `${KEY}x`, KEY.toUpperCase()]) {
      expect((await both.handle(request(key))).body).toBe((await shop.handle(request(key))).body);
      expect(await ask(key)).toMatchObject({ error: { code: -32504 } });
    }
    const get = { ...request(KEY), method: "GET" };
    expect((await both.handle(get)).body).toBe((await shop.handle(get)).body);
  });

  it("are one endpoint for an edge", async () => {
    const server = express().post("/payme", expressMerchant(both)).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { headers, body } = request(OTHER_KEY, 1_000_000);
    const given = Object.fromEntries(Object.entries(headers));
    const response = await fetch(`http://127.0.0.1:${port}/payme`, { method: "POST", headers: given, body });
    expect(await response.json()).toEqual({ result: { allow: true }, id: 7 });
  });
});

describe("a key that two cashboxes share", () => {
  it("is refused at start, whichever of their keys it is", () => {
    expect(() => cashboxes(endpoint("a", 1), endpoint("b", 1))).toThrow("two cashboxes of one URL share a key");
    const test = endpoint("b", 1, { key: OTHER_KEY, testKey: KEY });
    expect(() => cashboxes(endpoint("c", 1, { key: TEST_KEY }), endpoint("a", 1), test)).toThrow("share a key");
    const one = endpoint("a", 1);
    expect(() => cashboxes(one, one)).toThrow("share a key");
  });

  it("lets nobody in where functions give it", async () => {
    const later = { key: () => KEY };
    const both = cashboxes(endpoint("a", 50_000, later), endpoint("b", 50_000, later));
    expect(answerOf(String((await both.handle(request(KEY))).body))).toMatchObject({ error: { code: -32504 } });
  });
});

describe("a cashbox whose key cannot be read", () => {
  it("leaves the others alone, and is not answered for", async () => {
    const unread = endpoint("a", 1, {
      key: () => {
        throw new Error("no secret here");
      },
    });
    const other = endpoint("b", 50_000, { key: OTHER_KEY });
    for (const both of [cashboxes(unread, other), cashboxes(other, unread)]) {
      expect(answerOf(String((await both.handle(request(OTHER_KEY))).body))).toMatchObject({ result: { allow: true } });
      expect(answerOf(String((await both.handle(request(KEY))).body))).toMatchObject({ error: { code: -32400 } });
    }
  });
});
