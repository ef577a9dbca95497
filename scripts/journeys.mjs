/**
 * Counts the files of `src` that each journey of money runs: those of which at least one function was called.
 *
 *   npx tsx scripts/journeys.mjs            prints a number for each journey
 *   npx tsx scripts/journeys.mjs --files    names the files, too
 *
 * Each journey runs once, in this process, on memory storage. Loading a module does not count, nor does the preparation of a
 * journey, nor a file of `src/testing` or `src/tools`.
 */
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";
import { fetchWebhook } from "../src/entry/fetch.ts";
import { createMerchantApi, createPaymeClient, createPayments, memoryStorage, som } from "../src/entry/index.ts";
import { createTariffs } from "../src/entry/tariffs.ts";
import { createMockPayme, signTestWebhook } from "../src/entry/testing.ts";

const KEY = "a-key-that-only-this-script-can-know";
const SECRET = "a-secret-that-only-this-script-knows";
const CARD = { number: "8600495473316478", expire: "0399" };
const src = new URL("../src/", import.meta.url).href;

/** The preparation of each journey; it returns the journey. */
const journeys = {
  "Merchant API, Check": async () => {
    const { call, check } = shopOfMerchant();
    return () => call("CheckPerformTransaction", check);
  },
  "Merchant API, Create": async () => {
    const { call, check, create } = shopOfMerchant();
    await call("CheckPerformTransaction", check);
    return () => call("CreateTransaction", create);
  },
  "Merchant API, Perform": async () => {
    const { call, create, perform } = shopOfMerchant();
    await call("CreateTransaction", create);
    return () => call("PerformTransaction", perform);
  },
  "webhook to tariff": async () => {
    const { client } = payme();
    const tariffs = createTariffs({ payments: createPayments({ storage: memoryStorage(), client }) });
    const { id: tariffId, price } = await tariffs.create({ name: "Basic", price: som(10_000), durationDays: 30 });
    const { transactionId } = await tariffs.purchase({ userId: "user-1", tariffId });
    const webhook = fetchWebhook({ secret: SECRET, onEvent: (event) => tariffs.payments.recordWebhook(event) });
    const params = { id: transactionId, cheque_id: "cheque-1", amount: price, paid_at: seconds(Date.now()) };
    const { body, headers } = signTestWebhook({ secret: SECRET, body: { method: "receipts.pay", params } });
    const request = new Request("https://shop.uz/webhook", { method: "POST", headers, body });
    return async () => {
      const { status } = await webhook(request);
      return async () => status === 200 && (await tariffs.current("user-1")).tariffId === tariffId;
    };
  },
  "payments.create": async () => {
    const payments = createPayments({ storage: memoryStorage(), client: payme().client });
    return async () => {
      const { payUrl } = await payments.create({ reference: "order:1", amount: som(10_000) });
      return () => payUrl !== "";
    };
  },
  "payments.check": async () => {
    const { client, mock } = payme();
    const payments = createPayments({ storage: memoryStorage(), client, onPaid: () => true });
    const { id, transactionId } = await payments.create({ reference: "order:1", amount: som(10_000) });
    await mock.pay(transactionId, { card: CARD });
    return async () => {
      const { status } = await payments.check(id);
      return () => status === "PAID";
    };
  },
  "payments.charge": async () => {
    const { client, call } = payme();
    const payments = createPayments({ storage: memoryStorage(), client, onPaid: () => true });
    const { token } = (await call("cards.create", { card: CARD, save: true })).card;
    await call("cards.verify", { token, code: "666666" });
    return async () => {
      const { status } = await payments.charge({ reference: "order:1", amount: som(10_000), token });
      return () => status === "paid";
    };
  },
};

/** A Payme in memory with a client for it. */
function payme() {
  const mock = createMockPayme();
  const { merchantId, key } = mock;
  return {
    mock,
    client: createPaymeClient({ merchantId, key, mode: "test", fetch: mock.fetch }),
    /** A call past the client. */
    async call(method, params) {
      const headers = { "X-Auth": `${merchantId}:${key}` };
      const body = JSON.stringify({ id: 1, method, params });
      const response = await mock.fetch("https://checkout.test.paycom.uz/api", { method: "POST", headers, body });
      return (await response.json()).result;
    },
  };
}

/** An endpoint with one order, and the calls that pay it. */
function shopOfMerchant() {
  const merchant = createMerchantApi({
    storage: memoryStorage(),
    key: KEY,
    account: { order_id: "integer" },
    find: ({ order_id }) => ({ reference: order_id, amount: som(50_000) }),
    onPaid: () => true,
  });
  const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;
  const check = { amount: som(50_000), account: { order_id: 1 } };
  const perform = { id: "65a0c1d2e3f4a5b6c7d8e9f0" };
  return {
    check,
    create: { ...check, ...perform, time: Date.now() },
    perform,
    async call(method, params) {
      const body = JSON.stringify({ id: 1, method, params });
      const reply = await merchant.handle({ method: "POST", headers: { authorization }, body });
      return () => "result" in JSON.parse(String(reply.body));
    },
  };
}

function seconds(ms) {
  return Math.floor(ms / 1_000);
}

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });

/** The files whose functions were called since the last time that this was asked. */
async function calledFiles() {
  const { result } = await session.post("Profiler.takePreciseCoverage");
  return result
    .filter(({ url }) => url.startsWith(src) && !/^(testing|tools)\//.test(url.slice(src.length)))
    .filter(({ functions }) => functions.some(isCalled))
    .map(({ url }) => fileURLToPath(url.replace(/[?#].*/, "")).slice(fileURLToPath(src).length))
    .sort();
}

/** A function that starts with its file is the module itself. */
function isCalled({ ranges: [{ startOffset, count }] }) {
  return count > 0 && startOffset > 0;
}

for (const [name, prepare] of Object.entries(journeys)) {
  const run = await prepare();
  await calledFiles();
  const hasArrived = await run();
  const files = await calledFiles();
  if (!(await hasArrived())) throw new Error(`${name}: the journey did not come to its end`);
  process.stdout.write(`${name.padEnd(24)}${String(files.length).padStart(3)} files\n`);
  if (process.argv.includes("--files")) process.stdout.write(files.map((file) => `    ${file}\n`).join(""));
}
