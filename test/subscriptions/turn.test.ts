import { describe, expect, it, vi } from "vitest";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { CardRow, SubscriptionRow } from "../../src/subscriptions/rows";
import { BOUNDARY, paidOnce, SECOND_BOUNDARY } from "./paid-once";
import { createSubscriptionShop, DAY, HOUR, MINUTE, premium, START } from "./shop";

/** Thirty days before the first moment of April 2099 in Tashkent: the card is good to March. */
const NOTICE = Date.UTC(2099, 3, 1) - 5 * HOUR - 30 * DAY;
const FUNDS = { kind: "rpc_error", code: -31630, message: "Недостаточно средств", method: "receipts.pay" } as const;

describe("a period that is being charged", () => {
  /** The second period, in the middle of its charge, as a process leaves it that died. */
  async function charging(ended: boolean) {
    const shop = await paidOnce();
    shop.at(BOUNDARY);
    shop.mock.faults.add({ kind: "rpc_error", code: -32400, method: "receipts.pay" });
    await shop.subs.run();
    shop.mock.faults.clear();
    const [attempt] = await shop.store.listAttempts(shop.id, { number: 2, limit: 1 });
    if (attempt === undefined) throw new Error("no attempt");
    await shop.setPeriod(2, { state: "PAYING", unknownAt: null, nextAt: BOUNDARY, repays: 0 });
    const open = { ...attempt, endedAt: null, outcome: null, reason: null };
    await shop.write((verbs) => verbs.saveAttempt(ended ? attempt : open));
    const read = async () => (await shop.store.listAttempts(shop.id, { number: 2, limit: 1 }))[0];
    return { ...shop, attempt, read };
  }

  it("is left alone for five minutes, then Payme is asked about it, and its attempt has no known end", async () => {
    const shop = await charging(false);
    const until = shop.attempt.startedAt + 5 * MINUTE;
    const before = shop.mock.exchanges.length;
    shop.at(until - 1);
    await shop.look();
    expect(shop.mock.exchanges.length).toBe(before);
    expect(await shop.row()).toMatchObject({ nextAt: until });
    expect(await shop.period(2)).toMatchObject({ state: "PAYING" });
    expect(await shop.read()).toMatchObject({ endedAt: null, outcome: null });
    shop.at(until);
    await shop.subs.run();
    expect(shop.mock.exchanges.length).toBeGreaterThan(before);
    expect(await shop.period(2)).toMatchObject({ state: "UNKNOWN", unknownAt: until, nextAt: until + MINUTE, pays: 1 });
    expect(await shop.read()).toEqual({ ...shop.attempt, endedAt: until, outcome: "unknown", reason: "unknown" });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", accessUntil: SECOND_BOUNDARY, nextAt: until + MINUTE });
    expect(shop.calls("receipts.pay")).toBe(2);
  });

  it("is asked about at once where its attempt has ended, which stays as it was", async () => {
    const shop = await charging(true);
    await shop.look();
    expect(await shop.period(2)).toMatchObject({ state: "UNKNOWN", unknownAt: shop.now() });
    expect(await shop.read()).toEqual(shop.attempt);
  });

  it("is asked about at once where it has no attempt and no payment, and nothing is sent", async () => {
    const shop = await paidOnce();
    const first = await shop.period(1);
    if (first === undefined) throw new Error("no period");
    shop.at(BOUNDARY);
    const second = { number: 2, start: BOUNDARY, end: SECOND_BOUNDARY, state: "PAYING", paymentId: null } as const;
    await shop.write((verbs) => verbs.addPeriod({ ...first, ...second, receiptId: null, paidAt: null }));
    await shop.set({ number: 2 });
    const before = shop.mock.exchanges.length;
    expect(await shop.look()).toEqual({ checked: 1, errors: 0 });
    expect(await shop.period(2)).toMatchObject({ state: "UNKNOWN", nextAt: BOUNDARY + MINUTE });
    expect(shop.mock.exchanges.length).toBe(before);
  });
});

