import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import { createReceipt, openMock, UZCARD } from "./kit";

const BASE = "https://checkout.paycom.uz";
const PAYER = { number: UZCARD.number, expire: UZCARD.expire, cvv: UZCARD.cvv, action: "pay" };

async function open(mock: MockPayme, path: string, headers: Record<string, string> = {}) {
  const response = await mock.fetch(`${BASE}/${path}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function press(mock: MockPayme, path: string, form: Record<string, string> = PAYER) {
  const response = await mock.fetch(`${BASE}/${path}`, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text() };
}

/** The fields that are marked as wrong, in their order on the page. */
const markedWrong = (text: string) =>
  [...text.matchAll(/name="(\w+)"[^>]*aria-invalid="true"/g)].map(([, name]) => name);
/** The links of a page that are not its switch of languages. */
const linksOf = (text: string) => (text.match(/<a [^>]*>/g) ?? []).filter((link) => !link.includes("hreflang"));

describe("the payment page", () => {
  it("shows the merchant, the amount in som, what is paid for, a card form, and that it is a test", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock, { description: "Premium Tariff", account: { order_id: "A-17" } });
    const { status, text } = await open(mock, `${_id}?lang=en`);
    expect(status).toBe(200);
    for (const shown of ["Mock shop", "12\u00a0500 som", "Premium Tariff", "order_id", "A-17", "This is a test"]) {
      expect(text).toContain(shown);
    }
    for (const field of ["number", "expire", "cvv"])
      expect(text).toMatch(
        new RegExp(`<label for="${field}">[^<]+</label>[^]{0,120}<input id="${field}" name="${field}"`),
      );
    expect(text).toContain('<form method="post"');
  });

  it("shows a description in words, without the id of the payment that ends it; an id alone is shown once", async () => {
    const { mock } = openMock();
    const id = "1c9b2f0e-7c44-4a5e-9a57-3f1a2c6d9e10";
    const { _id } = await createReceipt(mock, {
      description: `Premium Plan ${id}`,
      account: { order_id: id, plan: 1 },
    });
    const { text } = await open(mock, `${_id}?lang=en`);
    expect(text).toContain("Premium Plan</p>");
    expect(text).toContain("<dt>plan</dt>");
    expect(text).not.toContain(id);
    const { _id: bare } = await createReceipt(mock, { description: id, account: { order_id: id } });
    expect((await open(mock, bare)).text.split(id)).toHaveLength(2);
  });

  it.each([
    ["uz", "Do‘konga qaytish", "To‘lov ochiq qoladi", "To‘lovni butunlay bekor qilish"],
    ["ru", "Вернуться в магазин", "Платёж останется открытым", "Отменить платёж навсегда"],
    ["en", "Back to the shop", "The payment stays open", "Cancel the payment for good"],
  ])("tells going back and cancelling apart, in %s", async (lang, back, stays, cancel) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const shop = "https://shop.example/orders";
    const { text } = await open(mock, `${_id}?${new URLSearchParams({ lang, back: shop })}`);
    expect(text).toContain(`<a href="${shop}" rel="noreferrer">${back}</a>`);
    expect(text).toContain(stays);
    expect(text).toContain(`value="cancel" class="quiet">${cancel}<`);
    // Without a way back, nothing is said of one.
    expect((await open(mock, `${_id}?lang=${lang}`)).text).not.toContain(stays);
    expect(mock.receipt(_id)).toMatchObject({ state: 0 });
  });

  it.each(["", "payment/", "checkout/"])("is there at /%s<receipt id>", async (prefix) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    expect(await open(mock, `${prefix}${_id}`)).toMatchObject({ status: 200 });
  });

  it("is 404 for a receipt that is not there, and says so", async () => {
    const { status, text } = await open(openMock().mock, `${"0".repeat(24)}?lang=en`);
    expect([status, text]).toEqual([404, expect.stringContaining("There is no such receipt")]);
  });

  it("takes GET, HEAD and POST only", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const response = await mock.fetch(`${BASE}/${_id}`, { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    expect((await mock.fetch(`${BASE}/${_id}`, { method: "HEAD" })).status).toBe(200);
    expect(mock.receipt(_id)).toMatchObject({ state: 0 });
  });

  it("lets in its own style and its own script, and nothing else", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const { headers, text } = await open(mock, _id);
    const hashOf = (element: string) => {
      const [, inside = "", ...others] = text.split(new RegExp(`<${element}>|</${element}>`));
      expect(others).toHaveLength(1);
      return `'sha256-${createHash("sha256").update(inside).digest("base64")}'`;
    };
    expect(headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src ${hashOf("style")}; script-src ${hashOf("script")}; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(text).not.toMatch(/\s(style|on\w+|src)=|url\(|@import/i);
  });
});

describe("paying on the page", () => {
  it("pays, says so, and shows no form any more", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const { status, text } = await press(mock, `${_id}?lang=en`);
    expect([status, text]).toEqual([200, expect.stringContaining("Paid")]);
    expect(text).not.toContain("<form");
    expect(mock.receipt(_id)).toMatchObject({ state: 4 });
    expect((await open(mock, `${_id}?lang=en`)).text).toContain("Paid");
  });

  it("pressed twice, one after the other, pays once and says twice that it is paid", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    await press(mock, _id);
    const again = await press(mock, `${_id}?lang=en`);
    expect([again.status, again.text]).toEqual([200, expect.stringContaining("Paid")]);
    expect(mock.notifications).toHaveLength(1);
  });

  it("pressed ten times at once, pays once and never says that it was declined", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const pressed = await Promise.all(Array.from({ length: 10 }, () => press(mock, `${_id}?lang=en`)));
    for (const { status, text } of pressed) expect([status, text]).toEqual([200, expect.stringContaining("Paid")]);
    expect(mock.notifications).toHaveLength(1);
  });

  it("a refusal pressed together with a payment refunds nothing", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    await Promise.all([press(mock, _id), press(mock, _id, { action: "cancel" })]);
    expect(mock.receipt(_id)).toMatchObject({ state: 4 });
    expect(mock.notifications.map(({ method }) => method)).toEqual(["receipts.pay"]);
  });

  it("a refusal cancels what is not paid, and asks for no card", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const { status, text } = await press(mock, `${_id}?lang=en`, { action: "cancel" });
    expect([status, text]).toEqual([200, expect.stringContaining("The payment was cancelled")]);
    expect(mock.receipt(_id)).toMatchObject({ state: 50 });
    expect(text).not.toContain("<form");
  });

  it("a refusal after the payment shows that it is paid", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    await press(mock, _id);
    expect((await press(mock, `${_id}?lang=en`, { action: "cancel" })).text).toContain("Paid");
    expect(mock.receipt(_id)).toMatchObject({ state: 4 });
  });

  it.each([
    ["number", { number: "1234 1234 1234 1234" }, "There is no such test card"],
    ["expire", { expire: "01/20" }, "The expiry is not right"],
    ["cvv", { cvv: "12" }, "A CVV has three digits"],
    ["cvv", { cvv: "" }, "A CVV has three digits"],
    ["number", { number: "" }, "Enter the card number"],
    ["number", { number: "8600 1234" }, "The number is not complete"],
    ["expire", { expire: "" }, "Enter month and year"],
    ["expire", { expire: "13/30" }, "Enter month and year"],
  ])("a wrong %s is said beside the field, in the payer's language", async (field, wrong, problem) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const { status, text } = await press(mock, `${_id}?lang=en`, { ...PAYER, ...wrong });
    expect(status).toBe(422);
    expect(text).toMatch(new RegExp(`name="${field}"[^>]*aria-invalid="true" aria-describedby="${field}-problem"`));
    expect(text).toContain(`<p class="problem" id="${field}-problem">${problem}`);
    expect(markedWrong(text)).toEqual([field]);
    expect(mock.receipt(_id)).toMatchObject({ state: 0 });
  });

  it("what Payme refuses is said in the language of the page, and can be tried again", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const blocked = { number: "4444445987459073", expire: "03/99", action: "pay" };
    const { status, text } = await press(mock, `${_id}?lang=en`, blocked);
    expect([status, text]).toEqual([422, expect.stringContaining("The payment was declined: the card is blocked")]);
    expect((await press(mock, _id)).status).toBe(200);
  });

  it("a form of nothing pays nothing", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const { status, text } = await press(mock, _id, {});
    expect([status, markedWrong(text)]).toEqual([422, ["number", "expire"]]);
    const focused = text.match(/<input[^>]*autofocus/g) ?? [];
    expect(focused).toHaveLength(1);
    expect(focused[0]).toContain('name="number"');
    expect(mock.receipt(_id)).toMatchObject({ state: 0 });
  });

  it.each([
    [{ Origin: "http://evil.example" }],
    [{ Origin: "null" }],
    [{ Origin: "" }],
    [{ Origin: "http://localhost:9999" }],
    [{ Origin: "https://checkout.paycom.uz.evil.example" }],
    [{ Origin: "https://checkout.paycom.uz:8443" }],
    [{ "Sec-Fetch-Site": "cross-site" }],
    [{ "Sec-Fetch-Site": "same-site" }],
    [{ Origin: BASE, "Sec-Fetch-Site": "cross-site" }],
    [{ Host: "evil.example:8001" }],
    [{ Host: "localhost.evil.example" }],
    [{ Host: "127.0.0.1.evil.example", Origin: "http://127.0.0.1.evil.example" }],
    [{ Host: "mock.local" }],
  ])("another page's press (%j) neither pays nor cancels", async (headers) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    for (const path of [_id, `payment/${_id}`, `checkout/${_id}?lang=en`]) {
      for (const form of [PAYER, { action: "cancel" }]) {
        const body = new URLSearchParams(form);
        const response = await mock.fetch(`${BASE}/${path}`, { method: "POST", body, headers });
        expect(response.status).toBe(403);
        expect(await response.text()).not.toContain("<");
      }
    }
    expect(mock.receipt(_id)).toMatchObject({ state: 0 });
  });

  it.each([
    [{}],
    [{ Origin: BASE, "Sec-Fetch-Site": "same-origin" }],
    [{ "Sec-Fetch-Site": "none" }],
    [{ Host: "LOCALHOST:8001", Origin: "http://localhost:8001" }],
    [{ Host: "mock:8001", Origin: "http://mock:8001" }],
    [{ Host: "192.168.1.5:8001", Origin: "http://192.168.1.5:8001" }],
    [{ Host: "[::1]:8001", Origin: "http://[::1]:8001" }],
    [{ Host: "[fe80::1]", Origin: "https://[fe80::1]" }],
  ])("its own press (%j) pays", async (headers) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const body = new URLSearchParams(PAYER);
    expect((await mock.fetch(`${BASE}/${_id}`, { method: "POST", body, headers })).status).toBe(200);
    expect(mock.receipt(_id)).toMatchObject({ state: 4 });
  });

  it("over HTTP its own press pays, and another page's does not", async () => {
    const { mock } = openMock();
    const server = await mock.listen();
    const { _id } = await createReceipt(mock);
    const send = (origin: string) =>
      fetch(`${server.url}/${_id}`, { method: "POST", body: new URLSearchParams(PAYER), headers: { Origin: origin } });
    const foreign = await send("http://evil.example");
    expect([foreign.status, mock.receipt(_id)?.state]).toEqual([403, 0]);
    const own = await send(server.url);
    await server.close();
    expect([own.status, mock.receipt(_id)?.state]).toEqual([200, 4]);
  });

  it("a form that is too large is 413", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    expect((await press(mock, _id, { ...PAYER, name: "x".repeat(20_000) })).status).toBe(413);
    expect(mock.receipt(_id)).toMatchObject({ state: 0 });
  });

  it("says that it is paid when the shop has heard of it", async () => {
    let heard = false;
    const { mock } = openMock({
      notify: {
        url: "http://shop.invalid/webhook",
        fetch: async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          heard = true;
          return new Response();
        },
      },
    });
    const { _id } = await createReceipt(mock);
    await press(mock, _id);
    expect(heard).toBe(true);
  });

  it("does not wait for ever for a shop that does not answer", async () => {
    const { mock } = openMock({
      notify: { url: "http://shop.invalid/webhook", fetch: () => new Promise<Response>(() => undefined) },
    });
    const { _id } = await createReceipt(mock);
    expect((await press(mock, `${_id}?lang=en`)).text).toContain("Paid");
  });
});

describe("text of others on the page", () => {
  const NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    "javascript:alert(1)",
    "</style><svg/onload=alert(1)>",
    "<!--",
    "&lt;b&gt;",
    "`backticks`",
  ];
  const escaped = (text: string) => text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);

  it.each(NASTY)("%s is shown as text, before and after paying", async (text) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock, { description: text, account: { [text]: text } });
    const [before, after] = [await open(mock, _id), await press(mock, _id)];
    const { mock: plain } = openMock();
    const { _id: other } = await createReceipt(plain, { description: "plain", account: { order_id: "1" } });
    for (const [page, harmless] of [
      [before.text, (await open(plain, other)).text],
      [after.text, (await press(plain, other)).text],
    ] as const) {
      expect(page).toContain(escaped(text));
      // Not one tag more than on the page of a harmless receipt.
      expect(page.match(/<[a-z/!]/gi)?.length).toBe(harmless.match(/<[a-z/!]/gi)?.length);
    }
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example",
    "/relative",
    "null",
    "",
  ])("a return link to %j is not offered", async (link) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const query = new URLSearchParams({ return: link });
    expect(linksOf((await open(mock, `${_id}?${query}`)).text)).toEqual([]);
    expect(linksOf((await press(mock, `${_id}?${query}`)).text)).toEqual([]);
  });

  it.each(["back", "return", "c"])("a return link in ?%s= is offered, escaped", async (name) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const query = new URLSearchParams({ [name]: 'https://shop.uz/done?a=1&b="><script>', lang: "en" });
    const link =
      '<a href="https://shop.uz/done?a=1&#38;b=&#34;&#62;&#60;script&#62;" rel="noreferrer">Back to the shop</a>';
    expect((await open(mock, `${_id}?${query}`)).text).toContain(link);
    expect((await press(mock, `${_id}?${query}`)).text).toContain(link);
  });
});

describe("the page's language", () => {
  it.each([
    ["?lang=uz", {}, "uz", "To‘lov"],
    ["?lang=ru", {}, "ru", "Оплата"],
    ["?lang=en", { "Accept-Language": "uz" }, "en", "Payment"],
    ["", { "Accept-Language": "uz-Latn-UZ,uz;q=0.9,ru;q=0.8" }, "uz", "To‘lov"],
    ["", { "Accept-Language": "de-DE,en;q=0.8" }, "en", "Payment"],
    ["?lang=xx", { "Accept-Language": "uz" }, "uz", "To‘lov"],
    ["?lang=%22%3E%3Cscript%3E", {}, "ru", "Оплата"],
    ["", { "Accept-Language": "de" }, "ru", "Оплата"],
    ["", {}, "ru", "Оплата"],
  ])("%j with %j is %s", async (query, headers, language, title) => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    const { text } = await open(mock, `${_id}${query}`, headers);
    expect(text).toContain(`<html lang="${language}">`);
    expect(text).toContain(`<h1>${title}</h1>`);
  });
});
