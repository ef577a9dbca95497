import { describe, expect, it } from "vitest";
import { PaymeValidationError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import { accountValue } from "../../src/protocol/receipt";
import { bareReceipt, connect, createArguments, failureOfType, receiptId } from "./kit";
import { paidReceipt, receipts } from "./samples";
import { answering } from "./scripted-server";

const paramsOf = (body: string | undefined) => JSON.parse(body ?? "null").params;

describe("the answers of Payme's documentation", () => {
  it("receipts.create gives the receipt, unpaid", async () => {
    const { client } = await connect(answering({ jsonrpc: "2.0", id: 10, result: { receipt: receipts.created } }));
    expect(await client.receipts.create(createArguments)).toEqual(receipts.created);
  });

  it("receipts.get gives the whole receipt, members that nobody documented included", async () => {
    const strange = { ...receipts.created, loyalty: { points: 5 }, state: 77 };
    const { client, server } = await connect(answering({ result: { receipt: strange } }));
    expect(await client.receipts.get(receiptId)).toEqual(strange);
    expect(paramsOf(server.seen[0]?.body)).toEqual({ id: receiptId });
  });

  it("receipts.check gives the state and nothing else", async () => {
    const { client } = await connect(answering({ jsonrpc: "2.0", id: 16, result: { state: 4, more: 1 } }));
    expect(await client.receipts.check(receiptId)).toEqual({ state: 4 });
  });

  it.each([21, 50])("receipts.cancel gives the receipt with state %i", async (state) => {
    const { client, server } = await connect(answering({ result: { receipt: { ...receipts.created, state } } }));
    expect((await client.receipts.cancel(receiptId)).state).toBe(state);
    expect(JSON.parse(server.seen[0]?.body ?? "").method).toBe("receipts.cancel");
  });

  it("receipts.get_all gives a bare array, with titles in languages and numbers as account values", async () => {
    const { client, server } = await connect(answering({ jsonrpc: "2.0", id: 18, result: [receipts.listed] }));
    const page = await client.receipts.getAll({ from: 1705000000000, to: 1705086400000 });
    const [receipt] = page.receipts;
    expect(page.unread).toEqual([]);
    expect(receipt).toEqual(receipts.listed);
    expect(accountValue(receipt ?? {}, "transaction")).toBe("91");
    expect(paramsOf(server.seen[0]?.body)).toEqual({ count: 50, from: 1705000000000, to: 1705086400000, offset: 0 });
  });

  it("a member of another type than documented is left out, and does not hide that the money moved", async () => {
    const odd = { ...bareReceipt, state: 4, pay_time: "yesterday", account: "none", card: 5, commission: null };
    const { client } = await connect(answering({ result: { receipt: odd } }));
    expect(await client.receipts.get(receiptId)).toEqual({ ...bareReceipt, state: 4 });
  });
});

describe("card numbers", () => {
  it.each(["8600069195406311", "8600 0691 9540 6311", 8600069195406311])("%s is masked", async (number) => {
    const whole = { ...paidReceipt, card: { number, expire: "9903" } };
    const { client } = await connect(answering({ result: [whole] }));
    const { receipts } = await client.receipts.getAll({ from: 0, to: 1 });
    const [receipt] = receipts;
    expect(receipt?.card?.number).toBe("860006******6311");
    expect(receipt?.card?.expire).toBe("9903");
  });

  it("is masked in what rpc gives too, however deep", async () => {
    const { client } = await connect(answering({ result: { a: [{ b: { card: { number: "8600069195406311" } } }] } }));
    const result = await client.rpc("receipts.something", {}, { class: "read" });
    expect(result).toEqual({ a: [{ b: { card: { number: "860006******6311" } } }] });
  });

  it("a mask that Payme made stays, and so does an order number of 16 digits", async () => {
    const account = [{ name: "order_id", title: "Заказ", value: "8600069195406311", main: true }];
    const receipt = { ...paidReceipt, account };
    const { client } = await connect(answering({ result: { receipt } }));
    expect(await client.receipts.get(receiptId)).toEqual(receipt);
  });
});

describe("arguments that are wrong are refused before anything is sent", () => {
  const wrong: [string, object, RegExp][] = [
    ["no amount", { account: {} }, /amount must be a whole number of tiyin/],
    ["amount 0", { amount: 0, account: {} }, /amount .* more than 0/],
    ["amount with decimals", { amount: 1.5, account: {} }, /amount/],
    ["amount as text", { amount: "500", account: {} }, /amount/],
    ["amount unsafe", { amount: 2 ** 60, account: {} }, /amount/],
    ["no account", { amount: som(1) }, /account must be an object/],
    ["account as an array", { amount: som(1), account: [] }, /account must be an object/],
    ["an account value that is an object", { amount: som(1), account: { order: {} } }, /account\.order must be text/],
    ["an account value that is no number", { amount: som(1), account: { order: Number.NaN } }, /account\.order/],
    ["description", { amount: som(1), account: {}, description: 5 }, /description must be text/],
    ["detail", { amount: som(1), account: {}, detail: "x" }, /detail must be an object/],
    ["hold", { amount: som(1), account: {}, hold: 1 }, /hold must be true or false/],
    ["a misspelt member", { amount: som(1), account: {}, desciption: "x" }, /desciption/],
  ];

  it.each(wrong)("create: %s", async (_case, params, message) => {
    const { client, server } = await connect(answering({ result: { receipt: bareReceipt } }));
    // From JavaScript anything may come: Reflect.apply is that caller.
    const call = Reflect.apply(client.receipts.create, undefined, [params]);
    const error = await failureOfType(PaymeValidationError, call);
    expect(error.message).toMatch(message);
    expect(error.message).toContain("receipts.create");
    expect(server.seen).toHaveLength(0);
  });

  it("names all that is wrong at once", async () => {
    const { client } = await connect(answering({}));
    const call = Reflect.apply(client.receipts.create, undefined, [{ amount: -1, account: 7, hold: "yes" }]);
    expect((await failureOfType(PaymeValidationError, call)).message).toMatch(/amount .*account .*hold /);
  });

  it.each([[""], [" "], ["a b"], ["a\n"], [undefined], [null], [{}], ["x".repeat(129)]])("an id %j", async (id) => {
    const { client, server } = await connect(answering({ result: { state: 4 } }));
    for (const method of [client.receipts.get, client.receipts.check, client.receipts.cancel]) {
      await failureOfType(PaymeValidationError, Reflect.apply(method, undefined, [id]));
    }
    expect(server.seen).toHaveLength(0);
  });

  it.each([
    [{ from: 2, to: 1 }, /from must not be after to/],
    [{ from: 1.5, to: 2 }, /from must be a time/],
    [{ from: 1 }, /to must be a time/],
    [{ from: 1, to: 2, count: 0 }, /count must be at least 1/],
    [{ from: 1, to: 2, count: 51 }, /count must be at most 50/],
    [{ from: 1, to: 2, offset: -1 }, /offset must not be negative/],
    [undefined, /params/],
  ])("getAll: %j", async (period, message) => {
    const { client, server } = await connect(answering({ result: [] }));
    const error = await failureOfType(PaymeValidationError, Reflect.apply(client.receipts.getAll, undefined, [period]));
    expect(error.message).toMatch(message);
    expect(server.seen).toHaveLength(0);
  });

  it("getAll takes the ends of the range: count 1 and 50, from equal to to", async () => {
    const { client } = await connect(answering({ result: [] }));
    const none = { receipts: [], unread: [] };
    expect(await client.receipts.getAll({ from: 5, to: 5, count: 1, offset: 0 })).toEqual(none);
    expect(await client.receipts.getAll({ from: 5, to: 6, count: 50 })).toEqual(none);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])("timeoutMs %d", async (timeoutMs) => {
    const { client, server } = await connect(answering({ result: { state: 4 } }));
    await failureOfType(PaymeValidationError, client.receipts.check(receiptId, { timeoutMs }));
    expect(server.seen).toHaveLength(0);
  });
});
