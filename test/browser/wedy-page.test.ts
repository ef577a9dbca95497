import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { printedToken, type Started, start, temporaryFolder } from "../wedy/started";
import { describeInBrowser, launch } from "./chromium";

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };

describeInBrowser("the page of the Wedy server", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  /** The server's page, open; whatever the browser complains of fails the test. */
  async function open(server: Started, locale = "en-US", viewport = PHONE): Promise<Page> {
    const page = await browser.newPage({ viewport, locale });
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

  it.each([
    ["uz", "Sotib olish: Premium Plan", "Uzaytirish: Premium Plan", "Xabarnomani yana yuborish", "Pulni qaytarish"],
    ["ru", "Купить Premium Plan", "Продлить Premium Plan", "Отправить уведомление ещё раз", "Вернуть деньги"],
    ["en", "Buy Premium Plan", "Extend Premium Plan", "Send the notification again", "Refund"],
  ])(
    "tells in %s what just happened; sent again it doubles nothing; refunded it takes back",
    async (lang, ...names) => {
      const [buy, extend, again, refund] = names;
      const server = await start(temporaryFolder());
      for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        const page = await open(server, lang, viewport);
        const shot = (name: string) => picture(page, `wedy-${name}-${lang}-${size}`);
        expect(await page.getAttribute("html", "lang")).toBe(lang);
        await page.getByRole("button", { name: buy }).waitFor();
        await shot("shop");
        await page.getByRole("button", { name: buy }).click();
        // The mock's page speaks the same language, and shows what is bought in words.
        await page.waitForSelector("input[name=number]");
        expect(await page.getAttribute("html", "lang")).toBe(lang);
        expect(await page.textContent(".summary .description")).toBe("Premium Plan");
        expect(await page.textContent(".summary")).not.toMatch(/[\da-f]{8}-/);
        await shot("pay");
        await payWith(page, "8600 1234 5678 9012");
        await page.waitForSelector("h1.good[role=status]");
        await backToShop(page, server);
        await page.waitForSelector("#status[data-kind=good]");
        await page.getByRole("button", { name: extend }).waitFor();
        await page.getByRole("button", { name: again }).waitFor();
        const running = await page.textContent("#current");
        expect(await page.textContent("#counts")).toMatch(/^\D+1\D+1\D+1$/);
        await page.getByRole("button", { name: again }).dblclick();
        await expect.poll(() => page.textContent("#counts")).toMatch(/^\D+[23]\D+1\D+1$/);
        await expect.poll(() => page.textContent("#done")).not.toBe("");
        expect(await page.textContent("#current")).toBe(running);
        await shot("again");
        await page.getByRole("button", { name: refund }).click();
        await expect.poll(() => page.locator("#steps li").count()).toBe(4);
        expect(await page.isVisible("#refund")).toBe(false);
        await page.getByRole("button", { name: buy }).waitFor();
        await shot("refunded");
        const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        expect(await page.evaluate(overflow)).toBe(0);
      }
    },
  );

  it.each([
    [
      "uz",
      "Obuna bo‘lish: Premium Plan",
      "Obunani bekor qilish",
      /^Premium Plan: 860012\*{6}9012 kartasidan 50\s000 so‘m\. Keyingi/,
    ],
    [
      "ru",
      "Подписаться: Premium Plan",
      "Отменить подписку",
      /^Premium Plan: 50\s000 сум с карты 860012\*{6}9012\. Следующее/,
    ],
    [
      "en",
      "Subscribe to Premium Plan",
      "Cancel the subscription",
      /^Premium Plan: 50,000 som from the card 860012\*{6}9012\. The next/,
    ],
  ])(
    "saves a card at Payme in %s, subscribes, shows the next charge, and cancels",
    async (lang, subscribe, cancel, renewal) => {
      const server = await start(temporaryFolder());
      for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        const page = await open(server, lang, viewport);
        const shot = (name: string) => picture(page, `wedy-subscription-${name}-${lang}-${size}`);
        const seen: string[] = [];
        page.on("request", (request) => {
          if (request.url().startsWith(server.url)) seen.push(request.postData() ?? "");
        });
        await page.getByRole("button", { name: subscribe }).click();
        expect(await page.textContent("#consent-text")).toMatch(/^Premium Plan: .*50[\s,]000/);
        await shot("card");
        await page.fill("#card-number", "8600 1234 5678 9012");
        await page.fill("#card-expiry", "12/39");
        await page.check("#consent");
        await page.keyboard.press("Enter");
        await page.locator("#code").waitFor();
        expect(await page.textContent("#code-for")).toContain("99890*****31");
        await page.fill("#code", "000000");
        await page.keyboard.press("Enter");
        await page.waitForSelector("#status[data-kind=bad]");
        await page.fill("#code", "666666");
        await shot("code");
        await page.keyboard.press("Enter");
        await page.waitForSelector("#status[data-kind=good]");
        await expect.poll(() => page.textContent("#renewal")).toMatch(renewal);
        expect(await page.isVisible("#code-form")).toBe(false);
        expect(await page.textContent("#current")).toContain("Premium Plan");
        await shot("active");
        await page.getByRole("button", { name: cancel }).click();
        await expect.poll(() => page.textContent("#renewal")).not.toMatch(renewal);
        expect(await page.isVisible("#cancel-subscription")).toBe(false);
        await page.reload();
        await expect.poll(() => page.textContent("#renewal")).toContain("Premium Plan");
        expect(await page.textContent("#renewal")).not.toMatch(renewal);
        await shot("cancelled");
        const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        expect(await page.evaluate(overflow)).toBe(0);
        // The card's number went to Payme alone.
        expect(seen.join()).toContain("consent");
        expect(seen.join().replace(/\D/g, "")).not.toContain("8600123456789012");
      }
    },
  );

  it("says why a card was declined, and takes another one", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    const text = "There is not enough money on the card";
    await page.route("**/tariffs/*/subscribe", (route) => route.fulfill({ status: 400, json: { message: text } }), {
      times: 1,
    });
    await page.getByRole("button", { name: "Subscribe to Premium Plan" }).click();
    await page.fill("#card-number", "8600 1234 5678 9012");
    await page.fill("#card-expiry", "12/39");
    await page.check("#consent");
    await page.keyboard.press("Enter");
    await page.fill("#code", "666666");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.textContent("#status")).toBe(text);
    await page.fill("#card-number", "9860 1234 5678 9012");
    await page.keyboard.press("Enter");
    await page.fill("#code", "666666");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#status[data-kind=good]");
    await expect.poll(() => page.textContent("#renewal")).toContain("986012******9012");
  });

  it("subscribes by the keyboard alone, also after a card was refused; the link flow offers it to nobody", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    const subscribe = page.getByRole("button", { name: "Subscribe to Premium Plan" });
    await subscribe.waitFor();
    for (let presses = 0; presses < 12; presses += 1) {
      if (await subscribe.evaluate((button) => button.matches(":focus"))) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    for (const [number, expiry] of [
      ["3333 3364 1580 4657", "03/99"],
      ["8600123456789012", "1239"],
    ] as const) {
      await expect.poll(() => page.locator("#card-number").evaluate((field) => field.matches(":focus"))).toBe(true);
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(number);
      await page.keyboard.press("Tab");
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(expiry);
      await page.keyboard.press("Tab");
      if (!(await page.isChecked("#consent"))) await page.keyboard.press("Space");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      if (number.startsWith("3333")) {
        await page.waitForSelector("#status[data-kind=bad]");
        expect(await page.textContent("#status")).toBe("This card cannot be saved. Check it, or take another one.");
      }
    }
    await expect.poll(() => page.locator("#code").evaluate((field) => field.matches(":focus"))).toBe(true);
    await page.keyboard.type("666666");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#status[data-kind=good]");
    expect(await page.textContent("#status")).toBe("Paid. The tariff will be renewed from this card");

    const other = await open(await start(temporaryFolder(), { PAYME_FLOW: "link" }));
    await other.getByRole("button", { name: "Buy Premium Plan" }).waitFor();
    expect(await other.getByRole("button", { name: /^Subscribe/ }).count()).toBe(0);
    expect(await other.isVisible("#subscription")).toBe(false);
  });

  it("is read in the language that was chosen, whatever the browser's is", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server, "ru-RU");
    await page.getByRole("button", { name: "O‘zbekcha" }).click();
    await page.getByRole("button", { name: "Sotib olish: Premium Plan" }).waitFor();
    expect(await page.title()).toBe("Wedy tariflari");
    await page.reload();
    expect(await page.getAttribute("html", "lang")).toBe("uz");
  });

  it.each([
    [
      "an unknown outcome",
      { status: "FAILED", paid_at: null },
      { payme_error_code: "outcome_unknown", transaction_id: null },
      /do not know yet.*Do not pay again/,
    ],
    [
      "a lost receipt",
      { status: "FAILED", paid_at: null },
      { payme_error_code: "-31602", transaction_id: "x" },
      /do not know yet/,
    ],
    ["a refund", { status: "CANCELLED", paid_at: "2026-01-01T00:00:00Z" }, {}, /goes back to your card/],
    ["a cancel", { status: "CANCELLED", paid_at: null }, {}, /cancelled. Nothing was taken/],
    [
      "a refusal",
      { status: "FAILED", paid_at: null },
      { payme_error_code: "-31630", transaction_id: null },
      /did not go through. Nothing was taken/,
    ],
  ])("says what is true of %s", async (_case, answer, data, words) => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    await page.route("**/payme/check-status/*", (route) => route.fulfill({ json: { success: true, ...answer, data } }));
    await page.getByRole("button", { name: "Buy Premium Plan" }).click();
    await page.waitForSelector("input[name=number]");
    await backToShop(page, server);
    await expect.poll(() => page.textContent("#status")).toMatch(words);
    if (!words.source.includes("Nothing")) expect(await page.textContent("#status")).not.toContain("Nothing was taken");
  });

  it("is used by the keyboard alone, also after a card was declined", async () => {
    const server = await start(temporaryFolder());
    const page = await open(server);
    const buy = page.getByRole("button", { name: "Buy Premium Plan" });
    await buy.waitFor();
    for (let presses = 0; presses < 12; presses += 1) {
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
    await page.getByRole("button", { name: "Buy Premium Plan" }).click();
    await page.waitForSelector("#status[data-kind=bad]");
    expect(await page.textContent("#status")).toBe("You have a dearer tariff now. You can buy this one when it ends");
  });

  it("shows the names of tariffs as text, whatever is in them", async () => {
    const server = await start(temporaryFolder());
    const headers = { Authorization: `Bearer ${printedToken(server.output(), "Admin")}` };
    const name = `<img src=x onerror="document.title='broken in'"><script>document.title='broken in'</script>`;
    const body = new URLSearchParams({ name, price: "60000", duration_days: "7" });
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
    expect(await page.locator(".opblock").count()).toBe(22);
  });
});
