import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { createMerchantApi } from "../../src/entry/merchant";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som, tiyin } from "../../src/kit/money";
import type { Incident, Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { answerOf } from "../merchant/shop";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";
import { temporaryFolder } from "../storage/kits";
import { card, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;
const KEY = "live-key-of-36-characters-0123456789";
const TEST_KEY = "test-key-of-36-characters-0123456789";
const headers = { authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` };
const logger = { info() {}, warn() {}, error() {} };
const by = { by: "anna", note: "called the payer" };

/** The shop's hooks: which of them throw now, and how often each was carried out. */
interface Work {
  failing: readonly ("onPaid" | "onRefunded" | "onReleased")[];
  /** How many of the next ones throw, whatever their name is. */
  failures: number;
  /** `onPaid` answers false. */
  isSold: boolean;
  done: string[];
}

/** Payments with a receipt at Payme, and the ways to pay and refund them. */
async function openWorld<Tx>(storage: Storage<Tx>) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  await storage.migrate();
  const mock = createMockPayme({ now: () => now, seed: 1 });
  const { merchantId, key, fetch } = mock;
  const client = createPaymeClient({ merchantId, key, mode: "test", fetch, logger, retries: 0 });
  const told: Incident[] = [];
  const work: Work = { failing: [], failures: 0, isSold: false, done: [] };
  const carryOut = async (name: Work["failing"][number]) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (work.failures > 0) {
      work.failures -= 1;
      throw new Error(`${name} fails once`);
    }
    if (work.failing.includes(name)) throw new Error(`${name} fails`);
    work.done.push(name);
    return true;
  };
  const onIncident = (incident: Incident) => void told.push(incident);
  const noted: string[] = [];
  const noting = { ...logger, info: (line: string) => void noted.push(line) };
  const options = { storage, client, now: () => now, logger: noting, onIncident };
  const hooks = {
    onPaid: async () => (await carryOut("onPaid")) && !work.isSold,
    onRefunded: () => carryOut("onRefunded"),
  };
  const payments = createPayments({ ...options, ...hooks });
  const merchant = createMerchantApi({
    ...payments.asOrders(),
    onReleased: () => carryOut("onReleased"),
    key: KEY,
    testKey: TEST_KEY,
    now: () => now,
    logger,
  });
  const { id, transactionId } = await payments.create({ reference: "order:1", amount });
  const paymeId = transactionId ?? "";
  const call = async (method: string, params: object) => {
    const reply = await merchant.handle({ method: "POST", headers, body: { method, params, id: 7 } });
    return answerOf(String(reply.body));
  };
  return {
    storage,
    payments,
    /** A process without hooks of its own, on the same books. */
    withoutHooks: createPayments(options),
    work,
    told: () => told.map(({ kind }) => kind),
    /** Lines of the log that are no warnings. */
    noted,
    id,
    paymeId,
    call,
    creating: (transaction: string) => ({ id: transaction, time: now, amount, account: { order_id: id } }),
    pass(ms: number) {
      now += ms;
    },
    sweep: () => merchant.sweep({ mode: "test" }),
    paidAtPayme: () => mock.pay(paymeId, { card }),
    notify: (change: { paymeId?: string; amount?: number } = {}) =>
      payments.recordPaid({
        paymeId: change.paymeId ?? paymeId,
        amount: tiyin(change.amount ?? amount),
        paidAt: now,
        source: "gateway",
      }),
    refunded: () => payments.recordCancelled({ paymeId, cancelledAt: now, source: "gateway" }),
    row: () => payments.find(id),
    failed: () => storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: now, nextCheckAt: now }),
    open: async () => (await payments.incidents.list()).map((row) => `${row.kind} ${row.paymeId}`),
    all: async () =>
      (await payments.incidents.list({ open: false })).map(({ kind, resolvedBy, note }) => ({
        kind,
        resolvedBy,
        note,
      })),
    async resolveAll() {
      for (const row of await payments.incidents.list()) await payments.incidents.resolve(row.id, by);
    },
  };
}

type World = Awaited<ReturnType<typeof openWorld>>;

function incidentRules(openStorage: () => Promise<World>): void {
  let world: World;
  beforeEach(async () => {
    world = await openStorage();
  });
  const fails = (call: () => Promise<unknown>) => expect(call()).rejects.toMatchObject({ code: "EFFECT_FAILED" });
  const closed = (event: string, id = world.paymeId) => ({
    resolvedBy: "payme-kit",
    note: `put right by ${event}, Payme id ${id}`,
  });

  it("one that comes again after a person resolved it is opened anew, and told again", async () => {
    world.work.failing = ["onPaid"];
    await fails(world.notify);
    await fails(world.notify);
    expect(world.told()).toEqual(["effect_failed"]);
    await world.resolveAll();
    await fails(world.notify);
    await fails(world.notify);
    expect(await world.open()).toEqual([`effect_failed ${world.paymeId}`]);
    expect(world.told()).toEqual(["effect_failed", "effect_failed"]);
  });

  it("onRefunded that throws after an onPaid that threw, was resolved and settled, is open and told", async () => {
    world.work.failing = ["onPaid"];
    await fails(world.notify);
    await world.resolveAll();
    world.work.failing = ["onRefunded"];
    await world.notify();
    await fails(world.refunded);
    expect(await world.open()).toEqual([`effect_failed ${world.paymeId}`]);
    expect(world.told()).toEqual(["effect_failed", "effect_failed"]);
    world.work.failing = [];
    await world.refunded();
    expect(await world.open()).toEqual([]);
    expect((await world.all()).at(-1)).toMatchObject(closed("payment.refunded"));
  });

  it.each([
    ["a notification", () => world.notify()],
    ["reconcile", () => world.payments.reconcile()],
    ["a check", () => world.payments.check(world.id)],
  ])("a failed hook is closed by %s that settles the payment", async (_name, settle) => {
    await world.paidAtPayme();
    world.work.failing = ["onPaid"];
    await fails(world.notify);
    world.work.failing = [];
    world.pass(2 * MINUTE);
    await settle();
    expect(await world.row()).toMatchObject({ status: "PAID", paidBy: world.paymeId });
    expect(await world.all()).toEqual([{ kind: "effect_failed", ...closed("payment.paid") }]);
    expect(world.told()).toEqual(["effect_failed"]);
  });

  it("a failed hook of a receipt that Payme then cancels is closed", async () => {
    world.work.failing = ["onPaid"];
    await fails(world.notify);
    await world.refunded();
    expect(await world.row()).toMatchObject({ status: "CANCELLED", paidBy: null });
    expect(await world.all()).toEqual([{ kind: "effect_failed", ...closed("payment.cancelled") }]);
  });

  it("a failed hook of one receipt stays open where another one settled the payment, until its receipt has ended", async () => {
    world.work.failing = ["onPaid"];
    await fails(world.notify);
    world.work.failing = [];
    await world.call("CreateTransaction", world.creating("m1"));
    expect(await world.call("PerformTransaction", { id: "m1" })).toMatchObject({ result: { state: 2 } });
    expect(await world.open()).toEqual([`effect_failed ${world.paymeId}`]);
    for (const _ of [1, 2]) expect(await world.refunded()).toMatchObject({ outcome: "already_applied" });
    expect(await world.all()).toEqual([{ kind: "effect_failed", ...closed("the end of its receipt") }]);
    expect(await world.row()).toMatchObject({ status: "PAID", paidBy: "m1" });
  });

  it.each([
    ["FAILED", () => world.failed(), "FAILED"],
    ["held by a Merchant transaction", () => world.call("CreateTransaction", world.creating("m1")), "PENDING"],
  ])("a failed hook of a payment that is %s is closed when its receipt ends", async (_name, bring, status) => {
    world.work.failing = ["onPaid"];
    await fails(world.notify);
    await bring();
    await world.refunded();
    expect(await world.all()).toEqual([{ kind: "effect_failed", ...closed("the end of its receipt") }]);
    expect(world.noted).toContain("incident closed: effect_failed");
    expect(await world.row()).toMatchObject({
      status,
      paidBy: null,
      nextCheckAt: status === "FAILED" ? null : expect.any(Number),
    });
  });

  it("money that was refused because the order was sold is closed by the Perform that succeeds after all", async () => {
    await world.call("CreateTransaction", world.creating("m1"));
    world.work.isSold = true;
    for (const _ of [1, 2]) {
      expect(await world.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    }
    expect(await world.open()).toEqual(["paid_elsewhere m1"]);
    world.work.isSold = false;
    expect(await world.call("PerformTransaction", { id: "m1" })).toMatchObject({ result: { state: 2 } });
    expect(await world.all()).toEqual([{ kind: "paid_elsewhere", ...closed("transaction.performed", "m1") }]);
    expect(world.told()).toEqual(["paid_elsewhere"]);
  });

  it("money that was taken although the order was sold is closed when it is back, not before", async () => {
    await world.paidAtPayme();
    world.work.isSold = true;
    await world.notify();
    await world.notify();
    expect(await world.open()).toEqual([`paid_elsewhere ${world.paymeId}`]);
    expect(await world.payments.refund(world.id)).toMatchObject({ refund: "queued" });
    expect(await world.open()).toEqual([`paid_elsewhere ${world.paymeId}`]);
    world.pass(60 * MINUTE);
    await world.payments.reconcile();
    expect(await world.row()).toMatchObject({ refund: "done" });
    expect(await world.all()).toEqual([{ kind: "paid_elsewhere", ...closed("payment.refund_done") }]);
  });

  it("a failed Perform is closed by the Perform that succeeds, a failed refund by the refund", async () => {
    await world.call("CreateTransaction", world.creating("m1"));
    world.work.failing = ["onPaid"];
    expect(await world.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -32400 } });
    expect(await world.open()).toEqual(["effect_failed m1"]);
    world.work.failing = ["onRefunded"];
    await world.call("PerformTransaction", { id: "m1" });
    expect(await world.all()).toEqual([{ kind: "effect_failed", ...closed("transaction.performed", "m1") }]);
    expect(await world.call("CancelTransaction", { id: "m1", reason: 5 })).toMatchObject({ error: { code: -32400 } });
    expect(await world.open()).toEqual(["effect_failed m1"]);
    world.work.failing = [];
    await world.call("CancelTransaction", { id: "m1", reason: 5 });
    expect(await world.open()).toEqual([]);
    expect((await world.all()).at(-1)).toMatchObject(closed("transaction.refunded", "m1"));
  });

  it("a failed release of a transaction whose 12 hours are over is closed by the sweep that expires it", async () => {
    await world.call("CreateTransaction", world.creating("m1"));
    world.pass(13 * 60 * MINUTE);
    world.work.failing = ["onReleased"];
    await world.sweep();
    expect(await world.open()).toEqual(["effect_failed m1"]);
    world.work.failing = [];
    await world.sweep();
    expect(await world.all()).toEqual([{ kind: "effect_failed", ...closed("transaction.expired", "m1") }]);
  });

  it("a wrong amount is closed by the right one under the same Payme id", async () => {
    await world.notify({ amount: 1 });
    expect(await world.open()).toEqual([`amount_mismatch ${world.paymeId}`]);
    await world.notify();
    expect(await world.all()).toEqual([{ kind: "amount_mismatch", ...closed("payment.paid") }]);
  });

  it("a wrong amount becomes a double payment where another Payme id settled the payment", async () => {
    await world.notify({ amount: 1 });
    await world.call("CreateTransaction", world.creating("m1"));
    await world.call("PerformTransaction", { id: "m1" });
    expect(await world.all()).toEqual([
      { kind: "amount_mismatch", ...closed("transaction.performed", "m1") },
      { kind: "double_payment", resolvedBy: null, note: null },
    ]);
    const [open] = await world.payments.incidents.list();
    expect(open).toMatchObject({ subject: world.id, paymeId: world.paymeId, data: { amount: 1, source: "gateway" } });
    expect(world.told()).toEqual(["amount_mismatch", "double_payment"]);
    await world.notify({ amount: 1 });
    expect(await world.open()).toEqual([`double_payment ${world.paymeId}`]);
  });

  it("money without a fulfiller keeps its notification, and is closed by the process that fulfils it", async () => {
    const report = { paymeId: world.paymeId, amount, paidAt: 1, source: "gateway" } as const;
    const wait = () => expect(world.withoutHooks.recordPaid(report)).rejects.toMatchObject({ code: "NO_FULFILLER" });
    await wait();
    const first = (await world.row())?.webhookReceivedAt;
    expect(first).toBeTypeOf("number");
    world.pass(11 * MINUTE);
    await wait();
    expect(await world.row()).toMatchObject({ status: "PENDING", webhookReceivedAt: first });
    expect(await world.open()).toEqual([`no_fulfiller ${world.paymeId}`]);
    await world.notify();
    expect(await world.all()).toEqual([{ kind: "no_fulfiller", ...closed("payment.paid") }]);
  });

  it("a failed hook keeps that its notification came, and what it said", async () => {
    world.work.failing = ["onPaid"];
    await fails(world.notify);
    const row = await world.row();
    expect(row).toMatchObject({ status: "PENDING", paidBy: null, webhookReceivedAt: expect.any(Number) });
    const [incident] = await world.payments.incidents.list();
    const data = { source: "gateway", amount, paidAt: expect.any(Number), errorId: expect.any(String) };
    expect(incident).toMatchObject({ subject: world.id, data });
    world.pass(MINUTE);
    await fails(world.notify);
    expect(await world.row()).toMatchObject({ webhookReceivedAt: row?.webhookReceivedAt });
  });

  it("a failed refund hook tells a person the amount and how the refund became known", async () => {
    await world.notify();
    world.work.failing = ["onRefunded"];
    await fails(world.refunded);
    const [incident] = await world.payments.incidents.list();
    expect(incident).toMatchObject({ kind: "effect_failed", data: { amount, source: "gateway" } });
  });

  it("100 refunds at once, of which the first ten fail, are one refund and no open incident", async () => {
    await world.notify();
    world.work.failures = 10;
    await Promise.allSettled(Array.from({ length: 100 }, () => world.refunded()));
    expect(world.work).toMatchObject({ failures: 0, done: ["onPaid", "onRefunded"] });
    expect(await world.row()).toMatchObject({ status: "CANCELLED" });
    expect(await world.open()).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["notifications", () => world.notify()],
    ["looks of reconcile and of a payer", () => world.payments.check(world.id)],
    ["Performs", () => world.call("PerformTransaction", { id: "m1" })],
  ])("100 %s at once, of which the first ten fail, leave one payment and no open incident", async (name, pay) => {
    if (name === "Performs") await world.call("CreateTransaction", world.creating("m1"));
    else await world.paidAtPayme();
    world.work.failures = 10;
    await Promise.allSettled(Array.from({ length: 100 }, pay));
    expect(world.work).toMatchObject({ failures: 0, done: ["onPaid"] });
    expect(await world.row()).toMatchObject({ status: "PAID" });
    expect(await world.open()).toEqual([]);
  });
}

describe("incidents in memory", () => incidentRules(async () => openWorld(memoryStorage())));

describe("incidents on SQLite", () =>
  incidentRules(async () => {
    const { file, remove } = temporaryFolder();
    const storage = sqliteStorage({ file });
    onTestFinished(async () => {
      await storage.close();
      remove();
    });
    return openWorld(storage);
  }));

describeOnPostgres("incidents on PostgreSQL", () =>
  incidentRules(async () => {
    const pool = openPool(await databaseUrl());
    onTestFinished(() => pool.end());
    return openWorld(postgresStorage(pool, { schema: newSchema() }));
  }),
);
