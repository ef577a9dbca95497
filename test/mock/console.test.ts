import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { sleep } from "../../src/kit/clock";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import { createShop, KEY } from "../merchant/shop";
import { API_CARD, CARD, createReceipt, openMock, UZCARD, verifiedToken } from "./kit";

const HOST = "http://localhost:8001";
const get = async (mock: MockPayme, path = "/console") => {
  const response = await mock.fetch(`${HOST}${path}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const press = async (mock: MockPayme, form: Record<string, string>, headers: Record<string, string> = {}) => {
  const body = new URLSearchParams(form);
  const response = await mock.fetch(`${HOST}/console`, { method: "POST", body, headers });
  const text = await response.text();
  return { status: response.status, text, done: /<p id="done"[^>]*>([^<]*)</.exec(text)?.[1] };
};
const stateIn = (text: string, id: string) => new RegExp(`id="r-${id}" data-state="(\\d+)"`).exec(text)?.[1];

describe("the console shows", () => {
  it("cashboxes of both kinds, and what they have", async () => {
    const { mock } = openMock({
      name: "Flowers",
      notify: { url: "http://shop.invalid/hook", fetch: async () => new Response() },
      cashboxes: [
        {
          merchantId: "65a0b0000000000000000002",
          key: "b",
          name: "Books",
          billing: { endpoint: "http://b.invalid/", key: "b" },
        },
      ],
    });
    const { _id } = await createReceipt(mock);
    await mock.pay(_id, { card: CARD });
    const { text } = await get(mock);
    for (const shown of [
      "Flowers",
      "virtual terminal",
      "http://shop.invalid/hook",
      "Books",
      "Merchant API",
      "http://b.invalid/",
    ])
      expect(text).toContain(shown);
    expect(text).toContain("has <b>12\u00a0500</b>");
  });

  it("receipts, the newest first, with their state, account and what can be done", async () => {
    const { mock } = openMock();
    const first = await createReceipt(mock, { account: { order_id: 1 } });
    const second = await createReceipt(mock, { account: { order_id: 2 }, description: "Order 2" });
    await mock.pay(first._id, { card: CARD });
    const { text } = await get(mock);
    expect(text.indexOf(second._id)).toBeLessThan(text.indexOf(first._id));
    expect([stateIn(text, first._id), stateIn(text, second._id)]).toEqual(["4", "0"]);
    expect(text).toContain("Order 2");
    expect(text).toContain(">Refund</button>");
    expect(text).toContain(">Expire</button>");
  });

  it("25 receipts a page, however many there are", async () => {
    const { mock } = openMock();
    for (let made = 0; made < 60; made += 1) await createReceipt(mock, { account: { order_id: made } });
    const ids = (text: string) => [...text.matchAll(/<li id="r-(\w+)"/g)].map(([, id]) => id);
    const pages = await Promise.all(
      ["", "?page=2", "?page=3", "?page=99", "?page=x"].map((query) => get(mock, `/console${query}`)),
    );
    expect(pages.map(({ text }) => ids(text).length)).toEqual([25, 25, 10, 10, 25]);
    expect(new Set(pages.slice(0, 3).flatMap(({ text }) => ids(text))).size).toBe(60);
  });

  it("cards, calls of both directions and notifications", async () => {
    const { mock, call } = openMock({
      notify: { url: "http://shop.invalid", fetch: async () => new Response(null, { status: 500 }), repeatAfterMs: [] },
    });
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock);
    await call("receipts.pay", { id, token });
    await mock.flush();
    const { text } = await get(mock);
    expect(text).toContain("860049******6478");
    expect(text).toContain("<code>cards.verify</code>");
    expect(text).toMatch(/<code>receipts\.pay<\/code> <a[^>]*>.*?<\/a>\s*<span class="tag bad">500<\/span>/s);
  });

  it("no key, token, code or whole card number, whatever was sent", async () => {
    const key = "planted-key-of-the-cashbox-0123456789";
    const { mock, call } = openMock({ key });
    const token = await verifiedToken(mock);
    const { _id: id } = await createReceipt(mock, { description: "plain" });
    await call("receipts.pay", { id, token });
    await call("cards.create", { card: { number: Number(API_CARD.number), expire: "0399", cvv: "737" }, key });
    await call("cards.verify", { token, code: "123456" });
    await mock.pay((await createReceipt(mock))._id, { card: UZCARD });
    const { text } = await get(mock);
    for (const planted of [key, token, API_CARD.number, UZCARD.number.replaceAll(" ", ""), "123456", "666666", "737"])
      expect(text).not.toContain(planted);
  });

  it("HTML of others as text", async () => {
    const { mock, call } = openMock({ name: "<img src=x>" });
    const text = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
    await createReceipt(mock, { description: text, account: { [text]: text } });
    await call(text, { [text]: text });
    await call("cards.create", { card: API_CARD, customer: text });
    const page = (await get(mock)).text;
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toContain("<img");
  });

  it("lets in its own style and script, and nothing else", async () => {
    const { headers, text } = await get(openMock().mock);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(text).not.toMatch(/\s(style|on\w+|src)=|url\(|@import/i);
  });
});

describe("a person at the console", () => {
  it("sees at once what a press did, with several cashboxes, too", async () => {
    const { mock } = openMock({ cashboxes: [{ merchantId: "65a0b0000000000000000002", key: "b" }] });
    const { _id: id } = await createReceipt(mock);
    const { text } = await press(mock, { action: "pay", id, card: "2" });
    expect(text).toContain("sent to nobody");
    expect(text).toContain(">Send the notification again</button>");
  });

  it("pays, refunds, and is told what came of it", async () => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    const paid = await press(mock, { action: "pay", id, card: "2" });
    expect([paid.done, stateIn(paid.text, id)]).toEqual(["paid: 12\u00a0500 som", "4"]);
    expect((await press(mock, { action: "cancel", id })).done).toBe("cancelled: the receipt is in state 21");
    expect((await press(mock, { action: "pay", id, card: "2" })).done).toContain("declined: -31602");
  });

  it("takes a hold, and lets one go", async () => {
    const { mock } = openMock();
    const [taken, gone] = [await createReceipt(mock, { hold: true }), await createReceipt(mock, { hold: true })];
    for (const { _id: id } of [taken, gone])
      expect((await press(mock, { action: "pay", id, card: "2" })).done).toContain("held");
    expect((await press(mock, { action: "confirm", id: taken._id })).done).toContain("state 4");
    expect((await press(mock, { action: "expire", id: gone._id })).done).toContain("state 50");
  });

  it("a card that fails is declined, in Payme's words", async () => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    expect((await press(mock, { action: "pay", id, card: "6" })).done).toBe("declined: -31301 Карта заблокирована");
    expect((await press(mock, { action: "pay", id, card: "99" })).done).toBe("there is no such test card");
  });

  it("sends a notification again", async () => {
    let status = 500;
    const { mock } = openMock({
      notify: { url: "http://shop.invalid", repeatAfterMs: [], fetch: async () => new Response(null, { status }) },
    });
    const { _id: id } = await createReceipt(mock);
    expect((await press(mock, { action: "resend", id })).done).toBe("there is no notification of it yet");
    await mock.pay(id, { card: CARD });
    await mock.flush();
    status = 200;
    expect((await press(mock, { action: "resend", id })).done).toBe("sent again: 200");
    expect(mock.notifications[0]?.attempts).toEqual([500, 200]);
  });

  it.each([
    ["pass_hour", "2026-01-15 11:30:00 UTC", "0 days and 1 hours ahead"],
    ["pass_day", "2026-01-16 10:30:00 UTC", "1 days and 0 hours ahead"],
    ["pass_month", "2026-02-15 10:30:00 UTC", "31 days and 0 hours ahead"],
  ])("moves Payme's clock by %s, and sees its time", async (action, time, ahead) => {
    const { mock } = openMock();
    expect((await get(mock)).text).not.toContain(" ahead");
    const { done, text } = await press(mock, { action });
    expect(done).toBe(`it is ${time} for Payme`);
    expect(text).toContain(`<b id="now">${time}</b>`);
    expect(text).toContain(ahead);
    const { create_time: made } = await createReceipt(mock);
    expect(new Date(made).toISOString().slice(0, 19).replace("T", " ")).toBe(time.slice(0, 19));
  });

  it("moves the clock, and what is due by then happens: a refund ends, a notification is repeated", async () => {
    const statuses = [500, 200, 200];
    const { mock } = openMock({
      cancelDelayMs: 50 * 60_000,
      // By real timers nothing of this would ever come.
      sleep,
      notify: {
        url: "http://shop.invalid",
        repeatAfterMs: [59 * 60_000],
        fetch: async () => new Response(null, { status: statuses.shift() ?? 200 }),
      },
    });
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    await expect.poll(() => mock.notifications[0]?.attempts).toEqual([500]);
    await press(mock, { action: "cancel", id });
    expect(mock.receipt(id)).toMatchObject({ state: 21 });
    await press(mock, { action: "pass_hour" });
    expect(mock.receipt(id)).toMatchObject({ state: 50 });
    await mock.flush();
    expect(mock.notifications.map(({ attempts }) => attempts)).toEqual([[500, 200], [200]]);
  });

  it("moves the clock, and the merchant still gets its own time", async () => {
    const shop = createShop();
    await shop.ready;
    const billing = { fetch: (request: Request) => fetchMerchant(shop.merchant)(request), key: KEY };
    const { mock } = openMock({ now: shop.now, billing });
    await press(mock, { action: "pass_month" });
    const { _id: id } = await createReceipt(mock, { amount: 5_000_000, account: { order_id: 1 } });
    expect((await press(mock, { action: "pay", id, card: "2" })).done).toBe("paid: 50\u00a0000 som");
    expect(mock.billing?.transactions()).toMatchObject([{ time: shop.now(), state: 2 }]);
    expect((await press(mock, { action: "compare" })).done).toBe("the books agree");
    expect((await press(mock, { action: "cancel", id })).done).toContain("cancelled");
    expect(mock.billing?.disagreements).toEqual([]);
  });

  it("keeps a moved clock with the books, and a reset sets it back", async () => {
    const { mock } = openMock();
    await press(mock, { action: "pass_day" });
    const next = openMock({ restore: JSON.stringify(mock.snapshot()) });
    expect((await get(next.mock)).text).toContain("2026-01-16 10:30:00 UTC");
    next.mock.reset();
    expect((await get(next.mock)).text).toContain("2026-01-15 10:30:00 UTC");
  });

  it.each([
    ["answer_lost", /fetch failed/],
    ["never_arrives", /fetch failed/],
    ["http_502", /HTTP 502/],
  ])("switches the fault %s on, sees it happen, and off again", async (fault, message) => {
    const { mock, call } = openMock();
    const on = await press(mock, { action: "fault_on", fault, method: "receipts.get_all", times: "0" });
    expect(on.done).toContain("on for receipts.get_all");
    await expect(call("receipts.get_all")).rejects.toThrow(message);
    expect((await get(mock)).text).toContain("matched 1, happened 1");
    await press(mock, { action: "fault_off", rule: "0" });
    expect(await call("receipts.get_all")).toHaveProperty("result");
    expect(mock.faults.list()).toEqual([]);
  });

  it.each(["system_error", "late", "no_json", "twice"])("knows the fault %s, for so many times", async (fault) => {
    const { mock } = openMock();
    await press(mock, { action: "fault_on", fault, method: "*", times: "3" });
    expect(mock.faults.list()).toMatchObject([{ rule: { method: "*", times: 3 } }]);
    await press(mock, { action: "faults_off" });
    expect(mock.faults.list()).toEqual([]);
  });

  it.each([
    [{ action: "fault_on", fault: "no such", method: "*" }],
    [{ action: "fault_on", fault: "late", method: "<script>" }],
    [{ action: "fault_off", rule: "7" }],
    [{ action: "cancel", id: "nobody" }],
    [{ action: "pay", id: "nobody", card: "2" }],
  ])("a press that cannot be (%j) changes nothing and breaks nothing", async (form) => {
    const { mock } = openMock();
    await createReceipt(mock);
    const before = JSON.stringify(mock.receipts());
    expect((await press(mock, form)).status).toBe(200);
    expect([JSON.stringify(mock.receipts()), mock.faults.list()]).toEqual([before, []]);
  });

  it("compares the books with a merchant's endpoint", async () => {
    const shop = createShop();
    await shop.ready;
    const billing = { fetch: (request: Request) => fetchMerchant(shop.merchant)(request), key: KEY };
    const { mock } = openMock({ now: shop.now, billing });
    const { _id: id } = await createReceipt(mock, { amount: 5_000_000, account: { order_id: 1 } });
    await mock.pay(id, { card: CARD });
    expect((await press(mock, { action: "compare" })).done).toBe("the books agree");
    shop.pass(1);
    await mock.merchant(billing).pay({ account: { order_id: "2" }, amount: 5_000_000 });
    const { done, text } = await press(mock, { action: "compare" });
    expect(done).toBe("1 differences");
    expect(text).toContain("unknown to payme");
  });
});

describe("live", () => {
  it("a waiting page is answered at a change, and not before", async () => {
    const { mock } = openMock();
    const seen = /data-count="(\d+)"/.exec((await get(mock)).text)?.[1];
    let woke = false;
    const waiting = get(mock, `/console/changes?seen=${seen}`).then(({ text }) => {
      woke = true;
      return text;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(woke).toBe(false);
    await createReceipt(mock);
    expect(Number(await waiting)).toBeGreaterThan(Number(seen));
  });

  it("a page that is behind is answered at once", async () => {
    const { mock } = openMock();
    await createReceipt(mock);
    expect((await get(mock, "/console/changes?seen=0")).text).not.toBe("0");
  });
});

describe("only this machine", () => {
  it.each(["localhost:8001", "127.0.0.1:8001", "[::1]:8001", "LOCALHOST", "127.0.0.1"])(
    "%s is let in",
    async (host) => {
      const { mock } = openMock();
      expect((await mock.fetch(`http://${host}/console`)).status).toBe(200);
    },
  );

  // DNS rebinding: a page's own name that points at 127.0.0.1 comes with that name.
  it.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.168.1.5:8001",
    "checkout.paycom.uz",
  ])("%s is refused", async (host) => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    for (const path of ["/console", "/console/changes?seen=0"]) {
      const response = await mock.fetch(`http://${host}${path}`);
      expect(response.status).toBe(403);
      expect(await response.text()).not.toContain(id);
    }
  });

  it.each([
    [{ Origin: "http://evil.example" }],
    [{ Origin: "null" }],
    [{ Origin: "http://localhost:9999" }],
    [{ "Sec-Fetch-Site": "cross-site" }],
    [{ "Sec-Fetch-Site": "same-site" }],
  ])("another page's press (%j) does nothing", async (headers) => {
    const { mock } = openMock();
    const server = await mock.listen();
    const { _id: id } = await createReceipt(mock);
    const body = new URLSearchParams({ action: "pay", id, card: "2" });
    const response = await mock.fetch(`${HOST}/console`, { method: "POST", body, headers });
    await server.close();
    expect(response.status).toBe(403);
    expect(mock.receipt(id)).toMatchObject({ state: 0 });
  });

  it("its own press does, also over HTTP", async () => {
    const { mock } = openMock();
    const server = await mock.listen();
    const { _id: id } = await createReceipt(mock);
    const body = new URLSearchParams({ action: "pay", id, card: "2" });
    const response = await fetch(`${server.url}/console`, { method: "POST", body, headers: { Origin: server.url } });
    await server.close();
    expect(response.status).toBe(200);
    expect(mock.receipt(id)).toMatchObject({ state: 4 });
  });

  it.each([
    ...["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "isPrototypeOf", "__defineGetter__"],
    ...["", "nothing", "PAY", "pay ", "pay,cancel"],
  ])("a press of %j, which is no button, is 400 and does nothing", async (action) => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    const before = mock.receipt(id);
    expect(await press(mock, { action, id, card: "2" })).toMatchObject({
      status: 400,
      done: "there is no such button",
    });
    const none = await mock.fetch(`${HOST}/console`, { method: "POST", body: new URLSearchParams({ id }) });
    expect(none.status).toBe(400);
    expect(mock.receipt(id)).toEqual(before);
  });

  it.each(["__proto__", "constructor", "toString", ""])("and no fault, method or card is called %j", async (name) => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    for (const form of [
      { action: "fault_on", fault: name, method: "*", times: name },
      { action: "fault_on", fault: "x", method: name },
      { action: "fault_off", rule: name },
      { action: "pay", id, card: `${name}x` },
      { action: "resend", id },
      { action: "cancel", id: `${name}x` },
    ])
      expect((await press(mock, form)).status).toBe(200);
    expect(mock.faults.list()).toEqual([]);
    expect(mock.receipt(id)).toMatchObject({ state: 0 });
  });

  it("other methods and huge forms are refused", async () => {
    const { mock } = openMock();
    expect((await mock.fetch(`${HOST}/console`, { method: "PUT", body: "x" })).status).toBe(405);
    expect((await press(mock, { action: "x".repeat(20_000) })).status).toBe(413);
  });
});
