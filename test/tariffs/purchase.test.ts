import { describe, expect, it } from "vitest";
import { tariffIdOf } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import { DAY, markets } from "./market";

const userId = "user-1";

describe.each(markets)("a purchase (%s)", (_name, open) => {
  it("of an unknown tariff is NOT_FOUND", async () => {
    const { tariffs } = await open();
    await expect(tariffs.purchase({ userId, tariffId: 99 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("of a tariff that is off sale is refused", async () => {
    const { tariffs, basic } = await open();
    await tariffs.deactivate(basic.id);
    await expect(tariffs.purchase({ userId, tariffId: basic.id })).rejects.toMatchObject({
      name: "PaymeValidationError",
      code: "VALIDATION_FAILED",
    });
    expect((await tariffs.payments.statistics()).total).toBe(0);
  });

  it.each(["0", "9999", "10001", "1000000", "10000.5", "100"])(
    "for %s som, which is not the price, is refused",
    async (amount) => {
      const { tariffs, basic } = await open();
      const refused = tariffs.purchase({ userId, tariffId: basic.id, amount: som(amount) });
      await expect(refused).rejects.toThrow(`amount: ${amount} som is not the price of tariff ${basic.id}, 10000 som`);
      expect((await tariffs.payments.statistics()).total).toBe(0);
    },
  );

  it.each([10_000, Number.NaN, "1000000"])(
    "for %j, which is no amount that the compiler takes, is refused",
    async (amount) => {
      const { tariffs, basic } = await open();
      const refused = Reflect.apply(tariffs.purchase, tariffs, [{ userId, tariffId: basic.id, amount }]);
      await expect(refused).rejects.toThrow(/^amount: .* som is not the price of tariff 1, 10000 som$/);
      expect((await tariffs.payments.statistics()).total).toBe(0);
    },
  );

  it.each(["", "x".repeat(256), "a\0b", "a\ud800"])("by the user %j, or with that key, is refused", async (text) => {
    const { tariffs, basic } = await open();
    await expect(tariffs.purchase({ userId: text, tariffId: basic.id })).rejects.toThrow(/^userId:/);
    const keyed = tariffs.purchase({ userId, tariffId: basic.id, idempotencyKey: text });
    await expect(keyed).rejects.toThrow(/^idempotencyKey:/);
  });

  it("cheaper than the running tariff is refused until that has ended", async () => {
    const { tariffs, basic, premium, buy, pass } = await open();
    await buy(userId, premium.id);
    pass(30 * DAY - 1);
    const refused = tariffs.purchase({ userId, tariffId: basic.id });
    await expect(refused).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    await expect(refused).rejects.toThrow(/cheaper than the tariff that runs/);
    expect((await tariffs.purchase({ userId: "user-2", tariffId: basic.id })).reused).toBe(false);
    pass(1);
    expect((await tariffs.purchase({ userId, tariffId: basic.id })).reused).toBe(false);
  });

  it("of the running tariff is allowed after its price fell", async () => {
    const { tariffs, premium, buy } = await open();
    await buy(userId, premium.id);
    await tariffs.change(premium.id, { price: som(1) });
    expect((await tariffs.purchase({ userId, tariffId: premium.id })).payment.amount).toBe(100);
  });

  it("makes a payment over the price in tiyin that remembers what was bought", async () => {
    const { tariffs, premium } = await open();
    const { tariff, payment, payUrl } = await tariffs.purchase({ userId, tariffId: premium.id, amount: som(50_000) });
    expect(tariff).toEqual(premium);
    expect(payUrl).toBe(`https://checkout.paycom.uz/receipt-${payment.id}`);
    expect(payment).toMatchObject({ userId, kind: "tariff", amount: 5_000_000, description: "Premium" });
    expect(tariffIdOf(payment)).toBe(premium.id);
    expect(payment.data).toEqual({
      version: 2,
      tariffId: premium.id,
      name: "Premium",
      price: 5_000_000,
      durationDays: 30,
    });
  });
});

describe.each(markets)("a double click (%s)", (_name, open) => {
  it("20 times at once is one payment", async () => {
    const { tariffs, basic } = await open();
    const click = () => tariffs.purchase({ userId, tariffId: basic.id });
    const all = await Promise.all(Array.from({ length: 20 }, click));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.filter(({ reused }) => !reused)).toHaveLength(1);
  });

  it("is one within ten minutes, for the same user, tariff and price", async () => {
    const { tariffs, basic, premium, pass } = await open();
    const click = async (user: string, tariffId: number) => (await tariffs.purchase({ userId: user, tariffId })).id;
    const first = await click(userId, basic.id);
    pass(600_000);
    expect(await click(userId, basic.id)).toBe(first);
    expect(await click("user-2", basic.id)).not.toBe(first);
    expect(await click(userId, premium.id)).not.toBe(first);
    await tariffs.change(basic.id, { price: som(11_000) });
    expect(await click(userId, basic.id)).not.toBe(first);
  });

  it("after ten minutes is a new payment", async () => {
    const { tariffs, basic, pass } = await open();
    const first = await tariffs.purchase({ userId, tariffId: basic.id });
    pass(600_001);
    expect((await tariffs.purchase({ userId, tariffId: basic.id })).id).not.toBe(first.id);
  });

  it("after the first was paid is a purchase of its own", async () => {
    const { tariffs, basic, pay } = await open();
    const first = await tariffs.purchase({ userId, tariffId: basic.id });
    await pay(first.payment);
    expect((await tariffs.purchase({ userId, tariffId: basic.id })).id).not.toBe(first.id);
  });
});

describe.each(markets)("an idempotency key (%s)", (_name, open) => {
  it("20 times at once is one payment", async () => {
    const { tariffs, basic } = await open();
    const click = () => tariffs.purchase({ userId, tariffId: basic.id, idempotencyKey: "key" });
    const all = await Promise.all(Array.from({ length: 20 }, click));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  it("is the same payment for ever: while it waits, once it is paid, once it is refunded", async () => {
    const { tariffs, basic, pay, refund, pass } = await open();
    const click = () => tariffs.purchase({ userId, tariffId: basic.id, idempotencyKey: "key" });
    const first = await click();
    pass(DAY);
    expect(await click()).toMatchObject({ id: first.id, payUrl: first.payUrl, reused: true });
    await pay(first.payment);
    expect(await click()).toMatchObject({ id: first.id, reused: true, payment: { status: "PAID" } });
    await refund(first.payment);
    expect(await click()).toMatchObject({ id: first.id, reused: true, payment: { status: "CANCELLED" } });
    expect((await tariffs.payments.statistics()).total).toBe(1);
  });

  it("is the same payment after the price rose, the tariff went off sale, or a dearer one runs", async () => {
    const { tariffs, basic, premium, buy } = await open();
    const click = () => tariffs.purchase({ userId, tariffId: basic.id, idempotencyKey: "key" });
    const first = await click();
    await buy(userId, premium.id);
    await tariffs.change(basic.id, { price: som(20_000), isActive: false });
    expect(await click()).toMatchObject({ id: first.id, payment: { amount: 1_000_000 } });
  });

  it("with another tariff is refused, whether the first waits, is paid, or is made at the same time", async () => {
    const { tariffs, basic, pay } = await open();
    // Of equal price: nothing but the tariff tells the two purchases apart.
    const other = await tariffs.create({ name: "Other", price: som(10_000), durationDays: 7 });
    const click = (tariffId: number, idempotencyKey: string) => tariffs.purchase({ userId, tariffId, idempotencyKey });
    const conflict = { name: "PaymeValidationError", code: "CONFLICT" };
    const first = await click(basic.id, "key");
    await expect(click(other.id, "key")).rejects.toMatchObject(conflict);
    await pay(first.payment);
    await expect(click(other.id, "key")).rejects.toMatchObject(conflict);
    const both = await Promise.allSettled([click(basic.id, "at once"), click(other.id, "at once")]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("may be used again where its payment was cancelled unpaid", async () => {
    const { tariffs, basic } = await open();
    const click = () => tariffs.purchase({ userId, tariffId: basic.id, idempotencyKey: "key" });
    const first = await click();
    const cancelled = { paymeId: first.transactionId ?? "", cancelledAt: Date.now(), source: "receipt" } as const;
    await tariffs.payments.recordCancelled(cancelled);
    expect(await click()).toMatchObject({ reused: false });
  });

  it("is a user's own, also where ids hold colons", async () => {
    const { tariffs, basic } = await open();
    const click = async (user: string, idempotencyKey: string) =>
      (await tariffs.purchase({ userId: user, tariffId: basic.id, idempotencyKey })).id;
    const ids = [await click("a", "b:c"), await click("a:b", "c"), await click("a%3Ab", "c"), await click("b", "b:c")];
    expect(new Set(ids).size).toBe(4);
  });
});
