import { describe, expect, it } from "vitest";
import { checkoutForm, checkoutUrl } from "../../src/entry/checkout";
import { fetchMerchant } from "../../src/entry/fetch";
import { som } from "../../src/kit/money";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import { createShop, KEY } from "../merchant/shop";
import { openMock } from "./kit";
import { PRICE } from "./merchant-kit";

const HOST = "https://test.paycom.uz";
const PAYER = { number: "8600 1234 5678 9012", expire: "12/30", cvv: "123", action: "pay" };

function openCheckout() {
  const shop = createShop();
  const fetch = async (request: Request) => {
    await shop.ready;
    return fetchMerchant(shop.merchant)(request);
  };
  const { mock } = openMock({ now: shop.now, billing: { fetch, key: KEY, repeatAfterMs: [] } });
  const link = (more: Partial<Parameters<typeof checkoutUrl>[0]> = {}) =>
    checkoutUrl({ merchantId: mock.merchantId, account: { order_id: 1 }, amount: PRICE, host: HOST, ...more });
  return { mock, shop, link };
}

/** Sends a request, and follows where it leads, as a browser does. */
async function browse(mock: MockPayme, url: string, init?: RequestInit) {
  const response = await mock.fetch(url, { redirect: "manual", ...init });
  const location = response.headers.get("location");
  if (response.status !== 303 || location === null)
    return { url, status: response.status, text: await response.text() };
  const page = new URL(location, HOST).href;
  return { url: page, status: 200, text: await (await mock.fetch(page)).text() };
}

async function press(mock: MockPayme, url: string, form: Record<string, string> = PAYER) {
  const response = await mock.fetch(url, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text() };
}