describe("a subscription that is looked at", () => {
  it.each<[string, Partial<SubscriptionRow>, number | null]>([
    ["before its boundary waits for that", {}, BOUNDARY],
    ["before the end of what is paid, cancelled, waits for that", { cancelAtEnd: true }, BOUNDARY],
    ["paused waits for the notice of its card's expiry", { state: "PAUSED" }, NOTICE],
    ["ended waits for nothing", { state: "ENDED" }, null],
  ])("%s", async (_name, changes, nextAt) => {
    const onEnded = vi.fn();
    const shop = await paidOnce({ onEnded });
    shop.at(BOUNDARY - HOUR);
    await shop.set(changes);
    await shop.look();
    expect(await shop.row()).toMatchObject({ state: "ACTIVE", ...changes, nextAt });
    expect(onEnded).not.toHaveBeenCalled();
  });

  it.each(["PAUSED", "ENDED"] as const)("after its boundary, %s, is not charged", async (state) => {
    const shop = await paidOnce();
    await shop.set({ state });
    shop.at(SECOND_BOUNDARY);
    await shop.look();
    expect(await shop.row()).toMatchObject({ state, number: 1, nextAt: state === "PAUSED" ? NOTICE : null });
    expect(shop.debits()).toBe(1);
  });

  it("that was cancelled ends at the end of what is paid, and says so once", async () => {
    const onEnded = vi.fn();
    const shop = await paidOnce({ onEnded });
    await shop.subs.cancel(shop.id);
    shop.at(BOUNDARY);
    await shop.look();
    const ended = { state: "ENDED", cause: "asked", endedAt: BOUNDARY, accessUntil: BOUNDARY, nextAt: null };
    expect(await shop.row()).toMatchObject(ended);
    expect(await shop.last()).toMatchObject({
      kind: "subscription.ended",
      subject: shop.id,
      data: { owner: "u1", plan: "premium", cause: "asked", until: BOUNDARY },
    });
    expect(onEnded.mock.calls).toMatchObject([[ended, "asked", expect.anything()]]);
    expect(shop.debits()).toBe(1);
  });
});

describe("a period that is opened", () => {
  it("waits for the owner's consent to a higher price until the grace is over", async () => {
    const shop = await paidOnce();
    await shop.subs.changePlan(shop.id, { amount: som(80_000) });
    shop.at(BOUNDARY);
    await shop.look();
    const until = BOUNDARY + 3 * DAY;
    expect(await shop.period(2)).toMatchObject({ state: "NEEDS_CONSENT", nextAt: null, graceUntil: until });
    expect(await shop.row()).toMatchObject({ state: "PAST_DUE", accessUntil: until, nextAt: until });
    expect(await shop.last()).toMatchObject({
      kind: "subscription.needs_consent",
      data: { owner: "u1", plan: "premium", number: 2, amount: som(80_000), until },
    });
    await shop.look();
    expect([shop.debits(), (await shop.row())?.nextAt]).toEqual([1, until]);
    // Not before the owner agrees.
    await shop.setPeriod(2, { nextAt: BOUNDARY });
    shop.pass(HOUR);
    await shop.look();
    expect(shop.debits()).toBe(1);
  });

  it("as the first one of a subscription without consent has a day from its beginning, and gives no access", async () => {
    const shop = await paidOnce({}, { trialDays: 7 });
    await shop.set({ state: "INCOMPLETE", accessUntil: 0, anchor: START, amount: som(80_000) });
    shop.at(START + HOUR);
    await shop.look();
    const until = START + DAY;
    expect(await shop.period(1)).toMatchObject({ state: "NEEDS_CONSENT", nextAt: null, graceUntil: until });
    expect(await shop.row()).toMatchObject({ state: "INCOMPLETE", accessUntil: 0, nextAt: until });
    expect(await shop.last()).toMatchObject({ data: { number: 1, amount: som(80_000), until: 0 } });
  });

  it("after a missed one is the running one, from the very boundary on; an incident says which was free", async () => {
    const shop = await paidOnce();
    shop.at(Date.UTC(2026, 4, 15, 10, 30));
    await shop.look();
    expect((await shop.subs.story(shop.id))?.periods.map(({ number, state }) => [number, state])).toEqual([
      [5, "PAID"],
      [4, "VOID"],
      [3, "VOID"],
      [2, "VOID"],
      [1, "PAID"],
    ]);
    expect(await shop.period(2)).toMatchObject({ reason: "skipped", nextAt: null });
    const subject = `sub:${shop.id}:2:1`;
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "periods_skipped", subject, paymeId: subject, data: { from: 2, to: 4 } },
    ]);
  });

  it("has the plan, price and length that were to come from it", async () => {
    const shop = await paidOnce();
    await shop.subs.changePlan(shop.id, { plan: "basic", amount: som(15_000), every: { days: 10 } });
    shop.at(BOUNDARY);
    await shop.look();
    const anew = { plan: "basic", amount: som(15_000), anchor: BOUNDARY, firstNumber: 2, change: null };
    expect(await shop.row()).toMatchObject({ ...anew, accessUntil: BOUNDARY + 10 * DAY });
    expect(await shop.period(2)).toMatchObject({ start: BOUNDARY, end: BOUNDARY + 10 * DAY, amount: som(15_000) });
  });

  it.each([
    ["live", "premium"],
    ["ended", "gold"],
  ])("beside a %s subscription to the plan that was to come has the plan %s", async (other, plan) => {
    const shop = await paidOnce();
    await shop.subs.changePlan(shop.id, { plan: "gold", amount: som(40_000) });
    const { subscription } = await shop.subs.create({ ...premium, plan: "gold", card: shop.card.id });
    if (other === "ended") await shop.subs.cancel(subscription.id, { at: "now" });
    shop.at(BOUNDARY);
    await shop.look();
    expect(await shop.row()).toMatchObject({ plan, change: null });
    const kept = ((await shop.subs.story(shop.id))?.events ?? []).filter(
      ({ kind }) => kind === "subscription.plan_kept",
    );
    const data = { owner: "u1", plan: "premium", amount: som(50_000) };
    expect(kept).toMatchObject(other === "live" ? [{ data }] : []);
  });

  it("costs less by the credit, one som at least, and keeps its receipt for its retries", async () => {
    const shop = await paidOnce();
    await shop.set({ credit: som(50_000) });
    shop.at(BOUNDARY);
    shop.mock.faults.add({ ...FUNDS, times: 1 });
    await shop.look();
    expect(await shop.period(2)).toMatchObject({ amount: som(1), credit: som(49_999), state: "RETRY", k: 1 });
    shop.pass(2 * DAY);
    await shop.look();
    expect(await shop.period(2)).toMatchObject({ amount: som(1), state: "PAID", k: 1, pays: 2 });
    expect(await shop.row()).toMatchObject({ credit: som(1), accessUntil: SECOND_BOUNDARY });
    expect(shop.mock.movements.map(({ amount }) => amount)).toEqual([som(50_000), som(1)]);
  });
});

