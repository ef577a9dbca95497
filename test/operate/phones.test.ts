import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import {
  createMerchantApi,
  createOutbox,
  createPayments,
  createWorker,
  eventLogger,
  type PaymeEvent,
  refuse,
} from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { doctor } from "../../src/entry/doctor";
import { nodeWebhook } from "../../src/entry/node";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som } from "../../src/kit/money";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { listening } from "../doctor/world";
import { answerOf } from "../merchant/shop";
import { card, scope } from "../payments/shop";
import { temporaryFolder } from "../storage/kits";
import { KEY, TEST_KEY } from "./day";

const amount = som(50_000);
const HOUR = 3_600_000;
/** Digits that no id, amount or time of this test has. */
const DIGITS = "998901234567";

/** A shop that calls everything by its buyer's phone. What its hooks throw is its own text: it has no phone. */
async function openShop() {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  await storage.migrate();
  onTestFinished(async () => {
    await storage.close();
    remove();
  });
  const events: PaymeEvent[] = [];
  const lines: unknown[] = [];
  const write = (message: string, fields?: object) => void lines.push({ message, ...fields });
  const logger = { info: write, warn: write, error: write };
  const toLog = eventLogger(logger);
  const onEvent = (event: PaymeEvent) => {
    events.push(event);
    toLog(event);
  };
  const mock = createMockPayme({ now: () => now, seed: 1 });
  const common = { storage, now: () => now, logger, onEvent };
  const { merchantId, key, fetch } = mock;
  const client = createPaymeClient({ ...common, merchantId, key, mode: "test", fetch, retries: 0 });
  const work = { ms: 0, fails: false, answer: true };
  const hook = () => {
    now += work.ms;
    if (work.fails) throw new Error("the hook throws");
    return work.answer;
  };
  const deliver = async () => Promise.reject(new Error("the receiver is away"));
  const outbox = createOutbox({ ...common, mode: "test", maxAttempts: 2, deliver });
  const payments = createPayments({ ...common, client, incidentMessages: true, onPaid: hook, onRefunded: hook });
  const keys = { key: KEY, testKey: TEST_KEY };
  const shop = createMerchantApi({
    ...common,
    ...keys,
    account: { phone: "string" },
    find: ({ phone }) => (phone.startsWith(`+${DIGITS}`) ? { reference: phone, amount } : refuse.notFound("phone")),
    onReserved: hook,
    onPaid: hook,
    onRefunded: hook,
  });
  const links = createMerchantApi({ ...payments.asOrders(), ...keys, now: () => now, logger });
  const worker = createWorker({ ...common, payments, merchant: [shop, links], outbox });
  const headers = { authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` };
  const call = async (method: string, params: object, api = shop) =>
    answerOf(String((await api.handle({ method: "POST", headers, body: { method, params, id: 7 } })).body));
  return {
    storage,
    events,
    lines,
    logger,
    mock,
    payments,
    outbox,
    worker,
    links,
    work,
    call,
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
    findings: () =>
      doctor({ storage, client, payments, merchant: shop, outbox, worker, now: () => now, timeoutMs: 2_000 }),
  };
}

type Shop = Awaited<ReturnType<typeof openShop>>;

/** Bought, paid, refunded, by receipt and by Merchant API, with hooks that are slow, throw, and say no. */
async function sellInEveryWay({ payments, mock, call, work, pass, now, links, worker }: Shop): Promise<void> {
  const ways = [{}, { ms: 2_000 }, { fails: true }, { answer: false }];
  for (const [n, way] of ways.entries()) {
    const phone = `+${DIGITS}${n}`;
    const byReceipt = await payments.create({ reference: phone, amount, description: phone, data: { phone } });
    await mock.pay(byReceipt.transactionId ?? "", { card });
    const byLink = await payments.create({ reference: `${phone} again`, amount });
    const id = `${n}`.repeat(24);
    const [own, ofLink] = [`a${id.slice(1)}`, `b${id.slice(1)}`];
    Object.assign(work, { ms: 0, fails: false, answer: true }, way);
    await call("CreateTransaction", { id: own, time: now(), amount, account: { phone } });
    Object.assign(work, { fails: false });
    await call("CreateTransaction", { id: own, time: now(), amount, account: { phone } });
    await call("CreateTransaction", { id: own, time: now(), amount: 1, account: { phone } });
    await call("CreateTransaction", { id: ofLink, time: now(), amount, account: { order_id: byLink.id } }, links);
    Object.assign(work, way);
    await call("PerformTransaction", { id: own });
    await call("PerformTransaction", { id: ofLink }, links);
    await payments.check(byReceipt.id).catch(() => {});
    await worker.runOnce();
    // The first time the goods are shipped.
    work.answer = n > 0;
    await call("CancelTransaction", { id: own, reason: 5 });
    await call("CancelTransaction", { id: ofLink, reason: 5 }, links);
    await payments.refund(byReceipt.id).catch(() => {});
    await payments.recordPaid({ paymeId: `c${id.slice(1)}`, amount, paidAt: now(), source: "gateway" });
    await payments.create({ reference: phone, amount: som(1) }).catch(() => {});
    pass(HOUR);
    await worker.runOnce();
  }
}

it("a reference that is a phone number is in no log line, no event and no finding of the doctor", async () => {
  const shop = await openShop();
  const { storage, payments, worker, outbox, pass, events, lines, logger } = shop;
  await sellInEveryWay(shop);
  // Messages about it that are never delivered.
  const message = { kind: "order.packed", subject: `+${DIGITS}`, data: { phone: `+${DIGITS}` } };
  await storage.transaction((tx) => outbox.add(message, tx));
  for (let n = 0; n < 3; n += 1) {
    pass(HOUR);
    await worker.runOnce();
  }
  // Notifications that are refused, and one of a receipt that nobody knows.
  const secret = "a-secret-of-the-gateway-0123456789ab";
  const webhook = nodeWebhook({ secret, logger, onEvent: (event) => payments.recordWebhook(event) });
  const url = await listening(createServer((request, response) => void webhook(request, response)));
  const params = {
    id: "f".repeat(24),
    account: { phone: `+${DIGITS}` },
    amount,
    cheque_id: "c",
    paid_at: 1_700_000_000,
  };
  for (const signedWith of ["another", secret]) {
    const signed = signTestWebhook({ secret: signedWith, body: { method: "receipts.pay", params } });
    await fetch(url, { method: "POST", ...signed });
  }
  const findings = await shop.findings();
  for (const { id } of await payments.incidents.list())
    await payments.incidents.resolve(id, { by: "anna", note: `called +${DIGITS}` });

  const kinds = (all: readonly { readonly kind: string }[]) => new Set(all.map(({ kind }) => kind));
  expect([...kinds(await payments.incidents.list({ open: false }))]).toEqual(
    expect.arrayContaining([
      "effect_failed",
      "message_parked",
      "not_taken_back",
      "paid_elsewhere",
      "unknown_transaction",
    ]),
  );
  expect([...kinds(events)]).toEqual(
    expect.arrayContaining([
      "hook.failed",
      "hook.slow",
      "incident.opened",
      "incident.resolved",
      "outbox.parked",
      "refund.queued",
    ]),
  );
  expect(findings.filter(({ status }) => status === "wrong").map(({ check }) => check)).toEqual(
    expect.arrayContaining(["books.incidents", "books.parked"]),
  );
  // The books themselves have it: the shop finds its order by it.
  expect(await payments.story({ reference: `+${DIGITS}2` })).toBeDefined();
  expect(JSON.stringify(await storage.listEvents(scope, { limit: 999 }))).toContain(DIGITS);
  for (const [name, told] of Object.entries({ lines, events, findings })) {
    expect(told.length, name).toBeGreaterThan(15);
    expect(
      told.filter((each) => JSON.stringify(each).includes(DIGITS)),
      name,
    ).toEqual([]);
  }
});
