import { describe, expect, it } from "vitest";
import { createTariffs, planOfTariff, tariffIdOfPlan } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import type { TariffRenewals } from "../../src/tariffs/renewals";
import { createSubscriptionShop, DAY, premium } from "./shop";

/** A shop whose subscriptions give a tariff. */
async function tariffShop() {
  let hooks: TariffRenewals<MemoryTx> | undefined;
  const shop = createSubscriptionShop({
    storage: memoryStorage(),
    subscriptions: {
      onRenewed: (...args) => hooks?.onRenewed(...args),
      onRefunded: (...args) => hooks?.onRefunded(...args),
    },
  });
  const tariffs = createTariffs({ payments: shop.payments });
  hooks = tariffs.renewals();
  const tariff = await tariffs.create({ name: "Premium", price: som(50_000), durationMonths: 1 });
  const card = await shop.attach();
  const { subscription } = await shop.subs.create({ ...premium, plan: planOfTariff(tariff.id), card: card.id });
  return { ...shop, tariffs, tariff, subscription };
}

describe("a subscription to a tariff", () => {
  it("gives the tariff for each period, from boundary to boundary", async () => {
    const { tariffs, tariff, ...shop } = await tariffShop();
    const first = await tariffs.current("u1");
    expect(first).toMatchObject({ tariffId: tariff.id, expiresAt: Date.UTC(2026, 1, 15, 10, 30) });
    await shop.live(45 * DAY);
    expect(await tariffs.current("u1")).toMatchObject({
      tariffId: tariff.id,
      expiresAt: Date.UTC(2026, 2, 15, 10, 30),
    });
    expect(shop.debits()).toBe(2);
  });

  it("keeps what is bought beside it: it follows", async () => {
    const { tariffs, tariff, ...shop } = await tariffShop();
    await tariffs.grant({ userId: "u1", tariffId: tariff.id, days: 10, key: "gift", by: "Aziza", note: "a gift" });
    await shop.live(DAY);
    expect(await tariffs.current("u1")).toMatchObject({ expiresAt: Date.UTC(2026, 1, 15, 10, 30) + 10 * DAY });
    await shop.live(40 * DAY);
    // No time is lost: two months and ten days.
    expect(await tariffs.current("u1")).toMatchObject({ expiresAt: Date.UTC(2026, 2, 15, 10, 30) + 10 * DAY });
  });

  it("takes back what a refunded period gave, and ends", async () => {
    const { tariffs, subscription, ...shop } = await tariffShop();
    const [period] = (await shop.subs.story(subscription.id))?.periods ?? [];
    await shop.payments.refund(period?.paymentId ?? "");
    expect(await tariffs.current("u1")).toMatchObject({ tariffId: null, expiresAt: null });
    expect(await shop.subs.find(subscription.id)).toMatchObject({ state: "ENDED", cause: "refunded" });
  });

  it("to a plan that names no tariff is not booked, and a person is told", async () => {
    const { tariffs, ...shop } = await tariffShop();
    const card = await shop.attach("u2");
    await shop.subs.create({ ...premium, owner: "u2", plan: "tariff:999", card: card.id });
    expect(await tariffs.current("u2")).toMatchObject({ tariffId: null });
    const incidents = await shop.payments.incidents.list();
    expect(incidents).toMatchObject([{ kind: "effect_failed" }]);
    expect([tariffIdOfPlan("tariff:7"), tariffIdOfPlan("premium"), tariffIdOfPlan("tariff:0")]).toEqual([
      7,
      null,
      null,
    ]);
  });
});
