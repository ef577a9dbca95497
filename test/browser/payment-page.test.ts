import { createServer } from "node:http";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { ReceiptState } from "../../src/protocol/states";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { createReceipt } from "../mock/kit";
import { describeInBrowser, launch, picture } from "./chromium";

const NARROW = { width: 320, height: 640 };
const callSchema = z.object({ id: z.number(), method: z.string() });
const SHOP = "https://shop.uz/done?a=1&b=2";

const form = (action: string) => `<form method="post" action="${action}">
<input name="number" value="8600495473316478"><input name="expire" value="03/99"><input name="cvv" value="123">
<button name="action" value="pay">Win a prize</button></form>`;

describeInBrowser("the payment page in a browser", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** A receipt's page, open; whatever the browser complains of fails the test. */
  async function open(query = "?lang=en", context: BrowserContextOptions = {}, options: MockPaymeOptions = {}) {
    const mock = createMockPayme(options);
    const server = await mock.listen();
    const receipt = await createReceipt(mock, { description: "Premium Plan, 30 days", account: { order_id: "A-17" } });
    const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, ...context });
    const complaints: string[] = [];
    page.on("console", (message) => {
      // An answer of 422 is shown by the page.
      const isRefusal = message.text().startsWith("Failed to load resource");
      if (["error", "warning"].includes(message.type()) && !isRefusal) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    onTestFinished(async () => {
      await page.close();
      await server.close();
      expect(complaints).toEqual([]);
    });
    await page.goto(`${server.url}/${receipt._id}${query}`);
    return { mock, page, id: receipt._id, state: () => mock.receipt(receipt._id)?.state };
  }

  const focused = (page: Page) => page.evaluate("document.activeElement.name || document.activeElement.tagName");
  const overflow = (page: Page) =>
    page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

  it("is used by the keyboard alone: groups, slash, brand; wrong fields first, then paid", async () => {
    const { page, state } = await open();
    for (let presses = 0; (await focused(page)) !== "number" && presses < 10; presses += 1) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector("#expire-problem");
    expect(await focused(page)).toBe("number");
    await page.keyboard.type("8600123456789012");
    expect(await page.inputValue("#number")).toBe("8600 1234 5678 9012");
    expect(await page.textContent(".field .brand")).toBe("Uzcard");
    expect(await page.locator("#number-problem").count()).toBe(0);
    await page.keyboard.press("Tab");
    await page.keyboard.type("0120");
    await page.keyboard.press("Tab");
    await page.keyboard.type("123");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#expire-problem");
    expect(await focused(page)).toBe("expire");
    expect(await page.inputValue("#number")).toBe("8600 1234 5678 9012");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("1239");
    expect(await page.inputValue("#expire")).toBe("12/39");
    await page.keyboard.press("Enter");
    await page.waitForSelector("h1.good[role=status]");
    expect(await focused(page)).toBe("H1");
    expect(state()).toBe(ReceiptState.PAID);
    // Loaded again, it asks nothing and pays nothing again.
    await page.reload();
    expect(await page.textContent("h1")).toBe("Paid");
  });

  it("takes no press from a page of another origin, nor from one without an origin", async () => {
    const { page, state } = await open();
    const target = page.url();
    const shop = createServer((_request, response) =>
      response.setHeader("Content-Type", "text/html").end(form(target)),
    );
    await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void shop.close());
    const address = shop.address();
    const port = typeof address === "object" ? address?.port : 0;
    for (const go of [() => page.goto(`http://127.0.0.1:${port}/`), () => page.setContent(form(target))]) {
      await page.goto("about:blank");
      await go();
      await page.click("button");
      await page.waitForURL(target);
      expect(await page.textContent("body")).toContain("another page may not press these buttons");
      expect(state()).toBe(ReceiptState.CREATED);
    }
  });

  it("lets the slash of the expiry be taken away again, and a digit in the middle be put right", async () => {
    const { page } = await open();
    await page.focus("#expire");
    await page.keyboard.type("12");
    expect(await page.inputValue("#expire")).toBe("12/");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    expect(await page.inputValue("#expire")).toBe("1");
    await page.fill("#number", "8600999956789012");
    await page.focus("#number");
    await page.keyboard.press("Home");
    for (let right = 0; right < 6; right += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("1");
    expect(await page.inputValue("#number")).toBe("8600 1999 5678 9012");
  });

  it.each(["uz", "ru", "en"])(
    "has no sideways scroll at 320 px, in %s, and keeps the query when the language is switched",
    async (lang) => {
      const query = `?${new URLSearchParams({ lang, c: SHOP })}`;
      for (const colorScheme of ["light", "dark"] as const) {
        const { page } = await open(query, { viewport: NARROW, colorScheme });
        expect(await overflow(page)).toBe(0);
        await picture(page, `form-${lang}-${colorScheme}`);
        await page.click("nav a:not([aria-current])");
        expect(await page.getAttribute(".back a", "href")).toBe(SHOP);
        expect(await page.getAttribute("html", "lang")).not.toBe(lang);
      }
    },
  );

  it("fills the form by one press, and says what Payme refused", async () => {
    const { page, state } = await open();
    await page.click(".fill >> nth=4");
    await expect.poll(() => page.inputValue("#number")).toBe("8600 0609 2109 0842");
    expect(await focused(page)).toBe("action");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".problem[role=alert]");
    expect(state()).toBe(ReceiptState.CREATED);
    await picture(page, "declined-desktop");
  });

  it("pressed twice, pays once", async () => {
    const { page, mock } = await open();
    await page.click(".fill >> nth=0");
    await expect.poll(() => page.inputValue("#number")).not.toBe("");
    await page.dblclick("button.main");
    await page.waitForSelector("h1.good[role=status]");
    expect(mock.notifications).toHaveLength(1);
    await picture(page, "paid-desktop");
  });

  it.each([true, false])("pays and goes back to the shop, with scripts: %s", async (javaScriptEnabled) => {
    const { page, state } = await open(`?${new URLSearchParams({ lang: "uz", c: SHOP })}`, { javaScriptEnabled });
    await page.click("button.main");
    await page.waitForSelector("#number-problem");
    await page.click(".fill >> nth=1");
    await expect.poll(() => page.inputValue("#number")).toBe("9860 1234 5678 9012");
    await page.click("button.main");
    await page.waitForSelector("h1.good[role=status]");
    expect(state()).toBe(ReceiptState.PAID);
    expect(await page.getAttribute(".back a", "href")).toBe(SHOP);
  });

  it.each([true, false])("waits for the end of a payment, with scripts: %s", async (javaScriptEnabled) => {
    let isUp = false;
    const fetch = async (request: Request) => {
      const { id, method } = callSchema.parse(await request.json());
      if (method === "PerformTransaction" && !isUp) return new Response("down", { status: 502 });
      const result =
        method === "CheckPerformTransaction"
          ? { allow: true }
          : method === "CreateTransaction"
            ? { create_time: Date.now(), transaction: "1", state: 1 }
            : { transaction: "1", perform_time: Date.now(), state: 2 };
      return Response.json({ id, result });
    };
    const billing = { fetch, key: "k".repeat(36), repeatAfterMs: [] };
    const { page, mock } = await open("?lang=en", { javaScriptEnabled, viewport: NARROW }, { billing });
    await page.click(".fill >> nth=0");
    await expect.poll(() => page.inputValue("#number")).not.toBe("");
    await page.click("button.main");
    await page.waitForSelector("[data-result=pending]");
    await picture(page, `pending-${javaScriptEnabled}`);
    isUp = true;
    await mock.settle();
    await page.waitForSelector("[data-result=paid]", { timeout: 15_000 });
  });

  it.each(["light", "dark"] as const)(
    "says that money is set aside, and that it is given back, in %s",
    async (colorScheme) => {
      const { page, mock } = await open("?lang=ru", { colorScheme });
      const { _id } = await createReceipt(mock, { hold: true });
      await mock.pay(_id, { card: { number: "8600495473316478", expire: "03/99" } });
      await page.goto(`${new URL(page.url()).origin}/${_id}?lang=ru`);
      expect(await page.textContent("[data-result=held] h1")).toBe("Деньги зарезервированы");
      await picture(page, `held-${colorScheme}`);
      await mock.cancel(_id);
      await page.reload();
      expect(await page.textContent("[data-result=cancelled] h1")).toBe("Платёж отменён");
      expect(await page.textContent(".more")).toBe("Деньги возвращаются на карту.");
      await picture(page, `cancelled-${colorScheme}`);
    },
  );
});