describe("a checkout link", () => {
  it("shows the amount, the account and a card form; paying drives the merchant's endpoint", async () => {
    const { mock, shop, link } = openCheckout();
    const opened = await browse(mock, link({ lang: "en" }));
    for (const shown of ["50\u00a0000 som", "order_id", ">1<", '<form method="post"', 'lang="en"']) {
      expect(opened.text).toContain(shown);
    }
    expect(mock.exchanges).toEqual([]);
    expect(await press(mock, opened.url)).toMatchObject({ status: 200, text: expect.stringContaining("Paid") });
    expect(shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
    expect(mock.billing?.transactions()).toMatchObject([{ state: 2, account: { order_id: "1" }, amount: PRICE }]);
    expect(await mock.billing?.compare()).toEqual([]);
  });

  it("shows the merchant's refusal as text, in the payer's language, and may be tried again", async () => {
    const { mock, link } = openCheckout();
    for (const [lang, words] of [
      ["ru", "Оплата не прошла: Заказ не найден"],
      ["uz", "To‘lov o‘tmadi: Buyurtma topilmadi"],
      ["en", "The payment was declined: Order not found"],
    ] as const) {
      const { url } = await browse(mock, link({ lang, account: { order_id: 4711 } }));
      const { status, text } = await press(mock, url);
      expect(status).toBe(422);
      expect(text).toMatch(new RegExp(`<p class="problem" role="alert"[^>]*>${words}</p>`));
      expect(text).toContain("<form");
    }
  });

  it("pressed ten times at once pays once, and says ten times that it is paid", async () => {
    const { mock, shop, link } = openCheckout();
    const { url } = await browse(mock, link({ lang: "en" }));
    const pressed = await Promise.all(Array.from({ length: 10 }, () => press(mock, url)));
    for (const { status, text } of pressed) expect([status, text]).toEqual([200, expect.stringContaining("Paid")]);
    expect(shop.order()).toMatchObject({ fulfilled: 1 });
  });

  it("opened and paid in two windows: the second payer is refused", async () => {
    const { mock, shop, link } = openCheckout();
    const [one, two] = [await browse(mock, link({ lang: "en" })), await browse(mock, link({ lang: "en" }))];
    expect((await press(mock, one.url)).status).toBe(200);
    expect(await press(mock, two.url)).toMatchObject({ status: 422, text: expect.stringContaining("declined") });
    expect(shop.order()).toMatchObject({ fulfilled: 1 });
  });

  it("says that the merchant does not answer, and shows no form where it may be paid already", async () => {
    const { mock, link } = openCheckout();
    const mend = mock.faults.add({ method: "CheckPerformTransaction", kind: "http_status", status: 502 });
    const { url } = await browse(mock, link({ lang: "uz" }));
    expect((await press(mock, url)).text).toContain("Xizmat ko‘rsatuvchining tizimi ishlamayapti");
    mend();
    mock.faults.add({ method: "PerformTransaction", kind: "drop_before" });
    const { status, text } = await press(mock, url);
    expect([status, text]).toEqual([200, expect.stringContaining("To‘lov ko‘rib chiqilmoqda")]);
    expect(text).not.toContain("<form");
  });

  it("shows that the money went back where Perform was refused, and why", async () => {
    const { mock, link } = openCheckout();
    mock.faults.add({ method: "PerformTransaction", kind: "rpc_error", code: -31008, message: "<b>Нет</b>" });
    const { url } = await browse(mock, link({ lang: "en" }));
    const { status, text } = await press(mock, url);
    expect([status, text]).toEqual([200, expect.stringContaining("The payment was cancelled")]);
    expect(text).toContain("The payment was declined: &#60;b&#62;Нет&#60;/b&#62;");
  });

  it("leads back to the shop, over http(s) only", async () => {
    const { mock, link } = openCheckout();
    const { url, text } = await browse(
      mock,
      link({ lang: "en", returnUrl: "https://shop.uz/done?a=1&b=:transaction" }),
    );
    // Placeholders are documented for the form's callback only: in a link they stay as they are.
    const back = '<a href="https://shop.uz/done?a=1&#38;b=:transaction" rel="noreferrer">Back to the shop</a>';
    expect(text).toContain(back);
    expect((await press(mock, url)).text).toContain(back);
    const nasty = Buffer.from(`m=${mock.merchantId};ac.order_id=1;a=500;c=javascript:alert(1)`).toString("base64");
    expect((await browse(mock, `${HOST}/${nasty}`)).text).not.toMatch(/<a (?![^>]*hreflang)/);
  });

  it.each([
    ["without padding", (text: string) => text.replace(/=+$/, "")],
    ["percent-encoded", encodeURIComponent],
  ])("is read %s", async (_case, encode) => {
    const { mock } = openCheckout();
    for (const id of ["1", "12", "123"]) {
      const text = Buffer.from(`a=500;ac.order_id=${id};m=${mock.merchantId}`).toString("base64");
      expect((await browse(mock, `${HOST}/${encode(text)}`)).text).toContain(`<dd>${id}</dd>`);
    }
  });

  it.each([
    ["no Base64", "----------------"],
    ["no UTF-8", Buffer.from([0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8]).toString("base64")],
    ["JSON", Buffer.from('{"m":"65a0b0000000000000000001","a":500}').toString("base64")],
    ["no account", Buffer.from("m=65a0b0000000000000000001;a=500").toString("base64")],
    ["no amount", Buffer.from("m=65a0b0000000000000000001;ac.order_id=1").toString("base64")],
    [
      "an amount in som with decimals",
      Buffer.from("m=65a0b0000000000000000001;ac.order_id=1;a=5.5").toString("base64"),
    ],
    ["nothing to pay", Buffer.from("m=65a0b0000000000000000001;ac.order_id=1;a=0").toString("base64")],
  ])("of %s is a page that says so, and makes no receipt", async (_case, path) => {
    const { mock } = openCheckout();
    const { status, text } = await browse(mock, `${HOST}/${path}?lang=en`);
    expect([status, text]).toEqual([400, expect.stringContaining("no cashbox, account or amount")]);
    expect(mock.receipts()).toEqual([]);
  });

  it("of another cashbox is 404; of one without billing it says what is missing", async () => {
    const { mock, link } = openCheckout();
    const other = await browse(mock, `${link({ merchantId: "f".repeat(24) })}?lang=en`);
    expect([other.status, other.text]).toEqual([404, expect.stringContaining("There is no such cashbox")]);
    const { mock: terminal } = openMock();
    const none = await browse(terminal, `${link()}?lang=en`);
    expect([none.status, none.text]).toEqual([409, expect.stringContaining("give createMockPayme its billing")]);
  });

  it("that is only looked at makes no receipt", async () => {
    const { mock, link } = openCheckout();
    expect((await mock.fetch(link(), { method: "HEAD" })).status).toBe(200);
    expect((await mock.fetch(link(), { method: "DELETE" })).status).toBe(404);
    expect(mock.receipts()).toEqual([]);
  });

  it("shows what others wrote as text", async () => {
    const { mock } = openCheckout();
    const path = Buffer.from(`m=${mock.merchantId};ac.<i>=<script>alert(1)</script>;a=500`).toString("base64");
    const { text } = await browse(mock, `${HOST}/${path}`);
    expect(text).toContain("<dt>&#60;i&#62;</dt><dd>&#60;script&#62;alert(1)&#60;/script&#62;</dd>");
  });
});

describe("a checkout form", () => {
  async function post(mock: MockPayme, more: Partial<Parameters<typeof checkoutForm>[0]> = {}, headers = {}) {
    const form = checkoutForm({
      merchantId: mock.merchantId,
      account: { order_id: 1 },
      amount: som(50_000),
      host: HOST,
      ...more,
    });
    const body = new URLSearchParams(form.fields.map(([name, value]): [string, string] => [name, value]));
    return browse(mock, `${form.action}/`, { method: form.method, body, headers });
  }

  it("leads to the same page, with its description and its fiscal detail", async () => {
    const { mock, shop } = openCheckout();
    const detail = { receipt_type: 0 as const, items: [] };
    const { url, text } = await post(mock, { lang: "uz", description: { uz: "Choy; 2 dona", ru: "Чай" }, detail });
    expect(text).toContain('lang="uz"');
    expect(text).toContain("Choy; 2 dona");
    expect(mock.receipts()).toMatchObject([{ description: "Choy; 2 dona", detail }]);
    expect((await press(mock, url)).status).toBe(200);
    expect(shop.order()).toMatchObject({ fulfilled: 1 });
  });

  it("fills the placeholders of its callback: `null` before there is a transaction", async () => {
    const { mock } = openCheckout();
    const returnUrl = "https://shop.uz:8443/pay/:transaction?order=:account.order_id&x=:account.other";
    const { url, text } = await post(mock, { returnUrl });
    expect(text).toContain('href="https://shop.uz:8443/pay/null?order=1&#38;x="');
    const paid = await press(mock, url);
    const [{ id } = { id: "none" }] = mock.billing?.transactions() ?? [];
    expect(paid.text).toContain(`href="https://shop.uz:8443/pay/${id}?order=1&#38;x="`);
  });

  it("leads back to where it came from, without a callback", async () => {
    const { mock } = openCheckout();
    const { text } = await post(mock, {}, { Referer: "https://shop.uz/cart" });
    expect(text).toContain('href="https://shop.uz/cart"');
  });

  it("that is too large, or asks for nothing, makes no receipt", async () => {
    const { mock } = openCheckout();
    expect((await press(mock, `${HOST}/`, { merchant: "x".repeat(20_000) })).status).toBe(413);
    expect((await press(mock, `${HOST}/`, {})).status).toBe(400);
    expect(mock.receipts()).toEqual([]);
  });
});
