import { describe, expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { aesSeal, createSubscriptions, type Interval, type Seal } from "../../src/entry/subscriptions";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { memorySubscriptionStore } from "../../src/subscriptions/memory-subscription-store";
import type { SubscriptionVerbs } from "../../src/subscriptions/subscription-store";
import type { FaultRule } from "../../src/testing/mock/faults";
import { verifiedToken } from "../mock/kit";
import { createSubscriptionShop, DAY, HOUR, MINUTE, premium, SEAL_KEY } from "./shop";

const refusal = (code: number, message: string, method = "receipts.pay"): FaultRule => ({
  kind: "rpc_error",
  code,
  message,
  method,
});
const FUNDS = refusal(-31630, "Недостаточно средств");
const BLOCKED = "Поставщик заблокирован";

/** A subscription whose first period is paid. */
async function paidShop(wanted: { every?: Interval } = {}) {
  const storage = memoryStorage();
  const shop = createSubscriptionShop({ storage });
  const card = await shop.attach();
  const { subscription } = await shop.subs.create({ ...premium, ...wanted, card: card.id });
  const story = async () => (await shop.subs.story(subscription.id)) ?? { periods: [] };
  const incidents = async () => (await shop.payments.incidents.list()).map(({ kind }) => kind);
  return { ...shop, storage, card, id: subscription.id, story, incidents };
}

describe("days of a dearer plan that the old one paid for", () => {
  it.each(["cancel", "no consent", "no money"])("end where they end: %s", async (how) => {
    const shop = await paidShop({ every: { months: 12 } });
    await shop.live(DAY);
    await shop.subs.changePlan(shop.id, {
      plan: "gold",
      amount: som(1_000_000),
      every: { months: 1 },
      at: "now",
      prorate: "days",
      consented: how !== "no consent",
    });
    if (how === "cancel") await shop.subs.cancel(shop.id);
    if (how === "no money") shop.mock.faults.add(FUNDS);
    await shop.live(30 * DAY, 6 * HOUR);
    expect(await shop.subs.access({ owner: "u1", plan: "gold" })).toMatchObject({ active: false });
    expect(shop.debits()).toBe(1);
  });

  it("of a year at the same price by the month are the rest of the year", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    shop.at(Date.UTC(2026, 0, 31, 10, 30));
    const { id } = await shop.attach();
    const year = { ...premium, amount: som(600_000), every: { months: 12 }, card: id };
    const { subscription } = await shop.subs.create(year);
    await shop.live(DAY, 6 * HOUR);
    const month = { amount: som(50_000), every: { months: 1 }, at: "now", prorate: "days" } as const;
    const changed = await shop.subs.changePlan(subscription.id, month);
    expect(Math.abs(Date.UTC(2027, 0, 31, 10, 30) - changed.subscription.anchor)).toBeLessThan(2 * DAY);
  });
});

