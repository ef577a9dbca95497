import { readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { createMockPayme, type MockPaymeOptions } from "payme-kit/testing";
import { onTestFinished } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { cli } from "../cli/kit";
import { withClient } from "../postgres/cluster";
import { METRICS_TOKEN, samplesOf } from "../prometheus/staged-shop";
import { JWT_SECRET, UZCARD } from "./shop";
import { freePort, start, temporaryFolder } from "./started";

/** The Wedy server in a process of its own, Payme played by the mock over HTTP, and the person on call. */
export type Night = Awaited<ReturnType<typeof openNight>>;

type Notify = Partial<NonNullable<MockPaymeOptions["notify"]>>;

/** `notify`: what the gateway does. `databaseUrl`: default a file of SQLite. */
export async function openNight({
  notify,
  databaseUrl,
}: {
  notify?: (url: string) => Notify;
  databaseUrl?: string;
} = {}) {
  const folder = temporaryFolder();
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const mock = createMockPayme({ notify: { repeatAfterMs: [], url: `${url}/payme/webhook`, ...notify?.(url) } });
  const payme = await mock.listen({ port: 0 });
  const file = join(folder, "wedy.db");
  const env = {
    PAYME_MERCHANT_ID: mock.merchantId,
    PAYME_SECRET_KEY: mock.key,
    PAYME_TEST_MODE: "true",
    PAYME_TEST_API_URL: payme.url,
    JWT_SECRET,
    DATABASE_URL: databaseUrl ?? `file:${file}`,
    METRICS_TOKEN,
  };
  onTestFinished(async () => {
    mock.reset();
    await payme.close();
  });
  const server = await start(folder, { ...env, PORT: port });
  const admin = await signToken({ id: "admin", role: "admin" }, JWT_SECRET, 600);
  const user = await signToken({ id: "user123", role: "user" }, JWT_SECRET, 600);

  async function call(method: string, path: string, { token = admin, json }: { token?: string; json?: object } = {}) {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const answer = await fetch(url + path, { method, headers, body: json === undefined ? null : JSON.stringify(json) });
    return { http: answer.status, ...Object(await answer.json()) };
  }
  await call("POST", "/tariffs", { json: { name: "Premium Plan", price: 50_000, duration_days: 30 } });

  const check = (id: string) => call("GET", `/payme/check-status/${id}`);
  const log = () => readFileSync(join(folder, "app.log"), "utf8").split("\n");
  const database = databaseUrl ?? `sqlite:${file}`;
  let steps = 0;
  return {
    server,
    mock,
    file,
    database,
    call,
    purchase: () => call("POST", "/tariffs/1/purchase", { token: user }),
    /** Pays a receipt, and waits until the notification of it has ended. */
    async pay(id: string) {
      await mock.pay(id, { card: UZCARD });
      await mock.flush();
    },
    /** Asks Payme, and settles what it finds: the runbook's command. */
    check,
    /** What Prometheus reads. */
    async metrics() {
      const answer = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } });
      return Object.fromEntries(samplesOf(await answer.text()));
    },
    me: () => call("GET", "/users/me", { token: user }),
    /** What the person does to find the cause, each a step. */
    person: {
      steps: () => steps,
      /** Looks again for a while: the server's log is written behind it. */
      async grep(text: string) {
        steps += 1;
        for (let looks = 0; ; looks += 1) {
          const lines = log().filter((line) => line.includes(text));
          if (lines.length > 0 || looks === 30) return lines.join("\n");
          await new Promise((go) => setTimeout(go, 100));
        }
      },
      async story(id: string) {
        steps += 1;
        return (await cli(["story", id, "--database", database], { env: {} })).out;
      },
      async doctor(...args: readonly string[]) {
        steps += 1;
        return (await cli(["doctor", ...args], { env })).out;
      },
      async incidents() {
        steps += 1;
        return (await call("GET", "/payme/incidents")).incidents;
      },
      async check(id: string) {
        steps += 1;
        return check(id);
      },
    },
    /** All rows of all tables, once the server has come to rest. What time alone moves is left out: looks at Payme, deliveries, reviews. */
    async books(): Promise<string> {
      for (let last = ""; ; ) {
        const now = JSON.stringify(await rows());
        if (now === last) return now;
        last = now;
        await new Promise((go) => setTimeout(go, 300));
      }
    },
  };

  async function rows(): Promise<unknown> {
    const hidden = /^(next_check_ms|checks|updated_ms|updated_at|deliver_ms|delivered_ms|attempts|lease_\w+)$/;
    const shown = (all: readonly object[]) =>
      all
        .filter((row) => !/"kind":"review\.|"name":"payme_event","seq"/.test(JSON.stringify(row)))
        .map((row) => JSON.stringify(Object.entries(row).filter(([name]) => !hidden.test(name))))
        .sort();
    if (databaseUrl !== undefined) {
      return withClient(databaseUrl, async (client) => {
        const sql = `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
          WHERE schemaname IN ('payme', 'public') ORDER BY 1`;
        const tables = (await client.query<{ name: string }>(sql)).rows;
        const all: unknown[] = [];
        for (const { name } of tables) all.push([name, shown((await client.query(`SELECT * FROM ${name}`)).rows)]);
        return all;
      });
    }
    const books = new Database(file, { readonly: true });
    try {
      const tables = books.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      return tables.map(({ name }) => [name, shown(books.prepare<[], object>(`SELECT * FROM "${name}"`).all())]);
    } finally {
      books.close();
    }
  }
}
