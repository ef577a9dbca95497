import { describe, expect, it } from "vitest";
import { som, tiyin } from "../../src/kit/money";
import { accountReader, accountText } from "../../src/merchant/account";
import { createShop, TEST_KEY } from "./shop";

describe("an id of a transaction", () => {
  it.each([
    ["x".repeat(128), -31003],
    ["x".repeat(129), -32600],
    ["", -32600],
    [7, -32600],
  ])("%j is answered %i", async (id, code) => {
    expect(await createShop().call("CheckTransaction", { id })).toMatchObject({ error: { code } });
  });
});

describe("find", () => {
  it.each([
    [0, -31001],
    [-1, -31001],
    [5_000_000, undefined],
  ])("is asked, and the amount %i is answered %s", async (amount, code) => {
    const shop = createShop();
    const params = { amount, account: { order_id: 1 } };
    expect((await shop.call("CheckPerformTransaction", params)).error?.code).toBe(code);
  });

  it.each([
    [100, true],
    [101, false],
    [99, true],
    [9, false],
    [10, true],
  ])("with a balance from 10 to 100 tiyin lets %i in: %s", async (amount, isLetIn) => {
    const shop = createShop({ find: () => ({ reference: 1, min: tiyin(10), max: tiyin(100) }) });
    const answer = await shop.call("CheckPerformTransaction", { amount, account: { order_id: 1 } });
    expect(answer.error === undefined).toBe(isLetIn);
  });

  it("knows test money", async () => {
    const seen: unknown[] = [];
    const shop = createShop({
      find(account, _tx, mode) {
        seen.push(mode);
        return { reference: account.order_id, amount: som(50_000) };
      },
    });
    const params = { amount: som(50_000), account: { order_id: 1 } };
    await shop.call("CheckPerformTransaction", params);
    await shop.call("CheckPerformTransaction", params, TEST_KEY);
    expect(seen).toEqual([{ test: false }, { test: true }]);
  });
});

it.each([
  [-31050, true],
  [-31099, true],
  [-31049, false],
  [-31100, false],
  [-31050.5, false],
])("busyCode may be %d: %s", (busyCode, isRight) => {
  const making = () => createShop({ busyCode });
  if (isRight) expect(making).not.toThrow();
  else expect(making).toThrow("busyCode must be from -31099 to -31050");
});

describe("an account", () => {
  it.each([
    [[{ path: ["order_id"] }], "order_id"],
    [[{ path: [{ key: "order_id" }] }], "order_id"],
    [[{ path: [0] }], "first"],
    [[{}], "first"],
    [[], "first"],
  ])("that a schema refuses with %j names the field %s", async (issues, field) => {
    const validate = () => ({ issues: issues.map((issue) => ({ message: "no", ...issue })) });
    const read = accountReader({ "~standard": { version: 1, validate } });
    expect(await read({ first: 1, order_id: 2 })).toEqual({ badField: field });
  });

  it.each([
    [256, { account: { name: "x".repeat(256) } }],
    [257, { badField: "name" }],
  ])("has texts of %i characters, or not", async (length, read) => {
    expect(await accountReader({ name: "string" })({ name: "x".repeat(length) })).toEqual(read);
  });

  it("is the same text in any order of its members, with an id that JSON does not have", () => {
    expect(accountText({ b: 1n, a: { d: 1, c: [2] } })).toBe('{"a":{"c":[2],"d":1},"b":"1"}');
    expect(accountText(undefined)).toBe("null");
  });
});

it.each([
  [{ id: "" }, "id"],
  [{ id: "a", type: "perform" }, "type"],
  [{ id: "a", type: "PERFORM", fiscal_data: null }, "fiscal_data"],
])("SetFiscalData with %j is answered -32602, naming %s", async (params, data) => {
  expect(await createShop().call("SetFiscalData", params)).toMatchObject({ error: { code: -32602, data } });
});
