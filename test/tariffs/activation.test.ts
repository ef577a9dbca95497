import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { sqliteStorage } from "../../src/entry/sqlite";
import { createTariffs } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import type { PaymentRow, Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { DAY, type Market, marketOver, markets } from "./market";
import { openMemory } from "./open-stores";
import { receiptId, receiptsClient } from "./receipts-client";

const userId = "user-1";

describe.each(markets)("a paid payment (%s)", (_name, open) => {
  it("gives its tariff from the moment our books know of it, for its days", async () => {
    const { tariffs, premium, buy, user, now, activations } = await open();
    const payment = await buy(userId, premium.id);
    const expiresAt = now() + 30 * DAY;
    expect(await user(userId)).toEqual({ id: userId, tariffId: premium.id, tariffExpiresAt: expiresAt });
    expect(await tariffs.current(userId)).toMatchObject({ tariffId: premium.id, expiresAt, tariff: premium });
    expect(activations).toMatchObject([{ userId, tariffId: premium.id, expiresAt, payment: { id: payment.id } }]);
  });

  it("paid a day after it was made starts when it was paid", async () => {
    const { premium, order, pay, user, now, pass } = await open();
    const payment = await order(userId, premium.id);
    pass(DAY);
    await pay(payment);
    expect(await user(userId)).toMatchObject({ tariffExpiresAt: now() + 30 * DAY });
  });

  it("reported late gives all its days all the same", async () => {
    const { tariffs, premium, order, user, now } = await open();
    const { id, amount } = await order(userId, premium.id);
    // The guide's own example of a notification is years old.
    await tariffs.payments.recordPaid({ paymeId: receiptId(id), amount, paidAt: 1_642_234_567_000, source: "gateway" });
    expect(await user(userId)).toMatchObject({ tariffId: premium.id, tariffExpiresAt: now() + 30 * DAY });
    expect((await tariffs.payments.find(id))?.paidAt).toBe(1_642_234_567_000);
  });

  it("reported 200 times at once gives it once", async () => {
    const { premium, order, pay, grants, activations, user, now } = await open();
    const payment = await order(userId, premium.id);
    const reports = await Promise.all(Array.from({ length: 200 }, () => pay(payment)));
    expect(reports.filter(({ outcome }) => outcome === "applied")).toHaveLength(1);
    expect(await grants(userId)).toHaveLength(1);
    expect(activations).toHaveLength(1);
    expect(await user(userId)).toMatchObject({ tariffExpiresAt: now() + 30 * DAY });
  });

  it("with another amount gives nothing", async () => {
    const { tariffs, premium, order, grants } = await open();
    const payment = await order(userId, premium.id);
    const paymeId = receiptId(payment.id);
    const less = await tariffs.payments.recordPaid({ paymeId, amount: som(49_999), paidAt: 1, source: "gateway" });
    expect(less).toMatchObject({ outcome: "conflict", incident: "amount_mismatch" });
    expect(await grants(userId)).toEqual([]);
  });

  it("for a tariff that changed or went off sale meanwhile gives what was bought", async () => {
    const { tariffs, premium, order, pay, user, now } = await open();
    const payment = await order(userId, premium.id);
    await tariffs.change(premium.id, { name: "Smaller", price: som(60_000), durationDays: 7 });
    await tariffs.deactivate(premium.id);
    await pay(payment);
    expect(await user(userId)).toMatchObject({ tariffId: premium.id, tariffExpiresAt: now() + 30 * DAY });
  });

  it("that keeps only the id of its tariff gives that tariff, as it is sold today", async () => {
    const { order, pay, premium, user, now, rewriteData } = await open();
    const payment = await order(userId, premium.id);
    await rewriteData(payment.id, { note: "from before snapshots", tariffId: premium.id });
    await pay(payment);
    expect(await user(userId)).toMatchObject({ tariffId: premium.id, tariffExpiresAt: now() + 30 * DAY });
  });

  it("for a tariff whose row was deleted by hand gives what was bought", async () => {
    const { tariffs, premium, order, pay, user, now, deleteTariff, incidents } = await open();
    const payment = await order(userId, premium.id);
    await deleteTariff(premium.id);
    expect((await pay(payment)).outcome).toBe("applied");
    expect(incidents).toEqual([]);
    expect(await user(userId)).toEqual({ id: userId, tariffId: null, tariffExpiresAt: now() + 30 * DAY });
    expect(await tariffs.current(userId)).toMatchObject({
      tariffId: premium.id,
      tariff: { name: "Premium", price: som(50_000), durationDays: 30, isActive: false },
    });
  });

  it("that is not for a tariff gives none, and is paid", async () => {
    const { tariffs, pay, grants, activations } = await open();
    const { payment } = await tariffs.payments.create({ amount: som(1), userId });
    expect((await pay(payment)).outcome).toBe("applied");
    expect(await grants(userId)).toEqual([]);
    expect(activations).toEqual([]);
  });

  it("cheaper than what runs, paid all the same, starts when that has ended", async () => {
    const { tariffs, basic, premium, order, pay, now, pass } = await open();
    const start = now();
    const [cheap, dear] = [await order(userId, basic.id), await order(userId, premium.id)];
    await pay(dear);
    pass(DAY);
    await pay(cheap);
    expect(await tariffs.current(userId)).toMatchObject({ tariffId: premium.id, expiresAt: start + 30 * DAY });
    pass(29 * DAY);
    expect(await tariffs.current(userId)).toMatchObject({ tariffId: basic.id, expiresAt: start + 60 * DAY });
  });

  it("16 different ones of one user at once: 16 paid, 16 grants, the end exactly 16 durations away", async () => {
    const { tariffs, premium, order, pay, grants, user, now } = await open();
    const payments: PaymentRow[] = [];
    for (let count = 0; count < 16; count += 1) payments.push(await order(userId, premium.id));
    await Promise.all(payments.map(pay));
    expect(await tariffs.payments.statistics()).toMatchObject({ paid: 16 });
    expect(await grants(userId)).toHaveLength(16);
    expect(await user(userId)).toMatchObject({ tariffExpiresAt: now() + 16 * 30 * DAY });
  });
});

describe.each(markets)("a refund (%s)", (_name, open) => {
  it("takes back exactly what the payment gave, once", async () => {
    const { premium, buy, refund, user, now, pass } = await open();
    const start = now();
    const first = await buy(userId, premium.id);
    await buy(userId, premium.id);
    pass(DAY);
    const refunds = await Promise.all(Array.from({ length: 20 }, () => refund(first)));
    expect(refunds.filter(({ outcome }) => outcome === "applied")).toHaveLength(1);
    expect(await user(userId)).toMatchObject({ tariffId: premium.id, tariffExpiresAt: start + 30 * DAY });
  });

  it("of the only payment leaves nothing", async () => {
    const { tariffs, premium, buy, refund, user } = await open();
    await refund(await buy(userId, premium.id));
    expect(await user(userId)).toEqual({ id: userId, tariffId: null, tariffExpiresAt: null });
    expect(await tariffs.current(userId)).toEqual({
      userId,
      tariffId: null,
      expiresAt: null,
      tariff: null,
      timetable: [],
    });
  });

  it("of a dearer one brings back the one that it interrupted, as if it had never been", async () => {
    const { basic, premium, buy, refund, user, now, pass } = await open();
    const start = now();
    await buy(userId, basic.id);
    pass(10 * DAY);
    const dear = await buy(userId, premium.id);
    expect(await user(userId)).toMatchObject({ tariffId: premium.id, tariffExpiresAt: start + 40 * DAY });
    pass(DAY);
    await refund(dear);
    expect(await user(userId)).toMatchObject({ tariffId: basic.id, tariffExpiresAt: start + 30 * DAY });
  });

  it("racing the payment leaves paid with a grant, or refunded without", async () => {
    const { tariffs, premium, order, pay, refund, grants } = await open();
    for (let round = 0; round < 10; round += 1) {
      const payment = await order(`user-${round}`, premium.id);
      await Promise.all(round % 2 === 0 ? [pay(payment), refund(payment)] : [refund(payment), pay(payment)]);
      const status = (await tariffs.payments.find(payment.id))?.status;
      expect(await grants(`user-${round}`)).toHaveLength(status === "PAID" ? 1 : 0);
    }
  });

  it("in whatever order among payments and refunds of one set, ends in one timetable", async () => {
    const sets = fc.uniqueArray(step, { selector: ({ number }) => number, minLength: 2 });
    const orders = sets.chain((set) => fc.tuple(fc.constant(set), fc.shuffledSubarray(set, { minLength: set.length })));
    await fc.assert(
      fc.asyncProperty(orders, fc.boolean(), async ([one, other], refundsLast) => {
        expect(await endOf(await open(), other, refundsLast)).toEqual(await endOf(await open(), one, !refundsLast));
      }),
      { numRuns: 15 },
    );
  });

  it("makes the timetable what it would be had that payment never been made", async () => {
    const sets = fc.uniqueArray(step, { selector: ({ number }) => number, minLength: 2 });
    await fc.assert(
      fc.asyncProperty(sets, async (set) => {
        const kept = set.filter(({ isRefunded }) => !isRefunded);
        expect((await endOf(await open(), set, true)).timetable).toEqual(
          (await endOf(await open(), kept, true)).timetable,
        );
      }),
      { numRuns: 15 },
    );
  });
});

/** A payment that is settled, and perhaps refunded. */
interface Step {
  readonly number: number;
  readonly isDear: boolean;
  readonly isRefunded: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({ number: fc.nat(7), isDear: fc.boolean(), isRefunded: fc.boolean() });

/** What a user has after steps that are taken in this order, all within a millisecond. */
async function endOf(market: Market, steps: readonly Step[], refundsLast: boolean) {
  const { tariffs, basic, premium, order, pay, refund, user } = market;
  const payments: PaymentRow[] = [];
  for (let number = 0; number < 8; number += 1) {
    const isDear = steps.some((each) => each.number === number && each.isDear);
    payments.push(await order(userId, (isDear ? premium : basic).id));
  }
  const refunds: PaymentRow[] = [];
  for (const { number, isRefunded } of steps) {
    const payment = payments[number];
    if (payment === undefined) throw new Error("no such payment");
    await pay(payment);
    if (isRefunded && refundsLast) refunds.push(payment);
    else if (isRefunded) await refund(payment);
  }
  for (const payment of refunds) await refund(payment);
  const { timetable } = await tariffs.current(userId);
  return {
    timetable: timetable.map(({ grant, from, until }) => [grant.paymentId, from, until]),
    user: await user(userId),
  };
}

describe.each(markets)("the sweep (%s)", (_name, open) => {
  it("brings rows up to date once their tariff has ended or given way, and touches no others", async () => {
    const { tariffs, basic, premium, buy, user, now, pass } = await open();
    const start = now();
    await buy("ends", basic.id);
    await buy("gives-way", basic.id);
    await buy("gives-way", premium.id);
    pass(DAY);
    await buy("goes-on", basic.id);
    expect(await tariffs.sweep()).toEqual({ updated: 0, failed: 0 });
    pass(29 * DAY);
    expect(await tariffs.sweep()).toEqual({ updated: 2, failed: 0 });
    expect(await user("ends")).toEqual({ id: "ends", tariffId: null, tariffExpiresAt: null });
    expect(await user("gives-way")).toMatchObject({ tariffId: basic.id, tariffExpiresAt: start + 60 * DAY });
    expect(await user("goes-on")).toMatchObject({ tariffId: basic.id });
    expect(await tariffs.sweep()).toEqual({ updated: 0, failed: 0 });
  });

  it("takes no more users than asked", async () => {
    const { tariffs, basic, buy, pass } = await open();
    for (const id of ["a", "b", "c"]) await buy(id, basic.id);
    pass(30 * DAY);
    expect(await tariffs.sweep({ limit: 2 })).toEqual({ updated: 2, failed: 0 });
    expect(await tariffs.sweep({ limit: 2 })).toEqual({ updated: 1, failed: 0 });
  });
});

describe.each(markets)("what a user has (%s)", (_name, open) => {
  it("is right on read, whenever a sweep last ran", async () => {
    const { tariffs, basic, buy, user, pass } = await open();
    await buy(userId, basic.id);
    pass(30 * DAY - 1);
    expect((await tariffs.current(userId)).tariffId).toBe(basic.id);
    pass(1);
    expect(await tariffs.current(userId)).toEqual({
      userId,
      tariffId: null,
      expiresAt: null,
      tariff: null,
      timetable: [],
    });
    expect((await user(userId))?.tariffId).toBe(basic.id);
  });

  it("is nothing for a user whom nobody knows, and asking makes no row", async () => {
    const { tariffs, user } = await open();
    expect(await tariffs.current("nobody")).toMatchObject({ tariffId: null, timetable: [] });
    expect(await user("nobody")).toBeUndefined();
  });

  it("starts with a row that addUser makes, once", async () => {
    const { tariffs, basic, buy } = await open();
    await expect(tariffs.addUser("")).rejects.toThrow(/^userId:/);
    expect(await tariffs.addUser("new")).toEqual({ id: "new", tariffId: null, tariffExpiresAt: null });
    await buy("new", basic.id);
    expect(await tariffs.addUser("new")).toMatchObject({ tariffId: basic.id });
  });
});

it("a payment whose grant is there already activates nothing anew", async () => {
  const opened = await openMemory();
  const { order, pay, basic, activations, grants } = await marketOver(opened);
  const { id, updatedAt } = await order(userId, basic.id);
  const bought = { tariffId: basic.id, name: "Basic", price: som(10_000), durationDays: 30 };
  const grant = { ...bought, paymentId: id, userId, settledAt: updatedAt, revokedAt: null };
  await opened.storage.transaction((tx) => opened.store.using(tx).addGrant(grant));
  const payment = await opened.storage.findPayment({ cashbox: "default", mode: "test" }, { id });
  if (payment === undefined) throw new Error("no such payment");
  expect((await pay(payment)).outcome).toBe("applied");
  expect(await grants(userId)).toEqual([grant]);
  expect(activations).toEqual([]);
});

describe("whoever touches a user's tariff", () => {
  it("locks the user before reading or writing grants: only PostgreSQL would notice otherwise", async () => {
    const opened = await openMemory();
    const calls: string[] = [];
    const store: typeof opened.store = {
      ...opened.store,
      using: (tx) =>
        new Proxy(opened.store.using(tx), {
          get(verbs, name) {
            calls.push(String(name));
            return Reflect.get(verbs, name);
          },
        }),
    };
    const { tariffs, basic, buy, refund, pass } = await marketOver({ ...opened, store });
    calls.length = 0;
    const payment = await buy(userId, basic.id);
    expect(calls.splice(0)).toEqual(["lockUser", "addGrant", "listGrants", "saveProjection"]);
    await refund(payment);
    expect(calls.splice(0)).toEqual(["lockUser", "revokeGrant", "listGrants", "saveProjection"]);
    await buy(userId, basic.id);
    pass(30 * DAY);
    calls.length = 0;
    await tariffs.sweep();
    expect(calls).toEqual(["lockUser", "listGrants", "saveProjection"]);
  });
});

describe("a sweep", () => {
  it("goes on with the next user where one fails, and says so", async () => {
    const opened = await openMemory();
    const store: typeof opened.store = {
      ...opened.store,
      using(tx) {
        const verbs = opened.store.using(tx);
        return {
          ...verbs,
          async lockUser(id) {
            if (id === "broken" && isBroken) throw new Error("broken row");
            return verbs.lockUser(id);
          },
        };
      },
    };
    let isBroken = false;
    const { tariffs, basic, buy, pass, lines, user } = await marketOver({ ...opened, store });
    for (const id of ["broken", "whole"]) await buy(id, basic.id);
    pass(30 * DAY);
    isBroken = true;
    expect(await tariffs.sweep()).toEqual({ updated: 1, failed: 1 });
    expect(lines.join()).toContain("broken row");
    expect(await user("whole")).toMatchObject({ tariffId: null });
    isBroken = false;
    expect(await tariffs.sweep()).toEqual({ updated: 1, failed: 0 });
  });
});

describe("onActivated", () => {
  it("runs after the tariff was given, in the same transaction: what it throws takes the tariff back with it", async () => {
    const { storage, store } = await openMemory();
    let isBroken = true;
    const payments = createPayments({ storage, client: receiptsClient });
    const tariffs = createTariffs({
      payments,
      store,
      async onActivated(activation, tx) {
        expect(await store.using(tx).listGrants(activation.userId)).toHaveLength(1);
        if (isBroken) throw new Error("broken hook");
      },
    });
    const basic = await tariffs.create({ name: "Basic", price: som(10_000), durationDays: 30 });
    const { id, payment } = await tariffs.purchase({ userId, tariffId: basic.id });
    const report = { paymeId: receiptId(id), amount: payment.amount, paidAt: 1, source: "gateway" } as const;
    await expect(payments.recordPaid(report)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(await store.findUser(userId)).toBeUndefined();
    expect(await store.listGrants(userId)).toEqual([]);
    expect((await payments.incidents.list()).map(({ kind }) => kind)).toEqual(["effect_failed"]);
    isBroken = false;
    expect((await payments.recordPaid(report)).outcome).toBe("applied");
    expect(await store.listGrants(userId)).toHaveLength(1);
  });
});

describe("the store", () => {
  const wanted = { name: "Basic", price: som(1), durationDays: 1 };

  it("is chosen from the storage: memory, SQL", async () => {
    for (const tariffs of [
      createTariffs({ payments: createPayments({ storage: memoryStorage() }) }),
      createTariffs({ payments: createPayments({ storage: sqliteStorage({ file: ":memory:" }) }) }),
    ]) {
      await tariffs.migrate();
      expect(await tariffs.create(wanted)).toMatchObject({ id: 1 });
    }
  });

  it("has no payments of its own: what is missing is said", () => {
    const withoutTypes: Parameters<typeof createTariffs>[0] = JSON.parse('{"client":{}}');
    expect(() => createTariffs(withoutTypes)).toThrow(/give payments/);
  });

  it("must be given where the storage is neither", () => {
    const { published: _, ...storage } = memoryStorage();
    const without = { transaction: async () => never(), read: async () => never(), using: () => never() };
    const unknown: Storage<unknown> = { ...storage, ...without };
    expect(() => createTariffs({ payments: createPayments({ storage: unknown }) })).toThrow(/no tariff store/);
  });
});

function never(): never {
  throw new Error("not to be called");
}
