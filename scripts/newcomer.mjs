/**
 * The newcomer's clock: how far it is from an empty folder to a paid order, for each example that is one file.
 *
 *   node scripts/newcomer.mjs [folder …]   after `npm run build`; without one, each folder of examples/ with a shop.test.ts or a bot.test.ts
 *   node scripts/newcomer.mjs --init name …   from `npm init -y` by `payme-kit init name`, and certifies the endpoint where it has one;
 *                                             nest-prisma and next make databases on the server of NEWCOMER_POSTGRES (a URL)
 *
 * What an example promises: `npm test` proves it; `npm start` serves `GET /` on 127.0.0.1 and `PORT`, with no secret of Payme's. Where that
 * page has a form, the clock presses it, pays on the mock's page to which it leads, and waits until the shop's page says "paid". A bot
 * (`TELEGRAM_TOKEN`, `TELEGRAM_URL`) is written "/buy", and has to send the link and the word. Ends with 1 where an order was not paid, or a
 * test failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { startTelegram } from "./telegram-stub.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const INSTALL_TIMEOUT_MS = 240_000;
const TEST_TIMEOUT_MS = 240_000;
const WAIT_MS = 90_000;
/** Their binaries take minutes to compile: those of this repository are copied where the version is the same. */
const NATIVE = ["better-sqlite3"];
/** The examples of init that a framework starts and that are on PostgreSQL: how they are built and started. */
const FRAMED = {
  "nest-prisma": {
    build: ["run", "build"],
    start: ["start"],
    migration: "prisma/migrations/20261130000000_orders/migration.sql",
  },
  next: { start: ["run", "dev"] },
};
const ALONE = { start: ["run", "payme"], page: "/" };
/** What Prisma's generator asks for, and does not use: it is no npm package. */
const NO_ENGINE = { PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true" };
/** A test card of Payme's. */
const CARD = { number: "8600 4954 7331 6478", expire: "03/99", action: "pay" };

const work = mkdtempSync(join(tmpdir(), "payme-kit-newcomer-"));
/** Each has a process group of its own, with what it starts. */
const running = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
process.once("exit", () => {
  for (const child of running) end(child);
  rmSync(work, { recursive: true, force: true });
});

const given = process.argv.slice(2).filter((word) => word !== "--init");
const isInit = given.length < process.argv.length - 2;
const names = given.length > 0 || isInit ? given : readdirSync(join(root, "examples"));
const examples = isInit
  ? names
  : names.map((name) => resolve(root, "examples", name)).filter((folder) => testOf(folder) !== undefined);
if (examples.length === 0) throw new Error("no example has a shop.test.ts or a bot.test.ts");
const tarball = await pack();
const rows = [];
for (const example of examples) rows.push(await (isInit ? initiated(example) : copied(example)));
print(rows);
process.exitCode = rows.every(({ problem }) => problem === undefined) ? 0 : 1;

/** The test of an example: `shop` is one file, and is ordered from and paid; of a `bot` with a card page only the test is run. */
function testOf(folder) {
  return ["shop", "bot"].find((name) => existsSync(join(folder, `${name}.test.ts`)));
}

async function pack() {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("there is no build: npm run build");
  const output = await run(
    root,
    INSTALL_TIMEOUT_MS,
    "npm",
    "pack",
    "--json",
    "--ignore-scripts",
    "--pack-destination",
    work,
  );
  const [{ filename }] = JSON.parse(output);
  return join(work, filename);
}

/** What a newcomer does, step by step, and the example's own test, which has to pass as well. */
function copied(source) {
  const name = basename(source);
  const folder = join(work, name);
  const isShop = testOf(source) === "shop";
  const lines = linesOf(join(source, isShop ? "shop.ts" : "bot.ts"));
  return timed({ name, lines }, async (row, step) => {
    cpSync(source, folder, { recursive: true, filter: (path) => !isLeftOver(path) });
    await step("npm install", () => install(folder, tarball));
    if (isShop) await buy(folder, { script: ["start"], page: "/" }, step);
    row.paid = isShop ? "yes" : "–";
    row.test = "fails";
    await run(folder, TEST_TIMEOUT_MS, "npm", "test");
    row.test = "passes";
  });
}

/** The same with `payme-kit init`, in a project of the newcomer's; then the endpoint is certified. */
function initiated(name) {
  const folder = join(work, name);
  const init = async () => JSON.parse(await run(folder, WAIT_MS, "npx", "payme-kit", "init", name, "--yes", "--json"));
  mkdirSync(folder);
  return timed({ name, lines: 0, certify: "no" }, async (row, step) => {
    await step("npm init -y", () => run(folder, WAIT_MS, "npm", "init", "-y"));
    // Both kinds of project: what `npm init` makes, and ES modules.
    if (examples.indexOf(name) % 2 === 1) await run(folder, WAIT_MS, "npm", "pkg", "set", "type=module");
    await step("npm install payme-kit", () => install(folder, tarball));
    const { files } = await step("npx payme-kit init", init);
    const sources = files.map(({ path }) => path).filter((path) => /\.m?[tj]s$/.test(path) && !/\.test\./.test(path));
    row.lines = sources.reduce((sum, path) => sum + linesOf(join(folder, path)), 0);
    const { build, start: script, page = "/payme-shop", migration } = FRAMED[name] ?? ALONE;
    const isFramed = name in FRAMED;
    const shop = {
      script,
      page,
      settings: isFramed ? `DATABASE_URL=${await database(folder, "shop", migration)}\n` : "",
    };
    writeFileSync(join(folder, ".env"), shop.settings);
    await step("npm install", () => install(folder));
    if (build !== undefined) await step(`npm ${build.join(" ")}`, () => run(folder, TEST_TIMEOUT_MS, "npm", ...build));
    const isShop = sources.some((path) => /\/new-order\./.test(path));
    if (isShop) await buy(folder, shop, step);
    row.paid = isShop ? "yes" : "–";
    row.test = "fails";
    const env = isFramed ? { DATABASE_URL: await database(folder, "test", migration) } : {};
    await step("npm run payme:test", () => runWith(env, folder, TEST_TIMEOUT_MS, "npm", "run", "payme:test"));
    row.test = "passes";
    if (isShop) await step("npm run payme:certify", () => certify(folder, shop));
    row.certify = isShop ? "passes" : "–";
    const again = await init();
    if (again.isWritten || again.files.some(({ state }) => state !== "same"))
      throw new Error("a second init is not idle");
  });
}

/** Starts the shop with keys in `.env`, and certifies it, each by its script. */
async function certify(folder, { script, page, settings }) {
  const port = await freePort();
  const key = "the-key-of-a-newcomer-0123456789abcd";
  writeFileSync(
    join(folder, ".env"),
    `${settings}PAYME_MERCHANT_ID=587f72c72cac0d162c722ae2\nPAYME_MERCHANT_KEY='${key}'\nPORT=${port}\n`,
  );
  // The script names the port of `.env.example`: a port that is free here takes its place.
  const manifest = join(folder, "package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(":3000/payme", `:${port}/payme`));
  const telegram = await startTelegram();
  const bot = { TELEGRAM_TOKEN: "2:newcomer", TELEGRAM_URL: telegram.url };
  // Next takes the port from the environment only.
  const shop = start(folder, "npm", script, { ...bot, PORT: String(port) });
  try {
    await pageOf(`http://127.0.0.1:${port}${page}`, shop);
    await run(folder, TEST_TIMEOUT_MS, "npm", "run", "payme:certify");
  } finally {
    end(shop.child);
    telegram.close();
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(`:${port}/payme`, ":3000/payme"));
  }
}

function linesOf(file) {
  return readFileSync(file, "utf8").trimEnd().split("\n").length;
}

/** Times the steps, and tells how far they went. */
async function timed(known, walk) {
  const { name } = known;
  const row = { ...known, steps: 0, seconds: 0, paid: "no", test: "not run" };
  const step = async (title, action) => {
    process.stdout.write(`${name}: ${title}\n`);
    const begin = performance.now();
    const result = await action();
    row.seconds += (performance.now() - begin) / 1000;
    row.steps += 1;
    return result;
  };
  try {
    await walk(row, step);
    return row;
  } catch (error) {
    return { ...row, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Starts the shop, orders and pays. */
async function buy(folder, { script, page: path }, step) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${path}`;
  const telegram = await startTelegram();
  const shop = start(folder, "npm", script, {
    PORT: String(port),
    TELEGRAM_TOKEN: "2:newcomer",
    TELEGRAM_URL: telegram.url,
  });
  try {
    const page = await step(`npm ${script.join(" ")}`, () => pageOf(url, shop));
    const seller = page.includes("<form") ? website(page, url) : bot(telegram);
    const payment = await step("order", seller.order);
    await step("pay", async () => {
      await pay(payment);
      await until("the shop says that the order is paid", seller.isPaid);
    });
  } finally {
    end(shop.child);
    telegram.close();
  }
}

function isLeftOver(path) {
  return basename(path) === "node_modules" || /\.db(-wal|-shm)?$/.test(path);
}

async function install(folder, ...packages) {
  const options = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await run(folder, INSTALL_TIMEOUT_MS, "npm", "install", ...options, ...packages);
  for (const name of NATIVE) {
    const [here, there] = [join(root, "node_modules", name), join(folder, "node_modules", name)];
    if (!existsSync(there)) continue;
    if (versionOf(here) === versionOf(there)) cpSync(join(here, "build"), join(there, "build"), { recursive: true });
    else await run(folder, INSTALL_TIMEOUT_MS, "npm", "rebuild", name);
  }
}

function versionOf(directory) {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version;
}

/** The shop's page, once it answers. */
async function pageOf(url, { child, said }) {
  let page;
  await until(`npm start answers at ${url}`, async () => {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${said()}`);
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (response?.ok) page = await response.text();
    return page !== undefined;
  });
  return page;
}

