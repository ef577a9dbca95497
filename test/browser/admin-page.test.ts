import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { nodeAdmin } from "payme-kit/node";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { tiyin } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { listenOn } from "../../src/tools/listen-on";
import { createOffice, START, scope } from "../admin/kit";
import { paymentRow } from "../ledger/rows";
import { printedToken, start, temporaryFolder } from "../wedy/started";
import { DESKTOP, describeInBrowser, fitsWidth, launch, openPage, PHONE, picture } from "./chromium";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DAY = 86_400_000;

/** The rules of accessibility that a page breaks. The page's own policy lets no other script in: this one comes from outside. */
async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document)");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

describeInBrowser("the operator's page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** A shop with a month behind it. */
  async function office() {
    const shop = createOffice(memoryStorage());
    for (let day = 0; day < 30; day += 1) {
      const at = START - day * DAY - 3_600_000;
      const id = `p-${day}`;
      const amount = tiyin(((day * 7919) % 23) * 4_000_000 + 6_000_000);
      const paid = { status: "PAID", paidAt: at, paidBy: `r-${day}`, paidSource: "gateway" } as const;
      const back = { ...paid, status: "CANCELLED", refund: "done", cancelledAt: at, refundedAt: at } as const;
      await shop.storage.addPayment(
        paymentRow({ ...scope, id, amount, createdAt: at, ...(day % 6 === 2 ? back : paid) }),
      );
    }
    const { id } = await shop.paid("order:197", { userId: "user-17" });
    await shop.late();
    await shop.parked();
    const server = createServer(nodeAdmin(shop.admin));
    const { url } = await listenOn(server, { port: 0, host: "127.0.0.1" });
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return { shop, id, url };
  }

  const queries = (id: string) => ({
    search: "?q=user-17",
    payment: `?page=payment&id=${id}`,
    waiting: "?page=waiting",
    today: "?page=today&close=2026-01-15&health=1",
  });

  it.each([
    ["desktop", { viewport: DESKTOP, colorScheme: "light" }],
    ["dark", { viewport: DESKTOP, colorScheme: "dark" }],
    ["phone", { viewport: PHONE, colorScheme: "light" }],
    ["phone-dark", { viewport: PHONE, colorScheme: "dark" }],
  ] as const)("is accessible and fits: %s", async (size, options) => {
    const { id, url } = await office();
    for (const lang of ["uz", "ru", "en"]) {
      for (const [name, query] of Object.entries(queries(id))) {
        const page = await openPage(browser, `${url}/${query}&lang=${lang}`, options);
        expect(await page.getAttribute("html", "lang")).toBe(lang);
        expect(await fitsWidth(page), `${name} ${lang}`).toBe(true);
        await picture(page, `admin-${name}-${lang}-${size}`);
        expect(await axe(page), `${name} ${lang}`).toEqual([]);
      }
    }
  });

  it("plays a refund by keyboard only, in Russian", async () => {
    const { shop, id, url } = await office();
    const page = await openPage(browser, `${url}/?lang=ru`);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    /** Goes on by Tab until that has the focus. */
    const tabTo = async (selector: string) => {
      for (let tab = 0; tab < 40; tab += 1) {
        await press("Tab");
        if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
      }
      throw new Error(`no Tab leads to ${selector}`);
    };
    await tabTo("input[name=q]");
    await page.keyboard.type("user-17");
    await press("Enter");
    await page.waitForURL(/q=user-17/);
    await tabTo("main li a");
    await press("Enter");
    await page.waitForSelector("button[value=refund]");
    await tabTo("input[name=amount]");
    await page.keyboard.type("50 000");
    await press("Enter");
    await page.waitForSelector(".said.good");
    expect(await page.evaluate("document.activeElement.className")).toContain("said");
    expect(await page.textContent("main dl")).toContain("в очереди: Payme ещё не вернул");
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", refund: "queued" });
    shop.pass(2 * 3_600_000);
    await shop.payments.reconcile();
    await page.goto(`${url}/?page=payment&id=${id}&lang=ru`);
    expect(await page.textContent("main dl")).toContain("деньги возвращены");
    expect(await page.textContent(".story")).toContain("asked for by Aziza");
  });

  it("plays an incident in Uzbek on a phone: a note is needed, and a double click accepts once", async () => {
    const { shop, url } = await office();
    const page = await openPage(browser, `${url}/?page=waiting&lang=uz`, { viewport: PHONE });
    const incident = page.locator("li[id^=incident]").first();
    expect(await incident.textContent()).toContain("Bekor qilingan to‘lov uchun pul keldi");
    await incident.locator("button[value=accept]").click();
    // The browser asks for the note by itself.
    expect(await shop.events("admin.accept")).toEqual([]);
    await incident.locator("input[name=note]").fill("tovar bor");
    await incident.locator("button[value=accept]").dblclick();
    await page.waitForSelector(".said.good");
    expect(await page.textContent(".said")).toContain("Bajarildi.");
    expect(await shop.events("admin.accept")).toHaveLength(1);
    expect(await page.locator("li[id^=incident]").count()).toBe(0);
    await page.locator("button[value=requeue]").click();
    await page.waitForSelector(".said.good");
    expect(await shop.outbox.runOnce()).toMatchObject({ delivered: 1 });
  });

  it("plays a day in English, without a script, in the dark", async () => {
    const { url } = await office();
    const page = await openPage(browser, `${url}/?page=today&lang=en`, {
      javaScriptEnabled: false,
      colorScheme: "dark",
    });
    expect(await page.textContent("h1")).toBe("Today, 2026-01-15");
    expect(await page.locator("svg rect.paid").count()).toBe(30);
    await page.fill("input[name=close]", "2026-01-15");
    await page.getByRole("button", { name: "Compare with Payme" }).click();
    expect(await page.textContent("main")).toContain("Differences");
    await page.getByRole("button", { name: "Look at the books" }).click();
    expect(await page.textContent("main")).toContain("books.incidents");
    await page.locator("nav a[lang=uz]").click();
    expect(await page.textContent("h1")).toBe("Bugun, 2026-01-15");
  });

  it("is at /admin of the Wedy server, behind a log-in form in demo mode", async () => {
    const server = await start(temporaryFolder());
    const page = await openPage(browser, `${server.url}/admin`);
    await page.fill("input[name=token]", printedToken(server.output(), "User"));
    await page.keyboard.press("Enter");
    await page.waitForSelector("input[name=token]");
    await page.fill("input[name=token]", printedToken(server.output(), "Admin"));
    await page.keyboard.press("Enter");
    await page.waitForSelector("input[name=q]");
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.goto(`${server.url}/admin?page=today&lang=en`);
    expect(await page.textContent("h1")).toMatch(/^Today/);
  });
});
