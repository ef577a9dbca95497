import { describe, expect, it } from "vitest";
import * as z from "zod";
import { checkoutUrl } from "../../src/entry/checkout";
import { verifySignature } from "../../src/gateway/signature";
import { PaymeConfigError } from "../../src/kit/errors";
import { tiyin } from "../../src/kit/money";
import type { CashboxOptions } from "../../src/testing/mock/cashbox";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme, type MockPayme } from "../../src/tools/mock-server/mock-payme";
import { API_CARD, CARD, openMock, START } from "./kit";

const FIRST = { merchantId: "first", key: "key-of-first" };
const SECOND = { merchantId: "second", key: "key-of-second", name: "Another shop" };

/** A shop that takes every notification, and remembers it. */
function listener() {
  const heard: { url: string; body: string; signature: string | null }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    heard.push({ url: request.url, body: await request.text(), signature: request.headers.get("x-auth-signature") });
    return new Response("{}");
  };
  return { heard, fetch };
}

/** A mock with two cashboxes, and a way to call as either. */
function openTwo(options: MockPaymeOptions = {}, second: Partial<CashboxOptions> = {}) {
  const bench = openMock({ ...FIRST, ...options, cashboxes: [{ ...SECOND, ...second }] });
  const as = ({ merchantId, key }: CashboxOptions) => ({
    call: (method: string, params: object = {}) => bench.call(method, params, { xAuth: `${merchantId}:${key}` }),
    async receipt(params: object = {}): Promise<string> {
      const made = await this.call("receipts.create", { amount: 1_250_000, account: { order_id: 1 }, ...params });
      return z.object({ result: z.object({ receipt: z.object({ _id: z.string() }) }) }).parse(made).result.receipt._id;
    },
    async token(): Promise<string> {
      const made = await this.call("cards.create", { card: API_CARD, save: true });
      const { token } = z.object({ result: z.object({ card: z.object({ token: z.string() }) }) }).parse(made)
        .result.card;
      await this.call("cards.verify", { token, code: "666666" });
      return token;
    },
  });
  return { ...bench, first: as(FIRST), second: as(SECOND) };
}

