import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { createMockPayme } from "payme-kit/testing";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { start, temporaryFolder } from "./started";

const SECRET = "a-secret-for-a-server-in-a-process-of-its-own-0123";
const MERCHANT_KEY = "a-merchant-key-of-36-characters-0123";
const PRICE = 1_000_000;
const paymeAnswers = z.array(z.object({ ms: z.number(), code: z.number().nullable() }));

/** What a flood of purchases by one user did. */
export interface Flood {
  /** How many purchases were answered with each status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** The receipts that Payme made for the user of the flood. */
  readonly receipts: number;
  /** The errors that Payme got for its own calls. */
  readonly paymeErrors: readonly number[];
  /** How long Payme's calls took without and with the flood beside them, in ms. */
  readonly quietMs: readonly number[];
  readonly loudMs: readonly number[];
}

/** Starts the Wedy server on a database, lets Payme call it alone, and then beside one user's purchases, all at once. */
export async function flood(databaseUrl: string | undefined, purchases: number): Promise<Flood> {
  const mock = createMockPayme();
  const served = await mock.listen();
  onTestFinished(() => served.close());
  const shop = await start(temporaryFolder(), {
    PAYME_MERCHANT_ID: mock.merchantId,
    PAYME_SECRET_KEY: mock.key,
    PAYME_TEST_API_URL: `${served.url}/api`,
    PAYME_TEST_MODE: "true",
    PAYME_MERCHANT_TEST_KEY: MERCHANT_KEY,
    JWT_SECRET: SECRET,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  });
  async function post(path: string, user: string, json: object, headers: Record<string, string> = {}) {
    const token = await signToken({ id: user, role: user === "admin" ? "admin" : "user" }, SECRET, 600);
    const sent = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers };
    return fetch(shop.url + path, { method: "POST", headers: sent, body: JSON.stringify(json) });
  }
  await post("/tariffs", "admin", { name: "Premium", price: PRICE / 100, duration_days: 30 });
  const paymentsOf = async (name: string, count: number) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const wanted = { user_id: `${name}-${n}`, tariff_id: 1, amount: PRICE / 100 };
      const answer = await post("/payme/create-payment", wanted.user_id, wanted);
      ids.push(z.object({ data: z.object({ payment_id: z.string() }) }).parse(await answer.json()).data.payment_id);
    }
    return ids;
  };
  const [warm, quiet, loud] = [
    await paymentsOf("warm", 10),
    await paymentsOf("quiet", 40),
    await paymentsOf("loud", 100),
  ];

  const caller = fork(
    fileURLToPath(new URL("./payme-caller.ts", import.meta.url)),
    [`${shop.url}/payme/merchant`, MERCHANT_KEY, "order_id"],
    { execArgv: ["--import", "tsx"] },
  );
  onTestFinished(() => void caller.kill());
  await once(caller, "message");
  const pay = async (ids: readonly string[]) => {
    const answered = once(caller, "message");
    caller.send({ ids, amount: PRICE });
    return paymeAnswers.parse((await answered)[0]);
  };
  await pay(warm);
  const quietAnswers = await pay(quiet);

  const before = mock.receipts().length;
  const paying = pay(loud);
  const token = await signToken({ id: "flooder", role: "user" }, SECRET, 600);
  const answers = await Promise.all(
    Array.from({ length: purchases }, async (_, n) => {
      const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": `click-${n}` };
      return statusOf(`${shop.url}/tariffs/1/purchase`, headers);
    }),
  );
  caller.send("end");
  const loudAnswers = await paying;
  await shop.stop();
  const statuses: Record<number, number> = {};
  for (const status of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const all = [...quietAnswers, ...loudAnswers];
  return {
    statuses,
    receipts: mock.receipts().length - before,
    paymeErrors: all.flatMap(({ code }) => code ?? []),
    quietMs: quietAnswers.map(({ ms }) => ms),
    loudMs: loudAnswers.map(({ ms }) => ms),
  };
}

/** Fewer connections than a system lets wait for a server: more of them would be reset, and the server never hear of them. */
const agent = new Agent({ keepAlive: true, maxSockets: 400 });

async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const sent = request(url, { method: "POST", headers, agent }).end();
  const [answer] = await once(sent, "response");
  answer.resume();
  return z.number().parse(answer.statusCode);
}

/** The time within which this share of the calls was answered. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
