import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { som } from "payme-kit";
import { certify } from "payme-kit/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { entries } from "../../scripts/entries.mjs";
import { listenOn } from "../../src/tools/listen-on";
import { describeInBrowser, launch, openPage } from "../browser/chromium";
import { installRuntimes, VERSIONS } from "./installed-runtimes";
import { makeProject, pack, root } from "./projects";

const KEY = "test-key-of-36-characters-0123456789";
const ALL = entries.map(({ specifier }) => specifier);
/** What every runtime must say: scripts in test/package/runtimes/. */
const LINK = "https://checkout.paycom.uz/bT02NWEwYjAwMDAwMDAwMDAwMDAwMDAwMDE7YWMub3JkZXJfaWQ9MTk3O2E9NTAwMDAwMA==";
const CORE = {
  link: LINK,
  signature: "331dcdc33f62706564ac5f829a6437edf3ed846e272ebca5e8071eaa9e0cf65f",
  verified: true,
  forged: false,
  event: "payment.paid",
  status: "PAID",
  fulfilled: ["197"],
};
/** For a page and a worker without `nodejs_compat`: all others need Node's modules. */
const WITHOUT_NODE = ["payme-kit/checkout", "payme-kit/checkout/qr", "payme-kit/client/browser", "payme-kit/tariffs"];

const ROWS = [
  ...["Node 20", "Node 22", "Node 24", "Node 26", "Bun", "Deno"],
  ...["workerd, `nodejs_compat`", "workerd without it", "A page in Chromium"],
];

const work = mkdtempSync(join(tmpdir(), "payme-kit-on-"));
const shop = join(work, "shop");
const shop20 = join(work, "shop20");
const modules = join(work, "modules");
const running = new Set<ChildProcess>();
/** A row of the page for each runtime that passed. */
const rows = new Map<string, string>();
let programs: ReturnType<typeof installRuntimes>;

beforeAll(async () => {
  programs = installRuntimes();
  const peers = (["msw", "prom-client"] as const).map((name) => `${name}@${manifest.devDependencies[name]}`);
  makeProject(shop, "module", [pack(work).file, ...peers]);
  cpSync(join(root, "test/package/runtimes"), shop, { recursive: true });
  const shopFile = join(shop, "shop.mjs");
  await build({
    entryPoints: [shopFile],
    outfile: join(shop, "shop.cjs"),
    bundle: true,
    format: "cjs",
    packages: "external",
  });
  cpSync(shop, shop20, { recursive: true });
  for (const name of ["better-sqlite3", "bindings", "file-uri-to-path"]) {
    cpSync(join(root, "node_modules", name), join(shop20, "node_modules", name), { recursive: true });
  }
  await bundleModules();
});

afterAll(async () => {
  await Promise.all([...running].map((child) => new Promise((resolve) => child.once("close", resolve).kill())));
  rmSync(work, { recursive: true, force: true });
});

/** Bundles each entry, and the scripts of the worker and the page, as a bundler for workers and pages does. */
async function bundleModules(): Promise<void> {
  const bundles = [
    ...ALL.map((specifier, index) => [String(index), `export * from "${specifier}"`] as const),
    ["worker", 'export { default } from "./worker.mjs"'],
    ["page", 'export * from "./page.mjs"'],
  ] as const;
  const bare = builtinModules.filter((name) => !/^(?:_|node:)/.test(name));
  await Promise.all(
    bundles.map(([name, contents]) =>
      build({
        stdin: { contents, resolveDir: shop },
        outfile: join(modules, `${name}.mjs`),
        bundle: true,
        format: "esm",
        platform: "browser",
        conditions: ["workerd", "worker", "browser"],
        alias: Object.fromEntries(bare.map((builtin) => [builtin, `node:${builtin}`])),
        external: ["node:*"],
        logLevel: "error",
      }),
    ),
  );
  for (const name of ["worker-main.mjs", "loaded.mjs"]) cpSync(join(shop, name), join(modules, name));
}

/** Starts a script in a runtime. Returns the JSON of its first line; the script goes on until the end of the file. */
async function started(program: string, args: readonly string[], cwd = shop) {
  const child = spawn(program, args, { cwd, env: { ...process.env, PAYME_KEY: KEY } });
  running.add(child);
  child.once("close", () => running.delete(child));
  let text = "";
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += data;
  });
  return new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout.on("data", (data) => {
      text += data;
      if (text.includes("\n")) resolve(JSON.parse(text.split("\n", 1)[0] ?? ""));
    });
    child.once("close", () => reject(new Error(`${program} ${args.join(" ")} ended: ${text}${errors}`)));
  });
}

/** Certifies the endpoint of a runtime over HTTP. */
async function certified(url: unknown): Promise<void> {
  let orders = 0;
  const { checks, passed } = await certify({
    api: `${url}/payme`,
    key: KEY,
    newOrder: () => ({ account: { order_id: ++orders }, amount: som(50_000) }),
    credited: async ({ account }) => Number(await (await fetch(`${url}/credited/${account.order_id}`)).text()),
  });
  const bad = checks.filter(({ status }) => status === "failed" || status === "warned");
  expect(bad.map(({ id, got }) => `${id}: ${got}`)).toEqual([]);
  expect(passed).toBeGreaterThan(90);
}

/** Entries as the page names them. */
function told(loaded: readonly unknown[]): string {
  const listed = (names: readonly unknown[]) => names.map((name) => `\`${name}\``).join(", ");
  if (loaded.length === ALL.length) return "all";
  return loaded.length > ALL.length / 2
    ? `all but ${listed(ALL.filter((name) => !loaded.includes(name)))}`
    : listed(loaded);
}

/** Notes the row of a runtime that passed. */
function passed(name: string, ...cells: readonly string[]): void {
  rows.set(name, `| ${[name, ...cells].join(" | ")} |\n`);
}