describe("a period that cannot be sent", () => {
  it("for a seal that opens no card is an incident", async () => {
    const shop = await paidShop();
    const lost = shop.open({ seal: aesSeal([Buffer.alloc(32, 9).toString("base64")]) });
    shop.pass(31 * DAY);
    await lost.subs.run();
    expect(await shop.incidents()).toEqual(["charge_blocked"]);
  });

  it("for more than two days is an incident, and closes where it is paid in the end", async () => {
    const shop = await paidShop();
    await shop.live(31 * DAY - HOUR, 6 * HOUR);
    shop.mock.faults.add({ kind: "drop_before", method: "receipts.*" });
    await shop.live(12 * HOUR);
    expect(await shop.incidents()).toEqual([]);
    await shop.live(3 * DAY);
    expect(await shop.incidents()).toEqual(["charge_blocked"]);
    shop.mock.faults.clear();
    await shop.live(DAY);
    expect([shop.debits(), await shop.incidents()]).toEqual([2, []]);
  });

  it.each<[string, FaultRule]>([
    ["unavailable", { kind: "drop_before", method: "receipts.*" }],
    ["merchant", refusal(-31601, BLOCKED, "receipts.create")],
  ])("and is the first one is declined (%s), and waits for its payer", async (reason, rule) => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const card = await shop.attach();
    shop.mock.faults.add(rule);
    const first = await shop.subs.create({ ...premium, card: card.id });
    expect(first).toMatchObject({ outcome: "declined", reason });
    shop.mock.faults.clear();
    await shop.live(3 * HOUR, 5 * MINUTE);
    expect(shop.debits()).toBe(0);
    expect(await shop.subs.create({ ...premium, card: card.id })).toMatchObject({ outcome: "active", reused: true });
    expect([shop.debits(), await shop.payments.incidents.list()]).toEqual([1, []]);
  });

  it("since the cashbox is blocked for weeks ends in an incident that stays", async () => {
    const shop = await paidShop();
    shop.mock.faults.add(refusal(-31601, BLOCKED));
    await shop.live(60 * DAY, 6 * HOUR);
    expect(await shop.subs.find(shop.id)).toMatchObject({ state: "ENDED", cause: "unpaid" });
    expect(await shop.incidents()).toEqual(["charge_blocked"]);
  });

  it("since its receipt neither ends nor can be cancelled is an incident after two days", async () => {
    const shop = await paidShop();
    await shop.live(30 * DAY, 6 * HOUR);
    shop.mock.faults.add(FUNDS);
    await shop.live(DAY + 6 * HOUR, HOUR);
    shop.mock.faults.clear();
    for (const method of ["receipts.check", "receipts.get", "receipts.cancel", "receipts.pay"])
      shop.mock.faults.add(refusal(-31602, "Чек не найден", method));
    await shop.live(10 * DAY, 3 * HOUR);
    expect(await shop.incidents()).toContain("charge_blocked");
  });
});

