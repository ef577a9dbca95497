import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { DAY, markets } from "./market";

const why = { by: "Aziza", note: "paid in cash" };

describe.each(markets)("a tariff that a person gives, on %s", (_, open) => {
  it("until a moment runs to it, once, and a purchase of the same tariff goes on from there", async () => {
    const market = await open();
    const until = market.now() + 20 * DAY + 1_234;
    const wanted = { userId: "u", tariffId: market.premium.id, until, ...why };
    const given = { tariffId: market.premium.id, expiresAt: until };
    expect(await market.tariffs.grant(wanted)).toEqual({ outcome: "applied", ...given });
    market.pass(DAY);
    expect(await market.tariffs.grant(wanted)).toEqual({ outcome: "already_applied", ...given });
    const payment = await market.buy("u", market.premium.id);
    expect(await market.user("u")).toMatchObject({ tariffExpiresAt: until + 30 * DAY });
    await market.refund(payment);
    expect(await market.user("u")).toMatchObject({ tariffExpiresAt: until });
  });

  it("for days follows the same tariff, once for a key, and needs one", async () => {
    const market = await open();
    await market.buy("u", market.basic.id);
    const wanted = { userId: "u", tariffId: market.basic.id, days: 7, ...why };
    await expect(market.tariffs.grant(wanted)).rejects.toThrow("key");
    const ends = { expiresAt: market.now() + 37 * DAY };
    expect(await market.tariffs.grant({ ...wanted, key: "sorry" })).toMatchObject({ outcome: "applied", ...ends });
    expect(await market.tariffs.grant({ ...wanted, key: "sorry" })).toMatchObject({
      outcome: "already_applied",
      ...ends,
    });
  });

  it.each([
    [1, true],
    [36_500, true],
    [0, false],
    [-1, false],
    [36_501, false],
  ])("for %i days is given: %s", async (days, isGiven) => {
    const market = await open();
    const granting = market.tariffs.grant({ userId: "u", tariffId: market.basic.id, days, key: "k", ...why });
    if (!isGiven) return expect(granting).rejects.toThrow("days: give whole days, 1 to 36,500");
    expect(await granting).toMatchObject({ outcome: "applied", expiresAt: market.now() + days * DAY });
  });

  it("for a paid payment is what that payment gave: never twice, and its refund takes it back", async () => {
    const market = await open();
    const { id } = await market.buy("u", market.basic.id);
    const ends = market.now() + 30 * DAY;
    const wanted = { userId: "u", tariffId: market.basic.id, until: ends + DAY, paymentId: id, ...why };
    expect(await market.tariffs.grant(wanted)).toMatchObject({ outcome: "already_applied", expiresAt: ends });
    const at = market.now();
    await market.tariffs.payments.import([
      {
        id: "old",
        kind: "tariff",
        userId: "u",
        amount: som(10_000),
        status: "PAID",
        createdAt: at,
        paidAt: at,
        paidBy: "65",
      },
    ]);
    const old = { ...wanted, paymentId: "old" };
    expect(await market.tariffs.grant(old)).toMatchObject({ outcome: "applied", expiresAt: ends + DAY });
    await market.tariffs.payments.recordCancelled({ paymeId: "65", cancelledAt: market.now(), source: "gateway" });
    expect(await market.user("u")).toMatchObject({ tariffExpiresAt: ends });
    await expect(market.tariffs.grant({ ...old, until: ends + 2 * DAY })).rejects.toMatchObject({ code: "CONFLICT" });
    const ofAnother = { ...wanted, userId: "other", paymentId: id };
    await expect(market.tariffs.grant(ofAnother)).rejects.toMatchObject({ code: "CONFLICT" });
    const { entries } = (await market.tariffs.payments.story("old")) ?? { entries: [] };
    expect(entries).toContainEqual(
      expect.objectContaining({ what: "tariff.granted", who: "person", verdict: "given by Aziza: paid in cash" }),
    );
  });

  it("behind a dearer one ends when it says", async () => {
    const market = await open();
    await market.buy("u", market.premium.id);
    const until = market.now() + 40 * DAY;
    await market.tariffs.grant({ userId: "u", tariffId: market.basic.id, until, ...why });
    const { timetable } = await market.tariffs.current("u");
    expect(timetable.at(-1)).toMatchObject({ from: market.now() + 30 * DAY, until });
  });

  it.each([
    ["no time", {}],
    ["two times", { until: 4e12, days: 1 }],
    ["a time that is over", { until: 1 }],
    ["no whole days", { days: 1.5, key: "k" }],
    ["no name", { days: 1, key: "k", by: "" }],
    ["a payment that nobody knows", { days: 1, paymentId: "nobody" }],
    ["another tariff", { days: 1, key: "k", tariffId: 99 }],
  ])("with %s is refused, and nothing is written", async (_name, wrong) => {
    const market = await open();
    const wanted = { userId: "u", tariffId: market.basic.id, ...why, ...wrong };
    await expect(market.tariffs.grant(wanted)).rejects.toThrow();
    expect(await market.grants("u")).toEqual([]);
  });
});

describe.each(markets)("a tariff that is sold by months, on %s", (_, open) => {
  it("lasts to the same day of the month, and its snapshot says so", async () => {
    const market = await open();
    const quarter = await market.tariffs.create({ name: "Quarter", price: som(120_000), durationMonths: 3 });
    expect(quarter).toMatchObject({ durationDays: 90, durationMonths: 3 });
    await market.buy("u", quarter.id);
    expect(await market.user("u")).toMatchObject({ tariffExpiresAt: Date.UTC(2026, 3, 15, 10, 30) });
    const [grant] = await market.grants("u");
    expect(grant).toMatchObject({ durationMonths: 3 });
    expect(await market.tariffs.change(quarter.id, { durationMonths: 1 })).toMatchObject({ durationDays: 30 });
    const byDays = await market.tariffs.change(quarter.id, { durationDays: 45 });
    expect(byDays).toEqual({ ...quarter, durationDays: 45, durationMonths: undefined });
    expect(await market.tariffs.get(quarter.id)).toEqual(byDays);
    await market.buy("v", quarter.id);
    expect(await market.user("v")).toMatchObject({ tariffExpiresAt: market.now() + 45 * DAY });
  });

  it("is refused with days beside it, and with no whole months", async () => {
    const { tariffs } = await open();
    const fields = { name: "x", price: som(1) };
    for (const durationMonths of [0, 1.5, 1_201]) {
      await expect(tariffs.create({ ...fields, durationMonths })).rejects.toThrow("durationMonths");
    }
    await expect(tariffs.create({ ...fields, durationMonths: 1, durationDays: 31 })).rejects.toThrow("not both");
    await expect(tariffs.create(fields)).rejects.toThrow("durationDays");
  });
});
