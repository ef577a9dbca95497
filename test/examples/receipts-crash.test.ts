import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { openShop } from "../../examples/receipts-fastify/shop";
import { createPaymeClient } from "../../src/entry/client";
import { createMockPayme } from "../../src/entry/testing";

const IDS = Array.from({ length: 24 }, (_, index) => index + 1);
const CARD = { number: "8600 4954 7331 6478", expire: "03/99" };
const MINUTE_MS = 60_000;
const SCRIPT = fileURLToPath(new URL("./receipts-worker.ts", import.meta.url));
/** Writes down each time that an order becomes paid. */
const COUNTER = `CREATE TABLE effects (id INTEGER);
  CREATE TRIGGER count_effects AFTER UPDATE OF status ON orders WHEN NEW.status = 'paid'
  BEGIN INSERT INTO effects VALUES (NEW.id); END`;

/** One SQLite file with new orders, one Payme, and as many processes of the shop as are started. */
async function openRun(variant: "shop" | "naive") {
  const folder = mkdtempSync(join(tmpdir(), "receipts-crash-"));
  const file = join(folder, "shop.db");
  const mock = createMockPayme();
  const { url, close } = await mock.listen();
  const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, mode: "test", apiUrl: url });
  const shop = await openShop({ file, client });
  await shop.storage.transaction(async (tx) => {
    for (const id of IDS) tx.prepare("INSERT INTO orders (id, total, status) VALUES (?, 5000000, 'new')").run(id);
    tx.exec(COUNTER);
  });
  const workers: ChildProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(workers.map(kill));
    await shop.app.close();
    await close();
    rmSync(folder, { recursive: true });
  });
  const rows = (sql: string) => shop.storage.transaction(async (tx) => tx.prepare(sql).all());
  return {
    mock,
    payments: shop.payments,
    rows,
    unpaid: async () => (await rows("SELECT id FROM orders WHERE status = 'new'")).length,
    async startProcess() {
      const args = [file, url, mock.merchantId, mock.key, variant];
      const worker = fork(SCRIPT, args, { execArgv: ["--import", "tsx"] });
      workers.push(worker);
      expect(await answerOf(worker)).toBe("ready");
      return worker;
    },
  };
}

const messageSchema = z.union([z.object({ calls: z.number() }), z.object({ answer: z.unknown() })]);
type WorkerMessage = z.infer<typeof messageSchema>;

/** The worker's next message that is wanted; an error where it ends without one. */
function messageOf(worker: ChildProcess, isWanted: (message: WorkerMessage) => boolean): Promise<WorkerMessage> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("a process of the shop ended without an answer"));
    const onMessage = (raw: unknown) => {
      const message = messageSchema.parse(raw);
      if (!isWanted(message)) return;
      worker.off("message", onMessage).off("exit", onExit);
      resolve(message);
    };
    worker.on("message", onMessage).once("exit", onExit);
  });
}

async function answerOf(worker: ChildProcess): Promise<unknown> {
  const message = await messageOf(worker, (each) => "answer" in each);
  return "answer" in message ? message.answer : undefined;
}

/** Waits until the worker makes its n-th call to Payme since it was told to reconcile. */
const callOf = (worker: ChildProcess, n: number) => messageOf(worker, (each) => "calls" in each && each.calls === n);

function ask(worker: ChildProcess, task: object): Promise<unknown> {
  worker.send(task);
  return answerOf(worker);
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, "exit");
  worker.kill("SIGKILL");
  await exited;
}

/** Two processes sell and reconcile at once; one is killed amid its questions to Payme, and started again. */
async function sellAndCrash(variant: "shop" | "naive") {
  const run = await openRun(variant);
  const { mock } = run;
  const [first, second] = await Promise.all([run.startProcess(), run.startProcess()]);
  const pages = await Promise.all([first, second].map((worker) => ask(worker, { task: "pay", ids: IDS })));
  const receipts = mock.receipts().map(({ _id }) => _id);
  for (const receipt of receipts) await mock.pay(receipt, { card: CARD });

  // As far away as Payme. Each payment is two calls, check and get: the sixth is amid the third payment of the first five.
  mock.faults.add({ method: "receipts.*", kind: "delay", delayMs: 20 });
  const wanted = { task: "reconcile", aheadMs: 2 * MINUTE_MS };
  const [begun, amidst] = [callOf(first, 2), callOf(first, 6)];
  const dying = ask(first, wanted).catch(() => "killed");
  await begun;
  const other = ask(second, wanted);
  await amidst;
  await kill(first);
  const ends = [await dying, await other];
  const leftByCrash = await run.unpaid();

  // Once the lease of the dead one is over.
  const later = { task: "reconcile", aheadMs: 6 * MINUTE_MS };
  const restarted = await run.startProcess();
  await Promise.all([ask(restarted, later), ask(second, later)]);
  return { ...run, pages, receipts, ends, leftByCrash };
}

describe("two processes of the Fastify example, one killed in between", () => {
  it("pay each order once, and give once what it pays for", async () => {
    const { mock, payments, rows, pages, receipts, ends, leftByCrash } = await sellAndCrash("shop");
    expect(pages[0]).toEqual(pages[1]);
    expect(new Set(receipts).size).toBe(IDS.length);
    expect(ends).toEqual(["killed", "done"]);
    expect(leftByCrash).toBeGreaterThan(0);
    expect(await rows("SELECT id FROM effects ORDER BY id")).toEqual(IDS.map((id) => ({ id })));
    expect(await rows("SELECT DISTINCT status, paid_by FROM orders")).toEqual([{ status: "paid", paid_by: "payme" }]);
    expect(await payments.statistics()).toMatchObject({ paid: IDS.length });
    expect(await payments.incidents.list()).toEqual([]);
    expect(mock.cashboxes[0]?.money.taken).toBe(IDS.length * 5_000_000);
  });

  it("that give first and mark then give twice, and this test sees it", async () => {
    const { rows } = await sellAndCrash("naive");
    expect((await rows("SELECT id FROM effects")).length).toBeGreaterThan(IDS.length);
  });
});
