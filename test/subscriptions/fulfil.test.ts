import { describe, expect, it, vi } from "vitest";
import { som } from "../../src/kit/money";
import type { AttemptRow, PeriodRow } from "../../src/subscriptions/rows";
import { BOUNDARY, paidOnce, SECOND_BOUNDARY } from "./paid-once";
import { DAY, HOUR, START } from "./shop";

/** A shop with one paid period, and the calls of its hooks. */
async function withHooks() {
  const hooks = { onRenewed: vi.fn(), onRefunded: vi.fn(), onEnded: vi.fn() };
  const shop = await paidOnce(hooks);
  const { id, store } = shop;
  return {
    ...shop,
    ...hooks,
    attempt: async () => (await store.listAttempts(id, { limit: 1 }))[0] as AttemptRow,
    refund: async (number: number) =>
      shop.payments.refund((await store.findPeriod(id, number))?.paymentId ?? "").then(({ payment }) => payment),
    events: async () => ((await shop.subs.story(id))?.events ?? []).slice(2),
  };
}

/** The second period is charged, and Payme's answer says nothing; the money comes while `change` has been made. */
async function paidAfter(change: (shop: Awaited<ReturnType<typeof withHooks>>) => Promise<unknown>) {
  const shop = await withHooks();
  shop.at(BOUNDARY);
  shop.mock.faults.add({ kind: "http_status", status: 503, method: "receipts.get" });
  shop.mock.faults.add({ kind: "drop_after", method: "receipts.pay" });
  await shop.look();
  shop.mock.faults.clear();
  shop.onRenewed.mockClear();
  const { paymentId } = (await shop.period(2)) ?? {};
  await change(shop);
  shop.pass(HOUR);
  await shop.payments.check(paymentId ?? "");
  return { ...shop, payment: await shop.payments.find(paymentId ?? "") };
}

describe("money that comes for a period", () => {
  it("pays it: its hook, its event and its rows say so, and the next one begins at the boundary", async () => {
    const shop = await paidAfter(async () => {});
    const paid = {
      state: "PAID",
      paymentId: shop.payment?.id,
      receiptId: shop.payment?.transactionId,
      paidAt: shop.payment?.paidAt,
      nextAt: null,
      graceUntil: null,
      reason: null,
      code: null,
      updatedAt: shop.now(),
    };
    expect(await shop.period(2)).toMatchObject(paid);
    const active = { state: "ACTIVE", accessUntil: SECOND_BOUNDARY, nextAt: SECOND_BOUNDARY };
    expect(await shop.row()).toMatchObject(active);
    expect(shop.onRenewed.mock.calls).toMatchObject([
      [{ state: "ACTIVE", accessUntil: SECOND_BOUNDARY }, paid, expect.anything()],
    ]);
    const data = { number: 2, amount: som(50_000), paymentId: shop.payment?.id, until: SECOND_BOUNDARY };
    expect(await shop.events()).toMatchObject([
      { kind: "subscription.renewed", subject: shop.id, data: { owner: "u1", plan: "premium", ...data } },
    ]);
    // Its attempt had ended before.
    expect(await shop.attempt()).toMatchObject({ number: 2, outcome: "unknown" });
  });

  it.each(["PAUSED", "ENDED"] as const)(
    "of a subscription that is %s leaves it so, with the access that was paid",
    async (state) => {
      const shop = await paidAfter(async ({ set }) => set({ state, accessUntil: BOUNDARY }));
      expect(await shop.row()).toMatchObject({ state, accessUntil: SECOND_BOUNDARY });
      expect((await shop.row())?.nextAt).not.toBe(SECOND_BOUNDARY);
      expect(await shop.period(2)).toMatchObject({ state: "PAID" });
    },
  );

  it("of one that was cancelled is the last: it ends with its access", async () => {
    const shop = await paidAfter(async ({ set }) => set({ cancelAtEnd: true, accessUntil: SECOND_BOUNDARY + DAY }));
    const row = { accessUntil: SECOND_BOUNDARY + DAY, nextAt: SECOND_BOUNDARY + DAY };
    expect(await shop.row()).toMatchObject({ state: "ACTIVE", cancelAtEnd: true, ...row });
  });

  it.each<[string, (shop: Awaited<ReturnType<typeof withHooks>>) => Promise<unknown>]>([
    ["was given up", (shop) => shop.setPeriod(2, { state: "VOID" })],
    ["is paid already", (shop) => shop.setPeriod(2, { state: "PAID" })],
  ])("that %s gives nothing: a person is told", async (_name, change) => {
    const shop = await paidAfter(change);
    expect(shop.payment).toMatchObject({ status: "PAID", unfulfilled: true });
    expect(shop.onRenewed).not.toHaveBeenCalled();
    expect(await shop.events()).toEqual([]);
  });

  it.each([
    ["of no subscription", { subscriptionId: "gone", number: 1 }],
    ["of no period", { subscriptionId: "", number: 99 }],
    ["that names no number", { subscriptionId: "", number: "1" }],
    ["that names no subscription", { subscriptionId: 7, number: 1 }],
    ["that names nothing", null],
  ])("%s gives nothing: a person is told", async (_name, named) => {
    const shop = await withHooks();
    const data = named === null ? null : { ...named, subscriptionId: named.subscriptionId || shop.id };
    const { payment } = await shop.payments.create({
      kind: "subscription",
      reference: "sub:by-hand",
      userId: "u1",
      amount: som(50_000),
      data,
    });
    await shop.mock.pay(payment.transactionId ?? "", { card: { number: "8600495473316478", expire: "0399" } });
    await shop.payments.check(payment.id);
    expect(await shop.payments.find(payment.id)).toMatchObject({ status: "PAID", unfulfilled: true });
    expect(shop.onRenewed).toHaveBeenCalledTimes(1);
    await shop.payments.refund(payment.id);
    expect(shop.onRefunded).not.toHaveBeenCalled();
    expect(await shop.row()).toMatchObject({ state: "ACTIVE" });
  });
});

