import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { describe, expect, onTestFinished } from "vitest";

/** Where Chromium is; undefined: nowhere. */
const CHROMIUM = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path));

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1200, height: 860 };

/** `describe` for tests that need Chromium. Without one they are skipped, and the output says so; in CI that is a failure. */
export function describeInBrowser(title: string, define: () => void): void {
  if (CHROMIUM !== undefined) {
    describe(title, define);
    return;
  }
  if (process.env.CI === "true") throw new Error(`no Chromium on this machine, and CI leaves out no test: ${title}`);
  console.warn(`skipped, since there is no Chromium (its path may be in CHROMIUM): ${title}`);
  describe.skip(`${title} (skipped: no Chromium on this machine)`, define);
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? "", args: FLAGS });
}

/** A page; whatever the browser complains of fails the test. `allowed`: complaints that are meant. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  allowed = /^Failed to load resource/,
): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: "en-GB", colorScheme: "light", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !allowed.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** True where nothing has to be scrolled sideways. */
export function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth");
}

/** Keeps a picture, where a folder for them is named: those of the docs are made anew by `npm run screenshots`. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
}
