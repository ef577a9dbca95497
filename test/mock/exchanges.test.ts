import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { signPayload } from "../../src/gateway/signature";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import { createExchangeLog } from "../../src/testing/mock/exchange-log";
import { API_CARD, apiRequest, createReceipt, openMock, START, UZCARD, verifiedToken } from "./kit";

describe("the log of exchanges", () => {
  it("has each call with its method, its code and how long it took", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    await call("receipts.check", { id });
    await call("receipts.check", { id: "nobody" });
    await call("no.method");
    await call("receipts.check", { id }, { xAuth: null });
    expect(mock.exchanges.map(({ direction, method, code, ms }) => [direction, method, code, ms])).toEqual([
      ["in", "receipts.create", null, 0],
      ["in", "receipts.check", null, 0],
      ["in", "receipts.check", -31602, 0],
      ["in", "no.method", -32601, 0],
      ["in", "receipts.check", -32504, 0],
    ]);
    expect(mock.exchanges[1]).toMatchObject({ request: { id }, response: { state: 0 } });
  });

  it("has those that a fault hit, and what the caller got", async () => {
    const { mock, call } = openMock();
    const params = { amount: 100, account: { order_id: 1 } };
    for (const fault of [
      { kind: "drop_before" },
      { kind: "drop_after" },
      { kind: "http_status", status: 503 },
      { kind: "rpc_error", code: -31001 },
      { kind: "malformed" },
    ] as const) {
      mock.faults.add({ ...fault, times: 1 });
      await call("receipts.create", params).catch(() => undefined);
    }
    expect(mock.exchanges.map(({ code }) => code)).toEqual(["dropped", "dropped", "http_503", -31001, "malformed"]);
    expect(mock.exchanges[0]).toMatchObject({ method: "receipts.create", request: params, response: null });
    // What was done is told, although the caller never saw it.
    expect(mock.exchanges[1]).toMatchObject({ response: { receipt: { amount: 100, create_time: START } } });
  });

  it("keeps the newest up to its limit", () => {
    const log = createExchangeLog(3);
    for (const method of ["a", "b", "c", "d", "e"]) {
      log.note({ direction: "in", method, ms: 0, code: null, request: {}, response: {}, at: 0, merchantId: null });
    }
    expect(log.exchanges.map(({ method }) => method)).toEqual(["c", "d", "e"]);
  });
});

describe("planted secrets", () => {
  it("are in no exchange, page, notification or receipt", async () => {
    const key = "planted-key-of-the-cashbox-0123456789";
    const secret = "planted-secret-of-notifications-012345";
    // A card that no page names.
    const card = { number: "8600777788889999", expire: "12/30", cvv: "737" };
    const { mock, call } = openMock({
      key,
      cards: [...TEST_CARDS, { number: card.number, expire: null, hasCvv: true }],
      notify: { url: "http://shop.invalid", secret, fetch: async () => new Response() },
    });
    const pages: string[] = [];
    const post = async (path: string, form: Record<string, string>) => {
      const body = new URLSearchParams(form);
      pages.push(await (await mock.fetch(`https://checkout.paycom.uz/${path}`, { method: "POST", body })).text());
    };
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock);
    await call("receipts.pay", { id, token, payer: { phone: "998901234567" } });
    await call("cards.check", { token });
    // Sent in ways that Payme refuses: the log has them all the same.
    await call("cards.create", { card: { number: Number(API_CARD.number), expire: "0399", cvv: 737 } });
    await call("cards.create", { card: { number: "8600-4954-7331-6478", expire: "0399", cvv: "737" } });
    await call("receipts.create", { amount: 100, account: { note: `card ${UZCARD.number}` }, token, key });
    await call("cards.verify", { token, code: "666666" });
    const body = '{"method":"receipts.get_all","params":{}}';
    const signature = signPayload(body, key);
    await mock.fetch(apiRequest(mock, body, `${mock.merchantId}:${signature}`));
    const { _id: other } = await createReceipt(mock);
    await post(other, { ...card, expire: "01/20", action: "pay" });
    await post(other, { ...card, cvv: "7373", action: "pay" });
    await post(other, { ...card, action: "pay" });
    await mock.flush();

    const seen = [
      JSON.stringify(mock.exchanges),
      inspect(mock.exchanges, { depth: 9 }),
      JSON.stringify(mock.notifications),
      // The note is the shop's own text; the payment itself must add nothing to it.
      JSON.stringify([mock.receipt(id), mock.receipt(other)]),
    ].join("\n");
    const numbers = [API_CARD.number, UZCARD.number, card.number, "8600-4954-7331-6478"];
    for (const planted of [...numbers, key, secret, token, signature, "737", "666666"])
      expect(seen).not.toContain(planted);
    expect(seen).toContain("860049******6478");

    expect(pages).toHaveLength(3);
    for (const planted of [card.number, key, secret, "737", "12/30", "01/20"])
      expect(pages.join("\n")).not.toContain(planted);
    expect(mock.receipt(other)).toMatchObject({ state: 4 });
  });
});
