import { describe, expect, it, onTestFinished } from "vitest";
import { createMerchantApi, createPayments, refuse } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import type { PaymentStory } from "../../src/payments/story";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { answerOf } from "../merchant/shop";
import { temporaryFolder } from "../storage/kits";
import { card, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEST_KEY = "test-key-of-36-characters-0123456789";
const headers = { authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` };
const logger = { info() {}, warn() {}, error() {} };
/** What a shop keeps and no story shows. */
const SECRET = "+998901234567";

async function openWorld<Tx>(storage: Storage<Tx>) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  await storage.migrate();
  const mock = createMockPayme({ now: () => now, seed: 1 });
  const { merchantId, key, fetch } = mock;
  const client = createPaymeClient({ merchantId, key, mode: "test", fetch, logger, retries: 0, now: () => now });
  const work = { fails: false, answer: true };
  const onPaid = async () => {
    if (work.fails) throw new Error(SECRET);
    return work.answer;
  };
  const common = { storage, now: () => now, logger };
  const payments = createPayments({ ...common, client, onPaid, onRefunded: onPaid });
  const keys = { key: "live-key-of-36-characters-0123456789", testKey: TEST_KEY };
  const merchant = createMerchantApi({ ...payments.asOrders(), ...keys, now: () => now, logger });
  const shop = createMerchantApi({
    ...common,
    ...keys,
    account: { phone: "string" },
    find: ({ phone }) => (phone === SECRET ? { reference: 197, amount } : refuse.notFound("phone")),
    onPaid,
  });
  const callBy = (api: typeof shop) => async (method: string, params: object) =>
    answerOf(String((await api.handle({ method: "POST", headers, body: { method, params, id: 7 } })).body));
  return {
    storage,
    payments,
    mock,
    work,
    call: callBy(merchant),
    callShop: callBy(shop),
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    create: () => payments.create({ reference: "order:1", amount, userId: "user-1", data: { phone: SECRET } }),
    pay: (receiptId: string | null) => mock.pay(receiptId ?? "", { card }),
    report: (paymeId: string | null, source: "gateway" | "receipt" = "gateway") =>
      payments.recordPaid({ paymeId: paymeId ?? "", amount, paidAt: now, source }),
    async told(key: Parameters<typeof payments.story>[0]) {
      const story = await payments.story(key);
      if (story === undefined) throw new Error("no story");
      return story;
    },
  };
}

const linesOf = ({ entries }: PaymentStory) => entries.map(({ who, what, verdict }) => `${who} ${what}: ${verdict}`);

function storyRules(open: () => Promise<Awaited<ReturnType<typeof openWorld>>>): void {
  it("tells of a payment by our id, the receipt's, and the shop's reference: paid, refunded, back", async () => {
    const world = await open();
    const { id, transactionId } = await world.create();
    await world.pay(transactionId);
    world.pass(MINUTE);
    await world.payments.reconcile();
    world.pass(HOUR);
    await world.payments.refund(id);
    expect((await world.told(id)).sums).toEqual({ taken: amount, refunding: amount, refunded: 0 });
    world.pass(10 * MINUTE);
    await world.payments.reconcile();
    const story = await world.told(id);
    expect(linesOf(story)).toEqual([
      "us payment.created: to be paid",
      "us payment.paid: paid: we asked Payme",
      "us refund.wished: carried out",
      "payme payment.refunded: the goods are taken back",
      "payme payment.refund_done: the money is back",
    ]);
    expect(story.sums).toEqual({ taken: amount, refunding: 0, refunded: amount });
    expect(story.payment).toMatchObject({ id, status: "CANCELLED", refund: "done", reference: "order:1" });
    expect(story.transactions).toEqual([
      { paymeId: transactionId, source: "receipt", state: -2, amount, reason: expect.any(Number) },
    ]);
    expect(await world.told({ paymeId: transactionId ?? "" })).toEqual(story);
    expect(await world.told({ reference: "order:1" })).toEqual(story);
    expect(story.entries.map(({ at }) => at)).toEqual(story.entries.map(({ at }) => at).sort((a, b) => a - b));
    expect(JSON.stringify(story)).not.toContain(SECRET);
    expect(await world.payments.story("nothing")).toBeUndefined();
    expect(await world.payments.story({ reference: "order:2" })).toBeUndefined();
  });

  it("tells of a failed hook, the person who dealt with it, and the Perform that settled it", async () => {
    const world = await open();
    const { id } = await world.create();
    const creating = { id: "a".repeat(24), time: world.now(), amount, account: { order_id: id } };
    await world.call("CreateTransaction", creating);
    world.work.fails = true;
    await world.call("PerformTransaction", { id: creating.id });
    const [incident] = await world.payments.incidents.list();
    await world.payments.incidents.resolve(incident?.id ?? 0, { by: "anna", note: "the disk was full" });
    world.work.fails = false;
    world.pass(MINUTE);
    await world.call("PerformTransaction", { id: creating.id });
    await world.call("PerformTransaction", { id: creating.id });
    expect(linesOf(await world.told(creating.id))).toEqual([
      "us payment.created: to be paid",
      "payer transaction.created: held for this transaction",
      "us incident.opened: effect_failed (resolved later)",
      "person incident.resolved: effect_failed: anna: the disk was full",
      "payme payment.paid: paid: by PerformTransaction",
      "payme transaction.performed: paid",
    ]);
  });

  it("tells of an order of the shop's own, by its reference and by Payme's id, without its account", async () => {
    const world = await open();
    const creating = { id: "b".repeat(24), time: world.now(), amount, account: { phone: SECRET } };
    await world.callShop("CreateTransaction", creating);
    for (const wrong of [1, 1, 2]) await world.callShop("CreateTransaction", { ...creating, amount: wrong });
    await world.callShop("CheckTransaction", { id: creating.id });
    await world.callShop("PerformTransaction", { id: creating.id });
    world.pass(HOUR);
    await world.callShop("CancelTransaction", { id: creating.id, reason: 5 });
    const story = await world.told({ reference: 197 });
    expect(linesOf(story)).toEqual([
      "payer transaction.created: held for this transaction",
      "payme call.refused: CreateTransaction was refused: -31008",
      "payme transaction.performed: paid",
      "payme transaction.refunded: refunded, reason 5",
    ]);
    expect(story).toMatchObject({ payment: null, sums: { taken: amount, refunding: 0, refunded: amount } });
    expect(await world.told(creating.id)).toEqual(story);
    expect(JSON.stringify(story)).not.toContain(SECRET);
  });

  it("tells of a transaction whose 12 hours are over, and of the Perform that came too late", async () => {
    const world = await open();
    const creating = { id: "c".repeat(24), time: world.now(), amount, account: { phone: SECRET } };
    await world.callShop("CreateTransaction", creating);
    world.pass(13 * HOUR);
    for (let n = 0; n < 3; n += 1) await world.callShop("PerformTransaction", { id: creating.id });
    expect(linesOf(await world.told({ reference: 197 }))).toEqual([
      "payer transaction.created: held for this transaction",
      "us transaction.expired: its 12 hours are over",
      "payme call.refused: PerformTransaction was refused: -31008",
    ]);
  });

  it("tells of money that a person accepted, and of the ended receipt before", async () => {
    const world = await open();
    const { id, transactionId } = await world.create();
    await world.payments.recordCancelled({ paymeId: transactionId ?? "", cancelledAt: world.now(), source: "gateway" });
    await world.pay(transactionId);
    world.pass(MINUTE);
    await world.report(transactionId);
    const [incident] = await world.payments.incidents.list();
    await world.payments.accept(incident?.id ?? 0, { by: "anna", note: "in stock" });
    expect(linesOf(await world.told(id))).toEqual([
      "us payment.created: to be paid",
      "payme notification.received: the first one",
      "us payment.cancelled: cancelled unpaid",
      "us incident.opened: paid_after_cancel (resolved later)",
      "person incident.resolved: paid_after_cancel: anna: in stock",
      "person payment.paid: accepted by anna",
    ]);
  });

  it("has words for each event, whoever wrote it, and none for what is no message", async () => {
    const world = await open();
    const { id, transactionId: paymeId } = await world.create();
    const told: [kind: string, data: object, line: string | null][] = [
      ["payment.paid", { source: "gateway" }, "payme payment.paid: paid: by notification"],
      ["payment.paid", { source: "review" }, "us payment.paid: paid: found by the review of a past day"],
      ["payment.cancel_queued", {}, "payme payment.cancel_queued: Payme works on the cancel"],
      ["payment.failed", { errorCode: "-31611" }, "us payment.failed: could not be made: -31611"],
      ["payment.failed", {}, "us payment.failed: could not be made: not given"],
      ["payment.refunded", { source: "review" }, "us payment.refunded: the goods are taken back"],
      ["payment.paid_waiting", {}, "us payment.paid_waiting: money waits for the process that fulfils its kind"],
      [
        "payment.refunded_waiting",
        {},
        "us payment.refunded_waiting: a refund waits for the process that fulfils its kind",
      ],
      ["transaction.cancelled", { reason: 4 }, "payme transaction.cancelled: cancelled unpaid, reason 4"],
      ["double_payment", {}, "us incident.opened: double_payment (open)"],
      ["order.seen", {}, null],
    ];
    const rows = await world.storage.appendEvents(
      told.map(([kind, data]) => ({
        ...scope,
        kind,
        subject: id,
        paymeId,
        at: world.now(),
        data: { ...data, amount, trace: "t1" },
      })),
    );
    const story = await world.told(id);
    const lines = told.flatMap(([, , line]) => (line === null ? [] : [line]));
    const waiting = "us payment.waiting: no notification has come; looked at again then";
    expect(linesOf(story)).toEqual(["us payment.created: to be paid", ...lines, waiting]);
    expect(story.entries.slice(1, -1)).toEqual(
      story.entries
        .slice(1, -1)
        .map(({ at, who, what, verdict }) => ({ at, who, what, verdict, money: amount, paymeId, trace: "t1" })),
    );
    const incident = rows.find(({ kind }) => kind === "double_payment")?.id ?? 0;
    const result = { result: "resolved", by: "payme-kit", note: "it went back", at: world.now() } as const;
    await world.storage.closeEvent(scope, incident, result);
    expect(linesOf(await world.told(id))).toContain("us incident.resolved: double_payment: it went back");
  });

  it("tells of a receipt that ended unpaid", async () => {
    const world = await open();
    const { id, transactionId } = await world.create();
    world.pass(MINUTE);
    await world.payments.recordCancelled({ paymeId: transactionId ?? "", cancelledAt: world.now(), source: "gateway" });
    const { entries, sums } = await world.told(id);
    const ended = { at: world.now(), who: "payme", what: "receipt.ended", verdict: "cancelled unpaid" };
    expect(entries).toContainEqual({ ...ended, paymeId: transactionId });
    expect(sums).toEqual({ taken: 0, refunding: 0, refunded: 0 });
  });

  it("is found by a receipt that only an open incident knows", async () => {
    const world = await open();
    const { id } = await world.create();
    const stray = "6".repeat(24);
    expect(await world.told(stray).catch(() => undefined)).toBeUndefined();
    const incident = { ...scope, kind: "refund_stuck", subject: id, paymeId: stray, at: world.now() };
    await world.storage.appendEvents([incident]);
    const story = await world.told(stray);
    expect(story.payment?.id).toBe(id);
    expect(story.open).toEqual(["refund_stuck"]);
  });

  it("has more pages than one", async () => {
    const world = await open();
    const { id } = await world.create();
    const event = { ...scope, kind: "order.packed", subject: id, at: world.now(), deliverAt: world.now() };
    await world.storage.appendEvents(Array.from({ length: 1_001 }, () => event));
    const { entries } = await world.told(id);
    expect(entries.filter(({ what }) => what === "message")).toHaveLength(1_001);
    expect(entries.at(-2)).toMatchObject({ who: "us", verdict: "order.packed: to be delivered" });
  });
}

describe("a payment's story in memory", () => storyRules(async () => openWorld(memoryStorage())));

describe("a payment's story on SQLite", () =>
  storyRules(async () => {
    const { file, remove } = temporaryFolder();
    const storage = sqliteStorage({ file });
    onTestFinished(async () => {
      await storage.close();
      remove();
    });
    return openWorld(storage);
  }));