describe("two cashboxes", () => {
  it.each(["get", "check", "cancel", "confirm_hold", "send", "set_fiscal_data", "pay"])(
    "a receipt of one is not found in the other by receipts.%s",
    async (method) => {
      const { mock, first, second } = openTwo();
      const id = await first.receipt();
      const params = {
        id,
        token: await second.token(),
        phone: "998901234567",
        fiscal_data: { receipt_id: 1, qr_code_url: "https://ofd.soliq.uz" },
      };
      expect(await second.call(`receipts.${method}`, params)).toMatchObject({ error: { code: -31602 } });
      expect(mock.receipt(id)).toMatchObject({ state: 0, merchant: { _id: "first", name: "Mock shop" } });
    },
  );

  it("each lists its own receipts", async () => {
    const { mock, first, second } = openTwo();
    const ids = [await first.receipt(), await second.receipt(), await first.receipt()];
    const listed = async ({ call }: typeof first) =>
      z
        .object({ result: z.array(z.object({ _id: z.string() })) })
        .parse(await call("receipts.get_all"))
        .result.map(({ _id }) => _id);
    expect(await listed(first)).toEqual([ids[2], ids[0]]);
    expect(await listed(second)).toEqual([ids[1]]);
    // The mock has them all, in the order of creation.
    expect(mock.receipts().map(({ _id }) => _id)).toEqual(ids);
  });

  it.each(["check", "remove", "verify", "get_verify_code"])(
    "a token of one is not found in the other by cards.%s",
    async (method) => {
      const { mock, first, second } = openTwo();
      const token = await first.token();
      expect(await second.call(`cards.${method}`, { token, code: "666666" })).toMatchObject({
        error: { code: -31400 },
      });
      expect(await first.call("cards.check", { token })).toMatchObject({ result: { card: { verify: true } } });
      expect(mock.cards()).toMatchObject([{ merchantId: "first", verified: true, number: "860049******6478" }]);
    },
  );

  it("a token of one does not pay in the other", async () => {
    const { first, second } = openTwo();
    const id = await second.receipt();
    expect(await second.call("receipts.pay", { id, token: await first.token() })).toMatchObject({
      error: { code: -31400 },
    });
  });

  it("the key of one does not open the other", async () => {
    const { call } = openTwo();
    expect(await call("receipts.get_all", {}, { xAuth: `first:${SECOND.key}` })).toMatchObject({
      error: { code: -32504, data: "invalid_key" },
    });
    expect(await call("receipts.get_all", {}, { xAuth: `third:${SECOND.key}` })).toMatchObject({
      error: { code: -32504, data: "invalid_id" },
    });
  });

  it("faults see the calls of all, and each exchange tells whose it is", async () => {
    const { mock, first, second } = openTwo();
    mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31001, callNumber: 2 });
    await first.receipt();
    expect(await second.call("receipts.create", { amount: 1, account: {} })).toMatchObject({ error: { code: -31001 } });
    expect(mock.faults.list()).toMatchObject([{ matched: 2, happened: 1 }]);
    expect(mock.exchanges.map(({ merchantId }) => merchantId)).toEqual(["first", "second"]);
  });

  it("a fault by amount or account finds the receipt, whosesoever it is", async () => {
    const { mock, first, second } = openTwo();
    const ids = [await first.receipt({ amount: 100 }), await second.receipt({ amount: 200, account: { order_id: 9 } })];
    mock.faults.add({
      method: "receipts.check",
      kind: "rpc_error",
      code: -31001,
      amount: 200,
      account: { order_id: 9 },
    });
    expect(await first.call("receipts.check", { id: ids[0] })).toMatchObject({ result: { state: 0 } });
    expect(await second.call("receipts.check", { id: ids[1] })).toMatchObject({ error: { code: -31001 } });
  });

  it("each has its own notifications, signed with its own secret", async () => {
    const [toFirst, toSecond] = [listener(), listener()];
    const { mock, first, second, pass } = openTwo(
      { notify: { url: "http://first.invalid/", fetch: toFirst.fetch } },
      { notify: { url: "http://second.invalid/", secret: "its secret", fetch: toSecond.fetch } },
    );
    const ids = [await second.receipt(), await first.receipt()];
    for (const id of ids) {
      await mock.pay(id, { card: CARD });
      pass(1_000);
    }
    await mock.flush();
    for (const [{ heard }, url, key, id] of [
      [toFirst, "http://first.invalid/", FIRST.key, ids[1]],
      [toSecond, "http://second.invalid/", "its secret", ids[0]],
    ] as const) {
      const [{ body = "", signature = "" } = {}] = heard;
      expect(heard).toMatchObject([{ url }]);
      expect([verifySignature(body, signature, key), body.includes(String(id))]).toEqual([true, true]);
    }
    expect(mock.notifications.map(({ merchantId }) => merchantId)).toEqual(["second", "first"]);
    expect(await mock.redeliver(ids[0] ?? "")).toMatchObject({ merchantId: "second", attempts: [200, 200] });
    expect([toFirst.heard.length, toSecond.heard.length]).toEqual([1, 2]);
  });

  it("a checkout link goes to the cashbox that it names, and to none without billing", async () => {
    const billing = { key: "k", fetch: async () => new Response(null, { status: 500 }) };
    const { mock } = openTwo({ billing }, { billing });
    const open = async (merchantId: string) => {
      const url = checkoutUrl({ merchantId, account: { order_id: 1 }, amount: tiyin(500), host: "https://mock" });
      return (await mock.fetch(url, { redirect: "manual" })).status;
    };
    expect([await open("second"), await open("first"), await open("third")]).toEqual([303, 303, 404]);
    expect(mock.receipts().map(({ merchant }) => merchant._id)).toEqual(["second", "first"]);
    expect(mock.receipts().map(({ merchant }) => merchant.name)).toEqual(["Another shop", "Mock shop"]);
  });

  it("of both kinds say which they are; the money of each is its own", async () => {
    const { mock, first, second } = openTwo({}, { billing: { key: "k", endpoint: "http://localhost:1/payme" } });
    await mock.pay(await first.receipt(), { card: CARD });
    await second.receipt();
    expect(mock.cashboxes).toMatchObject([
      { ...FIRST, name: "Mock shop", kind: "virtual_terminal", money: { held: 0, taken: 1_250_000, returned: 0 } },
      { ...SECOND, kind: "billing", endpoint: "http://localhost:1/payme", money: { held: 0, taken: 0, returned: 0 } },
    ]);
    expect([mock.cashboxes[0]?.billing, mock.billing]).toEqual([undefined, undefined]);
    expect(mock.cashboxes[1]?.billing?.transactions()).toEqual([]);
  });

  it.each([
    ["two ids alike", { ...FIRST, cashboxes: [{ ...SECOND, merchantId: "first" }] }],
    ["two further ones alike", { cashboxes: [SECOND, { ...SECOND, key: "other" }] }],
    ["no id", { cashboxes: [{ ...SECOND, merchantId: "" }] }],
    ["an id that X-Auth cannot carry", { cashboxes: [{ ...SECOND, merchantId: "a:b" }] }],
    ["no key", { cashboxes: [{ ...SECOND, key: "" }] }],
    ["an empty secret", { cashboxes: [{ ...SECOND, notify: { url: "http://shop.invalid", secret: "" } }] }],
  ])("%s is refused", (_name, options) => {
    expect(() => createMockPayme(options)).toThrow(PaymeConfigError);
  });
});

