import { describe, expect, it } from "vitest";
import { PaymeAPIError, PaymeConnectionError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import type { ChargeOutcome } from "../../src/payments/charge-outcome";
import type { PeriodRow } from "../../src/subscriptions/rows";
import { BOUNDARY, paidOnce, SECOND_BOUNDARY } from "./paid-once";
import { DAY, HOUR, MINUTE, premium } from "./shop";

const GRACE = 3 * DAY;
/** 10 o'clock in Tashkent on the day after the boundary. */
const NEXT_DAY = Date.UTC(2026, 1, 16, 5);
const OTHER = { number: "8600069195406311", expire: "0399" };
const refusal = (code: number, message = "", method = "receipts.pay") =>
  ({ kind: "rpc_error", code, message, method }) as const;

/** A shop at the boundary of the second period. */
async function atBoundary() {
  const shop = await paidOnce();
  const { id, store } = shop;
  shop.at(BOUNDARY);
  return {
    ...shop,
    setPeriod: (changes: Partial<PeriodRow>) => shop.setPeriod(2, changes),
    /** A process whose charges end as a test says. */
    paying: (pay: () => Promise<ChargeOutcome>) =>
      shop.open({ payments: { ...shop.payments, register: () => {}, pay } }).subs,
    period: () => shop.period(2),
    attempt: async () => (await store.listAttempts(id, { number: 2, limit: 1 }))[0],
    cardState: async (cardId: string) => (await store.findCard(cardId))?.state,
    incidents: () => shop.payments.incidents.list(),
  };
}

describe("a charge", () => {
  it("is one payment with the period's reference, price and owner, and one attempt", async () => {
    const shop = await atBoundary();
    await shop.look();
    const payment = await shop.payments.findByReference(`sub:${shop.id}:2:1`);
    expect(payment).toMatchObject({
      kind: "subscription",
      amount: som(50_000),
      userId: "u1",
      description: "premium",
      data: { subscriptionId: shop.id, number: 2 },
      status: "PAID",
    });
    expect(await shop.attempt()).toMatchObject({
      attempt: 1,
      cardId: shop.card.id,
      paymentId: payment?.id,
      receiptId: payment?.transactionId,
      startedAt: BOUNDARY,
      outcome: "paid",
      reason: null,
      code: null,
    });
    expect(await shop.period()).toMatchObject({ state: "PAID", attempts: 1, pays: 1, firstTriedAt: BOUNDARY });
  });

  it("is described to the payer in the shop's words", async () => {
    const shop = await atBoundary();
    await shop.set({ description: "A month of films" });
    await shop.look();
    const payment = await shop.payments.findByReference(`sub:${shop.id}:2:1`);
    expect(payment?.description).toBe("A month of films");
  });

  it("without money on the card keeps access to the end of the grace, and tells the owner when it is tried again", async () => {
    const shop = await atBoundary();
    shop.mock.faults.add(refusal(-31630, "Недостаточно средств"));
    await shop.look();
    const until = Date.UTC(2026, 1, 22, 5) + GRACE;
    const period = await shop.period();
    expect(await shop.attempt()).toMatchObject({
      endedAt: BOUNDARY,
      outcome: "declined",
      reason: "funds",
      code: "-31630",
    });
    expect(period).toMatchObject({ state: "RETRY", k: 1, reason: "funds", code: "-31630", nextAt: NEXT_DAY });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", accessUntil: until, nextAt: NEXT_DAY });
    const { paymentId } = period ?? {};
    const data = { number: 2, amount: som(50_000), paymentId, reason: "funds", nextAt: NEXT_DAY, until };
    expect(await shop.last()).toMatchObject({
      kind: "subscription.payment_failed",
      data: { owner: "u1", plan: "premium", ...data },
    });
    expect(await shop.incidents()).toEqual([]);
  });

  it("of a blocked cashbox is an incident with Payme's code, and no news to the owner", async () => {
    const shop = await atBoundary();
    shop.mock.faults.add(refusal(-31601, "Поставщик заблокирован"));
    await shop.look();
    expect(await shop.period()).toMatchObject({ state: "RETRY", reason: "merchant", nextAt: NEXT_DAY });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", accessUntil: NEXT_DAY + GRACE });
    expect(await shop.incidents()).toMatchObject([
      { kind: "charge_blocked", data: { amount: som(50_000), reason: "merchant", code: "-31601" } },
    ]);
    expect(await shop.kinds(shop.id)).toEqual(["created", "renewed"]);
  });

  const blank = { receiptId: null, payment: {} as never };
  const fail = (reason: "unavailable") =>
    ({ ...blank, status: "declined", reason, error: new PaymeConnectionError("away"), text: {} as never }) as const;
  it.each<[string, () => Promise<ChargeOutcome>, object, object, object]>([
    [
      "that never reached Payme is tried again in a minute, and counts for none",
      async () => fail("unavailable"),
      { outcome: "not_sent", reason: "unavailable", code: null },
      { state: "RETRY", pays: 0, attempts: 1, unsent: 1, reason: "unavailable", nextAt: BOUNDARY + MINUTE },
      { state: "PAST_DUE", accessUntil: BOUNDARY + MINUTE + GRACE, nextAt: BOUNDARY + MINUTE },
    ],
    [
      "whose answer was lost is asked about, and its owner keeps access for the period",
      async () => ({ ...blank, status: "unknown", error: null }),
      { outcome: "unknown", reason: "unknown", code: null },
      { state: "UNKNOWN", pays: 1, unknownAt: BOUNDARY, reason: "unknown", nextAt: BOUNDARY + MINUTE },
      { state: "PAST_DUE", accessUntil: SECOND_BOUNDARY, nextAt: BOUNDARY + MINUTE },
    ],
    [
      "that could not be booked is asked about",
      async () => Promise.reject(new Error("the storage is away")),
      { outcome: "unknown", reason: "unknown", code: null },
      { state: "UNKNOWN", pays: 1, unknownAt: BOUNDARY, reason: "unknown", nextAt: BOUNDARY + MINUTE },
      { state: "PAST_DUE", accessUntil: SECOND_BOUNDARY, nextAt: BOUNDARY + MINUTE },
    ],
  ])("%s", async (_name, pay, attempt, period, row) => {
    const shop = await atBoundary();
    expect(await shop.look(shop.paying(pay))).toEqual({ checked: 1, errors: 0 });
    expect(await shop.attempt()).toMatchObject({ endedAt: BOUNDARY, ...attempt });
    expect(await shop.period()).toMatchObject({ k: 1, ...period });
    expect(await shop.row()).toMatchObject(row);
    expect(await shop.incidents()).toEqual([]);
    // The same receipt is paid then, whatever it was.
    await shop.setPeriod({ state: "RETRY", nextAt: BOUNDARY });
    await shop.look();
    expect(await shop.period()).toMatchObject({ state: "PAID", k: 1, attempts: 2 });
    expect([shop.debits(), shop.mock.receipts().length]).toEqual([2, 2]);
  });

  it("of a receipt that Payme ended is made with another one, once the first is dead", async () => {
    const shop = await atBoundary();
    shop.mock.faults.add({ ...refusal(-31630, "Недостаточно средств"), times: 1 });
    await shop.look();
    const receiptId = (await shop.period())?.receiptId ?? "";
    await shop.mock.cancel(receiptId);
    shop.pass(2 * DAY);
    await shop.look();
    expect(await shop.period()).toMatchObject({ state: "PAID", k: 2, attempts: 3 });
    const attempts = await shop.store.listAttempts(shop.id, { number: 2, limit: 3 });
    expect(attempts.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["paid", null],
      ["cancelled", "cancelled"],
      ["declined", "funds"],
    ]);
    expect(shop.mock.receipts().map(({ state }) => state)).toEqual([4, 50, 4]);
  });

  it("is not made after eight: the period waits for its grace to end", async () => {
    const shop = await atBoundary();
    shop.mock.faults.add(refusal(-31630, "Недостаточно средств"));
    await shop.look();
    await shop.setPeriod({ pays: 8, nextAt: BOUNDARY, graceUntil: null });
    await shop.look();
    expect(await shop.period()).toMatchObject({ pays: 8, nextAt: null, graceUntil: BOUNDARY + GRACE });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", nextAt: BOUNDARY + GRACE });
    await shop.setPeriod({ nextAt: BOUNDARY, graceUntil: BOUNDARY + DAY });
    await shop.look();
    expect(await shop.period()).toMatchObject({ nextAt: null, graceUntil: BOUNDARY + DAY });
    expect(shop.calls("receipts.pay")).toBe(2);
  });
});

