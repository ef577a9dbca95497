import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { deadLinks } from "../../site/dead-links.mjs";
import { listenOn } from "../../src/tools/listen-on";
import { anchorOf, headingsOf, root, textOf } from "../docs/page";
import { QUESTIONS, type Question } from "../docs/questions";
import { describeInBrowser, fitsWidth, launch, openPage, PHONE, picture } from "./chromium";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DIST = join(root, "site/dist");
const BUILD_MS = 900_000;
const TYPES = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript"],
  [".css", "text/css"],
  [".svg", "image/svg+xml"],
]);

/** The start, a long page, and a page of the reference. */
const PAGES = ["", "merchant-api/", "reference/payme-kit/interfaces/paymentsoptions/"];

/** The names of each entry, as test/entry/surface.txt has them. */
function surface(): { specifier: string; name: string }[] {
  const blocks = textOf("test/entry/surface.txt")
    .split(/^(?=payme-kit)/m)
    .slice(1);
  return blocks.flatMap((block) => {
    const specifier = block.slice(0, block.indexOf(":"));
    return [...block.matchAll(/^ {2}\w+ +(\S+)$/gm)].map(([, name = ""]) => ({ specifier, name }));
  });
}

/** The page of a name that the page of its entry links; undefined: none, or one without the name as its title. */
function pageOfName(specifier: string, name: string): string | undefined {
  const entry = join(DIST, "reference", specifier);
  const text = readFileSync(join(entry, "index.html"), "utf8");
  const links = [...text.matchAll(/<a href="([^"]+)"><code[^>]*>([^<]+)<\/code><\/a>/g)];
  const pages = links.filter(([, , shown]) => shown === name).map(([, way = ""]) => join(entry, way, "index.html"));
  const isOfName = (page: string) => existsSync(page) && readFileSync(page, "utf8").includes(`>${name}</h1>`);
  return pages.length > 0 && pages.every(isOfName) ? pages[0] : undefined;
}

