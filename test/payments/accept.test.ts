import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { createMerchantApi } from "../../src/entry/merchant";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som, type Tiyin, tiyin } from "../../src/kit/money";
import type { PaymentRow, ReadVerbs, Storage } from "../../src/ledger";
import type { PaymentsClient } from "../../src/payments/context";
import type { Receipt } from "../../src/protocol/receipt";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { transactionRow } from "../ledger/rows";
import { answerOf } from "../merchant/shop";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";
import { temporaryFolder } from "../storage/kits";
import { card, scope } from "./shop";

const amount = som(50_000);
const MORE = som(60_000);
const DAY = 86_400_000;
const KEY = "live-key-of-36-characters-0123456789";
const TEST_KEY = "test-key-of-36-characters-0123456789";
const headers = { authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` };
const logger = { info() {}, warn() {}, error() {} };
const yes = { by: "anna", note: "the goods are in stock" };

/** A payment with a receipt at Payme, and the ways in which its money is refused at first. */
async function openWorld<Tx>(storage: Storage<Tx>) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  await storage.migrate();
  const mock = createMockPayme({ now: () => now, seed: 1 });
  const { merchantId, key, fetch } = mock;
  const payme = createPaymeClient({ merchantId, key, mode: "test", fetch, logger, retries: 0 });
  let taken: Tiyin | undefined;
  const seen = (receipt: Receipt): Receipt => ({ ...receipt, amount: taken ?? receipt.amount });
  const { receipts } = payme;
  const client: PaymentsClient = {
    ...payme,
    receipts: {
      ...receipts,
      get: async (id) => seen(await receipts.get(id)),
      cancel: async (id) => seen(await receipts.cancel(id)),
      getAll: async (period) => {
        const page = await receipts.getAll(period);
        return { ...page, receipts: page.receipts.map(seen) };
      },
    },
  };
  const work = { answer: true as boolean | "throws", done: [] as string[] };
  const carryOut = async (name: string) => {
    if (work.answer === "throws") throw new Error(`${name} fails`);
    work.done.push(name);
    return work.answer;
  };
  const options = { storage, now: () => now, logger };
  const hooks = { onPaid: () => carryOut("onPaid"), onRefunded: () => carryOut("onRefunded") };
  const payments = createPayments({ ...options, ...hooks, client });
  const merchant = createMerchantApi({ ...payments.asOrders(), key: KEY, testKey: TEST_KEY, now: () => now, logger });
  const { id, transactionId } = await payments.create({ reference: "order:1", amount });
  const paymeId = transactionId ?? "";
  const world = {
    storage,
    payments,
    payme,
    mock,
    work,
    id,
    paymeId,
    withStorage: (changed: Partial<ReadVerbs>) =>
      createPayments({ ...options, ...hooks, client, storage: { ...storage, ...changed } }),
    withoutClient: createPayments({ ...options, ...hooks, mode: "test" }),
    withoutHooks: createPayments({ ...options, client }),
    /** What Payme says that it took from now on, as after «Округлять до сумов». */
    takes: (amountNow: Tiyin) => {
      taken = amountNow;
    },
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
    async call(method: string, params: object) {
      const reply = await merchant.handle({ method: "POST", headers, body: { method, params, id: 7 } });
      return answerOf(String(reply.body));
    },
    pay: (receiptId: string) => mock.pay(receiptId, { card }),
    notify: (receiptId: string, reported: number = amount) =>
      payments.recordPaid({ paymeId: receiptId, amount: tiyin(reported), paidAt: now, source: "gateway" }),
    ended: (receiptId: string) => payments.recordCancelled({ paymeId: receiptId, cancelledAt: now, source: "gateway" }),
    row: async (): Promise<PaymentRow> => {
      const row = await payments.find(id);
      if (row === undefined) throw new Error("no payment");
      return row;
    },
    open: async () => (await payments.incidents.list()).map(({ kind }) => kind),
    async incident() {
      const [first] = await payments.incidents.list();
      if (first === undefined) throw new Error("no incident");
      return first;
    },
    /** Every row of the books that accepting may touch. */
    everything: async () => [
      await storage.listPending(scope, { before: now + 1, limit: 99 }),
      await storage.findPayment(scope, { id }),
      await storage.findTransaction(scope, paymeId),
      (await storage.listEvents(scope, { limit: 99 })).filter(({ kind }) => kind !== "effect_failed"),
    ],
    totals: () => storage.paymentTotals(scope, { from: now - DAY, to: now + DAY }),
    /** Our books say that it was cancelled, and then Payme takes the money. */
    async paidAfterCancel() {
      await world.ended(paymeId);
      await world.pay(paymeId);
      await world.notify(paymeId);
      return (await world.incident()).id;
    },
    async paidAnotherAmount() {
      world.takes(MORE);
      await world.pay(paymeId);
      await world.notify(paymeId, MORE);
      return (await world.incident()).id;
    },
    /** A receipt that nobody made for this payment. */
    async unknownMoney() {
      const { _id } = await payme.receipts.create({ amount, account: { order_id: "by hand" } });
      await world.pay(_id);
      await world.notify(_id);
      return { receiptId: _id, incident: (await world.incident()).id };
    },
  };
  return world;
}

type World = Awaited<ReturnType<typeof openWorld>>;

function acceptRules(openStorage: () => Promise<World>): void {
  let world: World;
  beforeEach(async () => {
    world = await openStorage();
  });
  const accept = (incident: number, more: { paymentId?: string } = {}) =>
    world.payments.accept(incident, { ...yes, ...more });
  /** Nothing changes, and the person reads why and what to do instead. */
  const isRefused = async (call: () => Promise<unknown>, why: string, instead: string, code = "CONFLICT") => {
    const before = await world.everything();
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringContaining(why), hint: instead });
    expect(await world.everything()).toEqual(before);
    expect(world.work.done).toEqual([]);
  };

  it("money after a cancel is booked: CANCELLED → PAID, with the hook, and the ended transaction is paid", async () => {
    const incident = await world.paidAfterCancel();
    expect(await world.open()).toEqual(["paid_after_cancel"]);
    expect(await accept(incident)).toMatchObject({ outcome: "applied", row: { status: "PAID" } });
    expect(await world.row()).toMatchObject({
      status: "PAID",
      amount,
      paidAmount: amount,
      paidBy: world.paymeId,
      paidSource: "receipt",
      paidAt: world.now(),
      cancelledAt: null,
      unfulfilled: false,
    });
    const { state, reason, cancelTime, performTime } = {
      ...(await world.storage.findTransaction(scope, world.paymeId)),
    };
    expect({ state, reason, cancelTime, performTime }).toEqual({
      state: 2,
      reason: null,
      cancelTime: 0,
      performTime: world.now(),
    });
    expect(world.work.done).toEqual(["onPaid"]);
    const [closed] = await world.payments.incidents.list({ open: false });
    expect(closed).toMatchObject({ id: incident, resolvedBy: "anna", note: yes.note, resolvedAt: world.now() });
    expect(await world.open()).toEqual([]);
    const events = await world.storage.listEvents(scope, { subject: world.id, kinds: ["payment.paid"], limit: 9 });
    expect(events).toMatchObject([{ data: { source: "receipt", acceptedBy: "anna" } }]);
  });

  it("another amount is booked as Payme took it: sums, the close of the day and the refund have that", async () => {
    await accept(await world.paidAnotherAmount());
    expect(await world.row()).toMatchObject({ status: "PAID", amount, paidAmount: MORE });
    expect(await world.totals()).toMatchObject([{ source: "receipt", paid: { count: 1, amount: MORE } }]);
    expect(await world.open()).toEqual([]);
    await world.payments.refund(world.id);
    const nothing = { count: 0, amount: 0 };
    expect(await world.totals()).toMatchObject([{ refunding: { count: 1, amount: MORE }, refunded: nothing }]);
    world.pass(5 * 60_000);
    await world.payments.reconcile();
    expect(await world.totals()).toMatchObject([{ refunding: nothing, refunded: { count: 1, amount: MORE } }]);
    expect(await world.open()).toEqual([]);
    expect(world.work.done).toEqual(["onPaid", "onRefunded"]);
  });

  it.each(["money after a cancel", "another amount", "unknown money"])(
    "%s that was accepted and goes back by hand, weeks later, is found by the review",
    async (what) => {
      let refundedId = world.paymeId;
      if (what === "money after a cancel") await accept(await world.paidAfterCancel());
      else if (what === "another amount") await accept(await world.paidAnotherAmount());
      else {
        const { incident, receiptId } = await world.unknownMoney();
        refundedId = receiptId;
        await accept(incident, { paymentId: world.id });
      }
      world.pass(20 * DAY);
      await world.payments.review({ limit: 100 });
      expect(await world.row()).toMatchObject({ status: "PAID", paidBy: refundedId });
      await world.mock.cancel(refundedId);
      world.pass(11 * DAY);
      await world.payments.review({ limit: 100 });
      expect(await world.row()).toMatchObject({ status: "CANCELLED", refund: "done" });
      expect(world.work.done).toEqual(["onPaid", "onRefunded"]);
      expect(await world.open()).toEqual([]);
    },
  );

  it("another amount of an ended receipt stands in its transaction, too", async () => {
    await world.ended(world.paymeId);
    await accept(await world.paidAnotherAmount());
    expect(await world.storage.findTransaction(scope, world.paymeId)).toMatchObject({ state: 2, amount: MORE });
  });

  it.each(["PENDING", "FAILED", "CANCELLED"] as const)(
    "unknown money is booked on a payment that is %s",
    async (status) => {
      const { id } = world;
      if (status === "CANCELLED") await world.payments.cancel(id);
      if (status === "FAILED") {
        await world.storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: world.now() });
      }
      const { incident, receiptId } = await world.unknownMoney();
      const why = "paymentId is missing: nothing says what this money is for";
      await isRefused(
        () => accept(incident),
        why,
        "Give the id of the payment that the payer meant.",
        "VALIDATION_FAILED",
      );
      await expect(accept(incident, { paymentId: "nothing" })).rejects.toMatchObject({
        code: "NOT_FOUND",
        message: "there is no payment nothing",
      });
      expect(await accept(incident, { paymentId: id })).toMatchObject({ outcome: "applied" });
      expect(await world.row()).toMatchObject({ status: "PAID", paidBy: receiptId, cancelledAt: null });
      expect(await world.open()).toEqual([]);
      expect(world.work.done).toEqual(["onPaid"]);
    },
  );

  it("unknown money goes back by its own receipt, and the payment's own receipt is cancelled", async () => {
    const { incident, receiptId } = await world.unknownMoney();
    await accept(incident, { paymentId: world.id });
    await world.payments.reconcile();
    expect((await world.payme.receipts.check(world.paymeId)).state).toBe(50);
    expect(await world.row()).toMatchObject({ status: "PAID", paidBy: receiptId, nextCheckAt: null });
    expect(await world.payments.refund(world.id)).toMatchObject({ refund: "queued" });
    for (const pass of [5, 5]) {
      world.pass(pass * 60_000);
      await world.payments.reconcile();
    }
    expect((await world.payme.receipts.check(receiptId)).state).toBe(50);
    expect(await world.row()).toMatchObject({ status: "CANCELLED", refund: "done", nextCheckAt: null });
    expect(world.work.done).toEqual(["onPaid", "onRefunded"]);
  });

  it("and is cancelled, too, where the refund comes before reconcile has looked", async () => {
    const { incident } = await world.unknownMoney();
    await accept(incident, { paymentId: world.id });
    await world.payments.refund(world.id);
    for (let look = 0; look < 3; look += 1) {
      world.pass(5 * 60_000);
      await world.payments.reconcile();
    }
    expect((await world.payme.receipts.check(world.paymeId)).state).toBe(50);
    expect(await world.row()).toMatchObject({ status: "CANCELLED", refund: "done", nextCheckAt: null });
  });

  it("a refund of unknown money whose answer is lost is carried on by reconcile, by the receipt that took it", async () => {
    const { incident, receiptId } = await world.unknownMoney();
    await accept(incident, { paymentId: world.id });
    await world.payments.reconcile();
    await world.storage.requestCancel(scope, world.id, { from: ["PAID"], at: world.now(), nextCheckAt: world.now() });
    await world.payments.reconcile();
    expect(await world.row()).toMatchObject({ status: "CANCELLED", refund: "queued" });
    expect((await world.payme.receipts.check(receiptId)).state).toBe(21);
  });

  it("money of a receipt that names another payment is not booked on this one", async () => {
    const other = await world.payments.create({ reference: "order:2", amount: MORE });
    const { _id } = await world.payme.receipts.create({ amount, account: { order_id: other.id } });
    await world.pay(_id);
    await world.notify(_id);
    const { id: incident, kind } = await world.incident();
    expect(kind).toBe("unknown_transaction");
    const why = `the receipt ${_id} names payment ${other.id}`;
    await isRefused(() => accept(incident, { paymentId: world.id }), why, "Accept it for that one.");
    expect(await accept(incident, { paymentId: other.id })).toMatchObject({
      row: { paidAmount: amount, amount: MORE },
    });
  });

  it.each(["twice", "by ten at once"])("pressed %s it is booked once, and the second says so", async (how) => {
    const incident = await world.paidAfterCancel();
    const outcomes =
      how === "twice"
        ? [await accept(incident), await accept(incident)]
        : await Promise.all(Array.from({ length: 10 }, () => accept(incident)));
    const applied = outcomes.filter(({ outcome }) => outcome === "applied");
    expect([applied.length, world.work.done]).toEqual([1, ["onPaid"]]);
    expect(outcomes.every(({ row }) => row.status === "PAID" && row.paidBy === world.paymeId)).toBe(true);
    await world.payments.refund(world.id);
    expect(await accept(incident)).toMatchObject({ outcome: "already_applied", row: { status: "CANCELLED" } });
  });

  it("what another person accepted between two reads is a repeat", async () => {
    const open = await world.storage.listEvents(scope, { kinds: ["paid_after_cancel"], limit: 9 });
    const incident = await world.paidAfterCancel();
    const [row] = await world.storage.listEvents(scope, { kinds: ["paid_after_cancel"], limit: 9 });
    expect([open.length, row?.id]).toEqual([0, incident]);
    await accept(incident);
    // What it read a moment ago: the incident open, and no payment of this id.
    const late = world.withStorage({
      listEvents: async () => (row === undefined ? [] : [row]),
      findPayment: async (inScope, key) => ("paymeId" in key ? undefined : world.storage.findPayment(inScope, key)),
    });
    const asked = world.mock.exchanges.length;
    expect(await late.accept(incident, yes)).toMatchObject({ outcome: "already_applied", row: { status: "PAID" } });
    expect([world.work.done, world.mock.exchanges.length]).toEqual([["onPaid"], asked]);
  });

  it("an incident of money that has paid its payment is only closed; a closed one keeps who closed it", async () => {
    const first = await world.paidAfterCancel();
    await accept(first);
    const again = { ...scope, kind: "paid_after_cancel", subject: world.id, paymeId: world.paymeId, at: world.now() };
    const [row] = await world.storage.appendEvents([again]);
    const ben = { by: "ben", note: "it is booked" };
    for (const id of [first, row?.id ?? 0]) {
      expect(await world.payments.accept(id, ben)).toMatchObject({ outcome: "already_applied" });
    }
    const all = await world.payments.incidents.list({ open: false });
    expect(all.map(({ id, resolvedBy, note, resolvedAt }) => ({ id, resolvedBy, note, resolvedAt }))).toEqual([
      { id: first, resolvedBy: yes.by, note: yes.note, resolvedAt: world.now() },
      { id: row?.id, resolvedBy: ben.by, note: ben.note, resolvedAt: world.now() },
    ]);
    expect(world.work.done).toEqual(["onPaid"]);
  });

  it("of two unknown receipts accepted at once for one payment, one pays it", async () => {
    const first = await world.unknownMoney();
    const { _id } = await world.payme.receipts.create({ amount, account: { order_id: "by hand, too" } });
    await world.pay(_id);
    await world.notify(_id);
    const rows = await world.payments.incidents.list();
    const ended = await Promise.allSettled(rows.map(({ id }) => accept(id, { paymentId: world.id })));
    expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(world.work.done).toEqual(["onPaid"]);
    expect(await world.open()).toEqual(["unknown_transaction"]);
    expect([first.receiptId, _id]).toContain((await world.row()).paidBy);
  });

  it("later reports of that money are repeats: no incident, no goods, no difference", async () => {
    await accept(await world.paidAnotherAmount());
    expect(await world.notify(world.paymeId, MORE)).toMatchObject({ outcome: "already_applied" });
    world.pass(DAY);
    await world.payments.reconcile();
    const report = await world.payments.review();
    expect(report.days.flatMap(({ differences }) => differences)).toEqual([]);
    expect([await world.open(), world.work.done]).toEqual([[], ["onPaid"]]);
  });

  it.each([
    ["is not paid", async () => undefined, "its state is 0"],
    ["went back", () => world.mock.cancel(world.paymeId), "its state is 21"],
  ])("money that %s at Payme is not accepted", async (_name, change, state) => {
    await world.ended(world.paymeId);
    if (_name === "went back") await world.pay(world.paymeId);
    await world.notify(world.paymeId);
    await change();
    const incident = await world.incident();
    const why = `the receipt ${world.paymeId} is not paid at Payme: ${state}`;
    await isRefused(() => accept(incident.id), why, "Resolve the incident.");
    expect(await world.open()).toEqual(["paid_after_cancel"]);
  });

  it("a receipt that Payme does not know is not accepted", async () => {
    await world.notify("0123456789abcdef01234567");
    const incident = await world.incident();
    const why = "Payme knows no such receipt";
    await isRefused(() => accept(incident.id, { paymentId: world.id }), why, "Resolve the incident.");
  });

  it("money of a payment that another id paid is not accepted: it was paid twice", async () => {
    const { incident } = await world.unknownMoney();
    await world.call("CreateTransaction", { id: "m1", time: world.now(), amount, account: { order_id: world.id } });
    await world.call("PerformTransaction", { id: "m1" });
    world.work.done = [];
    const cabinet = "The payment was paid by another id. Give this money back in the Payme cabinet.";
    await isRefused(() => accept(incident, { paymentId: world.id }), `payment ${world.id} was paid by m1`, cabinet);
    await world.pay(world.paymeId);
    await world.notify(world.paymeId);
    const row = (await world.payments.incidents.list()).find(({ kind }) => kind === "double_payment");
    await isRefused(() => accept(row?.id ?? 0), "an incident double_payment has no money to accept", cabinet);
  });

  it.each([
    ["paid_elsewhere", "The payment is booked. Its order is not yours to give any more: refund it."],
    ["effect_failed", "Mend the cause; then ask Payme again: payments.check(id). It settles by itself."],
    ["no_fulfiller", "Start the process that fulfils this kind. It settles by itself."],
    ["hold_expiring", "Deal with it, then resolve it."],
  ] as const)("an incident %s is not accepted: the refusal says what to do instead", async (kind, instead) => {
    const { id: subject, paymeId } = world;
    await world.pay(paymeId);
    const [row] = await world.storage.appendEvents([{ ...scope, kind, subject, paymeId, at: world.now() }]);
    await isRefused(() => accept(row?.id ?? 0), `an incident ${kind} has no money to accept`, instead);
  });

  it("an incident without an id of Payme has no money", async () => {
    const event = { ...scope, kind: "paid_after_cancel", subject: world.id, at: world.now() };
    const [row] = await world.storage.appendEvents([event]);
    const why = "an incident paid_after_cancel has no money to accept";
    await isRefused(() => accept(row?.id ?? 0), why, "Deal with it, then resolve it.");
  });

  it("money that an incident names a payment for is not accepted for another one", async () => {
    const other = await world.payments.create({ reference: "order:2", amount });
    const incident = await world.paidAfterCancel();
    const [why, instead] = [
      `the incident is of payment ${world.id}`,
      "Give the id of the payment that the payer meant.",
    ];
    await isRefused(() => accept(incident, { paymentId: other.id }), why, instead, "VALIDATION_FAILED");
    expect(await accept(incident, { paymentId: world.id })).toMatchObject({ outcome: "applied" });
  });

  it("money that we refused is not accepted: Payme gives it back", async () => {
    const { id } = world;
    await world.call("CreateTransaction", { id: "m1", time: world.now(), amount, account: { order_id: id } });
    await world.pay(world.paymeId);
    await world.notify(world.paymeId);
    world.work.done = [];
    expect(await world.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    const row = await world.incident();
    expect(row).toMatchObject({ data: { money: "refused" } });
    const why = "we refused this money: Payme gives it back to the payer";
    await isRefused(() => accept(row.id), why, "Resolve the incident.");
  });

  it("and so is money that we refused under a receipt which is still paid at Payme", async () => {
    const { id: subject, paymeId } = world;
    await world.pay(paymeId);
    for (const kind of ["paid_after_cancel", "amount_mismatch"] as const) {
      const data = { amount, money: "refused" };
      const [row] = await world.storage.appendEvents([{ ...scope, kind, subject, paymeId, at: world.now(), data }]);
      await isRefused(() => accept(row?.id ?? 0), "we refused this money", "Resolve the incident.");
    }
  });

  it("a transaction of the Merchant API is not accepted: Payme performs or cancels it", async () => {
    const { _id } = await world.payme.receipts.create({ amount, account: { order_id: "by hand" } });
    await world.pay(_id);
    await world.notify(_id);
    await world.call("CreateTransaction", { id: _id, time: world.now(), amount, account: { order_id: world.id } });
    const incident = await world.incident();
    const why = `${_id} is a transaction of the Merchant API`;
    await isRefused(() => accept(incident.id, { paymentId: world.id }), why, "Payme itself performs or cancels it.");
  });

  it("what is resolved, is no incident, or has no money is not accepted", async () => {
    const incident = await world.paidAfterCancel();
    await world.payments.incidents.resolve(incident, yes);
    const why = `incident ${incident} was resolved by anna`;
    await isRefused(() => accept(incident), why, "Money that comes again opens a new incident.");
    const missing = { code: "NOT_FOUND", message: `there is no incident ${incident + 999}` };
    await expect(accept(incident + 999)).rejects.toMatchObject(missing);
    const [story] = await world.storage.listEvents(scope, { kinds: ["payment.created"], limit: 1 });
    await expect(accept(story?.id ?? 0)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("while a charge of its receipt is under way nothing is accepted", async () => {
    const { incident } = await world.unknownMoney();
    const until = world.now() + 60_000;
    await world.storage.claimCharge(scope, world.id, { at: world.now(), until });
    const why = "the payment or the incident was changed meanwhile, or a charge of it is under way";
    await isRefused(() => accept(incident, { paymentId: world.id }), why, "Look at both, then accept again.");
    world.pass(60_000);
    expect(await accept(incident, { paymentId: world.id })).toMatchObject({ outcome: "applied" });
  });

  it("without a client, or without a fulfiller, nothing is sent and nothing is booked", async () => {
    const incident = await world.paidAfterCancel();
    const asked = world.mock.exchanges.length;
    const why = "payments.accept: Payme must be asked first, and there is no client";
    await isRefused(
      () => world.withoutClient.accept(incident, yes),
      why,
      "Give createPayments the client.",
      "CONFIG_INVALID",
    );
    await expect(world.withoutHooks.accept(incident, yes)).rejects.toMatchObject({ code: "NO_FULFILLER" });
    expect([await world.open(), world.work.done]).toEqual([["paid_after_cancel"], []]);
    expect(world.mock.exchanges.length).toBe(asked);
  });

  it("an onPaid that throws undoes all: the incident stays open, and accepting again books it", async () => {
    const incident = await world.paidAfterCancel();
    world.work.answer = "throws";
    await expect(accept(incident)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(await world.row()).toMatchObject({ status: "CANCELLED", paidBy: null, paidAmount: null });
    expect(await world.open()).toEqual(["paid_after_cancel", "effect_failed"]);
    world.work.answer = true;
    expect(await accept(incident)).toMatchObject({ outcome: "applied" });
    expect(await world.open()).toEqual([]);
  });

  it("an order that is not the shop's any more leaves it paid and unfulfilled: refund it", async () => {
    world.work.answer = false;
    expect(await accept(await world.paidAfterCancel())).toMatchObject({ row: { status: "PAID", unfulfilled: true } });
    expect(await world.open()).toEqual(["paid_elsewhere"]);
    world.work.done = [];
    expect(await world.payments.refund(world.id)).toMatchObject({ payment: { status: "CANCELLED" } });
    expect(world.work.done).toEqual([]);
  });

  it("unknown money that its own payment settles later closes by itself", async () => {
    const lost = await world.payments.create({ reference: "order:3", amount });
    const receiptId = lost.transactionId ?? "";
    await world.storage.appendEvents([
      { ...scope, kind: "unknown_transaction", subject: receiptId, paymeId: receiptId, at: world.now() },
    ]);
    await world.pay(receiptId);
    await world.notify(receiptId);
    expect(await world.payments.incidents.list({ open: false })).toMatchObject([
      { kind: "unknown_transaction", resolvedBy: "payme-kit" },
    ]);
    expect(await world.open()).toEqual([]);
  });
}

it("money of a receipt that ended for another payment is not accepted", async () => {
  const world = await openWorld(memoryStorage());
  const { receiptId, incident } = await world.unknownMoney();
  const ended = { paymeId: receiptId, source: "receipt", transaction: "other", reference: "other", state: -1 } as const;
  await world.storage.addTransaction(transactionRow({ ...scope, ...ended, amount, cancelTime: world.now() }));
  const before = await world.everything();
  await expect(world.payments.accept(incident, { ...yes, paymentId: world.id })).rejects.toThrow("changed meanwhile");
  expect(await world.everything()).toEqual(before);
  expect(world.work.done).toEqual([]);
});

it("money that was accepted leaves nothing to ask about, and money of another receipt leaves the own one", async () => {
  const own = await openWorld(memoryStorage());
  await own.payments.accept(await own.paidAfterCancel(), yes);
  expect(await own.row()).toMatchObject({ status: "PAID", nextCheckAt: null });
  const other = await openWorld(memoryStorage());
  const { incident } = await other.unknownMoney();
  await other.payments.accept(incident, { ...yes, paymentId: other.id });
  expect(await other.row()).toMatchObject({ status: "PAID", nextCheckAt: other.now() });
});

describe("accepting money in memory", () => acceptRules(async () => openWorld(memoryStorage())));

describe("accepting money on SQLite", () =>
  acceptRules(async () => {
    const { file, remove } = temporaryFolder();
    const storage = sqliteStorage({ file });
    onTestFinished(async () => {
      await storage.close();
      remove();
    });
    return openWorld(storage);
  }));

describeOnPostgres("accepting money on PostgreSQL", () =>
  acceptRules(async () => {
    const pool = openPool(await databaseUrl());
    onTestFinished(() => pool.end());
    return openWorld(postgresStorage(pool, { schema: newSchema() }));
  }),
);
