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

describe("find that gives something odd", () => {
  it.each([
    [null, "find gave null", "Return an order"],
    ["an order", "find gave an order", "Return an order"],
    [{ reference: 1, amount: "5000000" }, 'find gave the amount "5000000"', "Money is a Tiyin"],
    [{ reference: 1, amount: 0.5 }, "find gave the amount 0.5", "Money is a Tiyin"],
    [{ reference: 1 }, "find gave neither an amount (an order) nor a min (a balance)", "Money is a Tiyin"],
  ])("%j is answered -32400, and the log says what to do", async (found, problem, hint) => {
    const shop = createShop(JSON.parse("{}", () => ({ find: () => found })));
    const params = { amount: som(50_000), account: { order_id: 1 } };
    expect(await shop.call("CheckPerformTransaction", params)).toMatchObject({ error: { code: -32400 } });
    const [line] = shop.lines.map((each) => JSON.parse(each));
    expect(line?.stack).toContain(problem);
    expect(line?.hint).toContain(hint);
  });
});

it.each([0, -1])("a balance from 0 takes no payment of %i", async (amount) => {
  const shop = createShop({ find: () => ({ reference: 1, min: tiyin(0) }) });
  const params = { amount, account: { order_id: 1 } };
  expect(await shop.call("CheckPerformTransaction", params)).toMatchObject({ error: { code: -31001 } });
});

it("a busy order is told by the field of the search, not by one that came beside it", async () => {
  const shop = createShop();
  await shop.call("CreateTransaction", shop.create("a"));
  const beside = { account: { note: "x", order_id: 1 } };
  expect(await shop.call("CreateTransaction", shop.create("b", beside))).toMatchObject({
    error: { code: -31099, data: "order_id" },
  });
});

it("of two Creates of one id at once with two amounts, one is refused", async () => {
  const shop = createShop({ find: () => ({ reference: 1, min: tiyin(1) }) });
  const creates = [som(50), som(60)].map((amount) => shop.call("CreateTransaction", shop.create("a", { amount })));
  const answers = await Promise.all(creates);
  expect(answers.map(({ result, error }) => result?.state ?? error?.code)).toEqual([1, -31008]);
});

describe("an imported transaction", () => {
  const time = Date.UTC(2025, 0, 1);
  const row = { paymeId: "a", state: 2, transaction: "t", reference: 1, amount: 1, account: { order_id: 1 } };
  const times = { time, createTime: time, performTime: time };
  const importing = (given: object) =>
    Reflect.apply(createShop().merchant.importTransactions, undefined, [[{ ...row, ...times, ...given }]]);

  it.each([{ paymeId: "x" }, { paymeId: "x".repeat(128) }, { amount: 1 }, { reason: null }])(
    "may have %j",
    async (given) => {
      expect(await importing(given)).toMatchObject({ imported: 1 });
    },
  );

  it.each([
    [{ paymeId: "x".repeat(129) }, "paymeId"],
    [{ paymeId: 5 }, "paymeId"],
    [{ amount: 0 }, "amount"],
    [{ cancelTime: time }, "cancelTime"],
    [{ state: 1, performTime: 0, cancelTime: time }, "cancelTime"],
  ])("may not have %j", async (given, problem) => {
    await expect(importing(given)).rejects.toThrow(`: ${problem}: give`);
  });
});