/** The scenario on a runtime with SQLite and a server of its own. */
async function plays(program: string, args: readonly string[], name: string, cwd = shop) {
  const {
    url,
    core,
    entries: loaded,
    refused,
  } = await started(program, [...args, join(work, `${name}.db`), ...ALL], cwd);
  expect(core).toEqual(CORE);
  expect({ loaded, refused }).toEqual({ loaded: ALL, refused: {} });
  await certified(url);
}

describe.concurrent("the packed package", () => {
  const nodes = [
    ["Node 20", "node20", "better-sqlite3 12"],
    ["Node 22", "node22", "`node:sqlite`"],
    ["Node 24", "node24", "`node:sqlite`"],
    ["Node 26", "node26", "`node:sqlite`"],
  ] as const;
  // A driver that npm compiled is for the Node of this run.
  const isBuilt = (name: string) => name !== "node20" || process.versions.modules === "115";

  it.each(nodes.filter(([, name]) => isBuilt(name)))("runs on %s", async (title, name, driver) => {
    const cwd = name === "node20" ? shop20 : shop;
    await plays(programs[name], ["node.mjs"], name, cwd);
    const { core, entries: loaded } = await started(programs[name], ["common.cjs", ...ALL], cwd);
    expect({ core, loaded }).toEqual({ core: CORE, loaded: ALL });
    passed(title, VERSIONS[name], "all, as ES module and CommonJS", driver, "`nodeMerchant` on `node:http`: certified");
  });

  it("runs on Bun", async () => {
    await plays(programs.bun, ["bun.mjs"], "bun");
    passed("Bun", VERSIONS.bun, "all", "`bun:sqlite`", "`fetchMerchant` on `Bun.serve`: certified");
  });

  it("runs on Deno", async () => {
    await plays(programs.deno, ["run", "--allow-all", "--no-remote", "deno.mjs"], "deno");
    passed("Deno", VERSIONS.deno, "all", "`node:sqlite`", "`fetchMerchant` on `Deno.serve`: certified");
  });

  it("runs in workerd with nodejs_compat, in memory", async () => {
    const { url } = await started(process.execPath, ["workerd.mjs", programs.miniflare, modules, "nodejs_compat"]);
    expect(await (await fetch(`${url}/core`)).json()).toEqual(CORE);
    const loaded = await entriesAt(`${url}/entries?count=${ALL.length}`);
    // prom-client requires Node's modules when it runs, which a bundle of ES modules cannot.
    expect(loaded).toEqual(ALL.filter((name) => name !== "payme-kit/prometheus"));
    await certified(url);
    const tried = `miniflare ${VERSIONS.miniflare}`;
    passed("workerd, `nodejs_compat`", tried, told(loaded), "memory", "`fetchMerchant`: certified");
  });

  it("has entries for workerd without it", async () => {
    const { url } = await started(process.execPath, ["workerd.mjs", programs.miniflare, modules]);
    expect(await (await fetch(`${url}/link`)).text()).toBe(LINK);
    const loaded = await entriesAt(`${url}/entries?count=${ALL.length}`);
    expect(loaded).toEqual(WITHOUT_NODE);
    passed("workerd without it", `miniflare ${VERSIONS.miniflare}`, told(loaded), "none", "none");
  });
});

async function entriesAt(url: string): Promise<unknown[]> {
  const numbers: unknown = await (await fetch(url)).json();
  return namesOf(numbers);
}

function namesOf(numbers: unknown): unknown[] {
  return Array.isArray(numbers) ? numbers.map((number) => ALL[number]) : [];
}

describeInBrowser("a page in Chromium", () => {
  it("loads the entries that need no module of Node's", async () => {
    const server = createServer(({ url = "/" }, response) => {
      const isModule = url.endsWith(".mjs");
      response.setHeader("Content-Type", isModule ? "text/javascript" : "text/html");
      response.end(isModule ? readFileSync(join(modules, url)) : "<!doctype html><link rel=icon href=data:,>");
    });
    const { url } = await listenOn(server, { port: 0, host: "127.0.0.1" });
    const browser = await launch();
    try {
      const page = await openPage(browser, url, {}, /node:|Failed to load resource/);
      expect(await page.evaluate('import("/page.mjs").then(({ link }) => link())')).toBe(LINK);
      const loaded = namesOf(await page.evaluate(`import("/loaded.mjs").then(({ loaded }) => loaded(${ALL.length}))`));
      expect(loaded).toEqual([...WITHOUT_NODE, "payme-kit/testing/msw"]);
      passed("A page in Chromium", "Debian's", told(loaded), "none", "none");
    } finally {
      await browser.close();
      server.close();
    }
  });
});

it("docs/runtimes.md has these results (UPDATE_RUNTIMES=1 writes them)", () => {
  const file = join(root, "docs/runtimes.md");
  const head = "| runtime | tried on | entries that load | the books | the endpoint |\n|---|---|---|---|---|\n";
  const page = readFileSync(file, "utf8");
  const [before = "", table = ""] = page.split(head);
  // In CI each is tried. Elsewhere a machine may have no Chromium, or another Node's driver.
  const kept = (name: string) =>
    (process.env.CI === "true" ? [] : table.split(/(?<=\n)/)).find((line) => line.startsWith(`| ${name} |`));
  const made = ROWS.map((name) => rows.get(name) ?? kept(name) ?? "").join("");
  if (process.env.UPDATE_RUNTIMES === "1")
    writeFileSync(file, before + head + made + table.replace(/^(?:\|.*\n)*/, ""));
  expect(readFileSync(file, "utf8")).toContain(`${head}${made}\n`);
  expect(made.match(/\n/g)).toHaveLength(ROWS.length);
});