describeInBrowser("the site of the docs", () => {
  let browser: Browser;
  let url = "";
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const file = join(DIST, decodeURIComponent(pathname), pathname.endsWith("/") ? "index.html" : "");
    if (!existsSync(file)) return void response.writeHead(404).end();
    const type = TYPES.get(extname(file)) ?? "application/octet-stream";
    // A page that is left while its scripts load would leave Chromium a locked entry of its cache.
    response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" });
    response.end(readFileSync(file));
  });

  beforeAll(async () => {
    // Vitest's own variables would make it a build for development, without search.
    const { DEV, PROD, MODE, NODE_ENV, VITEST, TEST, ...env } = process.env;
    execFileSync(process.execPath, [join(root, "scripts/docs.mjs")], { stdio: ["ignore", "ignore", "inherit"], env });
    ({ url } = await listenOn(server, { port: 0, host: "127.0.0.1" }));
    browser = await launch();
  }, BUILD_MS);
  afterAll(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });

  const open = (path: string, options = {}) => openPage(browser, new URL(path, url).href, options);

  it("has each public name on a page of its own, which the page of its entry links", () => {
    expect(surface().length).toBeGreaterThan(600);
    expect(surface().filter(({ specifier, name }) => pageOfName(specifier, name) === undefined)).toEqual([]);
    expect(pageOfName("payme-kit", "noSuchName")).toBeUndefined();
  });

  it("has no dead link, loads nothing of another host, and would show both", () => {
    expect(deadLinks(DIST)).toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), "payme-kit-site-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const links = ["/flow/#states", "../flow/", "/flow", "#nowhere", "https://payme.uz/"];
    mkdirSync(join(folder, "one"));
    writeFileSync(join(folder, "llms.txt"), "[One](one/) [two](./two/)");
    cpSync(join(DIST, "index.html"), join(folder, "one/index.html"));
    writeFileSync(
      join(folder, "one/index.html"),
      `<p id="here"><a href="#here">${links.map((link) => `<a href="${link}">`).join("")}<img src="https://cdn.example/x.png">`,
    );
    expect(deadLinks(folder)).toEqual([
      "one/index.html: /flow/#states is not there",
      "one/index.html: ../flow/ is not there",
      "one/index.html: /flow is not there",
      "one/index.html: #nowhere has no such anchor",
      "one/index.html: loads https://cdn.example/x.png",
      "llms.txt: ./two/ is not there",
    ]);
  });

  it("names no path of this machine", () => {
    for (const path of PAGES) expect(readFileSync(join(DIST, path, "index.html"), "utf8")).not.toContain(root);
  });

  it("has three languages, and shows in English what is not translated", async () => {
    const words = { "": "Search", "uz/": "Qidirish", "ru/": "Поиск" };
    for (const [path, search] of Object.entries(words)) {
      const page = await open(path);
      expect(await page.getAttribute("html", "lang")).toBe(path.slice(0, 2) || "en");
      expect(await page.getAttribute("button[data-open-modal]", "aria-label")).toBe(search);
    }
    const translated = await open("ru/going-live/");
    expect(await translated.textContent("h1")).toBe(headingsOf("docs/ru/going-live.md")[0]);
    const english = await open("uz/flow/");
    expect(await english.textContent("h1")).toBe(headingsOf("docs/flow.md")[0]);
    expect(await english.textContent("main")).toContain("hali o‘zbek tiliga tarjima qilinmagan");
    const [first] = await english.$$eval("main .sl-markdown-content p a", (links) =>
      links.map((a) => a.getAttribute("href")),
    );
    expect(new URL(first ?? "", english.url()).pathname).toMatch(/^\/uz\//);
  });

  it("lists the pages in the order of docs/README.md", async () => {
    const page = await open("");
    const links: (string | null)[] = await page.$$eval("nav.sidebar a", (all) =>
      all.map((a) => a.getAttribute("href")),
    );
    const expected = ["/", "/walk/", "/questions/", "/merchant-api/", "/frameworks/", "/runtimes/"];
    expect(links.slice(0, expected.length)).toEqual(expected);
  });

  /** What the search shows first for what is typed: three pages, each with its parts that match. */
  async function search(page: Page, typed: string): Promise<string[]> {
    await page.fill("#starlight__search input", typed);
    const said = () => page.textContent("#starlight__search .pagefind-ui__message");
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^\d+ results? for /);
    await expect.poll(said, { timeout: 30_000 }).toContain(` for ${typed}`);
    const results = page.locator("#starlight__search .pagefind-ui__result");
    await results.first().locator("a").first().waitFor();
    const links = await results.evaluateAll((all) =>
      all.slice(0, 3).flatMap((each) => [...each.querySelectorAll("a")].map((a) => a.getAttribute("href") ?? "")),
    );
    return links;
  }

  /** Where the answer of a question stands on the site. */
  function answerOf({ page, heading }: Question): string {
    const path = page === "docs/README.md" ? "/walk/" : page.replace(/^docs(\/.*)\.md$/, "$1/");
    return headingsOf(page)[0] === heading ? path : `${path}#${anchorOf(heading)}`;
  }

  it("finds the answer of each of the twenty questions within three results, as asked and as typed", async () => {
    const page = await open("");
    await page.click("button[data-open-modal]");
    const missed: string[] = [];
    const look = async (words: string, ...answers: string[]) => {
      const found = await search(page, words);
      if (!answers.some((answer) => found.includes(answer))) missed.push(`${words}: ${found.join(" ")}`);
    };
    for (const question of QUESTIONS) {
      await look(question.typed, answerOf(question));
      // The words of a whole question stand on the page of the questions, too: there with the short answer.
      await look(question.question, answerOf(question), `/questions/#${anchorOf(question.question)}`);
    }
    expect(missed).toEqual([]);
    await picture(page, "site-search");
  });

  it("finds a public name by its name, and in the reader's language", async () => {
    const page = await open("");
    await page.click("button[data-open-modal]");
    expect(await search(page, "createMerchantApi")).toContain("/reference/payme-kit/functions/createmerchantapi/");
    const russian = await open("ru/");
    await russian.click("button[data-open-modal]");
    await russian.fill("#starlight__search input", "подписка");
    await russian.locator('#starlight__search a[href="/ru/subscriptions/"]').first().waitFor();
  });

  it.each(["light", "dark"] as const)("has no page that hinders anyone, in the %s", async (colorScheme) => {
    for (const [index, path] of PAGES.entries()) {
      const page = await open(path, { colorScheme });
      await page.waitForLoadState("networkidle");
      await page.evaluate(AXE);
      const { violations } = await page.evaluate<AxeResults>("axe.run(document)");
      expect(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual(
        [],
      );
      await picture(page, `site-${index}-${colorScheme}`);
    }
  });

  it("fits a phone", async () => {
    for (const path of [...PAGES, "walk/", "errors-by-code/", "reference/payme-kit/", "uz/going-live/"]) {
      const page = await open(path, { viewport: PHONE });
      expect(await fitsWidth(page), path).toBe(true);
      await picture(page, `site-phone-${path.replaceAll("/", "-")}`);
    }
  });

  it("asks no other host for anything, and draws the chart of the house itself", async () => {
    const page = await open("");
    const hosts = new Set<string>();
    page.on("request", (request) => hosts.add(new URL(request.url()).host));
    for (const path of [...PAGES, "ru/", "mock/"]) {
      await page.goto(new URL(path, url).href, { waitUntil: "networkidle" });
    }
    await page.click("button[data-open-modal]");
    expect(await search(page, "prisma")).not.toEqual([]);
    await page.goto(new URL("architecture/", url).href);
    await page.locator("pre.chart svg").waitFor();
    expect([...hosts]).toEqual([new URL(url).host]);
  });
});