describe("a receipt that cannot be made", () => {
  it("because Payme refuses it is an incident, and is made anew for the next try", async () => {
    const shop = await atBoundary();
    shop.mock.faults.add(refusal(-31601, "Поставщик заблокирован", "receipts.create"));
    await shop.look();
    expect(await shop.period()).toMatchObject({ state: "RETRY", pays: 0, unsent: 1, reason: "merchant" });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", nextAt: BOUNDARY + MINUTE });
    const subject = `sub:${shop.id}:2:1`;
    expect(await shop.incidents()).toMatchObject([
      { kind: "charge_blocked", subject, paymeId: subject, data: { amount: som(50_000), code: "-31601" } },
    ]);
    shop.mock.faults.clear();
    shop.pass(HOUR);
    await shop.look();
    expect(await shop.period()).toMatchObject({ state: "PAID", k: 2, pays: 1 });
  });

  it("because Payme is away is no incident, and is tried again", async () => {
    const shop = await atBoundary();
    shop.mock.faults.add({ kind: "drop_before", method: "receipts.*" });
    await shop.look();
    expect(await shop.period()).toMatchObject({
      state: "RETRY",
      pays: 0,
      unsent: 1,
      reason: "unavailable",
      code: null,
    });
    expect(await shop.incidents()).toEqual([]);
    expect(await shop.attempt()).toBeUndefined();
  });
});

