import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, type RequestListener, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import Database from "better-sqlite3";
import express from "express";
import { createMerchantApi, refuse, som } from "payme-kit";
import { expressMerchant } from "payme-kit/express";
import { type SqliteHandle, sqliteStorage } from "payme-kit/sqlite";
import { compare, print } from "./compare";
import { type Issued, openBare, recording, replayer, statementCount } from "./recorded";

const KEY = "live-key-of-36-characters-0123456789";
const AMOUNT = som(50_000);
const TIME = Date.UTC(2026, 0, 15, 10, 30);
const ORDERS = 200_000;
/** Payment 0 is the one that is recorded: its ids are found again in the parameters of its statements. */
const idOf = (n: number) => `65f1aa00bb11cc22${String(n).padStart(8, "0")}`;
const orderOf = (n: number) => 1_000_000 + n;
const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;

const createBody = (n: number) =>
  JSON.stringify({
    method: "CreateTransaction",
    params: { id: idOf(n), time: TIME, amount: AMOUNT, account: { order_id: String(orderOf(n)) } },
    id: n,
  });
const performBody = (n: number) => JSON.stringify({ method: "PerformTransaction", params: { id: idOf(n) }, id: n });

/** Merchant calls on Express and SQLite, beside bare Express with the same statements through bare better-sqlite3. */
export async function benchMerchantHttp(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-bench-"));
  try {
    const issued: IssuedCalls = { create: [], perform: [] };
    const ours = await openShop(join(directory, "ours.db"), issued);
    const floor = await openFloor(join(directory, "floor.db"), issued);
    const next = { ours: 1, floor: 1 };
    const ratio = await compare(
      async (times) => {
        for (let n = 0; n < times; n += 1) await floor.pay(next.floor++);
      },
      async (times) => {
        for (let n = 0; n < times; n += 1) await ours.pay(next.ours++);
      },
    );
    const counts = `${statementCount(issued.create)} and ${statementCount(issued.perform)} statements + BEGIN and COMMIT`;
    print(`Create and Perform on Express and SQLite, ${counts}`, ">= 0.77", ratio);
    for (const { close } of [ours, floor]) await close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the two calls of payment 0 did to the database. */
interface IssuedCalls {
  readonly create: Issued[];
  readonly perform: Issued[];
}

/** The shop as the docs have it; what payment 0 does to the database is written down. */
async function openShop(file: string, issued: IssuedCalls) {
  const calls: Issued[] = [];
  const recorder = { on: false };
  const storage = sqliteStorage({ file, open: (name) => recording(new Database(name), calls, recorder) });
  await storage.migrate();
  makeOrders(file);
  const merchant = createMerchantApi<SqliteHandle, { order_id: "integer" }>({
    storage,
    key: KEY,
    account: { order_id: "integer" },
    now: () => TIME,
    find({ order_id }, tx) {
      const order = tx.prepare("SELECT amount FROM orders WHERE id = ?").get(order_id);
      return order === undefined ? refuse.notFound("order_id") : { reference: order_id, amount: AMOUNT };
    },
    onPaid: ({ reference }, tx) =>
      tx.prepare("UPDATE orders SET status = 'paid' WHERE id = ?").run(reference).changes === 1,
  });
  const served = await serve(express().use("/payme", expressMerchant(merchant)));
  // The first call of a process looks whether orders must be moved: it is not a part of a payment.
  await merchant.isBeingPaid("none");
  recorder.on = true;
  await served.call(createBody(0));
  issued.create.push(...calls.splice(0));
  await served.call(performBody(0));
  issued.perform.push(...calls.splice(0));
  recorder.on = false;
  return { ...served, close: async () => served.close().then(() => storage.close()) };
}

/** What a careful person writes by hand for one shop, with our statements. */
async function openFloor(file: string, issued: IssuedCalls) {
  const storage = sqliteStorage({ file });
  await storage.migrate();
  await storage.close();
  makeOrders(file);
  const database = openBare(file);
  const create = replayer(database, issued.create, valueFor);
  const perform = replayer(database, issued.perform, valueFor);
  const expected = digestOf(KEY);
  const app = express();
  app.post("/payme", express.json({ type: () => true }), (incoming, outgoing) => {
    const credentials = Buffer.from(incoming.headers.authorization?.slice(6) ?? "", "base64").toString();
    const password = credentials.slice(credentials.indexOf(":") + 1);
    if (!timingSafeEqual(digestOf(password), expected)) throw new Error("the key is wrong");
    const { method, params, id } = incoming.body;
    const ids = { n: Number(params.id.slice(16)), transaction: crypto.randomUUID() };
    if (method === "CreateTransaction") {
      create(ids);
      outgoing.json({ result: { create_time: TIME, transaction: ids.transaction, state: 1 }, id });
    } else {
      perform(ids);
      outgoing.json({ result: { transaction: ids.transaction, perform_time: TIME, state: 2 }, id });
    }
  });
  const served = await serve(app);
  return { ...served, close: async () => served.close().then(() => void database.close()) };
}

function makeOrders(file: string): void {
  const database = openBare(file);
  database.exec(`CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, status TEXT NOT NULL);
    WITH RECURSIVE n (id) AS (SELECT ${orderOf(0)} UNION ALL SELECT id + 1 FROM n WHERE id < ${orderOf(ORDERS)})
    INSERT INTO orders SELECT id, ${AMOUNT}, 'new' FROM n`);
  database.close();
}

interface Ids {
  readonly n: number;
  readonly transaction: string;
}

/** A parameter of payment 0's statements for another payment. */
function valueFor(recorded: unknown): (ids: Ids) => unknown {
  if (recorded === orderOf(0)) return ({ n }) => orderOf(n);
  if (typeof recorded !== "string") return () => recorded;
  if (/^[0-9a-f-]{36}$/.test(recorded)) return ({ transaction }) => transaction;
  if (recorded.includes(idOf(0))) return ({ n }) => recorded.replace(idOf(0), idOf(n));
  return recorded.includes(`${orderOf(0)}`)
    ? ({ n }) => recorded.replace(`${orderOf(0)}`, `${orderOf(n)}`)
    : () => recorded;
}

async function serve(app: RequestListener) {
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization, "content-type": "application/json; charset=UTF-8" };

  async function call(body: string): Promise<void> {
    const outgoing = request({ port, host: "127.0.0.1", path: "/payme", method: "POST", headers, agent });
    const answered = once(outgoing, "response");
    outgoing.end(body);
    const [response] = await answered;
    const answer = await text(response);
    if (!answer.startsWith('{"result"')) throw new Error(answer);
  }

  return {
    call,
    async pay(n: number): Promise<void> {
      await call(createBody(n));
      await call(performBody(n));
    },
    async close(): Promise<void> {
      agent.destroy();
      server.close();
    },
  };
}

function digestOf(password: string): Buffer {
  return createHash("sha256").update(password).digest();
}
