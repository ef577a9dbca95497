import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { printedToken, type Started, start, temporaryFolder } from "../wedy/started";
import { describeInBrowser, launch } from "./chromium";

const PHONE = { width: 390, height: 844 };

describeInBrowser("the page of the Wedy server", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  /** The server's page, open; whatever the browser complains of fails the test. */
  async function open(server: Started): Promise<Page> {
    const page = await browser.newPage({ viewport: PHONE });
    const complaints: string[] = [];
    page.on("console", (message) => {
      // A refused call is shown by the page; the browser's own line about it says nothing more.
      const isRefusedCall = message.text().startsWith("Failed to load resource");
      if (["error", "warning"].includes(message.type()) && !isRefusedCall) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    onTestFinished(async () => {
      await page.close();
      expect(complaints).toEqual([]);
    });
    await page.goto(server.url);
    return page;
  }

  async function payWith(page: Page, number: string): Promise<void> {
    await page.fill("input[name=number]", number);
    await page.fill("input[name=expire]", "12/39");
    await page.fill("input[name=cvv]", "123");
    await page.click("button[value=pay]");
  }

  /** A picture to look at, where a folder for it is named. */
  async function picture(page: Page, name: string): Promise<void> {
    const folder = process.env.PICTURES;
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  }

  const backToShop = (page: Page, server: Started) => page.click(`a[href^="${server.url}"]`);

  it("shows a purchase from the button to the active tariff", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    await expect.poll(() => page.textContent("#current")).toBe("None yet.");
    await page.getByRole("button", { name: "Buy Premium Plan" }).click();
    await payWith(page, "8600 1234 5678 9012");
    await page.waitForSelector("h1[role=status]");
    await backToShop(page, server);
    await page.waitForSelector("#status[data-kind=good]");
    expect(await page.textContent("#status")).toContain("Premium Plan");
    expect(await page.textContent("#current")).toMatch(/^Premium Plan is active until /);
  });

  it("shows a purchase by a checkout link, paid through the Merchant API, from the button to the active tariff", async () => {
    const server = await start(temporaryFolder(), { PAYME_FLOW: "link" });
    const page = await open(server);
    await page.getByRole("button", { name: "Buy Premium Plan" }).click();
    await page.waitForSelector("input[name=number]");
    expect(await page.textContent(".amount")).toContain("50\u00a0000");
    await picture(page, "checkout-link");
    await payWith(page, "8600 1234 5678 9012");
    await page.waitForSelector("h1.good[role=status]");
    const link = page.url();
    await backToShop(page, server);
    await page.waitForSelector("#status[data-kind=good]");
    expect(await page.textContent("#current")).toMatch(/^Premium Plan is active until /);
    // A link that somebody made up: the merchant's words are on the page.
    const madeUp = Buffer.from("m=65a0b0000000000000000001;ac.order_id=none;a=500;l=uz").toString("base64");
    await page.goto(`${new URL(link).origin}/${madeUp}`);
    await payWith(page, "8600 1234 5678 9012");
    await page.waitForSelector(".problem[role=alert]");
    expect(await page.textContent(".problem")).toContain("Buyurtma topilmadi");
    await picture(page, "checkout-refused");
  });

  it("is used by the keyboard alone, also after a card was declined", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    const buy = page.getByRole("button", { name: "Buy Start" });
    await buy.waitFor();
    for (let presses = 0; presses < 10; presses += 1) {
      if (await buy.evaluate((button) => button.matches(":focus"))) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await payWith(page, "8600 0000 0000 0000");
    await page.waitForSelector(".problem");
    await payWith(page, "9860 1234 5678 9012");
    await page.waitForSelector("h1[role=status]");
    await backToShop(page, server);
    await page.waitForSelector("#status[data-kind=good]");
  });

  it("tells of a payment that was cancelled, and of a cheaper tariff that cannot be bought", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    await page.getByRole("button", { name: "Buy Business" }).click();
    await page.click("button[value=cancel]");
    await page.waitForSelector("h1[role=status]");
    await backToShop(page, server);
    await page.waitForSelector("#status[data-kind=bad]");
    expect(await page.textContent("#current")).toBe("None yet.");

    await page.getByRole("button", { name: "Buy Business" }).click();
    await payWith(page, "8600 1234 5678 9012");
    await backToShop(page, server);
    await page.waitForSelector("#status[data-kind=good]");
    await page.getByRole("button", { name: "Buy Start" }).click();
    await page.waitForSelector("#status[data-kind=bad]");
    expect(await page.textContent("#status")).toContain("cheaper");
  });

  it("shows the names of tariffs as text, whatever is in them", async () => {
    const server = await start(temporaryFolder());
    const headers = { Authorization: `Bearer ${printedToken(server.output(), "Admin")}` };
    const name = `<img src=x onerror="document.title='broken in'"><script>document.title='broken in'</script>`;
    const body = new URLSearchParams({ name, price: "20000", duration_days: "7" });
    expect((await fetch(`${server.url}/tariffs`, { method: "POST", headers, body })).status).toBe(200);
    const page = await open(server);
    await expect.poll(() => page.locator(".tariff h3").last().textContent()).toBe(name);
    await page.getByRole("button", { name: `Buy ${name}` }).click();
    await payWith(page, "8600 1234 5678 9012");
    await page.waitForSelector("h1[role=status]");
    expect(await page.title()).not.toContain("broken in");
    await backToShop(page, server);
    await page.waitForSelector("#status[data-kind=good]");
    expect(await page.textContent("#status")).toContain(name);
    expect(await page.title()).toBe("Wedy tariffs");
  });

  it("asks for a token outside demo mode", async () => {
    const secret = "a-secret-for-the-page-outside-demo-mode-0123456789";
    const server = await start(temporaryFolder(), {
      PAYME_MERCHANT_ID: "65a0b0000000000000000001",
      PAYME_SECRET_KEY: "k".repeat(36),
      PAYME_TEST_API_URL: "http://127.0.0.1:9",
      JWT_SECRET: secret,
    });
    const page = await open(server);
    await page.getByLabel("Access token").fill(await signToken({ id: "someone", role: "user" }, secret, 600));
    await page.getByRole("button", { name: "Log in" }).click();
    await expect.poll(() => page.textContent("#current")).toBe("None yet.");
    expect(await page.isVisible("#login")).toBe(false);
    expect(await page.isVisible("#demo")).toBe(false);
  });

  it("comes with a description of the API that can be read and tried", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    await page.goto(`${server.url}/docs`);
    await page.waitForSelector(".opblock");
    expect(await page.locator(".opblock").count()).toBe(13);
  });
});