describe("the card of a period", () => {
  it("that was removed is another one of the owner", async () => {
    const shop = await atBoundary();
    const dead = await shop.attach("u1", OTHER);
    const spare = await shop.attach();
    await shop.attach("u2");
    await shop.setCard({ state: "DEAD" }, dead.id);
    await shop.subs.cards.remove(shop.card.id);
    await shop.look();
    expect(await shop.row()).toMatchObject({ state: "ACTIVE", cardId: spare.id });
    expect(await shop.attempt()).toMatchObject({ attempt: 1, cardId: spare.id, outcome: "paid" });
  });

  it.each(["removed", "unknown"])(
    "that is %s, with no other one: the owner is asked for one, and the grace begins",
    async (how) => {
      const shop = await atBoundary();
      await shop.subs.cards.remove(shop.card.id);
      if (how === "unknown") await shop.set({ cardId: "gone" });
      await shop.look();
      const until = BOUNDARY + GRACE;
      expect(await shop.period()).toMatchObject({
        state: "NEEDS_CARD",
        reason: "card",
        nextAt: null,
        graceUntil: until,
      });
      expect(await shop.row()).toMatchObject({ state: "PAST_DUE", accessUntil: until, nextAt: until });
      const data = { number: 2, amount: som(50_000), paymentId: null, reason: "card", nextAt: null, until };
      expect(await shop.last()).toMatchObject({ kind: "subscription.needs_card", data });
      expect(shop.calls("receipts.create")).toBe(1);
    },
  );

  it("that Payme knows no more is dead before it is charged, and another one is charged at once", async () => {
    const shop = await atBoundary();
    const spare = await shop.attach("u1", OTHER);
    shop.mock.faults.add({ ...refusal(-31400, "Карта не найдена", "cards.check"), times: 1 });
    await shop.look();
    expect(await shop.cardState(shop.card.id)).toBe("DEAD");
    expect(await shop.attempt()).toMatchObject({ attempt: 1, cardId: spare.id, outcome: "paid" });
  });

  it("that is dead gives way to each other one in turn, and none is tried twice", async () => {
    const shop = await atBoundary();
    const second = await shop.attach("u1", OTHER);
    const third = await shop.attach();
    shop.mock.faults.add(refusal(-31301, "СМС-информирование не подключено"));
    await shop.look();
    const attempts = await shop.store.listAttempts(shop.id, { number: 2, limit: 9 });
    expect(attempts).toHaveLength(3);
    expect(new Set(attempts.map(({ cardId }) => cardId))).toEqual(new Set([shop.card.id, second.id, third.id]));
    expect(await shop.period()).toMatchObject({ state: "NEEDS_CARD", reason: "otp", pays: 3 });
    expect((await shop.kinds(shop.id)).slice(2)).toEqual(["needs_card"]);
  });

  it.each([
    ["ATTACHED", "DEAD"],
    ["REMOVED", "REMOVED"],
  ] as const)("that was %s when Payme said that it is dead is %s", async (before, after) => {
    const shop = await atBoundary();
    const error = new PaymeAPIError("Карта не найдена", { errorCode: "-31400" } as never);
    const subs = shop.paying(async () => {
      await shop.setCard({ state: before }, shop.card.id);
      return { payment: {} as never, receiptId: null, status: "declined", reason: "card", text: {} as never, error };
    });
    await shop.look(subs);
    expect([await shop.cardState(shop.card.id), (await shop.period())?.state]).toEqual([after, "NEEDS_CARD"]);
  });

  it("of a first period is the payer's choice: no other one is tried", async () => {
    const shop = await atBoundary();
    const empty = await shop.attachEmpty("u1");
    const wanted = { ...premium, plan: "gold", card: empty.id };
    shop.mock.faults.add(refusal(-31301, "СМС-информирование не подключено"));
    const { subscription, outcome, reason } = await shop.subs.create(wanted);
    expect([outcome, reason, subscription.state]).toEqual(["declined", "otp", "INCOMPLETE"]);
    const period = await shop.store.findPeriod(subscription.id, 1);
    const graceUntil = BOUNDARY + DAY;
    expect(period).toMatchObject({ state: "NEEDS_CARD", attempts: 1, nextAt: null, graceUntil });
    expect(subscription).toMatchObject({ cardId: empty.id, accessUntil: 0, nextAt: graceUntil });
    expect(await shop.kinds(subscription.id)).toEqual(["created", "needs_card"]);
  });
});

