import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { DAY, type Market, markets } from "./market";

const userId = "user-1";

/** The timetable of the user, with the price of each period. */
async function timetableIn({ tariffs }: Market) {
  const { timetable } = await tariffs.current(userId);
  return timetable.map(({ grant, from, until }) => [grant.paymentId, grant.price, from, until]);
}

/** A dearer tariff is bought in the middle of a cheaper one, and refunded: the timetable after each step. */
async function storyOf(market: Market, isOld: boolean) {
  const { basic, premium, order, buy, pay, refund, pass, rewriteData } = market;
  await buy(userId, basic.id);
  const dear = await order(userId, premium.id);
  // As it was written when prices were whole som: without a version.
  const old = { tariffId: premium.id, name: "Premium", price: 50_000, durationDays: 30 };
  if (isOld) await rewriteData(dear.id, old);
  expect((await market.tariffs.payments.find(dear.id))?.data).toEqual(
    isOld ? old : { ...old, version: 2, price: 5_000_000 },
  );
  pass(10 * DAY);
  await pay(dear);
  const paid = await timetableIn(market);
  pass(DAY);
  await refund(dear);
  return { paid, refunded: await timetableIn(market) };
}

describe.each(markets)("a tariff that was bought when prices were in som (%s)", (_name, open) => {
  it("and is paid and refunded now runs as one that is bought now", async () => {
    const before = await open();
    const start = before.now();
    const old = await storyOf(before, true);
    expect(old).toEqual(await storyOf(await open(), false));
    const [basic, dear] = ["payment-1", "payment-2"];
    expect(old.paid).toEqual([
      [dear, som(50_000), start + 10 * DAY, start + 40 * DAY],
      [basic, som(10_000), start + 40 * DAY, start + 60 * DAY],
    ]);
    expect(old.refunded).toEqual([[basic, som(10_000), start, start + 30 * DAY]]);
  });

  it("and was paid then is read from columns that hold whole som, as ever", async () => {
    const market = await open();
    const { tariffs, basic, premium, buy, storedPrices, grants } = market;
    for (const { id } of [basic, premium]) await buy(userId, id);
    await tariffs.change(basic.id, { price: som(11_000) });
    const [inTariffs, inGrants] = [await storedPrices("tariff"), await storedPrices("payme_grant")];
    // In memory, nothing is older than its process.
    if (inTariffs !== undefined)
      expect([inTariffs, inGrants]).toEqual([
        [11_000, 50_000],
        [10_000, 50_000],
      ]);
    expect((await tariffs.get(basic.id)).price).toBe(1_100_000);
    expect((await grants(userId)).map(({ price }) => price).sort()).toEqual([1_000_000, 5_000_000]);
  });

  it("and is open is given again to a double click: its reference names whole som", async () => {
    const { tariffs, premium, rewriteData } = await open();
    const first = await tariffs.purchase({ userId, tariffId: premium.id });
    expect(first.payment.reference).toBe(`tariff:${userId}:${premium.id}:50000`);
    await rewriteData(first.id, { tariffId: premium.id, name: "Premium", price: 50_000, durationDays: 30 });
    const second = await tariffs.purchase({ userId, tariffId: premium.id });
    expect({ id: second.id, reused: second.reused }).toEqual({ id: first.id, reused: true });
  });
});
