import { join } from "node:path";
import { signTestWebhook } from "payme-kit/testing";
import { expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../examples/express-wedy/src/config";
import { type RunningServer, startServer } from "../../examples/express-wedy/src/start-server";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { answeringPayme } from "./answering-payme";
import { start, temporaryFolder } from "./started";

/** The three secrets of a server that others know as well. */
interface Secrets {
  readonly webhook: string;
  readonly merchant: string;
  readonly jwt: string;
}

const OLD: Secrets = {
  webhook: "old-secret-of-the-gateway-0123456789",
  merchant: "old-merchant-key-of-36-characters-01",
  jwt: "the-old-secret-of-the-log-in-0123456789-0123456789",
};
const NEW: Secrets = {
  webhook: "new-secret-of-the-gateway-0123456789",
  merchant: "new-merchant-key-of-36-characters-01",
  jwt: "the-new-secret-of-the-log-in-0123456789-0123456789",
};
/** Servers that start eight times, on a busy machine. */
const PATIENCE_MS = 90_000;
/** How many settle at once. */
const BUYERS = 4;

function variables(first: Secrets, also?: Secrets): Record<string, string> {
  return {
    PAYME_SECRET_KEY: first.webhook,
    PAYME_MERCHANT_TEST_KEY: first.merchant,
    JWT_SECRET: first.jwt,
    PAYME_SECRET_KEY_ALSO: also?.webhook ?? "",
    PAYME_MERCHANT_TEST_KEY_ALSO: also?.merchant ?? "",
    JWT_SECRET_ALSO: also?.jwt ?? "",
  };
}

/** Two servers on one file, replaced one by one, and who calls them. */
async function openPair(first: Record<string, string>) {
  const payme = await answeringPayme();
  const file = join(temporaryFolder(), "wedy.db");
  const begin = (secrets: Record<string, string>) =>
    startServer(
      readConfig({
        PAYME_MERCHANT_ID: "65a0b0000000000000000001",
        PAYME_TEST_MODE: "true",
        PAYME_TEST_API_URL: payme.url,
        DATABASE_URL: `file:${file}`,
        LOG_LEVEL: "silent",
        PORT: "0",
        ...secrets,
      }),
    );
  const servers: RunningServer[] = [await begin(first), await begin(first)];
  onTestFinished(async () => {
    for (const server of servers) await server.close();
  });
  let [turns, buyers] = [0, 0];
  /** The others know these; while they change it is now one and now the other. */
  let known: readonly Secrets[] = [OLD];
  const refusals: string[] = [];
  const paid: string[] = [];

  const underway = new Map<RunningServer, number>();
  const count = (server: RunningServer, by: number) => underway.set(server, (underway.get(server) ?? 0) + by);

  const call = async (path: string, init: RequestInit) => {
    turns += 1;
    const server = servers[turns % servers.length];
    if (server === undefined) throw new Error("no server");
    count(server, 1);
    try {
      return Object(await (await fetch(server.url + path, { method: "POST", ...init })).json());
    } finally {
      count(server, -1);
    }
  };
  const expectIn = (what: string, answer: object, member: string) => {
    if (!(member in answer)) refusals.push(`${what}: ${JSON.stringify(answer)}`);
  };

  /** A new user buys the tariff, the gateway notifies, and Payme asks about a transaction. */
  async function buy(secrets: Secrets): Promise<void> {
    buyers += 1;
    const token = await signToken({ id: `user-${buyers}`, role: "user" }, secrets.jwt, 600);
    const bought = await call("/tariffs/1/purchase", { headers: { Authorization: `Bearer ${token}` } });
    expectIn("purchase", bought, "transaction_id");
    if (bought.transaction_id === undefined) return;
    const params = { id: bought.transaction_id, cheque_id: "c", amount: 5_000_000, paid_at: 1_700_000_000 };
    const told = signTestWebhook({ secret: secrets.webhook, body: { method: "receipts.pay", params } });
    const taken = await call("/payme/webhook", told);
    expectIn("notification", taken, "result");
    if (taken.result !== undefined) paid.push(`user-${buyers}`);
    const { error } = await askMerchant(secrets.merchant);
    if (error?.code !== -31003) refusals.push(`Merchant API: ${error?.code}`);
  }
  const askMerchant = (key: string) => {
    const headers = { Authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` };
    return call("/payme/merchant", {
      headers,
      body: JSON.stringify({ id: 1, method: "CheckTransaction", params: { id: "x" } }),
    });
  };

  let isOpen = true;
  async function trade(buyer: number): Promise<void> {
    for (let n = buyer; isOpen; n += 1) await buy(known[n % known.length] ?? OLD);
  }

  const admin = await signToken({ id: "admin", role: "admin" }, OLD.jwt, 600);
  const headers = { Authorization: `Bearer ${admin}`, "Content-Type": "application/json" };
  await call("/tariffs", { headers, body: JSON.stringify({ name: "Premium", price: 50_000, duration_days: 30 }) });
  const trading = Promise.all(Array.from({ length: BUYERS }, (_, buyer) => trade(buyer)));
  const someMore = async () => {
    for (const enough = buyers + 2 * BUYERS; buyers < enough; ) await new Promise((go) => setTimeout(go, 5));
  };
  await someMore();

  return {
    refusals,
    paid,
    /** Replaces the servers one by one, as a balancer does: the old one gets no more calls, ends those that it has, and stops. */
    async restart(secrets: Record<string, string>) {
      for (let n = 0; n < 2; n += 1) {
        servers.push(await begin(secrets));
        const [old] = servers.splice(0, 1);
        while (old !== undefined && (underway.get(old) ?? 0) > 0) await new Promise((go) => setTimeout(go, 1));
        await old?.close();
        await someMore();
      }
    },
    async others(now: readonly Secrets[]) {
      known = now;
      await someMore();
    },
    async end() {
      isOpen = false;
      await trading;
      return servers;
    },
    askMerchant,
    statusOf: async (path: string, init: RequestInit) => (await fetch(`${servers[0]?.url}${path}`, init)).status,
  };
}

it(
  "no call is lost while all three secrets are changed under traffic; then the old ones are refused",
  async () => {
    const shop = await openPair(variables(OLD));
    await shop.restart(variables(OLD, NEW));
    await shop.others([OLD, NEW]);
    await shop.restart(variables(NEW, OLD));
    await shop.others([NEW]);
    await shop.restart(variables(NEW));
    await shop.end();
    expect(shop.refusals).toEqual([]);
    expect(shop.paid.length).toBeGreaterThan(50);

    const me = async (id: string, secret: string) => ({
      method: "GET",
      headers: { Authorization: `Bearer ${await signToken({ id, role: "user" }, secret, 600)}` },
    });
    for (const id of shop.paid) expect(await shop.statusOf("/users/me", await me(id, NEW.jwt))).toBe(200);
    const admin = await signToken({ id: "admin", role: "admin" }, NEW.jwt, 600);
    const [server] = await shop.end();
    const statistics = await fetch(`${server?.url}/payme/statistics`, {
      headers: { Authorization: `Bearer ${admin}` },
    });
    // Each was taken once: none is missing, and none of those that two servers were told of is there twice.
    expect(await statistics.json()).toMatchObject({ successful_payments: shop.paid.length, incidents: 0 });

    expect(await shop.statusOf("/users/me", await me("user-1", OLD.jwt))).toBe(401);
    const forged = signTestWebhook({ secret: OLD.webhook });
    expect(await shop.statusOf("/payme/webhook", { method: "POST", ...forged })).toBe(401);
    expect(await shop.askMerchant(OLD.merchant)).toMatchObject({ error: { code: -32504 } });
  },
  PATIENCE_MS,
);

it("the second secrets are hidden in the log as the first ones are", async () => {
  const payme = await answeringPayme();
  const server = await start(temporaryFolder(), {
    PAYME_MERCHANT_ID: "65a0b0000000000000000001",
    PAYME_TEST_MODE: "true",
    PAYME_TEST_API_URL: payme.url,
    ...variables(OLD, NEW),
  });
  const secrets = [OLD, NEW].flatMap((each) => Object.values(each));
  // A line of the log has the path of its request.
  for (const secret of secrets) await fetch(`${server.url}/seen/${secret}`);
  await server.stop();
  expect(server.output().match(/"path":"\/seen\/\[hidden\]"/g)).toHaveLength(secrets.length);
  for (const secret of secrets) expect(server.output()).not.toContain(secret);
});

it("calls would be lost where the secrets are simply replaced", async () => {
  const shop = await openPair(variables(OLD));
  await shop.restart(variables(NEW));
  await shop.end();
  expect(shop.refusals.some((refusal) => refusal.startsWith("purchase"))).toBe(true);
});