/** A page with a form: it leads to the payment page, and later says "paid". */
function website(page, url) {
  return {
    async order() {
      // A form without an action goes to the page's own address.
      const [, action = ""] = /<form[^>]*\saction="([^"]+)"/.exec(page) ?? [];
      const address = new URL(action, url);
      const { status, headers } = await fetch(address, { method: "POST", redirect: "manual" });
      if (status !== 303 && status !== 302) throw new Error(`the order was answered ${status}`);
      return new URL(headers.get("location") ?? "", address);
    },
    isPaid: async () => isSaid(await (await fetch(url)).text()),
  };
}

/** A bot: it sends a button with the link, and later a message that says "paid". */
function bot({ messages, write }) {
  const linkOf = ({ reply_markup: markup }) => {
    const { inline_keyboard: keyboard = [] } = typeof markup === "string" ? JSON.parse(markup) : (markup ?? {});
    return keyboard.flat().find(({ url }) => url !== undefined)?.url;
  };
  return {
    async order() {
      write("/buy");
      await until("GET / has a form, or a bot sends a link", () => messages.some(linkOf));
      return new URL(messages.map(linkOf).find(Boolean));
    },
    isPaid: () => messages.some(({ text }) => isSaid(text)),
  };
}

function isSaid(text) {
  return /\bpaid\b/i.test(text);
}

