import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createMockPayme } from "../../src/entry/testing";
import { findPostgres } from "../postgres/binaries";
import { type Cluster, startCluster } from "../postgres/cluster";
import { pack, root } from "./projects";

const TIMEOUT_MS = 900_000;
const CARD = { number: "8600495473316478", expire: "03/99" };
/** What Prisma's generator asks for, and does not use. It is no npm package, so that it cannot be had here. */
const NO_ENGINE = { PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true" };
const hasPostgres = findPostgres() !== undefined || process.env.REQUIRE_POSTGRES === "1";

const work = mkdtempSync(join(tmpdir(), "payme-kit-own-locks-"));
let cluster: Cluster | undefined;
afterAll(async () => {
  await cluster?.stop();
  rmSync(work, { recursive: true, force: true });
});

/** The examples beside the unpacked tarball, as their `file:../..` has it: what is installed is what npm would give. */
beforeAll(async () => {
  if (!hasPostgres) return;
  execFileSync("tar", ["-xzf", pack(work).file, "-C", work]);
  cluster = await startCluster();
}, TIMEOUT_MS);

/** Without what this run has set, and without secrets. */
function surroundings(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|vitest|node_env$|test$|ci$|payme_|database_url)/i.test(name),
  );
  return { ...Object.fromEntries(own), NEXT_TELEMETRY_DISABLED: "1", ...NO_ENGINE, ...more };
}

function install(name: string): string {
  const folder = join(work, "package/examples", name);
  const isLeftOver = (path: string) => ["node_modules", "dist", "generated", ".next"].includes(basename(path));
  cpSync(join(root, "examples", name), folder, { recursive: true, filter: (path) => !isLeftOver(path) });
  run(folder, {}, "ci", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts");
  return folder;
}

function run(cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): void {
  execFileSync("npm", args, { cwd, env: surroundings(env), encoding: "utf8", stdio: "pipe" });
}

async function database(): Promise<string> {
  if (cluster === undefined) throw new Error("there is no PostgreSQL");
  return cluster.createDatabase();
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return String(typeof address === "object" ? address?.port : "");
}

/** Starts `npm start`. Resolves once its page answers. */
async function start(cwd: string, env: NodeJS.ProcessEnv) {
  const url = `http://127.0.0.1:${env.PORT}/payme-shop`;
  const child = spawn("npm", ["start"], { cwd, env: surroundings(env), detached: true, stdio: "pipe" });
  onTestFinished(() => kill(child, "SIGKILL"));
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  const page = async () => (await fetch(url)).text();
  await expect
    .poll(() => page().catch(() => said), { timeout: 60_000, interval: 200 })
    .toContain('<form method="post">');
  return {
    page,
    async order() {
      const { status, headers } = await fetch(url, { method: "POST", redirect: "manual" });
      expect(status).toBe(303);
      return headers.get("location") ?? "";
    },
    async stop() {
      kill(child, "SIGTERM");
      await once(child, "exit");
      return said;
    },
  };
}

/** Ends a program with all that it has started. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

describe.skipIf(!hasPostgres)("an example with a lock file of its own", () => {
  it(
    "NestJS and Prisma: builds without a secret, passes its tests, sells on a mock of Payme, and ends on a signal",
    async () => {
      const folder = install("merchant-nest-prisma");
      run(folder, {}, "run", "build");
      // As `prisma migrate deploy` does: its engine is no npm package.
      const migration = readFileSync(join(folder, "prisma/migrations/20261130000000_orders/migration.sql"), "utf8");
      const migrated = async () => {
        const url = await database();
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        await client.query(migration).finally(() => client.end());
        return url;
      };
      run(folder, { DATABASE_URL: await migrated() }, "test");
      const shop = await start(folder, { DATABASE_URL: await migrated(), PORT: await freePort() });
      const receipt = await fetch(await shop.order());
      await fetch(receipt.url, { method: "POST", body: new URLSearchParams({ ...CARD, action: "pay" }) });
      await expect.poll(shop.page, { timeout: 20_000 }).toContain("1: 50000 som, paid");
      expect(await shop.stop()).not.toMatch(/error/i);
    },
    TIMEOUT_MS,
  );

  it(
    "Next.js: builds without a secret, passes its tests, and sells when it has a key",
    async () => {
      const folder = install("merchant-next");
      run(folder, {}, "run", "build");
      run(folder, { DATABASE_URL: await database() }, "test");
      const [PORT, key] = [await freePort(), "a-key-of-thirty-six-characters-01234"];
      const mock = createMockPayme({ billing: { endpoint: `http://127.0.0.1:${PORT}/payme`, key } });
      const payme = { PAYME_MERCHANT_ID: mock.merchantId, PAYME_MERCHANT_KEY: key };
      const shop = await start(folder, { DATABASE_URL: await database(), PORT, ...payme });
      await mock.fetch(await shop.order());
      expect(await mock.pay(mock.receipts()[0]?._id ?? "", { card: CARD })).toMatchObject({ outcome: "paid" });
      expect(await shop.page()).toContain("1: 50000 som, paid");
      expect(await mock.disagreements()).toEqual([]);
      await shop.stop();
    },
    TIMEOUT_MS,
  );
});
