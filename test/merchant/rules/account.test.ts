import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type AccountSpec, createMerchantApi } from "../../../src/entry/merchant";
import { PaymeConfigError } from "../../../src/kit/errors";
import { som } from "../../../src/kit/money";
import { memoryStorage } from "../../../src/storage/memory/memory-storage";
import { refusal } from "../../merchant/refusal";
import { answerOf, KEY } from "../../merchant/shop";

const UUID = "6f1b2c3d-0a4b-4c8d-9e0f-112233445566";

/** What Check says of an account described so, and what the shop was asked with. */
async function check(account: AccountSpec, given: unknown) {
  const asked: unknown[] = [];
  const find = (read: unknown) => {
    asked.push(read);
    return { reference: "1", amount: som(50_000) };
  };
  const merchant = createMerchantApi({ storage: memoryStorage(), key: KEY, account, find });
  const reply = await merchant.handle({
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` },
    body: JSON.stringify({ method: "CheckPerformTransaction", params: { amount: 5_000_000, account: given }, id: 7 }),
  });
  return { answer: answerOf(String(reply.body)), asked };
}

const allowed = { result: { allow: true }, id: 7 };

describe("an account that does not fit its fields is -31050 with the first field, and the shop is not asked", () => {
  it.each<[string, AccountSpec, unknown, string]>([
    ["a missing field", { order_id: "integer", phone: "digits" }, { order_id: 1 }, "phone"],
    ["both missing", { order_id: "integer", phone: "digits" }, {}, "order_id"],
    ["text for an integer", { order_id: "integer" }, { order_id: "A-1" }, "order_id"],
    [
      "a UUID for an integer",
      { order_id: "integer" },
      { order_id: "6f1b2c3d-0000-4000-8000-000000000000" },
      "order_id",
    ],
    ["less than nothing", { order_id: "integer" }, { order_id: -1 }, "order_id"],
    ["a fraction", { order_id: "integer" }, { order_id: 1.5 }, "order_id"],
    ["more than an int4 holds", { order_id: "integer" }, { order_id: "2147483648" }, "order_id"],
    ["a phone for an int4", { order_id: "integer" }, { order_id: 998901234567 }, "order_id"],
    ["more than an int8 holds", { order_id: "bigint" }, { order_id: "9223372036854775808" }, "order_id"],
    ["less than nothing for an int8", { order_id: "bigint" }, { order_id: "-1" }, "order_id"],
    ["a number that is not safe", { order_id: "bigint" }, { order_id: 2 ** 53 }, "order_id"],
    ["1 for a UUID", { order_id: "uuid" }, { order_id: "1" }, "order_id"],
    ["a UUID with a letter too many", { order_id: "uuid" }, { order_id: `${UUID}0` }, "order_id"],
    ["a UUID with another letter", { order_id: "uuid" }, { order_id: UUID.replace("6", "g") }, "order_id"],
    ["half a brace around a UUID", { order_id: "uuid" }, { order_id: `{${UUID}` }, "order_id"],
    ["two hyphens in a UUID", { order_id: "uuid" }, { order_id: UUID.replace("-", "--") }, "order_id"],
    ["a hyphen after two digits of a UUID", { order_id: "uuid" }, { order_id: `6f-${UUID.slice(2)}` }, "order_id"],
    ["a space before a UUID", { order_id: "uuid" }, { order_id: ` ${UUID}` }, "order_id"],
    ["true", { order_id: "string" }, { order_id: true }, "order_id"],
    ["null", { order_id: "string" }, { order_id: null }, "order_id"],
    ["a list", { order_id: "string" }, { order_id: ["1"] }, "order_id"],
    ["nothing", { order_id: "string" }, { order_id: "" }, "order_id"],
    ["text without end", { order_id: "string" }, { order_id: "x".repeat(257) }, "order_id"],
    ["a member of every object", JSON.parse('{"constructor":"string"}'), {}, "constructor"],
    ["text", { order_id: "string" }, "order_id", "order_id"],
  ])("%s", async (_name, spec, given, field) => {
    expect(await check(spec, given)).toEqual({ answer: refusal(-31050, field), asked: [] });
  });

  it.each<{ name: string; given?: unknown; field: string }>([
    { name: "a field that the schema refuses", given: { order_id: "no" }, field: "order_id" },
    { name: "a missing one", given: {}, field: "order_id" },
    { name: "no account", field: "order_id" },
    { name: "something that is no object", given: 5, field: "account" },
  ])("by a Standard Schema: $name", async ({ given, field }) => {
    const schema = z.object({ order_id: z.coerce.number().int() });
    expect(await check(schema, given)).toEqual({ answer: refusal(-31050, field), asked: [] });
  });

  it.each<{ name: string; schema: AccountSpec }>([
    { name: "an extra member", schema: z.strictObject({ order_id: z.string() }) },
    { name: "a rule of the whole", schema: z.object({ order_id: z.string() }).refine(() => false) },
    { name: "none of several", schema: z.union([z.object({ order_id: z.number() }), z.object({ phone: z.string() })]) },
  ])("by a Standard Schema that names no field: the first that came ($name)", async ({ schema }) => {
    const given = { order_id: "A-1", extra: 1 };
    expect(await check(schema, given)).toEqual({ answer: refusal(-31050, "order_id"), asked: [] });
  });
});

describe("an account that fits reaches the shop, typed", () => {
  it.each<[string, AccountSpec, unknown, unknown]>([
    ["an integer from text", { order_id: "integer" }, { order_id: "197" }, { order_id: 197 }],
    ["an integer", { order_id: "integer" }, { order_id: 197 }, { order_id: 197 }],
    ["the largest int4", { order_id: "integer" }, { order_id: "2147483647" }, { order_id: 2_147_483_647 }],
    ["a bigint", { order_id: "bigint" }, { order_id: 197 }, { order_id: 197n }],
    ["the largest int8", { order_id: "bigint" }, { order_id: `${2n ** 63n - 1n}` }, { order_id: 2n ** 63n - 1n }],
    ["a UUID", { order_id: "uuid" }, { order_id: UUID }, { order_id: UUID }],
    ["a UUID in capitals", { order_id: "uuid" }, { order_id: UUID.toUpperCase() }, { order_id: UUID }],
    ["a UUID in braces", { order_id: "uuid" }, { order_id: `{${UUID}}` }, { order_id: UUID }],
    ["a UUID without hyphens", { order_id: "uuid" }, { order_id: UUID.replaceAll("-", "") }, { order_id: UUID }],
    ["digits with their zeros", { phone: "digits" }, { phone: "00998901234567" }, { phone: "00998901234567" }],
    ["digits from a number", { phone: "digits" }, { phone: 998901234567 }, { phone: "998901234567" }],
    ["text", { order_id: "string" }, { order_id: " Ё'; DROP" }, { order_id: " Ё'; DROP" }],
    ["text from a number", { order_id: "string" }, { order_id: 5 }, { order_id: "5" }],
    ["nothing that is not described", { order_id: "string" }, { order_id: "5", extra: 1 }, { order_id: "5" }],
  ])("%s", async (_name, spec, given, read) => {
    expect(await check(spec, given)).toEqual({ answer: allowed, asked: [read] });
  });

  it("what a Standard Schema makes of it, also one that takes its time", async () => {
    const schema = z.object({ order_id: z.string().transform(async (text) => text.toUpperCase()) });
    expect(await check(schema, { order_id: "a-1042" })).toEqual({ answer: allowed, asked: [{ order_id: "A-1042" }] });
  });

  it("a bigint, as Prisma has them", async () => {
    const schema = z.object({ order_id: z.coerce.bigint() });
    const asked = [{ order_id: 9_007_199_254_740_993n }];
    expect(await check(schema, { order_id: "9007199254740993" })).toEqual({ answer: allowed, asked });
    expect(await check(schema, { order_id: "no" })).toEqual({ answer: refusal(-31050, "order_id"), asked: [] });
  });
});

describe("an order that a Standard Schema reads", () => {
  it.each<{ name: string; schema: AccountSpec }>([
    {
      name: "under another name",
      schema: z.object({ order_id: z.coerce.number() }).transform(({ order_id }) => ({ id: order_id })),
    },
    {
      name: "as a number alone",
      schema: z.object({ order_id: z.coerce.number() }).transform(({ order_id }) => order_id),
    },
    { name: "as a bigint", schema: z.object({ order_id: z.coerce.bigint() }) },
  ])("$name is one order, held once, and Payme is told the cabinet's field", async ({ schema }) => {
    const find = (account: unknown) => ({ reference: /\d/.exec(inspect(account))?.[0] ?? "", amount: som(50_000) });
    const merchant = createMerchantApi({ storage: memoryStorage(), key: KEY, account: schema, find });
    const create = async (id: string, order_id: unknown) => {
      const params = { id, time: Date.now(), amount: 5_000_000, account: { order_id } };
      const headers = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
      const body = { method: "CreateTransaction", params, id: 7 };
      return answerOf(String((await merchant.handle({ method: "POST", headers, body })).body));
    };
    expect(await create("a", "5")).toMatchObject({ result: { state: 1 } });
    expect(await create("b", 5)).toEqual(refusal(-31099, "order_id"));
    expect(await create("c", "6")).toMatchObject({ result: { state: 1 } });
    expect(await merchant.isBeingPaid(5)).toBe(true);
  });
});

describe("an account of several members", () => {
  it.each<{ name: string; account: AccountSpec }>([
    { name: "described by its fields", account: { user_id: "digits", plan_id: "digits" } },
    { name: "read by a Standard Schema that keeps their order", account: z.record(z.string(), z.coerce.string()) },
  ])("is one order, whichever member comes first: $name", async ({ account }) => {
    const find = (read: unknown) => ({ reference: planOf(read), amount: som(50_000) });
    const merchant = createMerchantApi({ storage: memoryStorage(), key: KEY, account, find });
    const time = Date.now();
    const call = async (method: string, id: string, given: object) => {
      const params = { id, time, amount: 5_000_000, account: given };
      const headers = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
      return answerOf(
        String((await merchant.handle({ method: "POST", headers, body: { method, params, id: 7 } })).body),
      );
    };
    const other = { plan_id: "2", user_id: "1" };
    expect(await call("CreateTransaction", "a", { user_id: "1", plan_id: "2" })).toMatchObject({
      result: { state: 1 },
    });
    expect(await call("CreateTransaction", "b", other)).toMatchObject({ error: { code: -31099 } });
    expect(await call("CheckPerformTransaction", "c", other)).toMatchObject({ error: { code: -31099 } });
    expect(await call("CreateTransaction", "a", other)).toMatchObject({ result: { state: 1 } });
    expect(await merchant.isBeingPaid("1/2")).toBe(true);
    expect(await call("CreateTransaction", "d", { plan_id: "1", user_id: "2" })).toMatchObject({
      result: { state: 1 },
    });
  });
});

describe("a repeated Create compares the account as it is read", () => {
  const two = '{"user_id":"1","plan_id":"2"}';
  const three = '{"a":"1","b":"2","c":"3"}';
  const nested = '{"order":{"id":"1","shop":{"x":"2","y":"3"}},"lines":[{"p":"1","q":"2"}]}';
  /** Keeps every member, at any depth, in the order in which it came. */
  const anything: AccountSpec = z.record(z.string(), z.unknown());
  const fields: AccountSpec = { user_id: "digits", plan_id: "digits" };

  /** Payme's two calls of one id, as texts: an object would keep no order of ours. */
  async function createTwice(account: AccountSpec, first: string, second: string) {
    const lines: string[] = [];
    const log = (message: string) => void lines.push(message);
    const find = () => ({ reference: "1", amount: som(50_000) });
    const logger = { info: log, warn: log, error: log };
    const merchant = createMerchantApi({ storage: memoryStorage(), key: KEY, account, find, logger });
    const time = Date.now();
    const headers = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
    const create = async (given: string) => {
      const params = `{"id":"a","time":${time},"amount":5000000,"account":${given}}`;
      const body = `{"method":"CreateTransaction","params":${params},"id":7}`;
      return String((await merchant.handle({ method: "POST", headers, body })).body);
    };
    const answers = [await create(first), await create(second)];
    return { answers, lines };
  }

  it.each<[string, AccountSpec, string, string]>([
    ["two fields", fields, two, '{"plan_id":"2","user_id":"1"}'],
    ["two fields, with an extra one that is not described", fields, two, '{"extra":1,"plan_id":"2","user_id":"1"}'],
    ["two members of a schema", anything, two, '{"plan_id":"2","user_id":"1"}'],
    ["three members", anything, three, '{"c":"3","a":"1","b":"2"}'],
    [
      "members of members",
      anything,
      nested,
      '{"lines":[{"q":"2","p":"1"}],"order":{"shop":{"y":"3","x":"2"},"id":"1"}}',
    ],
  ])("%s in another order get the stored answer", async (_name, account, first, second) => {
    const { answers, lines } = await createTwice(account, first, second);
    expect(answerOf(answers[0] ?? "")).toMatchObject({ result: { state: 1 } });
    expect(answers[1]).toBe(answers[0]);
    expect(lines).toEqual([]);
  });

  it.each<[string, AccountSpec, string, string]>([
    ["another value of a field", fields, two, '{"plan_id":"3","user_id":"1"}'],
    ["the values of two fields changed about", fields, two, '{"plan_id":"1","user_id":"2"}'],
    ["one member more", anything, three, '{"c":"3","a":"1","b":"2","d":"4"}'],
    ["one member less", anything, three, '{"b":"2","a":"1"}'],
    ["another name", anything, three, '{"c":"3","a":"1","d":"2"}'],
    ["another value in a member of a member", anything, nested, nested.replace('"y":"3"', '"y":"4"')],
    ["a list in another order", anything, '{"lines":["1","2"]}', '{"lines":["2","1"]}'],
  ])("%s is refused with -31008, and told in the log", async (_name, account, first, second) => {
    const { answers, lines } = await createTwice(account, first, second);
    expect(answerOf(answers[1] ?? "")).toEqual(refusal(-31008));
    expect(lines).toEqual(["CreateTransaction came again with another amount or account"]);
  });
});

/** The reference that a shop gives: its own id, whatever the order of the members. */
function planOf(read: unknown): string {
  const { user_id, plan_id } = z.object({ user_id: z.string(), plan_id: z.string() }).parse(read);
  return `${user_id}/${plan_id}`;
}

describe("createMerchantApi", () => {
  it("refuses options without find at the start", () => {
    const options = { storage: memoryStorage(), key: KEY, account: { order_id: "string" } };
    expect(() => Reflect.apply(createMerchantApi, undefined, [options])).toThrow(PaymeConfigError);
    expect(() => Reflect.apply(createMerchantApi, undefined, [options])).toThrow("give find");
  });
});
