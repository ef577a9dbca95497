import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPaymeClient, createPayments } from "../../src/entry";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { aesSeal, createSubscriptions } from "../../src/entry/subscriptions";
import type { Storage } from "../../src/ledger";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { verifiedToken } from "../mock/kit";
import { describeOnPostgres, newDatabase } from "../postgres/database";
import type { KilledSettings, Step } from "./killed-process";
import { consent, DAY, HOUR, MINUTE, premium, SEAL_KEY } from "./shop";

/** `ROUNDS=100` for a long run. */
const ROUNDS = Number(process.env.ROUNDS ?? 1);
const STEPS: readonly Step[] = ["opened", "receipt", "attempt", "paid", "booking"];
const root = new URL("../../", import.meta.url).pathname;
// Below node_modules: the drivers are found from there.
const folder = join(root, "node_modules", ".payme-kit-tests", String(process.pid));
const script = join(folder, "killed-process.mjs");

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, "killed-process.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A shop whose clock, and whose Payme's, is so much later than now. */
async function openShop<Tx>(storage: Storage<Tx>) {
  let later = 0;
  const now = () => Date.now() + later;
  const mock = createMockPayme({ now });
  const server = await mock.listen();
  const { merchantId, key } = mock;
  const apiUrl = `${server.url}/api`;
  const client = createPaymeClient({ merchantId, key, apiUrl, mode: "test", auth: "key" });
  const payments = createPayments({ storage, client, now, logger: { info() {}, warn() {}, error() {} } });
  const subs = createSubscriptions({ payments, seal: aesSeal([SEAL_KEY]) });
  await subs.migrate();
  return {
    mock,
    server,
    subs,
    payme: { merchantId, key, apiUrl },
    setLater: (ms: number) => {
      later = ms;
    },
    async run() {
      await payments.reconcile();
      while ((await subs.run()).checked > 0);
    },
  };
}

async function killAt(settings: KilledSettings): Promise<NodeJS.Signals | null> {
  const env = { ...process.env, SETTINGS: JSON.stringify(settings) };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "ignore", "inherit"] });
  const [, signal] = await once(child, "exit");
  return signal;
}

async function proveKilled<Tx>(database: string, storage: Storage<Tx>): Promise<void> {
  const shop = await openShop(storage);
  const { mock, subs, payme } = shop;
  const taken = (paymentIds: readonly (string | null)[]) =>
    mock.receipts().filter(({ _id, account }) => {
      const isOurs = paymentIds.includes(String(account?.[0]?.value ?? ""));
      return isOurs && mock.movements.some(({ receiptId, kind }) => receiptId === _id && kind === "take");
    }).length;
  for (let round = 0; round < ROUNDS * STEPS.length; round += 1) {
    const step = STEPS[round % STEPS.length] ?? "opened";
    const owner = `${step}-${round}`;
    shop.setLater(0);
    const card = await subs.cards.attach({ owner, token: await verifiedToken(mock), consent });
    const { subscription } = await subs.create({ ...premium, owner, card: card.id });
    const debits = () => mock.movements.filter(({ kind }) => kind === "take").length;
    const before = debits();
    shop.setLater(32 * DAY);
    expect(await killAt({ database, payme, sealKey: SEAL_KEY, later: 32 * DAY, step }), step).toBe("SIGKILL");
    // Then another process goes on: soon, after the leases, and after a day.
    for (const after of [0, 10 * MINUTE, HOUR, 26 * HOUR]) {
      shop.setLater(32 * DAY + after);
      await shop.run();
    }
    const story = await subs.story(subscription.id);
    expect(story?.subscription, step).toMatchObject({ state: "ACTIVE", number: 2 });
    expect(
      story?.periods.map(({ state }) => state),
      step,
    ).toEqual(["PAID", "PAID"]);
    expect(debits() - before, `debits of a period, killed at ${step}`).toBe(1);
    expect(story?.events.filter(({ kind }) => kind === "subscription.renewed")).toHaveLength(2);
    expect(taken(story?.periods.map(({ paymentId }) => paymentId) ?? []), step).toBe(2);
    await subs.cancel(subscription.id, { at: "now" });
  }
  await shop.server.close();
}

const TIME = { timeout: 3_600_000 };

describe("a process that is killed at each step of a renewal", () => {
  it("on SQLite: the period is charged once, and nothing is lost", TIME, async () => {
    const directory = mkdtempSync(join(tmpdir(), "payme-kit-killed-"));
    const file = join(directory, "shop.db");
    const storage = sqliteStorage({ file });
    try {
      await proveKilled(file, storage);
    } finally {
      await storage.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describeOnPostgres("a process that is killed at each step of a renewal, on PostgreSQL", () => {
  it("the period is charged once, and nothing is lost", TIME, async () => {
    const database = await newDatabase();
    const pool = new pg.Pool({ connectionString: database, max: 4 });
    try {
      await proveKilled(database, postgresStorage(pool));
    } finally {
      await pool.end();
    }
  });
});