it("a first period that was missed until its day was over is not charged", async () => {
  const shop = createSubscriptionShop({ storage: memoryStorage() });
  const card = await shop.attach();
  shop.mock.faults.add({ kind: "drop_before", method: "receipts.*" });
  const { subscription } = await shop.subs.create({ ...premium, card: card.id });
  shop.mock.faults.clear();
  shop.at(START + DAY);
  await shop.subs.run();
  expect(await shop.subs.find(subscription.id)).toMatchObject({ state: "ENDED", cause: "unpaid" });
  expect(shop.debits()).toBe(0);
});

describe("the owner of a card is told of its expiry", () => {
  const YEAR_END = Date.UTC(2027, 0, 15, 10, 30);
  it.each<[number, number | null, number | null, number | null]>([
    [40 * DAY, null, null, 30],
    [30 * DAY + 1, null, null, 30],
    [30 * DAY, null, 30, 7],
    [29 * DAY, 30, null, 7],
    [7 * DAY, 30, 7, 1],
    [5 * DAY, null, 7, 1],
    [DAY, 7, 1, null],
    [HOUR, 1, null, null],
    [0, null, null, null],
    [0, 7, null, null],
  ])("%i ms before it, after the notice of %j days: that of %j, then that of %j", async (left, noticed, told, next) => {
    const shop = await paidOnce({}, { every: { months: 12 } });
    const expiresAt = shop.now() + left;
    await shop.setCard({ expiresAt, noticed });
    await shop.look();
    expect(await shop.row()).toMatchObject({ nextAt: next === null ? YEAR_END : expiresAt - next * DAY });
    expect(await shop.store.findCard(shop.card.id)).toMatchObject({ noticed: told ?? noticed });
    const expiring = {
      kind: "subscription.card_expiring",
      data: { owner: "u1", daysLeft: told, mask: shop.card.mask },
    };
    expect(await shop.last()).toMatchObject(told === null ? { kind: "subscription.renewed" } : expiring);
  });

  it.each<[string, Partial<CardRow>, Partial<SubscriptionRow>]>([
    ["is dead", { state: "DEAD" }, {}],
    ["has no date", { expiresAt: null }, {}],
    ["is charged no more", {}, { cancelAtEnd: true }],
  ])("not where it %s", async (_name, card, changes) => {
    const shop = await paidOnce({}, { every: { months: 12 } });
    await shop.setCard({ expiresAt: shop.now() + 5 * DAY, ...card });
    await shop.set(changes);
    await shop.look();
    expect(await shop.row()).toMatchObject({ nextAt: YEAR_END });
    expect(await shop.kinds(shop.id)).toEqual(["created", "renewed"]);
  });

  it("not where the card is gone", async () => {
    const shop = await paidOnce();
    await shop.set({ cardId: "gone" });
    expect(await shop.look()).toEqual({ checked: 1, errors: 0 });
    expect(await shop.row()).toMatchObject({ nextAt: BOUNDARY });
  });
});
