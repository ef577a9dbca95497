import Database from "better-sqlite3";
import { createWorker, memoryStorage } from "../../src/entry";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { type SqliteDatabase, sqliteStorage } from "../../src/entry/sqlite";
import { tiyin } from "../../src/kit/money";
import { openDatabase } from "../../src/tools/cli/open-database";
import { paymentRow, transactionRow } from "../ledger/rows";
import { selfSigned, trust } from "./self-signed";
import { type Front, MERCHANT_KEY, quiet, scope, servedTls, type World } from "./world";

/** Something that is broken, and the one check that tells of it. */
export interface Fault {
  readonly check: string;
  readonly what: string;
  readonly status?: "uncertain";
  /** What both set-ups have, the healthy one and the broken one. */
  from?(world: World): unknown;
  break(world: World): unknown;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const OTHER_KEY = "another-key-of-36-characters-0123456";
const ago = (ms: number) => Date.now() - ms;

const env =
  (values: Record<string, string>) =>
  ({ parts }: World) => {
    parts.env = { ...parts.env, ...values };
  };
/** Gives the doctor something else. */
const given =
  (parts: (world: World) => Partial<World["parts"]> | Promise<Partial<World["parts"]>>) => async (world: World) => {
    world.parts = { ...world.parts, ...(await parts(world)) };
  };
const front = (answer: Front) => (world: World) => {
  world.front.answer = answer;
};
/** Answers by a page instead of the shop. */
const page = (status: number, isMeant: (request: Parameters<Front>[0]) => boolean) =>
  front((request, response) => {
    if (!isMeant(request)) return false;
    request.resume().on("end", () => response.writeHead(status).end("<html>no</html>"));
    return true;
  });
const link =
  (text: string) =>
  ({ parts }: World) => {
    parts.link = `https://test.paycom.uz/${Buffer.from(text).toString("base64")}`;
  };
/** Changes a file of a database by another connection. */
const inFile =
  (sql: string) =>
  ({ file }: Pick<World, "file">) => {
    const database = new Database(file);
    database.exec(sql);
    database.close();
  };

export const FAULTS: readonly Fault[] = [
  { check: "env.present", what: "no key is set", break: given(() => ({ env: {} })) },
  { check: "env.present", what: "the id is missing", break: env({ PAYME_MERCHANT_ID: "" }) },
  { check: "env.key-shape", what: "a key cut at #", break: env({ PAYME_SECRET_KEY: "subscribe-key" }) },
  { check: "env.key-shape", what: "quotes are kept", break: env({ PAYME_MERCHANT_KEY: `"${OTHER_KEY}"` }) },
  {
    check: "env.key-shape",
    what: "a gateway's secret of another length",
    status: "uncertain",
    from: env({ PAYME_AUTH: "signature", PAYME_TEST_API_URL: "https://test.paycom.uz" }),
    break: env({ PAYME_SECRET_KEY: "a-secret-of-a-gateway" }),
  },
  { check: "env.settings", what: "a scheme that is none", break: env({ PAYME_AUTH: "basic" }) },
  { check: "env.host", what: "live money in a test", break: env({ PAYME_TEST_API_URL: "https://checkout.paycom.uz" }) },
  {
    check: "env.host",
    what: "the sandbox in live mode",
    from: liveWorld,
    break: env({ PAYME_API_URL: "https://checkout.test.paycom.uz" }),
  },
  {
    check: "env.host",
    what: "live mode at an address that is not Payme's",
    status: "uncertain",
    from: liveWorld,
    break: env({ PAYME_API_URL: "https://proxy.example" }),
  },
  {
    check: "env.host",
    what: "the guide's sandbox with Payme's scheme",
    status: "uncertain",
    break: env({ PAYME_TEST_API_URL: "https://test.paycom.uz" }),
  },
  {
    check: "env.test-mode",
    what: "production",
    status: "uncertain",
    break: env({ NODE_ENV: "production", PAYME_TEST_MODE: "true" }),
  },
  {
    check: "env.test-key",
    what: "the live key as the test key",
    break: env({ PAYME_MERCHANT_TEST_KEY: MERCHANT_KEY }),
  },
  {
    check: "env.test-key",
    what: "a test key in production",
    status: "uncertain",
    from: env({ NODE_ENV: "production", PAYME_TEST_MODE: "true" }),
    break: env({ PAYME_MERCHANT_TEST_KEY: OTHER_KEY }),
  },
  { check: "env.callback", what: "http", break: env({ PAYME_CALLBACK_URL: "http://shop.invalid/webhook" }) },
  {
    check: "payme.reached",
    what: "nobody listens",
    status: "uncertain",
    break: ({ parts }) => {
      parts.fetch = async () => Promise.reject(Object.assign(new TypeError("fetch failed"), { code: "ECONNREFUSED" }));
    },
  },
  {
    check: "payme.reached",
    what: "a page instead of JSON",
    status: "uncertain",
    break: given(() => ({ fetch: async () => new Response("<html>502</html>", { status: 502 }) })),
  },
  { check: "payme.key", what: "another cashbox's key", break: env({ PAYME_SECRET_KEY: OTHER_KEY }) },
  {
    check: "payme.key",
    what: "a failure inside Payme",
    status: "uncertain",
    break: ({ parts }) => {
      parts.fetch = async () =>
        new Response('{"error":{"code":-32400,"message":"no"}}', { headers: { date: new Date().toUTCString() } });
    },
  },
  { check: "clock.payme", what: "5 minutes behind", break: given(() => ({ now: () => ago(5 * MINUTE) })) },
  {
    check: "clock.payme",
    what: "a minute behind",
    status: "uncertain",
    break: given(() => ({ now: () => ago(MINUTE) })),
  },
  {
    check: "endpoint.reached",
    what: "nobody listens",
    status: "uncertain",
    break: given(() => ({ url: "http://127.0.0.1:1/payme" })),
  },
  {
    check: "endpoint.reached",
    what: "a certificate that nobody trusts",
    break: given(async ({ listener }) => ({ url: `${await servedTls(listener, selfSigned(90))}/payme` })),
  },
  {
    check: "endpoint.redirect",
    what: "to www",
    break: front((request, response) => {
      if (request.url !== "/payme") return false;
      response.writeHead(301, { Location: "https://www.shop.example/payme?key=1" }).end();
      return true;
    }),
  },
  {
    check: "endpoint.certificate",
    what: "ends in 14 days",
    from: async ({ parts, listener }) => {
      const tls = selfSigned(16);
      trust(tls);
      parts.url = `${await servedTls(listener, tls)}/payme`;
    },
    break: async ({ parts, listener }) => {
      const tls = selfSigned(14);
      trust(tls);
      parts.url = `${await servedTls(listener, tls)}/payme`;
    },
  },
  {
    check: "endpoint.certificate",
    what: "no https",
    break: given(({ origin }) => ({ url: `${origin.replace("127.0.0.1", "0.0.0.0")}/payme` })),
  },
  { check: "endpoint.get", what: "a page", break: page(404, ({ method }) => method === "GET") },
  {
    check: "endpoint.no-key",
    what: "401 of a proxy",
    break: page(401, ({ method, url, headers }) => method === "POST" && url === "/payme" && !headers.authorization),
  },
  {
    check: "endpoint.wrong-key",
    what: "any key is accepted",
    break: front((request, response) => {
      const key = Buffer.from(request.headers.authorization?.slice(6) ?? "", "base64").toString();
      if (key === "" || key.includes("merchant-key")) return false;
      request.resume().on("end", () => response.end('{"error":{"code":-31003}}'));
      return true;
    }),
  },
  { check: "endpoint.right-key", what: "the endpoint has another one", break: env({ PAYME_MERCHANT_KEY: OTHER_KEY }) },
  {
    check: "endpoint.text-json",
    what: "415",
    break: page(415, ({ headers }) => headers["content-type"] === "text/json"),
  },
  {
    check: "endpoint.large-body",
    what: "413",
    break: page(413, ({ headers }) => Number(headers["content-length"]) > 50_000),
  },
  {
    check: "endpoint.expect",
    what: "417",
    break: ({ server }) => void server.on("checkContinue", (_request, response) => response.writeHead(417).end()),
  },
  {
    check: "endpoint.latency",
    what: "2.1 s",
    status: "uncertain",
    break: (world) => {
      let calls = 0;
      world.front.answer = (request, response) => {
        // Not the first one: it is asked by others, too.
        if (request.method !== "POST" || request.headers.authorization || request.url !== "/payme") return false;
        if (++calls < 3) return false;
        setTimeout(() => response.end('{"error":{"code":-32504}}'), 2_100);
        return true;
      };
    },
  },
  { check: "endpoint.webhook", what: "another path", break: page(404, ({ url }) => url === "/webhook") },
  { check: "endpoint.webhook", what: "signatures are not checked", break: page(200, ({ url }) => url === "/webhook") },
  { check: "link.form", what: "no Base64", break: given(() => ({ link: "https://test.paycom.uz/%%%" })) },
  { check: "link.fields", what: "no account", break: link("m=1;a=50000") },
  { check: "link.amount", what: "som with a point", break: link("m=1;ac.order_id=1;a=500.00") },
  {
    check: "link.host",
    what: "a live link in a test",
    break: given(({ parts }) => ({ link: parts.link?.replace("test.", "checkout.") })),
  },
  {
    check: "link.slash",
    what: "a / in it",
    status: "uncertain",
    break: link("m=1;ac.order_id=1;a=50000;c=https://a.uz/??o"),
  },
  {
    check: "database.reached",
    what: "a file that is not there",
    status: "uncertain",
    break: given(() => ({ database: openDatabase("sqlite:/nowhere/shop.db", undefined) })),
  },
  {
    check: "database.migrated",
    what: "a step is missing",
    break: inFile("DELETE FROM payme_migration WHERE step = 3"),
  },
  {
    check: "database.migrated",
    what: "a newer version made it",
    status: "uncertain",
    break: inFile("INSERT INTO payme_migration (part, step) VALUES ('ledger', 999)"),
  },
  { check: "database.indexes", what: "one is gone", break: inFile("DROP INDEX idx_payme_transaction_held_order") },
  {
    check: "database.wal",
    what: "another journal",
    break: async ({ parts, file: beside }) => {
      const file = `${beside}-other`;
      const other = sqliteStorage({ file });
      await other.migrate();
      await other.close();
      inFile("PRAGMA journal_mode = DELETE")({ file });
      parts.database = openDatabase(file, undefined);
    },
  },
  {
    check: "database.synchronous",
    what: "a driver that leaves it at NORMAL",
    break: given(({ file }) => ({ storage: sqliteStorage({ file, open: careless }) })),
  },
  {
    check: "database.local-file",
    what: "NFS",
    break: given(() => ({ fileSystemOf: async () => 0x6969 })),
  },
  {
    check: "books.sweep",
    what: "13 hours old",
    break: ({ storage }) => storage.addTransaction(transactionRow({ time: ago(13 * HOUR) })),
  },
  {
    check: "books.reconcile",
    what: "due an hour ago",
    break: ({ storage }) => storage.addPayment(paymentRow({ createdAt: ago(2 * HOUR), nextCheckAt: ago(HOUR) })),
  },
  {
    check: "books.review",
    what: "never ran",
    break: ({ storage }) => {
      const [createdAt, paidAt] = [ago(5 * DAY), ago(5 * DAY)];
      return storage.addPayment(paymentRow({ createdAt, paidAt, status: "PAID", paidBy: "a", paidSource: "receipt" }));
    },
  },
  {
    check: "books.subscriptions",
    what: "due two hours ago",
    break: ({ parts }) => {
      parts.subscriptions = { overdue: async (ms) => Number(ms < 2 * 60 * MINUTE) };
    },
  },
  {
    check: "books.outbox",
    what: "due 10 minutes ago",
    break: ({ storage }) =>
      storage.appendEvents([{ ...scope, kind: "order.paid", subject: "1", at: 1, deliverAt: ago(10 * MINUTE) }]),
  },
  {
    check: "books.parked",
    what: "one is",
    break: async ({ storage }) => {
      const at = Date.now();
      await storage.appendEvents([{ ...scope, kind: "order.paid", subject: "1", at, deliverAt: at }]);
      const [message] = await storage.claimEvents(scope, { now: at, leaseUntil: at + 1, token: "t", limit: 1 });
      await storage.closeEvent(scope, message?.id ?? 0, { result: "parked", token: "t", at });
      await storage.appendEvents([{ ...scope, kind: "message_parked", subject: "1", paymeId: "1", at }]);
    },
  },
  {
    check: "books.incidents",
    what: "paid twice",
    break: ({ storage }) =>
      storage.appendEvents([{ ...scope, kind: "double_payment", subject: "1", paymeId: "p", at: Date.now() }]),
  },
  {
    check: "books.refunds",
    what: "stuck",
    break: ({ storage }) =>
      storage.appendEvents([{ ...scope, kind: "refund_stuck", subject: "1", paymeId: "p", at: Date.now() }]),
  },
  {
    check: "books.amounts",
    what: "tiyin",
    status: "uncertain",
    break: ({ storage }) => storage.addPayment(paymentRow({ createdAt: ago(HOUR), amount: tiyin(12_345) })),
  },
  {
    check: "process.memory",
    what: "books in memory in production",
    from: env({ NODE_ENV: "production", PAYME_TEST_MODE: "true" }),
    break: given(() => ({ storage: memoryStorage() })),
  },
  {
    check: "process.memory",
    what: "SQLite in memory in production",
    from: env({ NODE_ENV: "production", PAYME_TEST_MODE: "true" }),
    break: async ({ parts }) => {
      const storage = sqliteStorage({ file: ":memory:" });
      await storage.migrate();
      parts.storage = storage;
    },
  },
  {
    check: "process.worker",
    what: "a job fails three times in a row",
    break: async ({ parts }) => {
      const fails = async () => {
        throw new Error("away");
      };
      const worker = createWorker({ payments: { reconcile: fails, review: fails }, logger: quiet });
      for (let run = 0; run < 3; run += 1) await worker.runOnce();
      parts.worker = worker;
    },
  },
  {
    check: "process.merchant-key",
    what: "the variable is empty",
    break: ({ parts, storage }) => {
      const account = { order_id: "integer" } as const;
      const find = () => refuse.notFound("order_id");
      parts.merchant = createMerchantApi({ storage, key: () => "", account, find, logger: quiet });
    },
  },
];

/** Live settings, and a link that fits. The mock's cashbox stands behind every host. */
function liveWorld({ parts }: World): void {
  parts.env = {
    ...parts.env,
    PAYME_TEST_MODE: "false",
    PAYME_CALLBACK_URL: "",
  };
  parts.link = parts.link?.replace("test.", "checkout.");
}

/** A driver that does not do as it is told. */
function careless(file: string): SqliteDatabase {
  const database = new Database(file);
  const exec = database.exec.bind(database);
  return Object.assign(database, {
    exec: (sql: string) => exec(sql.replace("synchronous = FULL", "synchronous = NORMAL")),
  });
}
