import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { DroppedConnection } from "../../src/testing/mock/refusal";
import { serve } from "../../src/tools/mock-server/server";
import { moneyOf } from "../faults/money-judge";
import { openMock, verifiedToken } from "../mock/kit";
import { temporaryFolder } from "../storage/kits";

const root = resolve(import.meta.dirname, "../..");

/** The sample of docs/saved-cards.md, as it stands there. */
const SAMPLE = /^```ts\n([^`]*?await payments\.charge\([^`]*?)^```$/m.exec(
  readFileSync(join(root, "docs/saved-cards.md"), "utf8"),
)?.[1];

/** What a hurried shop writes with the client alone: a receipt for each run. */
const BY_HAND = `
import { createPaymeClient, paymeConfigFromEnv, som } from "payme-kit";
const client = createPaymeClient(paymeConfigFromEnv());
const { _id: receiptId } = await client.receipts.create({ amount: som(50_000), account: { order_id: "1" } });
const outcome = await client.pay({ receiptId, token: process.env.CARD_TOKEN ?? "" });
console.log(outcome.status);
`;

/** A clock four minutes ahead: by then the claim of a process that died is over. */
const LATER = "--import=data:text/javascript,const{now}=Date;Date.now=()=>now()+240000";

interface Call {
  readonly number: number;
  readonly method: string;
}

/** A Payme over HTTP, and runs of a script against it on one SQLite file. */
async function openCron(code: string) {
  const { mock } = openMock();
  const token = await verifiedToken(mock);
  const { file, remove } = temporaryFolder();
  const workshop = join(root, "test/docs/.snippets");
  mkdirSync(workshop, { recursive: true });
  const folder = mkdtempSync(join(workshop, "cron-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "cron.ts"), code);
  const calls: string[] = [];
  let onCall: (call: Call, carryOut: () => Promise<Response>) => Promise<Response> = (_call, carryOut) => carryOut();
  const server = await serve(async (request) => {
    const body = await request.text();
    const { method } = JSON.parse(body);
    calls.push(method);
    const { headers } = request;
    const again = new Request("https://checkout.test.paycom.uz/api", { method: "POST", headers, body });
    return onCall({ number: calls.length, method }, () => mock.fetch(again));
  });
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    for (const child of children) child.kill("SIGKILL");
    await server.close();
    rmSync(folder, { recursive: true, force: true });
    remove();
  });
  const start = (...flags: string[]) => {
    const env = {
      ...process.env,
      PAYME_AUTH: "key",
      PAYME_TEST_MODE: "true",
      PAYME_MERCHANT_ID: mock.merchantId,
      PAYME_SECRET_KEY: mock.key,
      PAYME_TEST_API_URL: server.url,
      SHOP_DB: file,
      CARD_TOKEN: token,
    };
    const args = ["--import", "tsx", ...flags, join(folder, "cron.ts")];
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let output = "";
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    child.stderr.on("data", (chunk) => (output += String(chunk)));
    const ended = once(child, "close").then(() => output.trim());
    return { child, ended };
  };
  return {
    calls,
    start,
    onCalls: (listener: typeof onCall) => {
      onCall = listener;
    },
    money: () =>
      moneyOf(
        mock,
        mock.receipts().map(({ _id }) => _id),
      ),
  };
}

const ONCE = { takes: 1, debits: 1, taken: 5_000_000 };

describe("the sample of docs/saved-cards.md", () => {
  it("is there", () => {
    expect(SAMPLE).toContain("createPayments");
  });

  it("run by two crons at once takes the money once, and both say paid", async () => {
    const cron = await openCron(SAMPLE ?? "");
    const outputs = await Promise.all([cron.start().ended, cron.start().ended]);
    expect(outputs.map((output) => output.split(" ")[0])).toEqual(["paid", "paid"]);
    expect(cron.money()).toMatchObject(ONCE);
    expect(cron.calls.filter((method) => method === "receipts.pay")).toHaveLength(1);
  });

  it.each([1, 2, 3, 4].flatMap((number) => [true, false].map((isCarriedOut) => ({ number, isCarriedOut }))))(
    "killed with kill -9 at call $number (carried out: $isCarriedOut): the next run takes the money once",
    async ({ number, isCarriedOut }) => {
      const cron = await openCron(SAMPLE ?? "");
      const { child, ended } = cron.start();
      cron.onCalls(async (call, carryOut) => {
        if (call.number !== number) return carryOut();
        child.kill("SIGKILL");
        await once(child, "exit");
        if (isCarriedOut) await carryOut();
        throw new DroppedConnection();
      });
      await ended;
      expect(child.signalCode).toBe("SIGKILL");
      cron.onCalls((_call, carryOut) => carryOut());
      expect(await cron.start(LATER).ended).toMatch(/^paid /);
      expect(cron.money()).toMatchObject(ONCE);
    },
  );

  it("killed while another run waits for it: that one does not pay a second receipt", async () => {
    const cron = await openCron(SAMPLE ?? "");
    const first = cron.start();
    const second: { ended?: Promise<string> } = {};
    cron.onCalls(async ({ method }, carryOut) => {
      if (method !== "receipts.pay" || second.ended !== undefined) return carryOut();
      // At the same time, by a clock that finds the claim over: the worst case.
      const checks = () => cron.calls.filter((each) => each === "receipts.check").length;
      const before = checks();
      second.ended = cron.start(LATER).ended;
      await expect.poll(checks, { timeout: 30_000 }).toBeGreaterThan(before);
      first.child.kill("SIGKILL");
      return carryOut();
    });
    await first.ended;
    expect(await second.ended).toMatch(/^paid /);
    expect(cron.money()).toMatchObject(ONCE);
  });

  it("written by hand, with a receipt for each run, takes it twice: this test sees it", async () => {
    const cron = await openCron(BY_HAND);
    await Promise.all([cron.start().ended, cron.start().ended]);
    expect(cron.money()).toMatchObject({ takes: 2 });
  });
});
