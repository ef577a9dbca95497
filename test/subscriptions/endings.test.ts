import { describe, expect, it } from "vitest";
import { aesSeal } from "../../src/entry/subscriptions";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { FaultRule } from "../../src/testing/mock/faults";
import { createSubscriptionShop, DAY, HOUR, premium, SEAL_KEY } from "./shop";

const OTHER = { number: "8600069195406311", expire: "0399" };
/** The first boundary: 15 February 2026, 15:30 in Tashkent. */
const BOUNDARY = Date.UTC(2026, 1, 15, 10, 30);
const SECOND_BOUNDARY = Date.UTC(2026, 2, 15, 10, 30);
const refusal = (code: number, message: string): FaultRule => ({
  kind: "rpc_error",
  code,
  message,
  method: "receipts.pay",
});

/** A shop with a paid first period, an hour before the second one, which is charged with a fault. */
async function atRenewal(rule?: FaultRule) {
  const shop = createSubscriptionShop({ storage: memoryStorage() });
  const card = await shop.attach();
  const { subscription } = await shop.subs.create({ ...premium, card: card.id });
  await shop.live(BOUNDARY - shop.now() - HOUR);
  if (rule !== undefined) shop.mock.faults.add(rule);
  const { id } = subscription;
  return {
    // Full hours are seen.
    shop: { ...shop, live: (ms: number) => shop.live(ms, HOUR / 2) },
    card,
    id,
    period: async () => (await shop.subs.story(id))?.periods[0],
    /** The days after the boundary on which the second period was tried, by the clock in Tashkent. */
    tries: async () =>
      ((await shop.subs.story(id))?.attempts ?? [])
        .filter(({ number }) => number === 2)
        .map(({ startedAt }) => new Date(startedAt + 5 * HOUR).toISOString().slice(5, 16))
        .reverse(),
    pays: () => shop.mock.exchanges.filter(({ method }) => method === "receipts.pay").length - 1,
    events: async () => (await shop.kinds(id)).slice(2),
  };
}

describe("a renewal that ends with", () => {
  it("no money: the same receipt on days 1, 3, 5, 7 at 10 o'clock, and access to the end of the grace", async () => {
    const { shop, tries, period, id } = await atRenewal(refusal(-31630, "Недостаточно средств"));
    await shop.live(HOUR + 10 * DAY - 6 * HOUR);
    expect(await tries()).toEqual(["02-15T15:30", "02-16T10:00", "02-18T10:00", "02-20T10:00", "02-22T10:00"]);
    expect(await shop.subs.access(premium)).toMatchObject({ active: true, because: "grace" });
    expect(shop.mock.receipts()).toHaveLength(2);
    await shop.live(2 * HOUR);
    expect(await period()).toMatchObject({ state: "VOID", pays: 5 });
    expect(await shop.subs.find(id)).toMatchObject({ state: "ENDED", cause: "unpaid" });
    expect(await shop.subs.access(premium)).toMatchObject({ active: false });
  });

  it("an unknown end: asked about, paid again daily with the same receipt, three times, then a person is told", async () => {
    const { shop, tries, period, pays, id } = await atRenewal(refusal(-32400, "Системная ошибка"));
    await shop.live(2 * HOUR);
    expect(await period()).toMatchObject({ state: "UNKNOWN", pays: 1 });
    await shop.live(22 * HOUR);
    expect(pays()).toBe(1);
    await shop.live(9 * DAY);
    expect((await tries()).map((at) => at.slice(0, 5))).toEqual(["02-15", "02-16", "02-17", "02-18"]);
    expect(pays()).toBe(4);
    expect(shop.mock.receipts()).toHaveLength(2);
    expect((await shop.payments.incidents.list()).map(({ kind }) => kind)).toContain("charge_unknown");
    expect(await shop.subs.access(premium)).toMatchObject({ active: true, until: SECOND_BOUNDARY });
    await shop.live(SECOND_BOUNDARY - shop.now() + HOUR);
    expect(await shop.subs.access(premium)).toMatchObject({ active: false });
    expect(pays()).toBe(4);
    // A person cancels: the receipt is dead first.
    await shop.subs.cancel(id);
    await shop.live(HOUR);
    expect(await period()).toMatchObject({ state: "VOID" });
    expect(shop.mock.receipts().at(-1)?.state).toBe(50);
  });

  it.each([-31400, -32500])("%i: the card is DEAD, another one is needed at once", async (code) => {
    const { shop, period, pays, id, card, events } = await atRenewal(refusal(code, "Карта не найдена"));
    await shop.live(2 * DAY);
    expect(await period()).toMatchObject({ state: "NEEDS_CARD", pays: 1 });
    expect((await shop.subs.cards.list("u1")).find((each) => each.id === card.id)?.state).toBe("DEAD");
    expect(await events()).toEqual(["needs_card"]);
    shop.mock.faults.clear();
    const other = await shop.attach("u1", OTHER);
    expect(await shop.subs.changeCard(id, other.id)).toMatchObject({ outcome: "active" });
    expect([pays(), shop.debits(), shop.mock.receipts().length]).toEqual([2, 2, 2]);
  });

  it("a demand for a code: another card is needed at once, and this one lives", async () => {
    const { shop, period, card } = await atRenewal(refusal(-31301, "СМС-информирование не подключено"));
    await shop.live(2 * DAY);
    expect(await period()).toMatchObject({ state: "NEEDS_CARD", reason: "otp", pays: 1 });
    expect((await shop.subs.cards.list("u1")).find((each) => each.id === card.id)?.state).toBe("ATTACHED");
  });

  it.each([
    ["card", refusal(-31640, "Списание не удалось")],
    ["limit", refusal(-31630, "Превышен лимит")],
  ])("a refusal for the %s: once more on the next day, then another card is needed", async (reason, rule) => {
    const { shop, period, tries, id } = await atRenewal(rule);
    await shop.live(3 * DAY);
    expect(await tries()).toEqual(["02-15T15:30", "02-16T10:00"]);
    expect(await period()).toMatchObject({ state: "NEEDS_CARD", reason });
    await shop.live(3 * DAY);
    expect(await shop.subs.find(id)).toMatchObject({ state: "ENDED", cause: "card" });
  });

  it("a blocked cashbox: a person is told, the owner is not, and keeps the access", async () => {
    const { shop, period, tries, events } = await atRenewal(refusal(-31601, "Поставщик заблокирован"));
    await shop.live(5 * DAY);
    expect(await tries()).toHaveLength(6);
    expect(await shop.subs.access(premium)).toMatchObject({ active: true });
    expect((await shop.payments.incidents.list()).map(({ kind }) => kind)).toContain("charge_blocked");
    expect(await events()).toEqual([]);
    shop.mock.faults.clear();
    await shop.live(DAY);
    expect(await period()).toMatchObject({ state: "PAID" });
    expect([shop.debits(), shop.mock.receipts().length]).toEqual([2, 2]);
  });
});