describe("a subscription of another cashbox on the same database", () => {
  it.each(["cancel", "changeCard", "consent", "changePlan", "pause", "resume"] as const)(
    "is not there for %s: its charge is not seen here",
    async (call) => {
      const storage = memoryStorage();
      const a = createSubscriptionShop({ storage, payments: { cashbox: "a" } });
      const card = await a.attach();
      const { subscription } = await a.subs.create({ ...premium, card: card.id });
      const payments = createPayments({ storage, client: a.client, now: a.now, cashbox: "b" });
      const b = createSubscriptions({ payments, seal: aesSeal([SEAL_KEY]) });
      a.pass(32 * DAY);
      a.mock.faults.add({ kind: "http_status", status: 503, method: "receipts.get" });
      await a.subs.run();
      a.mock.faults.clear();
      a.pass(25 * HOUR);
      const calls = {
        cancel: () => b.cancel(subscription.id),
        changeCard: () => b.changeCard(subscription.id, card.id),
        consent: () => b.consent(subscription.id, som(50_000)),
        changePlan: () => b.changePlan(subscription.id, { amount: som(40_000) }),
        pause: () => b.pause(subscription.id),
        resume: () => b.resume(subscription.id),
      };
      await expect(calls[call]()).rejects.toMatchObject({ code: "NOT_FOUND" });
      await b.run();
      expect([await b.find(subscription.id), await b.story(subscription.id)]).toEqual([undefined, undefined]);
      expect((await a.subs.story(subscription.id))?.periods[0]?.state).toBe("UNKNOWN");
      expect(a.debits()).toBe(2);
    },
  );

  it("nor is its card", async () => {
    const storage = memoryStorage();
    const a = createSubscriptionShop({ storage, payments: { cashbox: "a" } });
    const card = await a.attach();
    const payments = createPayments({ storage, client: a.client, now: a.now, cashbox: "b" });
    const b = createSubscriptions({ payments, seal: aesSeal([SEAL_KEY]) });
    await expect(b.create({ ...premium, card: card.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(b.cards.remove(card.id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await a.subs.cards.list("u1")).toMatchObject([{ state: "ATTACHED" }]);
  });
});

describe("a period that a person refunds in the cabinet", () => {
  it.each([
    [28, 15],
    [30, 15],
    [7, 4],
    [30, 1.5],
    [30, 29.9],
  ])("of %d days, on day %d: no other charge, and no access", async (days, on) => {
    const shop = await paidShop({ every: { days } });
    await shop.live(on * DAY, 6 * HOUR);
    await shop.mock.cancel((await shop.story()).periods[0]?.receiptId ?? "");
    await shop.live((days + 8 - on) * DAY, 6 * HOUR);
    expect(shop.debits()).toBe(1);
    expect(await shop.subs.find(shop.id)).toMatchObject({ state: "ENDED", cause: "refunded" });
    expect(await shop.subs.access(premium)).toMatchObject({ active: false });
  });

  it("is looked for once, and a look that fails stops no charge", async () => {
    const shop = await paidShop();
    const [first] = (await shop.story()).periods;
    const looks = () =>
      shop.mock.exchanges.filter(
        ({ method, request }) =>
          method === "receipts.check" && JSON.stringify(request).includes(String(first?.receiptId)),
      ).length;
    const before = looks();
    await shop.live(32 * DAY, 6 * HOUR);
    expect(looks()).toBe(before + 1);
    shop.mock.faults.add({ ...refusal(-32400, "Системная ошибка", "receipts.check"), times: 1 });
    await shop.live(30 * DAY, 6 * HOUR);
    expect(shop.debits()).toBe(3);
  });
});

describe("consent", () => {
  it("is to the price of the plan, not to what a credit leaves of it", async () => {
    const shop = await paidShop({ every: { days: 30 } });
    await shop.live(DAY);
    await shop.subs.changePlan(shop.id, { plan: "small", amount: som(10_000), at: "now", prorate: "amount" });
    await shop.subs.changePlan(shop.id, { plan: "gold", amount: som(80_000) });
    await shop.live(30 * DAY, 6 * HOUR);
    expect(shop.debits()).toBe(1);
    expect((await shop.story()).periods[0]).toMatchObject({ state: "NEEDS_CONSENT" });
    expect(await shop.subs.consent(shop.id, som(80_000))).toMatchObject({ outcome: "active" });
  });

  it.each<[string, { days: number } | { months: number }, number, number]>([
    ["a day instead of a month at the same price asks", { days: 1 }, 50_000, 1],
    ["a week for what makes more in a month asks", { days: 7 }, 12_000, 1],
    ["a week for what makes less in a month does not", { days: 7 }, 10_000, 2],
    ["30 days instead of a month at the same price do not", { days: 30 }, 50_000, 2],
  ])("%s", async (_name, every, price, debits) => {
    const shop = await paidShop();
    await shop.subs.changePlan(shop.id, { every, amount: som(price) });
    await shop.live(31 * DAY + HOUR, 6 * HOUR);
    expect(shop.debits()).toBe(debits);
  });

  it("that came in time counts, though nobody was there to charge before the grace ended", async () => {
    const shop = await paidShop();
    await shop.subs.changePlan(shop.id, { amount: som(80_000) });
    await shop.live(32 * DAY, 6 * HOUR);
    const store = memorySubscriptionStore(shop.storage);
    let locks = 0;
    const lockOnce = (verbs: SubscriptionVerbs) => async (id: string) => {
      locks += 1;
      if (locks > 1) throw new Error("the process was killed");
      return verbs.lockSubscription(id);
    };
    const using: typeof store.using = (tx) => {
      const verbs = store.using(tx);
      return { ...verbs, lockSubscription: lockOnce(verbs) };
    };
    const dying = shop.open({ store: { ...store, using } });
    await expect(dying.subs.consent(shop.id, som(80_000))).rejects.toThrow("killed");
    shop.pass(20 * DAY);
    await shop.subs.run();
    expect(shop.debits()).toBe(2);
  });

  it("that never comes has one grace, whatever prices follow", async () => {
    const shop = await paidShop();
    await shop.live(30 * DAY, 6 * HOUR);
    await shop.subs.changePlan(shop.id, { amount: som(80_000) });
    await shop.live(DAY + 6 * HOUR, 6 * HOUR);
    for (let turn = 0; turn < 4; turn += 1) {
      await shop.subs.changePlan(shop.id, { amount: som(80_001 + turn) }).catch(() => {});
      await shop.live(DAY, 6 * HOUR);
    }
    expect(await shop.subs.find(shop.id)).toMatchObject({ state: "ENDED", cause: "unpaid" });
  });
});

it("a first period is charged to the card that its payer chose, or to none", async () => {
  const shop = createSubscriptionShop({ storage: memoryStorage() });
  const chosen = await shop.attach();
  await shop.attach("u1", { number: "8600069195406311", expire: "0399" });
  shop.pass(8 * DAY);
  shop.mock.faults.add({ ...refusal(-31400, "Карта не найдена", "cards.check"), times: 1 });
  const { outcome } = await shop.subs.create({ ...premium, card: chosen.id });
  expect([outcome, shop.debits()]).toEqual(["declined", 0]);
});

it("another price moves no boundary: 31 January, 28 February, 31 March", async () => {
  const shop = createSubscriptionShop({ storage: memoryStorage() });
  shop.at(Date.UTC(2026, 0, 31, 10, 30));
  const card = await shop.attach();
  const { subscription } = await shop.subs.create({ ...premium, card: card.id });
  await shop.live(DAY);
  await shop.subs.changePlan(subscription.id, { amount: som(40_000) });
  await shop.live(60 * DAY, 6 * HOUR);
  const periods = (await shop.subs.story(subscription.id))?.periods ?? [];
  const days = periods.map(({ start }) => new Date(start + 5 * HOUR).toISOString().slice(0, 10));
  expect(days).toEqual(["2026-03-31", "2026-02-28", "2026-01-31"]);
});

it("what was paid for a year is not forgotten behind ten that were given up", async () => {
  const shop = await paidShop({ every: { months: 12 } });
  await shop.subs.cancel(shop.id, { at: "now" });
  const empty = await shop.attachEmpty();
  for (let turn = 0; turn < 10; turn += 1) {
    shop.pass(DAY);
    const next = await shop.subs.create({ ...premium, every: { months: 12 }, card: empty.id });
    await shop.subs.cancel(next.subscription.id, { at: "now" });
  }
  expect(await shop.subs.access(premium)).toMatchObject({ active: true, subscriptionId: shop.id });
});

it.each(["current", "each"] as const)(
  "a cancel taken back after an outage charges no month without access: %s",
  async (catchUp) => {
    const shop = createSubscriptionShop({ storage: memoryStorage(), subscriptions: { catchUp } });
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    await shop.subs.cancel(subscription.id);
    shop.pass(100 * DAY);
    await shop.subs.resume(subscription.id);
    for (let turn = 0; turn < 5; turn += 1) await shop.subs.run();
    expect(shop.debits()).toBe(2);
  },
);

it("a change of a part keeps the rest of the change that is to come", async () => {
  const shop = await paidShop();
  await shop.subs.changePlan(shop.id, { plan: "basic", amount: som(30_000) });
  const { subscription } = await shop.subs.changePlan(shop.id, { amount: som(20_000) });
  expect(subscription.change).toEqual({ plan: "basic", amount: som(20_000), every: { months: 1 } });
});

it("no token is in a log or an error where a seal of the shop has it in its own", async () => {
  const shop = createSubscriptionShop({ storage: memoryStorage() });
  await shop.attach();
  const tokens: string[] = [];
  const good = aesSeal([SEAL_KEY]);
  const quoting: Seal = {
    wrap(token) {
      tokens.push(token);
      throw new Error(`KMS: cannot encrypt "${token}"`);
    },
    unwrap: good.unwrap,
    isNewest: () => false,
  };
  const kms = shop.open({ seal: quoting });
  expect(await kms.subs.cards.reseal()).toMatchObject({ checked: 1, failed: 1 });
  const token = await verifiedToken(shop.mock, { card: { number: "8600069195406311", expire: "0399" } });
  const refused = await kms.subs.cards
    .attach({ owner: "u1", token, consent: { text: "yes", version: "1" } })
    .catch(String);
  expect(tokens).toHaveLength(2);
  for (const each of tokens) expect(shop.lines.join("\n") + refused).not.toContain(each);
});