/** Pays with a test card, as the payer does on the page. */
async function pay(link) {
  if (link.hostname !== "127.0.0.1")
    throw new Error(`the order leads to ${link.hostname}, not to a mock on this machine`);
  const page = await fetch(link);
  if (!page.ok) throw new Error(`the payment page was answered ${page.status}`);
  const paid = await fetch(page.url, { method: "POST", body: new URLSearchParams(CARD) });
  if (!paid.ok) throw new Error(`the payment was answered ${paid.status}`);
}

/** Waits until something holds. */
async function until(what, holds) {
  const deadline = Date.now() + WAIT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it never came about that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Starts a program in a process group of its own. */
function start(cwd, command, args, env = {}) {
  // A run of vitest or npm around this one is not the newcomer's.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|vitest|node_env$|test$|payme_|database_url$)/i.test(name),
  );
  const child = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(own), NEXT_TELEMETRY_DISABLED: "1", ...NO_ENGINE, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const output = { out: "", all: "" };
  child.stdout.on("data", (text) => {
    output.out += text;
    output.all += text;
  });
  child.stderr.on("data", (text) => {
    output.all += text;
  });
  return { child, said: () => output.all.slice(-4_000), output: () => output.out };
}

/** Makes a database for a project, with the tables of its migration. Returns its URL. */
async function database(folder, name, migration) {
  const server = process.env.NEWCOMER_POSTGRES;
  if (!server) throw new Error("set NEWCOMER_POSTGRES to the URL of a PostgreSQL server: a database is made on it");
  const url = new URL(server);
  const query = async (sql) => {
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  const made = `newcomer_${process.pid}_${basename(folder).replace("-", "_")}_${name}`;
  await query(`CREATE DATABASE ${made}`);
  url.pathname = made;
  // As `prisma migrate deploy` does: its engine is no npm package.
  if (migration !== undefined) await query(readFileSync(join(folder, migration), "utf8"));
  return url.href;
}

/** Runs a program to its end. Returns what it wrote. */
function run(cwd, timeoutMs, command, ...args) {
  return runWith({}, cwd, timeoutMs, command, ...args);
}

async function runWith(env, cwd, timeoutMs, command, ...args) {
  const { child, said, output } = start(cwd, command, args, env);
  const timer = setTimeout(() => end(child), timeoutMs);
  const [code] = await once(child, "close");
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code ?? "a signal"}:\n${said()}`);
  return output();
}

/** Ends a program with all that it started. */
function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function print(results) {
  const table = [
    ["example", "steps", "lines of code", "seconds", "order paid", "npm test", ...(isInit ? ["certify"] : [])],
    ["---", "---", "---", "---", "---", "---", ...(isInit ? ["---"] : [])],
    ...results.map(({ name, steps, lines, seconds, paid, test, certify }) => {
      return [name, steps, lines, seconds.toFixed(1), paid, test, ...(isInit ? [certify] : [])];
    }),
  ];
  process.stdout.write(`\n${table.map((cells) => `| ${cells.join(" | ")} |\n`).join("")}`);
  for (const { name, problem } of results) if (problem !== undefined) process.stdout.write(`\n${name}: ${problem}\n`);
}