describe("a period that is not paid", () => {
  it("is paid for at most eight times, whatever cards come", async () => {
    const { shop, pays, id } = await atRenewal(refusal(-31630, "Недостаточно средств"));
    await shop.live(2 * HOUR);
    for (const number of Array.from({ length: 12 }, (_, index) => index)) {
      const card = await shop.attach("u1", number % 2 === 0 ? OTHER : undefined);
      await shop.subs.changeCard(id, card.id);
    }
    await shop.live(20 * DAY);
    expect(pays()).toBe(8);
    expect(await shop.subs.find(id)).toMatchObject({ state: "ENDED" });
  });

  it("has one grace: another card that fails resets neither it nor the pays", async () => {
    const { shop, period, id } = await atRenewal(refusal(-31400, "Карта не найдена"));
    await shop.live(2 * HOUR);
    const before = await period();
    expect(before?.graceUntil).toBe(BOUNDARY + 3 * DAY);
    await shop.live(2 * DAY);
    await shop.subs.changeCard(id, (await shop.attach("u1", OTHER)).id);
    expect(await period()).toMatchObject({ state: "NEEDS_CARD", pays: 2, graceUntil: before?.graceUntil });
    await shop.live(DAY);
    expect(await shop.subs.find(id)).toMatchObject({ state: "ENDED", accessUntil: before?.graceUntil });
  });

  it("is tried before it is given up where nobody was there for its retries", async () => {
    const { shop, period } = await atRenewal({ ...refusal(-31630, "Недостаточно средств"), times: 1 });
    await shop.live(2 * HOUR);
    shop.pass(20 * DAY);
    await shop.live(HOUR);
    expect(await period()).toMatchObject({ state: "PAID", pays: 2 });
  });

  it("of a new subscription has a day; a card changed meanwhile pays it", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const empty = await shop.attachEmpty();
    const { subscription } = await shop.subs.create({ ...premium, card: empty.id });
    await shop.live(23 * HOUR);
    expect(await shop.subs.find(subscription.id)).toMatchObject({ state: "INCOMPLETE" });
    await shop.live(2 * HOUR);
    expect(await shop.subs.find(subscription.id)).toMatchObject({ state: "ENDED", cause: "unpaid" });
    expect(shop.mock.receipts().at(-1)?.state).toBe(50);
    expect(shop.debits()).toBe(0);
  });
});

