import { describe, expect, it } from "vitest";
import { createWorker, eventLogger, type PaymeEvent } from "../../src/entry";
import { tiyin } from "../../src/kit/money";
import { card, scope } from "../payments/shop";
import { amount, KEY, liveADay, openShop, PHONE, TEST_KEY } from "./day";

/** The fields that each kind of event may have, beside at, cashbox, mode and trace. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "client.call": ["method", "ms", "outcome", "code"],
  "merchant.call": ["method", "code", "ms", "paymeId"],
  "clock.skew": ["skewMs", "paymeId"],
  "notification.received": ["method", "verdict", "paymeId", "paymentId", "delayMs"],
  payment: ["paymentId", "userId", "paymeId", "amount", "source", "acceptedBy", "errorCode"],
  refund: ["paymentId", "userId", "paymeId", "amount", "source"],
  transaction: ["paymeId", "amount", "reason"],
  incident: ["incident", "incidentId", "paymentId", "paymeId", "by"],
  admin: ["by", "paymentId", "paymeId"],
  hook: ["paymentId", "paymeId", "ms", "errorId"],
  outbox: ["messageId", "message", "attempt"],
  "worker.ran": ["job", "index", "ms", "isFailed", "counts"],
};

describe("events", () => {
  it("tell a day of a shop: each change of the books once, by its committed rows", async () => {
    const shop = openShop();
    const { receiptId, byReceipt, byMerchant } = await liveADay(shop);
    const of = (kind: string, paymentId: string) =>
      shop.events.filter((event) => event.kind === kind && "paymentId" in event && event.paymentId === paymentId);
    expect(of("payment.paid", byReceipt.id)).toMatchObject([
      { userId: "user-1", paymeId: receiptId, amount, source: "receipt", cashbox: "default", mode: "test" },
    ]);
    expect(of("payment.paid", byMerchant.id)).toMatchObject([{ paymeId: "a".repeat(24), amount, source: "merchant" }]);
    for (const id of [byReceipt.id, byMerchant.id]) {
      expect(of("payment.created", id)).toHaveLength(1);
      expect(of("refund.queued", id)).toMatchObject([{ amount }]);
      expect(of("refund.done", id)).toMatchObject([{ amount }]);
    }
    const ofKind = (kind: string) => shop.events.filter((event) => event.kind === kind);
    expect(ofKind("payment.cancelled")).toHaveLength(1);
    expect(ofKind("transaction.performed")).toMatchObject([{ paymeId: "a".repeat(24) }, { paymeId: "b".repeat(24) }]);
    expect(ofKind("incident.opened")).toMatchObject([{ incident: "unknown_transaction", paymeId: "0".repeat(24) }]);
    expect(ofKind("incident.resolved")).toMatchObject([{ incident: "unknown_transaction", by: "anna" }]);
    expect(ofKind("notification.received")).toMatchObject([{ verdict: "repeat", paymentId: byReceipt.id }]);
    expect(
      shop.events.flatMap((event) => (event.kind === "merchant.call" ? `${event.method} ${event.code}` : [])),
    ).toEqual([
      "CreateTransaction null",
      "PerformTransaction null",
      "PerformTransaction null",
      "CancelTransaction null",
      "CreateTransaction null",
      "CreateTransaction -31008",
      "PerformTransaction null",
      "unknown -32601",
      "unknown -32504",
    ]);
    expect(
      ofKind("outbox.delivered")
        .map((event) => "message" in event && event.message)
        .sort(),
    ).toEqual(["order.paid", "order.paid", "payme.incident"]);
  });

  it("have the fields of their type and no others, and never a phone, a key or an account", async () => {
    const shop = openShop();
    await liveADay(shop);
    for (const { kind, ...fields } of shop.events) {
      const own = FIELDS[kind] ?? FIELDS[kind.split(".")[0] ?? ""] ?? [];
      const allowed = ["at", "cashbox", "mode", "trace", ...own];
      expect(
        Object.keys(fields).filter((name) => !allowed.includes(name)),
        kind,
      ).toEqual([]);
    }
    const text = JSON.stringify(shop.events);
    for (const secret of [PHONE, KEY, TEST_KEY, card.number, "phone"]) expect(text).not.toContain(secret);
  });

  const traceIn = (event: PaymeEvent | undefined) => (event && "trace" in event ? event.trace : undefined);

  it("of one call have one trace, and calls have others", async () => {
    const shop = openShop();
    const { byMerchant } = await liveADay(shop);
    const performing = shop.events.filter((event) => traceIn(event) === traceOf("transaction.performed"));
    expect(performing.map(({ kind }) => kind)).toEqual(["payment.paid", "transaction.performed", "merchant.call"]);
    const made = traceIn(shop.events.find((event) => "paymentId" in event && event.paymentId === byMerchant.id));
    expect(shop.events.filter((event) => traceIn(event) === made).map(({ kind }) => kind)).toEqual([
      "payment.created",
      "client.call",
    ]);
    const { entries } = { entries: [], ...(await shop.payments.story(byMerchant.id)) };
    const told = entries.find(({ what }) => what === "payment.paid");
    expect(told?.trace).toBe(traceOf("transaction.performed"));

    function traceOf(kind: string) {
      const trace = traceIn(shop.events.find((event) => event.kind === kind));
      expect(trace).toEqual(expect.any(String));
      return trace;
    }
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error(PHONE);
      },
    ],
    ["rejects", async () => Promise.reject(new Error(PHONE))],
    ["never returns", () => new Promise(() => {})],
    ["is missing", null],
  ])("a listener that %s changes no result of any room, and nothing in the books", async (name, listener) => {
    const heard = new Set<string>();
    const hear = (event: PaymeEvent) => {
      heard.add(event.kind);
      return listener?.();
    };
    const [shop, right] = [openShop(listener === null ? null : hear), openShop()];
    const [{ results }, { results: wanted }] = [await liveADay(shop), await liveADay(right)];
    expect(results).toHaveLength(20);
    expect(withoutTrace(results)).toEqual(withoutTrace(wanted));
    // Client, Merchant API, payments, outbox and worker: each room has told of its own.
    const rooms = ["client.call", "merchant.call", "payment.paid", "outbox.delivered", "worker.ran"];
    expect(rooms.filter((kind) => heard.has(kind))).toEqual(listener === null ? [] : rooms);
    const books = async ({ storage, payments }: typeof shop) => {
      const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
      const events = await storage.listEvents(scope, { limit: 999 });
      const stories = await Promise.all(
        ["payment-1", "payment-2", "payment-4", "b".repeat(24)].map((id) => payments.story(id)),
      );
      return withoutTrace([
        await storage.listPaid(scope, { ...all, limit: 99 }),
        await storage.listTransactions(scope, { ...all, limit: 99 }),
        await storage.paymentTotals(scope, all),
        events.map(({ leaseToken: _token, ...row }) => row),
        stories,
      ]);
    };
    expect(await books(shop)).toEqual(await books(right));
    const complaints = shop.lines.filter(({ message }) => message.startsWith("onEvent failed"));
    // Once a minute: the day has ten minutes.
    if (name === "throws" || name === "rejects") expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.length).toBeLessThanOrEqual(10);
    expect(JSON.stringify(complaints)).not.toContain(PHONE);
  });

  /** Only where somebody listens has a row the id of its call. */
  function withoutTrace(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value, (name, member) => (name === "trace" ? undefined : member)));
  }

  it("come after the commit: a listener finds what it is told", async () => {
    const found: unknown[] = [];
    const shop = openShop((event) => {
      if (event.kind !== "payment.paid" && event.kind !== "payment.created") return;
      found.push(shop.payments.find(event.paymentId).then((row) => `${event.kind} ${row?.status}`));
    });
    const { transactionId } = await shop.payments.create({ reference: "order:1", amount });
    await shop.payments.recordPaid({
      paymeId: transactionId ?? "",
      amount: tiyin(amount),
      paidAt: shop.now(),
      source: "gateway",
    });
    expect(await Promise.all(found)).toEqual(["payment.created PENDING", "payment.paid PAID"]);
  });

  it("of a change that was rolled back are not told; the failed hook is", async () => {
    const shop = openShop(undefined, () => {
      throw new Error(PHONE);
    });
    const { id, transactionId } = await shop.payments.create({ reference: "order:1", amount });
    const report = { paymeId: transactionId ?? "", amount, paidAt: shop.now(), source: "gateway" } as const;
    await expect(shop.payments.recordPaid(report)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(shop.kinds().filter((kind) => kind !== "client.call")).toEqual([
      "payment.created",
      "hook.failed",
      "incident.opened",
    ]);
    expect(shop.events.at(-2)).toMatchObject({ paymentId: id, paymeId: transactionId, errorId: expect.any(String) });
    expect(JSON.stringify(shop.events)).not.toContain(PHONE);
  });
});

