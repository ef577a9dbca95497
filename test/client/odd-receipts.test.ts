import { describe, expect, it } from "vitest";
import { PaymeConnectionError } from "../../src/kit/errors";
import type { Exchange } from "../../src/protocol/exchange";
import { bareReceipt, connect, failureOf, failureOfType, receiptId } from "./kit";
import { answering } from "./scripted-server";

const DAY = { from: 0, to: 1 };
const idOf = (number: number) => number.toString(16).padStart(24, "0");
const good = (number: number) => ({ _id: idOf(number), state: 4, amount: 100 });

/** An item of a list, the id that is told of it, and the member that is named. */
const ODD: readonly (readonly [what: string, item: unknown, id: string | null, problem: string])[] = [
  ["an amount that is text", { ...bareReceipt, amount: "1250000" }, receiptId, "receipt.amount: custom"],
  ["an amount with decimals", { ...bareReceipt, amount: 1.5 }, receiptId, "receipt.amount: custom"],
  ["an amount below zero", { ...bareReceipt, amount: -1 }, receiptId, "receipt.amount: custom"],
  ["no amount", { _id: receiptId, state: 4 }, receiptId, "receipt.amount: custom"],
  ["a state that is text", { ...bareReceipt, state: "4" }, receiptId, "receipt.state: expected number"],
  ["a state of null", { ...bareReceipt, state: null }, receiptId, "receipt.state: expected number"],
  ["a state between two", { ...bareReceipt, state: 4.5 }, receiptId, "receipt.state: expected int"],
  ["no _id", { state: 4, amount: 1 }, null, "receipt._id: expected string"],
  ["an _id of null", { ...bareReceipt, _id: null }, null, "receipt._id: expected string"],
  ["an _id that is a number", { ...bareReceipt, _id: 65 }, null, "receipt._id: expected string"],
  ["an empty _id", { ...bareReceipt, _id: "" }, null, "receipt._id: too_small"],
  ["an _id that is no id, and no amount", { _id: "two words\n", state: 4 }, null, "receipt.amount: custom"],
  ["an _id that is too long, and no amount", { _id: "a".repeat(129), state: 4 }, null, "receipt.amount: custom"],
  ["a receipt within a receipt", { receipt: bareReceipt }, null, "receipt._id: expected string"],
  ["null", null, null, "receipt: expected object"],
  ["text", "65a0c1d2e3f4a5b6c7d8e9f0", null, "receipt: expected object"],
  ["a list", [bareReceipt], null, "receipt: expected object"],
];

describe("an odd receipt of a page is told, and the others are read", () => {
  it.each(ODD)("%s", async (_what, item, id, problem) => {
    const { client } = await connect(answering({ result: [good(1), item, good(2)] }));
    expect(await client.receipts.getAll(DAY)).toEqual({ receipts: [good(1), good(2)], unread: [{ id, problem }] });
  });

  it("all of them at once, each by itself and in their order", async () => {
    const { client } = await connect(answering({ result: ODD.flatMap(([, item], at) => [item, good(at)]) }));
    const { receipts, unread } = await client.receipts.getAll(DAY);
    expect(receipts).toEqual(ODD.map((_odd, at) => good(at)));
    expect(unread).toEqual(ODD.map(([, , id, problem]) => ({ id, problem })));
  });

  it("where a member that decides nothing is odd, the receipt is read", async () => {
    const odd = { ...bareReceipt, create_time: "yesterday", account: 5, card: "none", new_member: {} };
    const { client } = await connect(answering({ result: [odd] }));
    expect(await client.receipts.getAll(DAY)).toMatchObject({ receipts: [{ _id: receiptId }], unread: [] });
  });

  it("without its values: no amount, card, token or text of a payer", async () => {
    const values = { amount: "77712345", state: "77754321", description: "for Ali", token: "77799999_secret" };
    const card = { number: "8600069195406311", expire: "9903" };
    const { client } = await connect(answering({ result: [{ ...bareReceipt, ...values, card }] }));
    const { unread } = await client.receipts.getAll(DAY);
    expect(unread).toHaveLength(1);
    expect(JSON.stringify(unread)).not.toMatch(/777|Ali|8600|9903/);
  });

  it.each([
    ["null", null],
    ["text", "[]"],
    ["an object", { receipts: [] }],
  ])("but a result that is %s is no page", async (_what, result) => {
    const { client } = await connect(answering({ result }), { retries: 0 });
    await failureOfType(PaymeConnectionError, client.receipts.getAll(DAY));
  });

  it("and onExchange is told what Payme sent, the odd one too", async () => {
    const exchanges: Exchange[] = [];
    const odd = { ...bareReceipt, state: "4", card: { number: "8600069195406311" } };
    const { client } = await connect(answering({ result: [odd] }), { onExchange: (each) => exchanges.push(each) });
    await client.receipts.getAll(DAY);
    expect(exchanges[0]?.response).toEqual([{ ...odd, card: { number: "860006******6311" } }]);
  });
});

describe("receipts.list gives all that can be read, and then says what could not", () => {
  /** What a walk over these items gives, its error, and the offsets that it asked for. */
  async function walk(items: readonly unknown[]) {
    const offsets: number[] = [];
    const { client } = await connect((response, { body }) => {
      const { offset, count } = JSON.parse(body).params;
      offsets.push(offset);
      response.end(JSON.stringify({ result: items.slice(offset, offset + count) }));
    });
    const ids: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const { _id } of client.receipts.list(DAY)) ids.push(_id);
      })(),
    );
    return { ids, error, offsets };
  }
  const goods = (from: number, to: number) => Array.from({ length: to - from }, (_none, at) => good(from + at));

  it.each([0, 10, 44, 45, 49, 50, 94, 119])("where number %i of 120 is odd", async (at) => {
    const items: unknown[] = goods(0, 120);
    items[at] = { ...good(at), amount: "5000" };
    const { ids, error, offsets } = await walk(items);
    expect(ids).toEqual(goods(0, 120).flatMap(({ _id }) => (_id === idOf(at) ? [] : _id)));
    expect(offsets).toEqual([0, 45, 90]);
    expect(error).toBeInstanceOf(PaymeConnectionError);
    expect(String(error)).toContain(`all receipts were given but 1 that cannot be read: ${idOf(at)} (receipt.amount`);
    expect(String(error)).not.toContain("5000");
  });

  it.each([5, 50, 100, 400])("where %i in a row are odd, with and without ids", async (count) => {
    const odd = goods(50, 50 + count).map(({ _id }) => ({ _id, state: "4" }));
    const named = await walk([...goods(0, 50), ...odd, ...goods(50 + count, 130 + count)]);
    expect(named.ids).toEqual([...goods(0, 50), ...goods(50 + count, 130 + count)].map(({ _id }) => _id));
    expect(String(named.error)).toContain(`but ${count} that cannot be read`);
    const nameless = await walk([
      ...goods(0, 50),
      ...odd.map(() => ({ state: "4" })),
      ...goods(50 + count, 130 + count),
    ]);
    expect(nameless.ids).toEqual(named.ids);
    expect(String(nameless.error)).toContain("one without _id (receipt._id: expected string)");
  });

  it("naming the first five of many: an error is for a person", async () => {
    const { error } = await walk(goods(0, 30).map((each) => ({ ...each, state: "4" })));
    expect(String(error).match(/[0-9a-f]{24}/g)).toEqual(goods(0, 5).map(({ _id }) => _id));
  });
});