describe("a period that is being charged", () => {
  it("takes the card that was chosen meanwhile, where the first one is refused", async () => {
    let meanwhile = async () => {};
    const shop = createSubscriptionShop({
      storage: memoryStorage(),
      mock: { sleep: () => meanwhile() },
    });
    const card = await shop.attach();
    const other = await shop.attach("u1", OTHER);
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    shop.pass(31 * DAY);
    shop.mock.faults.add({ ...refusal(-31630, "Недостаточно средств"), delayMs: 1, times: 1 });
    meanwhile = async () => void (await shop.subs.changeCard(subscription.id, other.id));
    await shop.subs.run();
    const story = await shop.subs.story(subscription.id);
    expect(story?.periods[0]).toMatchObject({ number: 2, state: "PAID", pays: 2 });
    expect(story?.attempts[0]).toMatchObject({ cardId: other.id, outcome: "paid" });
    expect(shop.mock.receipts()).toHaveLength(2);
  });

  it("and cannot be given up while Payme is away, is looked at now and then, and not without end", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const empty = await shop.attachEmpty();
    const { subscription } = await shop.subs.create({ ...premium, card: empty.id });
    shop.pass(25 * HOUR);
    shop.mock.faults.add({ kind: "drop_before", method: "receipts.*" });
    expect(await shop.subs.run()).toEqual({ checked: 1, errors: 0 });
    expect(await shop.subs.run()).toEqual({ checked: 0, errors: 0 });
    shop.mock.faults.clear();
    await shop.live(2 * HOUR);
    expect(await shop.subs.find(subscription.id)).toMatchObject({ state: "ENDED", cause: "unpaid" });
  });
});

describe("a saved card", () => {
  it("that expires is told of 30, 7 and 1 days before, once each", async () => {
    const number = "8600999988887777";
    const shop = createSubscriptionShop({
      storage: memoryStorage(),
      mock: { cards: [{ number, expire: null, hasCvv: false }] },
    });
    const card = await shop.attach("u1", { number, expire: "0426" });
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    await shop.live(Date.UTC(2026, 4, 5) - shop.now());
    const events = (await shop.subs.story(subscription.id))?.events ?? [];
    const notices = events.filter(({ kind }) => kind === "subscription.card_expiring");
    // The first moment of May in Tashkent, less so many days.
    const expiry = Date.UTC(2026, 3, 30, 19);
    expect(notices.map(({ data }) => data)).toMatchObject([{ daysLeft: 30 }, { daysLeft: 7 }, { daysLeft: 1 }]);
    expect(notices.map(({ at }) => Math.ceil((expiry - at) / DAY))).toEqual([30, 7, 1]);
  });

  it("is asked about before a charge where the last answer is a week old", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const card = await shop.attach();
    await shop.subs.create({ ...premium, every: { days: 2 }, card: card.id });
    await shop.live(16 * DAY);
    expect(shop.debits()).toBe(9);
    // When it was attached, and on days 8 and 16.
    expect(shop.mock.exchanges.filter(({ method }) => method === "cards.check")).toHaveLength(3);
  });

  it("outlives a rotation of the seal's keys", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const card = await shop.attach();
    await shop.subs.create({ ...premium, card: card.id });
    const newest = Buffer.alloc(32, 9).toString("base64");
    const both = shop.open({ seal: aesSeal([newest, SEAL_KEY]) });
    expect(await both.subs.cards.reseal()).toEqual({ checked: 1, resealed: 1, failed: 0 });
    expect(await both.subs.cards.reseal()).toEqual({ checked: 0, resealed: 0, failed: 0 });
    shop.pass(31 * DAY);
    await shop.open({ seal: aesSeal([newest]) }).subs.run();
    expect(shop.debits()).toBe(2);
  });
});

