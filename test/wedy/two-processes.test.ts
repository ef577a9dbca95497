import { signTestWebhook } from "payme-kit/testing";
import { expect, it } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { withClient } from "../postgres/cluster";
import { describeOnPostgres, newDatabase } from "../postgres/database";
import { answeringPayme } from "./answering-payme";
import { type Started, start, startInVain, temporaryFolder } from "./started";

const SECRET = "a-secret-for-a-server-in-a-process-of-its-own-0123";
const KEY = "a-key-of-thirty-six-characters-01234";
const MERCHANT_KEY = "a-merchant-key-of-36-characters-0123";
const PURCHASES = 8;

/** Two servers that are started at once on one empty database. */
async function openTwo() {
  const payme = await answeringPayme();
  const databaseUrl = await newDatabase();
  const env = {
    PAYME_MERCHANT_ID: "65a0b0000000000000000001",
    PAYME_SECRET_KEY: KEY,
    PAYME_TEST_API_URL: payme.url,
    PAYME_TEST_MODE: "true",
    PAYME_MERCHANT_TEST_KEY: MERCHANT_KEY,
    JWT_SECRET: SECRET,
    DATABASE_URL: databaseUrl,
  };
  const [one, two] = await Promise.all([start(temporaryFolder(), env), start(temporaryFolder(), env)]);
  const ask = async <Row extends object>(sql: string) =>
    (await withClient(databaseUrl, (client) => client.query<Row>(sql))).rows;
  return { servers: [one, two] as const, ask };
}

async function headersOf(id: string, role: "user" | "admin") {
  return { Authorization: `Bearer ${await signToken({ id, role }, SECRET, 600)}`, "Content-Type": "application/json" };
}

function post({ url }: Started, path: string, headers: Record<string, string>, json: object = {}) {
  return fetch(url + path, { method: "POST", headers, body: JSON.stringify(json) });
}

describeOnPostgres("two servers on one PostgreSQL", () => {
  it("start at once, sell as one, and settle each payment once whoever is told of it", async () => {
    const { servers, ask } = await openTwo();
    const [one, two] = servers;
    const admin = await headersOf("admin", "admin");
    const made = await post(one, "/tariffs", admin, { name: "Premium", price: 50_000, duration_days: 30 });
    expect(made.status).toBe(200);
    const users = Array.from({ length: PURCHASES }, (_, n) => `user-${n}`);
    const receipts = await Promise.all(
      users.map(async (user, n) => {
        const answer = await post(servers[n % 2] ?? two, "/tariffs/1/purchase", await headersOf(user, "user"));
        return String(Reflect.get(Object(await answer.json()), "transaction_id"));
      }),
    );
    expect(new Set(receipts).size).toBe(PURCHASES);
    // Each notification comes to both at once, twice.
    const told = receipts.flatMap((id) =>
      [one, two, one, two].map((server) => {
        const params = { id, cheque_id: `cheque-${id}`, amount: 5_000_000, paid_at: 1_700_000_000 };
        const signed = signTestWebhook({ secret: KEY, body: { method: "receipts.pay", params } });
        return fetch(`${server.url}/payme/webhook`, { method: "POST", ...signed }).then((answer) => answer.json());
      }),
    );
    for (const answer of await Promise.all(told)) expect(answer).toEqual({ result: "ok" });
    expect(await ask("SELECT status, count(*)::int AS count FROM payment GROUP BY status")).toEqual([
      { status: "PAID", count: PURCHASES },
    ]);
    expect(await ask("SELECT count(*)::int AS count FROM payme.payme_grant")).toEqual([{ count: PURCHASES }]);
    expect(await ask(`SELECT count(*)::int AS count FROM "user" WHERE tariff_id = 1`)).toEqual([{ count: PURCHASES }]);
    for (const server of servers) {
      const me = await fetch(`${server.url}/users/me`, { headers: await headersOf("user-0", "user") });
      expect(await me.json()).toMatchObject({ id: "user-0", tariff_id: 1 });
      const health = await fetch(`${server.url}/health`);
      expect(await health.json()).toMatchObject({ status: "ok", database: "reachable" });
    }
    expect(await Promise.all(servers.map((server) => server.stop()))).toEqual([0, 0]);
  });

  it("keep the guide's tables where its queries look for them, and ours in the schema payme", async () => {
    const { ask } = await openTwo();
    const tables = await ask(
      "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema IN ('public', 'payme') ORDER BY 1",
    );
    expect(tables.map((row) => Object.values(row)[0])).toEqual([
      "payme.payme_event",
      "payme.payme_grant",
      "payme.payme_migration",
      "payme.payme_payment",
      "payme.payme_payment_count",
      "payme.payme_transaction",
      "public.payment",
      "public.tariff",
      "public.user",
    ]);
  });

  it("do not start where there is no database, and say which variable names it, without its password", async () => {
    const { code, output } = await startInVain(temporaryFolder(), {
      PAYME_MERCHANT_ID: "65a0b0000000000000000001",
      PAYME_SECRET_KEY: KEY,
      PAYME_TEST_MODE: "true",
      JWT_SECRET: SECRET,
      DATABASE_URL: "postgres://wedy:planted-password@127.0.0.1:1/wedy",
    });
    expect(code).toBe(1);
    expect(output).toMatch(/^DATABASE_URL cannot be used: .*ECONNREFUSED/m);
    expect(output).not.toContain("planted-password");
    expect(output).not.toContain("    at ");
  });
});