describe("what changes while a receipt is being made", () => {
  type Shop = Awaited<ReturnType<typeof atBoundary>>;
  /** Runs while `change` happens after the receipt is made. What comes after it is not looked at: the subscription is over. */
  const chargedWhile = async (change: (shop: Shop) => Promise<unknown>) => {
    const shop = await atBoundary();
    const { create } = shop.payments;
    const meanwhile: typeof create = async (wanted) => {
      const receipt = await create(wanted);
      await shop.set({ state: "ENDED" });
      await change(shop);
      return receipt;
    };
    const { subs } = shop.open({ payments: { ...shop.payments, register: () => {}, create: meanwhile } });
    expect(await shop.look(subs)).toEqual({ checked: 1, errors: 0 });
    return { pays: shop.calls("receipts.pay") - 1, receipt: shop.mock.receipts().at(-1)?.state };
  };

  it.each<[string, (shop: Shop) => Promise<unknown>]>([
    ["the owner cancels", (shop) => shop.set({ cancelAtEnd: true })],
    ["the price changes", (shop) => shop.set({ amount: som(40_000) })],
    ["the card changes", (shop) => shop.set({ cardId: "another" })],
    ["the consent is smaller", (shop) => shop.set({ consented: som(1_000) })],
    ["the card is removed", (shop) => shop.setCard({ state: "REMOVED" }, shop.card.id)],
    ["another process begins an attempt", (shop) => shop.setPeriod({ attempts: 1 })],
    ["another process charges", (shop) => shop.setPeriod({ state: "PAYING" })],
  ])("%s: nothing is charged, and the receipt stays", async (_name, change) => {
    expect(await chargedWhile(change)).toEqual({ pays: 0, receipt: 0 });
  });

  it.each<[string, (shop: Shop) => Promise<unknown>]>([
    ["the period is given up", (shop) => shop.setPeriod({ state: "VOID" })],
    ["another receipt is due", (shop) => shop.setPeriod({ k: 2 })],
  ])("%s: nothing is charged, and the receipt is cancelled", async (_name, change) => {
    expect(await chargedWhile(change)).toEqual({ pays: 0, receipt: 50 });
  });

  it("nothing: it is charged", async () => {
    expect(await chargedWhile(async () => {})).toEqual({ pays: 1, receipt: 4 });
  });
});

