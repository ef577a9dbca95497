import { createMerchantApi, createPaymeClient, createPayments, type MerchantApi, memoryStorage, som } from "payme-kit";
import { fetchMerchant } from "payme-kit/fetch";
import { createMockPayme, type MockServer } from "payme-kit/testing";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeInBrowser, fitsWidth, launch, openPage, PHONE, picture } from "./chromium";

describeInBrowser("the mock's console", () => {
  let browser: Browser;
  const servers: MockServer[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function market({ notifies = true } = {}) {
    const notify = notifies ? { url: "http://127.0.0.1:9/hook", repeatAfterMs: [] } : undefined;
    const mock = createMockPayme({ name: "Gullar", notify });
    const server = await mock.listen();
    servers.push(server);
    const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, apiUrl: server.url, retries: 0 });
    return { mock, url: `${server.url}/console`, client };
  }

  it("shows a receipt as it comes, and lets a person pay, refund and resend", async () => {
    const { mock, url, client } = await market();
    const page = await openPage(browser, url);
    await page.waitForSelector("#live:text-is('live')");
    const { _id: id } = await client.receipts.create({
      amount: som(150_000),
      account: { order_id: 197 },
      description: "25 roses",
    });
    await page.waitForSelector(`#r-${id}[data-state="0"]`);
    await page.click(`#r-${id} button[value=pay]`);
    await page.waitForSelector(`#r-${id}[data-state="4"]`);
    expect(await page.textContent("#done")).toContain("150\u00a0000 som");
    await mock.flush();
    await page.click(`#r-${id} button[value=resend]`);
    await page.waitForSelector("#done:has-text('sent again')");
    await page.click(`#r-${id} button[value=cancel]`);
    await page.waitForSelector(`#r-${id}[data-state="21"]`);
    expect(mock.receipt(id)?.state).toBe(21);
  });

  it("opens a call, which stays open while news come, and shows nothing secret", async () => {
    const { mock, url, client } = await market();
    const card = await client.cards.create({ number: "8600495473316478", expire: "0399", save: true });
    await client.cards.verify({ token: card.token, code: "666666" });
    const hold = await client.receipts.create({ amount: som(30_000), account: { order_id: 198 }, hold: true });
    await client.hold({ receiptId: hold._id, token: card.token });
    const receipt = await client.receipts.create({ amount: som(99_000), account: { order_id: 199 } });
    await client.pay({ receiptId: receipt._id, token: card.token });
    const page = await openPage(browser, url);
    await page.click("#calls details >> nth=0");
    const key = await page.getAttribute("#calls details[open]", "data-key");
    await client.receipts.create({ amount: som(1_000), account: { order_id: 200 } });
    await page.waitForSelector("#receipts .cardlist li >> nth=2");
    expect(await page.getAttribute("#calls details[open]", "data-key")).toBe(key);
    const text = await page.content();
    for (const secret of [card.token, mock.key, "8600495473316478", "666666"]) expect(text).not.toContain(secret);
    await page.evaluate("scrollTo(0, 0)");
    await picture(page, "console");
  });

  it("ties each call to its receipt, and shows those that a person asks for", async () => {
    const { mock, url, client } = await market({ notifies: false });
    const make = (order: number) => client.receipts.create({ amount: som(1_000), account: { order_id: order } });
    const [{ _id: one }, { _id: two }] = [await make(197), await make(4051)];
    await mock.pay(one, { card: { number: "8600495473316478", expire: "03/99" } });
    await client.receipts.check(two);
    await client.receipts.cancel(two);
    await client.receipts.cancel("0".repeat(24)).catch(() => {});
    const page = await openPage(browser, url);
    const methods = () => page.locator("#calls summary code").allTextContents();
    const receipts = () => page.locator("#receipts .cardlist > li").count();
    expect([(await methods()).length, await receipts()]).toEqual([5, 2]);
    // From a call to its receipt.
    await page.locator("#calls summary", { hasText: "receipts.check" }).locator("a").click();
    await page.waitForURL(/receipt=/);
    expect([await methods(), await receipts()]).toEqual([["receipts.cancel", "receipts.check", "receipts.create"], 1]);
    // From a receipt to its call, which is open then.
    await page.click(`#r-${two} details summary`);
    await page.locator(`#r-${two} li a`, { hasText: "receipts.create" }).click();
    await page.waitForSelector("#calls details[open] pre");
    expect(await page.textContent("#calls details[open]")).toContain("4051");
    const show = async (field: "method" | "order", text: string) => {
      await page.goto(url);
      await page.fill(`#filter input[name=${field}]`, text);
      await page.press(`#filter input[name=${field}]`, "Enter");
      await page.waitForURL(new RegExp(`${field}=`));
    };
    await show("order", "405");
    expect([(await methods()).length, await receipts()]).toEqual([3, 1]);
    await show("method", "receipts.create");
    expect([(await methods()).length, await receipts()]).toEqual([2, 2]);
    await page.goto(url);
    await page.selectOption("#filter select", "error");
    await page.click("#filter button");
    await page.waitForURL(/outcome=error/);
    expect(await methods()).toEqual(["receipts.cancel"]);
    // What comes later is filtered, too, and a press keeps the filter.
    await page.goto(`${url}?receipt=${one}`);
    await page.waitForSelector("#live:text-is('live')");
    const before = await page.getAttribute("main", "data-count");
    await make(7);
    await page.waitForSelector(`main:not([data-count="${before}"])`);
    await page.click(`#r-${one} button[value=cancel]`);
    await page.waitForSelector(`#r-${one}[data-state="21"]`);
    expect(await receipts()).toBe(1);
    await picture(page, "console-filter");
  });

  it("ties the calls to a merchant to their receipt, the question before it, too", async () => {
    const testKey = "test-key-of-36-characters-0123456789";
    const endpoint: { current?: MerchantApi } = {};
    const mock = createMockPayme({
      billing: {
        key: testKey,
        fetch: async (request) =>
          endpoint.current === undefined
            ? new Response(null, { status: 500 })
            : fetchMerchant(endpoint.current)(request),
      },
    });
    const server = await mock.listen();
    servers.push(server);
    const { merchantId, key } = mock;
    const client = createPaymeClient({ merchantId, key, mode: "test", apiUrl: server.url, retries: 0 });
    const payments = createPayments({ storage: memoryStorage(), client, onPaid: () => true });
    endpoint.current = createMerchantApi({ ...payments.asOrders(), key: "live".padEnd(36, "x"), testKey });
    for (const reference of ["order:1", "order:2"]) {
      const { transactionId } = await payments.create({ reference, amount: som(50_000) });
      await mock.pay(transactionId ?? "", { card: { number: "8600495473316478", expire: "03/99" } });
    }
    const [receipt] = mock.receipts();
    const page = await openPage(browser, `${server.url}/console?receipt=${receipt?._id}`);
    const methods = await page.locator("#calls summary code").allTextContents();
    for (const method of ["CheckPerformTransaction", "CreateTransaction", "PerformTransaction", "receipts.create"]) {
      expect(methods.filter((each) => each === method)).toHaveLength(1);
    }
  });

  it("switches a fault on, and it happens", async () => {
    const { mock, url, client } = await market();
    const page = await openPage(browser, url);
    await page.selectOption("#faults select[name=fault]", "answer_lost");
    await page.fill("#faults input[name=method]", "receipts.create");
    await page.click("#faults button[value=fault_on]");
    await page.waitForSelector("#faults .plain li");
    await expect(client.receipts.create({ amount: som(1_000), account: { order_id: 1 } })).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
    expect(mock.receipts()).toHaveLength(1);
    await page.click("#receipts-title");
    await page.waitForSelector("text=happened 1");
    await page.click("#faults button[value=fault_off]");
    await page.waitForSelector("#faults .plain li", { state: "detached" });
  });

  it("moves Payme's clock by mouse and by keyboard, and what is due by then happens", async () => {
    const { mock, url, client } = await market();
    const { _id: id } = await client.receipts.create({ amount: som(150_000), account: { order_id: 197 } });
    await mock.pay(id, { card: { number: "8600495473316478", expire: "03/99" } });
    await mock.cancel(id);
    const page = await openPage(browser, url);
    await page.waitForSelector(`#r-${id}[data-state="21"]`);
    await page.click("#clock button[value=pass_hour]");
    await page.waitForSelector("#clock:has-text('0 days and 1 hours ahead')");
    await page.waitForSelector(`#r-${id}[data-state="50"]`);
    await page.focus("#clock button[value=pass_day]");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#clock:has-text('1 days and 1 hours ahead')");
    // The pressed button keeps the focus: one more press is one more day.
    await page.keyboard.press("Enter");
    await page.waitForSelector("#clock:has-text('2 days and 1 hours ahead')");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#done:has-text('for Payme')");
    await page.waitForSelector("#clock:not(:has-text('2 days and 1 hours ahead'))");
    const later = await client.receipts.create({ amount: som(1_000), account: { order_id: 198 } });
    expect((later.create_time ?? 0) - Date.now()).toBeGreaterThan(30 * 24 * 3_600_000);
  });

  it("fits a phone, and works by keyboard", async () => {
    const { mock, url, client } = await market();
    const { _id: id } = await client.receipts.create({ amount: som(150_000), account: { order_id: 197 } });
    const page = await openPage(browser, url, { viewport: PHONE, colorScheme: "dark" });
    expect(await fitsWidth(page)).toBe(true);
    await picture(page, "console-phone");
    await page.focus(`#r-${id} button[value=pay]`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`#r-${id}[data-state="4"]`);
    expect(mock.receipt(id)?.state).toBe(4);
  });

  it("works without a script", async () => {
    const { mock, url, client } = await market();
    const { _id: id } = await client.receipts.create({ amount: som(150_000), account: { order_id: 197 } });
    const page = await openPage(browser, url, { javaScriptEnabled: false });
    await page.click(`#r-${id} button[value=pay]`);
    expect(await page.getAttribute(`#r-${id}`, "data-state")).toBe("4");
    expect(mock.receipt(id)?.state).toBe(4);
  });
});