it("an incident of an order of the shop's own has its Payme id, and never its reference", async () => {
  const shop = openShop(undefined, () => {
    throw new Error("the hook throws");
  });
  const id = "d".repeat(24);
  await shop.callShop("CreateTransaction", { id, time: shop.now(), amount, account: { phone: PHONE } });
  await shop.callShop("PerformTransaction", { id });
  expect(shop.kinds()).toEqual([
    "transaction.created",
    "merchant.call",
    "hook.failed",
    "incident.opened",
    "merchant.call",
  ]);
  expect(shop.events[3]).toMatchObject({ incident: "effect_failed", paymeId: id });
  expect(JSON.stringify(shop.events)).not.toContain(PHONE);
});

describe("eventLogger", () => {
  it("after a lost notification that reconcile healed, the receipt's id finds the whole story in the log", async () => {
    const lines: string[] = [];
    const write = (message: string, fields?: object) => void lines.push(JSON.stringify({ message, ...fields }));
    const shop = openShop(eventLogger({ info: write, warn: write, error: write }));
    const { id, transactionId } = await shop.payments.create({ reference: PHONE, userId: "user-1", amount });
    await shop.mock.pay(transactionId ?? "", { card });
    shop.pass(60_000);
    await shop.payments.reconcile();
    const found = lines.filter((line) => line.includes(transactionId ?? "-")).map((line) => JSON.parse(line));
    expect(found).toMatchObject([
      { message: "payment paid", payment_id: id, transaction_id: transactionId, user_id: "user-1", source: "receipt" },
    ]);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["payment created", "payment paid"]);
    expect(lines.join()).not.toContain(PHONE);
    // And the payments' own log: which receipt it was, and who healed it.
    const own = shop.lines.filter((line) => JSON.stringify(line).includes(transactionId ?? "-"));
    expect(own).toMatchObject([
      { message: "a receipt was made", fields: { payment_id: id } },
      { message: "reconcile settled a payment: it is PAID", fields: { payment_id: id } },
    ]);
  });
});

describe("the worker's health", () => {
  it("is well while its jobs run, and names the one that is late", async () => {
    let [now, fails] = [0, false];
    const worker = createWorker({
      payments: {
        reconcile: async () => {
          if (fails) throw new Error("away");
          return { checked: 0, paid: 0, pending: 0, cancelled: 0, failed: 0, errors: 0 };
        },
        review: async () => ({ days: [], left: 0 }),
      },
      now: () => now,
      logger: { info() {}, warn() {}, error() {} },
    });
    expect(worker.health()).toMatchObject({ isWell: true });
    await worker.runOnce();
    expect(worker.health().jobs).toMatchObject([
      { job: "payments.reconcile", endedAt: 0, failures: 0, isLate: false },
      { job: "payments.review", isLate: false },
    ]);
    fails = true;
    for (now = 1; now <= 3; now += 1) await worker.runOnce();
    expect(worker.health()).toMatchObject({
      isWell: false,
      jobs: [{ job: "payments.reconcile", failures: 3, isLate: true }, { isLate: false }],
    });
    fails = false;
    await worker.runOnce();
    expect(worker.health()).toMatchObject({ isWell: true });
  });
});