describe("a charge with no known end", () => {
  const unknown = async () => {
    const shop = await atBoundary();
    await shop.look(
      shop.paying(async () => ({ payment: {} as never, receiptId: null, status: "unknown", error: null })),
    );
    shop.pass(MINUTE);
    return shop;
  };

  it.each([
    ["says that it is unpaid", undefined],
    ["is away", { kind: "drop_before", method: "receipts.*" } as const],
  ])("is asked about again in five minutes where Payme %s", async (_name, fault) => {
    const shop = await unknown();
    if (fault !== undefined) shop.mock.faults.add(fault);
    expect(await shop.subs.run()).toEqual({ checked: 1, errors: 0 });
    expect(await shop.period()).toMatchObject({ state: "UNKNOWN", pays: 1, nextAt: BOUNDARY + 5 * MINUTE });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", nextAt: BOUNDARY + 5 * MINUTE });
  });

  it("is charged with another receipt where Payme says that the first is cancelled", async () => {
    const shop = await unknown();
    await shop.mock.cancel((await shop.period())?.receiptId ?? "");
    await shop.subs.run();
    expect(await shop.period()).toMatchObject({ state: "PAID", k: 2, pays: 2 });
    expect(shop.mock.receipts().map(({ state }) => state)).toEqual([4, 50, 4]);
  });

  it("is asked about, not given up, where its price changed meanwhile", async () => {
    const shop = await unknown();
    await shop.set({ amount: som(30_000) });
    await shop.subs.run();
    expect(await shop.period()).toMatchObject({ state: "UNKNOWN", k: 1, amount: som(50_000) });
    expect(shop.mock.receipts().map(({ state }) => state)).toEqual([4, 0]);
  });
});