describe("a plan", () => {
  it("gives one trial to an owner", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const card = await shop.attach();
    const wanted = { ...premium, card: card.id, trialDays: 7 };
    const { subscription, outcome } = await shop.subs.create(wanted);
    expect([outcome, shop.debits()]).toEqual(["trialing", 0]);
    await shop.subs.cancel(subscription.id);
    expect(await shop.subs.create(wanted)).toMatchObject({ outcome: "active" });
    expect(shop.debits()).toBe(1);
  });

  it("that costs more waits for the owner's consent", async () => {
    const { shop, id, period } = await atRenewal();
    await shop.subs.changePlan(id, { amount: som(80_000) });
    await shop.live(2 * HOUR);
    expect(await period()).toMatchObject({ number: 2, state: "NEEDS_CONSENT", amount: som(80_000) });
    expect(shop.debits()).toBe(1);
    expect(await shop.subs.consent(id, som(80_000))).toMatchObject({ outcome: "active" });
    expect(shop.mock.movements.map(({ amount }) => amount)).toEqual([som(50_000), som(80_000)]);
  });

  it("that costs more ends after the grace without consent", async () => {
    const { shop, id } = await atRenewal();
    await shop.subs.changePlan(id, { amount: som(80_000) });
    await shop.live(4 * DAY);
    expect(await shop.subs.find(id)).toMatchObject({ state: "ENDED", cause: "unpaid" });
    expect(shop.debits()).toBe(1);
  });

  it("of another price while a period is unpaid is another receipt, once the first is dead", async () => {
    const { shop, id, period } = await atRenewal(refusal(-31630, "Недостаточно средств"));
    await shop.live(2 * HOUR);
    shop.mock.faults.clear();
    await shop.subs.changePlan(id, { amount: som(30_000) });
    expect(await period()).toMatchObject({ state: "PAID", k: 2, amount: som(30_000) });
    expect(shop.mock.receipts().map(({ state }) => state)).toEqual([4, 50, 4]);
  });

  it("of another length while a period is unpaid moves the end of that period, with the same receipt", async () => {
    const { shop, id, period } = await atRenewal(refusal(-31630, "Недостаточно средств"));
    await shop.live(2 * HOUR);
    shop.mock.faults.clear();
    await shop.subs.changePlan(id, { every: { months: 2 } });
    await shop.live(2 * DAY);
    expect(await period()).toMatchObject({ state: "PAID", end: Date.UTC(2026, 3, 15, 10, 30) });
    expect(shop.mock.receipts()).toHaveLength(2);
    expect(await shop.subs.find(id)).toMatchObject({ accessUntil: Date.UTC(2026, 3, 15, 10, 30) });
  });

  it("changed now for days: what is left of the money buys time of the dearer one", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, every: { days: 30 }, card: card.id });
    await shop.live(10 * DAY);
    const changed = { plan: "gold", amount: som(100_000), at: "now", prorate: "days", consented: true } as const;
    await shop.subs.changePlan(subscription.id, changed);
    // 20 of 30 days at half the price are 10 days.
    await shop.live(10 * DAY - HOUR);
    expect(shop.debits()).toBe(1);
    await shop.live(2 * HOUR);
    expect(shop.mock.movements.map(({ amount }) => amount)).toEqual([som(50_000), som(100_000)]);
  });

  it("changed now for an amount: the next price is so much smaller", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, every: { days: 30 }, card: card.id });
    await shop.live(15 * DAY);
    await shop.subs.changePlan(subscription.id, { amount: som(20_000), at: "now", prorate: "amount" });
    await shop.live(45 * DAY + HOUR);
    // Half of 50,000 less half of 20,000 are 15,000.
    expect(shop.mock.movements.map(({ amount }) => amount)).toEqual([som(50_000), som(5_000), som(20_000)]);
  });

  it("changed before anything is paid gives no credit", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const empty = await shop.attachEmpty();
    const { subscription } = await shop.subs.create({ ...premium, card: empty.id });
    await shop.subs.changePlan(subscription.id, { amount: som(20_000), at: "now", prorate: "amount" });
    const card = await shop.attach();
    await shop.subs.changeCard(subscription.id, card.id);
    expect(shop.mock.movements.map(({ amount }) => amount)).toEqual([som(20_000)]);
  });

  it("that the owner has taken meanwhile does not come a second time", async () => {
    const { shop, id, card } = await atRenewal();
    await shop.subs.changePlan(id, { plan: "gold" });
    await shop.subs.create({ ...premium, plan: "gold", card: card.id });
    await shop.live(2 * HOUR);
    expect(await shop.subs.find(id)).toMatchObject({ plan: "premium", state: "ACTIVE", number: 2 });
    const live = (await shop.subs.list({ owner: "u1", plan: "gold" })).filter(({ state }) => state !== "ENDED");
    expect(live).toHaveLength(1);
  });

  it("that was cancelled now, and refunded then, gives nothing any more", async () => {
    const { shop, id } = await atRenewal();
    await shop.subs.cancel(id, { at: "now" });
    expect(await shop.subs.access(premium)).toMatchObject({ active: true });
    const paid = (await shop.subs.story(id))?.periods[0]?.paymentId;
    await shop.payments.refund(paid ?? "");
    expect(await shop.subs.access(premium)).toMatchObject({ active: false });
  });
});

describe("a period whose money a person gave back before the books knew of it", () => {
  it("is not charged again: it is refunded, and the subscription ends", async () => {
    const { shop, id, period } = await atRenewal({
      kind: "http_status",
      status: 503,
      method: "receipts.get",
    });
    await shop.live(2 * HOUR);
    expect(await period()).toMatchObject({ state: "UNKNOWN" });
    expect(shop.debits()).toBe(2);
    await shop.mock.cancel((await period())?.receiptId ?? "");
    shop.mock.faults.clear();
    await shop.live(40 * DAY);
    expect(await period()).toMatchObject({ number: 2, state: "REFUNDED" });
    expect(await shop.subs.find(id)).toMatchObject({ state: "ENDED", cause: "refunded" });
    expect(await shop.subs.access(premium)).toMatchObject({ active: false });
    expect(shop.debits()).toBe(2);
  });
});
