import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { type ExampleShop, KEY, startExample } from "./started-shop";

const root = resolve(import.meta.dirname, "../..");
const SOURCE = join(root, "examples/merchant-express/shop.ts");
/** After how many of a round's 96 answers the first process is killed: among Creates, between, among Performs. */
const KILLED_AFTER = [10, 45, 60, 80];
const ORDERS_OF_A_ROUND = 12;
const AMOUNT = 5_000_000;
const ANSWER_TIMEOUT_MS = 30_000;
const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;

const answerSchema = z.object({
  result: z.object({ state: z.number() }).loose().optional(),
  error: z.object({ code: z.number() }).loose().optional(),
});
type Answer = z.infer<typeof answerSchema>;

/** Click, in a process of its own: the same guarded change as in the shop. */
const CLICK = "UPDATE orders SET status = 'paid', paid_by = 'click' WHERE id = ? AND status = 'new'";
/** Counts how often an order becomes paid, whoever says so. */
const COUNTED = `CREATE TABLE fulfilled (order_id INTEGER NOT NULL);
  CREATE TRIGGER count_fulfilled AFTER UPDATE OF status ON orders WHEN NEW.status = 'paid'
  BEGIN INSERT INTO fulfilled VALUES (NEW.id); END;`;

/**
 * Payme calls both processes at once; Click tries every second order in between; the first process is killed in the middle of
 * it and comes back; whatever was not answered is repeated, as Payme does. Returns what is wrong afterwards.
 */
async function play(source: string, killedAfters: readonly number[]) {
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-example-"));
  const file = join(folder, "shop.db");
  const shops: ExampleShop[] = [];
  onTestFinished(async () => {
    await Promise.all(shops.map(({ kill }) => kill()));
    rmSync(folder, { recursive: true, force: true });
  });
  for (const _ of [1, 2]) shops.push(await startExample(source, file));
  const [first] = shops;
  if (first === undefined) throw new Error("no shop was started");
  const database = new Database(file);
  onTestFinished(() => void database.close());
  database.pragma("busy_timeout = 10000");
  database.exec(COUNTED);
  const click = database.prepare(CLICK);
  const lost = new Set<string>();
  let answered = 0;

  /** A call that is repeated until it is answered, and not with "not now". */
  async function call({ url }: ExampleShop, method: string, params: object): Promise<Answer> {
    const deadline = Date.now() + ANSWER_TIMEOUT_MS;
    while (Date.now() < deadline) {
      try {
        const body = JSON.stringify({ method, params, id: 1 });
        const response = await fetch(`${url}/payme`, { method: "POST", headers: { authorization }, body });
        const answer = answerSchema.parse(await response.json());
        if (answer.error?.code === -32400) continue;
        answered += 1;
        return answer;
      } catch (error) {
        if (error instanceof z.ZodError) throw error;
        lost.add(method);
      } finally {
        await sleep(10);
      }
    }
    throw new Error(`${method} was not answered in time`);
  }

  /** The same call to both, twice to each, at once. */
  const toAll = (method: string, params: object) =>
    Promise.all([...shops, ...shops].map((shop) => call(shop, method, params)));

  async function sell(): Promise<string | undefined> {
    const { lastInsertRowid } = database.prepare("INSERT INTO orders (total) VALUES (?)").run(AMOUNT);
    const order = Number(lastInsertRowid);
    const id = `65a0c1d2e3f4a5b6c7d8${String(order).padStart(4, "0")}`;
    const created = await toAll("CreateTransaction", {
      id,
      time: Date.now(),
      amount: AMOUNT,
      account: { order_id: order },
    });
    const performing = toAll("PerformTransaction", { id });
    if (order % 2 === 0) {
      // Every fourth order is Click's for sure: nothing is sent before this turn of the event loop ends. The others are raced for.
      if (order % 4 === 2) await sleep(order % 20);
      click.run(order);
    }
    const performed = await performing;
    return wrongOf(order, created, performed);
  }

  function wrongOf(order: number, created: readonly Answer[], performed: readonly Answer[]): string | undefined {
    const { paid_by } = orderSchema.parse(database.prepare("SELECT paid_by FROM orders WHERE id = ?").get(order));
    const fulfilled = database.prepare("SELECT 1 FROM fulfilled WHERE order_id = ?").all(order).length;
    const answers = [created, performed].map((each) => new Set(each.map((answer) => JSON.stringify(answer))).size);
    const [{ result, error } = {}] = performed;
    const isTold = paid_by === "payme" ? result?.state === 2 : paid_by === "click" && error?.code === -31008;
    if (fulfilled === 1 && isTold && answers.every((different) => different === 1)) return undefined;
    return `order ${order}: paid by ${paid_by}, fulfilled ${fulfilled} times, ${answers} different answers, ${JSON.stringify(performed[0])}`;
  }

  const wrongs: (string | undefined)[] = [];
  for (const killedAfter of killedAfters) {
    answered = 0;
    const selling = Promise.all(Array.from({ length: ORDERS_OF_A_ROUND }, sell));
    selling.catch(() => {});
    while (answered < killedAfter) await sleep(1);
    await first.kill();
    await first.start();
    wrongs.push(...(await selling));
  }
  const payers = database.prepare("SELECT paid_by, COUNT(*) AS n FROM orders GROUP BY paid_by ORDER BY paid_by").all();
  return { wrongs: wrongs.filter((wrong) => wrong !== undefined), lost, payers };
}

const orderSchema = z.object({ paid_by: z.string().nullable() });

it("two processes of one shop, one of them killed in the middle: each order is paid once, and Payme is told who paid", async () => {
  const { wrongs, lost, payers } = await play(SOURCE, KILLED_AFTER);
  expect(wrongs).toEqual([]);
  expect([...lost]).toContain("PerformTransaction");
  expect(payers).toEqual([
    { paid_by: "click", n: expect.any(Number) },
    { paid_by: "payme", n: expect.any(Number) },
  ]);
}, 60_000);

it("without its guard, orders are paid twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-unguarded-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const guarded = readFileSync(SOURCE, "utf8");
  const unguarded = guarded.replace("WHERE id = ? AND status = 'new'", "WHERE id = ?");
  expect(unguarded).not.toBe(guarded);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "shop.ts"), unguarded);
  const { wrongs } = await play(join(folder, "shop.ts"), [60]);
  expect(wrongs.join("\n")).toContain("fulfilled 2 times");
}, 60_000);