describe("the money of a period goes back", () => {
  it("of the running one: the access and the subscription end now, and the hooks say so", async () => {
    const shop = await withHooks();
    shop.pass(DAY);
    const { id: paymentId } = await shop.refund(1);
    const now = shop.now();
    expect(await shop.period(1)).toMatchObject({ state: "REFUND_QUEUED", updatedAt: now });
    expect(await shop.row()).toMatchObject({
      state: "ENDED",
      cause: "refunded",
      accessUntil: now,
      endedAt: now,
      nextAt: null,
    });
    expect(await shop.events()).toMatchObject([
      { kind: "subscription.refunded", data: { owner: "u1", number: 1, amount: som(50_000), paymentId } },
      { kind: "subscription.ended", data: { cause: "refunded", until: now } },
    ]);
    expect(shop.onRefunded.mock.calls).toMatchObject([
      [{ id: shop.id }, { number: 1, state: "REFUND_QUEUED" }, expect.anything()],
    ]);
    expect(shop.onEnded.mock.calls).toMatchObject([[{ accessUntil: now }, "refunded", expect.anything()]]);
  });

  it.each<[string, number, number, boolean]>([
    ["of the running one, a millisecond before its end: it ends", 1, BOUNDARY - 1, true],
    ["of one that is just over, before another began: it ends", 1, BOUNDARY, true],
    ["of an older one: nothing else changes", 2, BOUNDARY + DAY, false],
  ])("%s", async (_name, periods, at, ends) => {
    const shop = await withHooks();
    if (periods === 2) {
      shop.at(BOUNDARY);
      await shop.look();
    }
    shop.at(at);
    await shop.refund(1);
    expect((await shop.period(1))?.state).toBe("REFUND_QUEUED");
    expect(shop.onRefunded).toHaveBeenCalledTimes(1);
    const accessUntil = periods === 2 ? SECOND_BOUNDARY : BOUNDARY;
    expect(await shop.row()).toMatchObject(
      ends ? { state: "ENDED", accessUntil: at } : { state: "ACTIVE", accessUntil },
    );
  });

  it("after a proration that made it longer, within the time that was added: it ends", async () => {
    const shop = await withHooks();
    await shop.set({ anchor: BOUNDARY + 10 * DAY, firstNumber: 2, accessUntil: BOUNDARY + 10 * DAY });
    shop.at(BOUNDARY + 5 * DAY);
    await shop.refund(1);
    expect(await shop.row()).toMatchObject({ state: "ENDED", accessUntil: BOUNDARY + 5 * DAY });
  });

  it("after one that made it shorter, before its own end: it ends", async () => {
    const shop = await withHooks();
    await shop.set({ anchor: START + 10 * DAY, firstNumber: 2 });
    shop.at(START + 20 * DAY);
    await shop.refund(1);
    expect(await shop.row()).toMatchObject({ state: "ENDED", accessUntil: START + 20 * DAY });
  });

  it("of one that has ended: the access ends, and nobody is told a second time", async () => {
    const shop = await withHooks();
    await shop.subs.cancel(shop.id, { at: "now" });
    shop.pass(DAY);
    await shop.refund(1);
    expect(await shop.row()).toMatchObject({ state: "ENDED", cause: "asked", accessUntil: shop.now() });
    expect(shop.onEnded).toHaveBeenCalledTimes(1);
  });

  it.each<[string, Partial<PeriodRow>]>([
    ["whose period has another payment", { paymentId: "another" }],
    ["whose period is not paid", { state: "VOID" }],
  ])("%s: nothing changes", async (_name, changes) => {
    const shop = await withHooks();
    const { paymentId } = (await shop.period(1)) ?? {};
    await shop.setPeriod(1, changes);
    await shop.payments.refund(paymentId ?? "");
    expect(shop.onRefunded).not.toHaveBeenCalled();
    expect(await shop.row()).toMatchObject({ state: "ACTIVE", accessUntil: BOUNDARY });
    expect(await shop.period(1)).toMatchObject({ state: "PAID", ...changes });
  });
});