/** All that a mock shows, as text. */
async function shownBy(mock: MockPayme): Promise<string> {
  const { merchantId, key, exchanges, notifications, movements, cashboxes, faults } = mock;
  return JSON.stringify([
    { merchantId, key, exchanges, notifications, movements, faults: faults.list() },
    cashboxes.map(({ billing, ...cashbox }) => ({
      ...cashbox,
      billing: billing && [billing.transactions(), billing.disagreements],
    })),
    mock.billing && [mock.billing.transactions(), mock.billing.disagreements],
    [mock.receipts(), mock.cards(), mock.snapshot(), await mock.disagreements()],
  ]);
}

/** A long story in both cashboxes, with dice in it. */
async function story({ mock, first, second, pass }: ReturnType<typeof openTwo>): Promise<string> {
  mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -31001, probability: 0.5 });
  const answers: unknown[] = [];
  for (const cashbox of [first, second, second, first, second]) {
    const id = await cashbox.receipt();
    answers.push(await cashbox.call("receipts.check", { id }), await mock.pay(id, { card: CARD }));
    answers.push(await cashbox.token(), await cashbox.call("receipts.cancel", { id }));
    pass(1_000);
  }
  await mock.settle();
  return JSON.stringify([answers, await shownBy(mock)]);
}

/** Two cashboxes with an endpoint that knows no method: its answers are disagreements. */
function openStory(seed: number, now?: () => number) {
  const billing = { key: "k", repeatAfterMs: [], fetch: async () => Response.json({ error: { code: -32601 } }) };
  const { fetch } = listener();
  return openTwo({ seed, notify: { url: "http://shop.invalid", fetch }, ...(now && { now }) }, { billing });
}

describe("with several cashboxes", () => {
  it("the seed repeats a run byte for byte, and another makes another", async () => {
    const first = await story(openStory(7));
    expect(await story(openStory(7))).toBe(first);
    expect(await story(openStory(8))).not.toBe(first);
  });

  it("a reset mock is a new one, in all that it shows and in all that it does", async () => {
    const bench = openStory(7, () => START);
    const fresh = await shownBy(openStory(7, () => START).mock);
    // Looking has left a trace: the comparison of books is a call.
    bench.mock.reset();
    const before = await story(bench);
    await bench.mock.flush();
    expect(await shownBy(bench.mock)).not.toBe(fresh);
    bench.mock.reset();
    expect(await shownBy(bench.mock)).toBe(fresh);
    bench.mock.reset();
    expect(await story(bench)).toBe(before);
  });

  it("no public member of a mock is left out of what is compared", () => {
    // What is compared above (`now` by the snapshot, which says how far it is ahead), what only does something, and `merchant`,
    // whose callers are its own.
    const compared = [
      "merchantId",
      "key",
      "cashboxes",
      "billing",
      "receipts",
      "cards",
      "movements",
      "faults",
      "exchanges",
    ];
    const more = ["notifications", "snapshot", "disagreements", "receipt", "now"];
    const verbs = [
      "fetch",
      "merchant",
      "settle",
      "pay",
      "cancel",
      "confirmHold",
      "expire",
      "redeliver",
      "onChange",
      "flush",
    ];
    expect(Object.keys(createMockPayme()).sort()).toEqual([...compared, ...more, ...verbs, "reset", "listen"].sort());
  });
});