describe("an unpaid period of another price", () => {
  const declined = async () => {
    const shop = await atBoundary();
    shop.mock.faults.add({ ...refusal(-31301, "СМС-информирование не подключено"), times: 1 });
    await shop.look();
    return shop;
  };

  it("that is higher waits for consent, with its receipt dead, in the grace that runs", async () => {
    const shop = await declined();
    shop.pass(DAY);
    await shop.subs.changePlan(shop.id, { amount: som(80_000), every: { days: 10 } });
    const until = BOUNDARY + GRACE;
    const anew = {
      k: 2,
      paymentId: null,
      receiptId: null,
      amount: som(80_000),
      end: BOUNDARY + 10 * DAY,
      nextAt: null,
    };
    expect(await shop.period()).toMatchObject({ state: "NEEDS_CONSENT", graceUntil: until, ...anew });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", accessUntil: until, nextAt: until });
    expect(await shop.last()).toMatchObject({
      kind: "subscription.needs_consent",
      data: { number: 2, amount: som(80_000), until },
    });
    expect(shop.mock.receipts().at(-1)?.state).toBe(50);
    expect(await shop.subs.consent(shop.id, som(80_000))).toMatchObject({ outcome: "active" });
    expect(shop.mock.movements.at(-1)?.amount).toBe(som(80_000));
  });

  it("that the owner agreed to is charged at once, less the credit", async () => {
    const shop = await declined();
    await shop.set({ credit: som(10_000) });
    await shop.subs.changePlan(shop.id, { amount: som(60_000), consented: true });
    expect(await shop.period()).toMatchObject({ state: "PAID", k: 2, amount: som(50_000), credit: som(10_000) });
    expect((await shop.kinds(shop.id)).slice(-2)).toEqual(["plan_changed", "renewed"]);
    expect(await shop.row()).toMatchObject({ credit: 0 });
  });

  it("stays as it is until Payme says that its receipt is dead, and is looked at after a minute", async () => {
    const shop = await declined();
    shop.mock.faults.add({ kind: "drop_before", method: "receipts.*" });
    await shop.subs.changePlan(shop.id, { amount: som(30_000) });
    expect(await shop.period()).toMatchObject({ state: "NEEDS_CARD", k: 1, amount: som(50_000) });
    expect(await shop.row()).toMatchObject({ nextAt: BOUNDARY + MINUTE });
    shop.pass(10 * MINUTE);
    await shop.look();
    expect(await shop.row()).toMatchObject({ nextAt: BOUNDARY + 20 * MINUTE });
    shop.pass(10 * HOUR);
    await shop.look();
    expect(await shop.row()).toMatchObject({ nextAt: shop.now() + HOUR });
    expect(shop.mock.receipts()).toHaveLength(2);
  });
});

describe("a payment that another process is at", () => {
  it.each([
    [2 * MINUTE - 1, { state: "DUE", nextAt: BOUNDARY + 2 * MINUTE }, 1],
    [2 * MINUTE, { state: "PAID", nextAt: null }, 2],
  ])("for %i ms: it is waited for two minutes from its beginning", async (passed, period, receipts) => {
    const shop = await atBoundary();
    const begun = { status: "PENDING", transactionId: null, createdAt: BOUNDARY } as never;
    const payments = { ...shop.payments, register: () => {}, findByReference: async () => begun };
    const { subs } = shop.open({ payments });
    shop.pass(passed);
    await shop.look(subs);
    expect(await shop.period()).toMatchObject(period);
    expect(shop.mock.receipts()).toHaveLength(receipts);
    if (receipts === 1) expect(await shop.row()).toMatchObject({ nextAt: BOUNDARY + 2 * MINUTE });
  });
});

it("no receipt is made for a card that Payme knows no more", async () => {
  const shop = await atBoundary();
  shop.mock.faults.add(refusal(-31400, "Карта не найдена", "cards.check"));
  await shop.look();
  expect(await shop.period()).toMatchObject({ state: "NEEDS_CARD", reason: "card", attempts: 0 });
  expect(shop.mock.receipts()).toHaveLength(1);
});

it.each([
  ["that is asked about", false],
  ["that is given up", true],
])(
  "money of a period %s that a person gave back before the books knew of it ends the access",
  async (_name, cancelAtEnd) => {
    const shop = await atBoundary();
    shop.mock.faults.add({ kind: "http_status", status: 503, method: "receipts.get" });
    await shop.look();
    await shop.mock.cancel((await shop.period())?.receiptId ?? "");
    shop.mock.faults.clear();
    await shop.set({ cancelAtEnd });
    shop.pass(HOUR);
    await shop.look();
    const back = { state: "REFUNDED", k: 1, nextAt: null, graceUntil: null };
    const period = await shop.period();
    expect(period).toMatchObject(back);
    expect(await shop.row()).toMatchObject({
      state: "ENDED",
      cause: "refunded",
      accessUntil: shop.now(),
      nextAt: null,
    });
    const events = (await shop.subs.story(shop.id))?.events.slice(-2);
    expect(events).toMatchObject([
      { kind: "subscription.refunded", data: { number: 2, amount: som(50_000), paymentId: period?.paymentId } },
      { kind: "subscription.ended", data: { cause: "refunded", until: shop.now() } },
    ]);
    expect(shop.debits()).toBe(2);
  },
);
