import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const KEY = "a-key-of-36-characters-0123456789abc";
const ORDERS = 12;

/** The first sample of the README, as it stands there. */
const SAMPLE = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1] ?? "";
/** The same without its guard: a write that looks at nothing. */
const UNGUARDED = SAMPLE.replace("WHERE id = ? AND status = ?", "WHERE id = ? AND ? <> ''");

interface Answer {
  readonly result?: { readonly state: number; readonly perform_time: number };
  readonly error?: { readonly code: number };
}

interface Server {
  call(method: string, params: object): Promise<Answer>;
  kill(): Promise<void>;
}

/** The sample in two processes on one file: an ES module, and CommonJS. */
async function openShop(code: string) {
  const workshop = join(root, "test/docs/.snippets");
  mkdirSync(workshop, { recursive: true });
  const folder = mkdtempSync(join(workshop, "readme-"));
  const database = new Database(join(folder, "shop.db"));
  database.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER, status TEXT)");
  for (let id = 1; id <= ORDERS; id += 1) database.prepare("INSERT INTO orders VALUES (?, 5000000, 'new')").run(id);
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    for (const child of children) await stop(child);
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(type: "module" | "commonjs"): Promise<Server> {
    const home = join(folder, type);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), JSON.stringify({ type }));
    writeFileSync(join(home, "shop.ts"), code.replace("listen(3000)", "listen(Number(process.env.PORT), '127.0.0.1')"));
    const port = await freePort();
    const env = {
      ...process.env,
      PAYME_MERCHANT_KEY: KEY,
      PORT: String(port),
      TSX_TSCONFIG_PATH: join(root, "tsconfig.json"),
    };
    const args = ["--import", "tsx", join(home, "shop.ts")];
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: "inherit" });
    children.push(child);
    const url = `http://127.0.0.1:${port}/payme`;
    const call = (method: string, params: object) => callAt(url, method, params);
    await expect
      .poll(() => call("CheckTransaction", { id: "none" }).catch(() => null), { timeout: 30_000 })
      .toBeTruthy();
    return { call, kill: () => stop(child) };
  }

  return {
    start,
    /** What Click's callback does. True: Click sold it. */
    soldByClick: (id: number) =>
      database.prepare("UPDATE orders SET status = 'click' WHERE id = ? AND status = 'new'").run(id).changes === 1,
    statusOf: (id: number) => database.prepare("SELECT status FROM orders WHERE id = ?").pluck().get(id),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function callAt(url: string, method: string, params: object): Promise<Answer> {
  const headers = { Authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ id: 1, method, params }) });
  return JSON.parse(await response.text());
}

const creation = (id: string, order: number) => ({
  id,
  time: Date.now(),
  amount: 5_000_000,
  account: { order_id: order },
});

/** Eight Creates and sixteen Performs at once on two servers; Click comes in between for each second order. */
async function sellAll(code: string): Promise<string[]> {
  const shop = await openShop(code);
  const servers = await Promise.all([shop.start("module"), shop.start("commonjs")]);
  const both = (count: number, call: (server: Server, n: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: count }, (_, n) => servers.map((server) => call(server, n))).flat());
  const wrongs: string[] = [];
  for (let order = 1; order <= ORDERS; order += 1) {
    const ids = Array.from({ length: 4 }, (_, n) => [`${order}-${n}-esm`, `${order}-${n}-cjs`]);
    const created = await both(4, (server, n) =>
      server.call("CreateTransaction", creation(ids[n]?.[servers.indexOf(server)] ?? "", order)),
    );
    const winner = ids.flat()[created.findIndex(({ result }) => result?.state === 1)] ?? "";
    const isClicks = order % 2 === 0 && shop.soldByClick(order);
    const performed = await both(8, (server) => server.call("PerformTransaction", { id: winner }));
    const told = new Set(
      performed.map(({ result, error }) => error?.code ?? `${result?.state} at ${result?.perform_time}`),
    );
    const isRight = isClicks ? told.has(-31008) : [...told].every((each) => String(each).startsWith("2 at "));
    const makers = created.filter(({ result }) => result !== undefined).length;
    if (makers !== 1) wrongs.push(`order ${order}: ${makers} Creates`);
    if (told.size !== 1 || !isRight) wrongs.push(`order ${order}: ${[...told].join(", ")}`);
    const status = shop.statusOf(order);
    if (status !== (isClicks ? "click" : "paid")) wrongs.push(`order ${order} is ${status}`);
  }
  return wrongs;
}

describe("the first sample of the README", () => {
  it("has at most 20 lines", () => {
    expect(SAMPLE).toContain("createMerchantApi");
    expect(SAMPLE.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  });

  it("in two processes at once, an ES module and CommonJS: each order is sold once, to Payme or to Click", async () => {
    expect(await sellAll(SAMPLE)).toEqual([]);
  });

  it("without its guard is caught: it sells what Click has sold", async () => {
    expect(UNGUARDED).not.toBe(SAMPLE);
    expect(await sellAll(UNGUARDED)).toContain("order 2 is paid");
  });

  it("killed with kill -9 while it performs: the next process answers as paid, and sells once", async () => {
    const shop = await openShop(SAMPLE);
    let server = await shop.start("module");
    for (let order = 1; order <= 4; order += 1) {
      await server.call("CreateTransaction", creation(`t${order}`, order));
      const lost = server.call("PerformTransaction", { id: `t${order}` }).catch(() => null);
      await new Promise((passed) => setTimeout(passed, order));
      await server.kill();
      await lost;
      server = await shop.start(order % 2 === 0 ? "module" : "commonjs");
      expect((await server.call("PerformTransaction", { id: `t${order}` })).result?.state).toBe(2);
      expect(shop.statusOf(order)).toBe("paid");
      expect(shop.soldByClick(order)).toBe(false);
    }
  });
});
