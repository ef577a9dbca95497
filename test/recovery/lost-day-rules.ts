import { expect, it } from "vitest";
import { refusal } from "../merchant/refusal";
import { AMOUNT, type BackedUp, HOUR, openSite, type Site } from "./lost-day";

const DAYS = ["2026-01-14", "2026-01-15"] as const;
const PERIOD = { from: Date.UTC(2026, 0, 13, 19), to: Date.UTC(2026, 0, 15, 19) - 1 };
const theirs = (state: number) => ({ amount: AMOUNT, state });

/** What Payme and the shop did on the day that the copy does not have. */
interface LostDay {
  /** Receipts: known to the copy as unpaid; paid in it and refunded since; unknown to it; unknown and unpaid. */
  readonly receipts: Record<"waited" | "refunded" | "made" | "madeToo" | "open", string>;
  /** Transactions in the same words. */
  readonly transactions: Record<"waited" | "refunded" | "made" | "madeToo" | "open", string>;
}

/** A day, a backup at 23:00, another day of sales, and the loss of the database at 3 in the morning. */
async function loseDay(site: Site): Promise<LostDay> {
  const refunded = await site.settle(await site.wish(11));
  await site.settle(await site.wish(12));
  const sold = await site.sell(1);
  await site.sell(2);
  site.pass(12 * HOUR);
  const waited = await site.wish(13);
  const begun = await site.begin(3);
  site.pass(HOUR);
  await site.backUp();

  site.pass(1.5 * HOUR);
  await site.settle(waited);
  await site.caller.perform(begun);
  const made = await site.settle(await site.wish(14));
  const madeToo = await site.settle(await site.wish(15));
  const open = await site.wish(16);
  const transactions = { waited: begun, refunded: sold, made: await site.sell(4), madeToo: await site.sell(5) };
  const started = await site.begin(6);
  await site.payments.refund(refunded);
  await site.caller.cancel(sold);
  site.pass(2.5 * HOUR);
  await site.payments.reconcile();
  for (const [id, fulfilled, takenBack] of [
    [1, 1, 1],
    [3, 1, 0],
    [4, 1, 0],
    [11, 1, 1],
    [13, 1, 0],
    [14, 1, 0],
  ] as const) {
    expect(await site.order(id), `order ${id}`).toMatchObject({ fulfilled, takenBack });
  }
  await site.loseAndRestore();
  return {
    receipts: { waited, refunded, made, madeToo, open },
    transactions: { ...transactions, open: started },
  };
}

async function differencesOf({ payments }: Site) {
  const closes = await Promise.all(DAYS.map((day) => payments.dailyClose(day)));
  return closes.flatMap(({ differences }) => differences);
}

const inOrder = <Row extends { readonly id: string }>(rows: readonly Row[]) =>
  [...rows].sort((one, other) => (one.id < other.id ? -1 : 1));

/** What the page of backup and recovery says, tried on one kind of database. */
export function lostDayRules<Tx>(newDatabase: () => Promise<BackedUp<Tx>>): void {
  async function lost() {
    const site = await openSite(await newDatabase());
    return { site, ...(await loseDay(site)) };
  }

  it("before the loss both comparisons agree", async () => {
    const site = await openSite(await newDatabase());
    await site.settle(await site.wish(11));
    await site.sell(1);
    expect(await differencesOf(site)).toEqual([]);
    expect((await site.shop.merchant.compareStatement(site.exported(), PERIOD)).differences).toEqual([]);
    await site.close();
  });

  it("the comparisons name exactly what the restored copy lacks", async () => {
    const { site, receipts, transactions } = await lost();
    expect(inOrder(await differencesOf(site))).toEqual(
      inOrder([
        { id: receipts.waited, kind: "missing_here", theirs: theirs(2), ours: null, isPaid: true },
        { id: receipts.made, kind: "missing_here", theirs: theirs(2), ours: null, isPaid: true },
        { id: receipts.madeToo, kind: "missing_here", theirs: theirs(2), ours: null, isPaid: true },
        { id: receipts.refunded, kind: "state_differs", theirs: theirs(-2), ours: theirs(2), isPaid: true },
      ]),
    );
    const { differences } = await site.shop.merchant.compareStatement(site.exported(), PERIOD);
    expect(inOrder(differences)).toEqual(
      inOrder([
        { id: transactions.waited, kind: "state_differs", theirs: theirs(2), ours: theirs(1), isPaid: true },
        { id: transactions.made, kind: "missing_here", theirs: theirs(2), ours: null, isPaid: true },
        { id: transactions.madeToo, kind: "missing_here", theirs: theirs(2), ours: null, isPaid: true },
        { id: transactions.open, kind: "missing_here", theirs: theirs(1), ours: null, isPaid: false },
        { id: transactions.refunded, kind: "state_differs", theirs: theirs(-2), ours: theirs(2), isPaid: true },
      ]),
    );
    await site.close();
  });

  it("reconcile and review record what the copy knows of, once; what it never knew is left to a person", async () => {
    const { site, receipts } = await lost();
    for (let n = 0; n < 2; n += 1) {
      await site.payments.reconcile();
      await site.payments.review();
      site.pass(24 * HOUR);
    }
    expect(await site.order(13)).toMatchObject({ status: "paid", fulfilled: 1 });
    expect(await site.order(11)).toMatchObject({ status: "refunded", fulfilled: 1, takenBack: 1 });
    expect(inOrder(await differencesOf(site)).map(({ id, kind }) => [id, kind])).toEqual(
      [receipts.made, receipts.madeToo].sort().map((id) => [id, "missing_here"]),
    );
    // Whoever made it is in the receipt: our payment's id, in the account and at the end of the description.
    const receipt = await site.client.receipts.get(receipts.made);
    const named = receipt.account?.find(({ name }) => name === "order_id")?.value;
    expect(receipt.description).toContain(String(named));
    expect(await site.payments.find(String(named))).toBeUndefined();
    await expect(site.payments.check(receipts.made)).rejects.toThrow();
    // Its money is given back by the receipt's own id.
    expect(await site.client.receipts.cancel(receipts.made)).toMatchObject({ state: 21 });
    await site.close();
  });

  it("money of a lost payment is accepted for a new one of the same order, once, and then both comparisons agree", async () => {
    const { site, receipts } = await lost();
    await site.payments.reconcile();
    await site.payments.review();
    // As docs/backup.md has it.
    async function takeLost(paymeId: string, reference: string) {
      const { payments, now } = site;
      const { id } = await payments.create({ amount: AMOUNT, reference, once: true });
      await payments.recordPaid({ paymeId, amount: AMOUNT, paidAt: now(), source: "gateway" });
      const incident = (await payments.incidents.list()).find((each) => each.paymeId === paymeId);
      if (incident === undefined) return undefined;
      const yes = { by: "Dilnoza", note: "lost with the database", paymentId: id };
      return (await payments.accept(incident.id, yes)).outcome;
    }
    for (const [order, paymeId] of [
      [14, receipts.made],
      [15, receipts.madeToo],
    ] as const) {
      expect(await takeLost(paymeId, String(order))).toBe("applied");
      expect(await takeLost(paymeId, String(order))).toBeUndefined();
      expect(await site.order(order)).toMatchObject({ status: "paid", fulfilled: 1 });
    }
    site.pass(HOUR);
    await site.payments.reconcile();
    expect(await differencesOf(site)).toEqual([]);
    expect(await site.payments.incidents.list()).toEqual([]);
    await site.close();
  });

  it("a link of the lost day can still be paid: its notification is an incident, and its order is not fulfilled", async () => {
    const { site, receipts } = await lost();
    await site.mock.pay(receipts.open, { card: { number: "8600495473316478", expire: "03/99" } });
    const recorded = await site.payments.recordPaid({
      paymeId: receipts.open,
      amount: AMOUNT,
      paidAt: site.now(),
      source: "gateway",
    });
    expect(recorded).toEqual({ outcome: "not_found", incident: "unknown_transaction" });
    expect(await site.order(16)).toMatchObject({ fulfilled: 0 });
    await site.close();
  });

  it("Payme's calls sent again bring the Merchant books back, once, however often they are sent", async () => {
    const { site, transactions } = await lost();
    const { shop } = site;
    for (const id of [transactions.made, transactions.open]) {
      expect(await shop.call("CheckTransaction", { id })).toEqual(refusal(-31003));
      expect(await shop.call("PerformTransaction", { id })).toEqual(refusal(-31003));
    }
    for (let n = 0; n < 2; n += 1) {
      // What the copy knows: the missing step. What it never knew: from the first step on.
      expect(await shop.call("PerformTransaction", { id: transactions.waited })).toMatchObject({
        result: { state: 2 },
      });
      expect(await shop.call("CancelTransaction", { id: transactions.refunded, reason: 5 })).toMatchObject({
        result: { state: -2 },
      });
      for (const { id, time, amount, account, state } of site.caller.transactions().filter(isUnknown)) {
        const create = await shop.call("CreateTransaction", { id, time, amount, account });
        // The Create of what is paid is refused, and changes nothing.
        if (n > 0 && state === 2) expect(create).toEqual(refusal(-31008));
        else expect(create).toMatchObject({ result: { state: 1 } });
        if (state === 2) expect(await shop.call("PerformTransaction", { id })).toMatchObject({ result: { state: 2 } });
      }
    }
    expect((await shop.merchant.compareStatement(site.exported(), PERIOD)).differences).toEqual([]);
    for (const id of [3, 4, 5]) expect(await site.order(id)).toMatchObject({ status: "paid", fulfilled: 1 });
    expect(await site.order(1)).toMatchObject({ fulfilled: 1, takenBack: 1 });
    // Payme goes on with what was open, as if nothing had been.
    await site.caller.perform(transactions.open);
    expect(await site.order(6)).toMatchObject({ status: "paid", fulfilled: 1 });
    await site.close();

    function isUnknown({ id }: { readonly id: string }): boolean {
      return [transactions.made, transactions.madeToo, transactions.open].includes(id);
    }
  });

  it("after 12 hours they are refused with -31008: the sweep ends what it knows as unpaid, and a new one is too old", async () => {
    const { site, transactions } = await lost();
    const { shop } = site;
    site.pass(12 * HOUR);
    await shop.merchant.sweep();
    expect(await shop.call("PerformTransaction", { id: transactions.waited })).toEqual(refusal(-31008));
    expect(await site.order(3)).toMatchObject({ status: "new", fulfilled: 0 });
    const made = site.caller.transaction(transactions.made);
    if (made === undefined) throw new Error("Payme has it");
    const { id, time, amount, account } = made;
    expect(await shop.call("CreateTransaction", { id, time, amount, account })).toEqual(refusal(-31008));
    // The comparison still names them, for a person.
    const { differences } = await shop.merchant.compareStatement(site.exported(), PERIOD);
    expect(differences.map((difference) => difference.id)).toEqual(
      expect.arrayContaining([transactions.waited, transactions.made, transactions.madeToo]),
    );
    await site.close();
  });
}

/** A copy that is made while the shop sells. */
export function wholeCopyRule<Tx>(newDatabase: () => Promise<BackedUp<Tx>>): void {
  it("is whole while the shop sells: what was committed is there, and each paid order is fulfilled", async () => {
    const site = await openSite(await newDatabase());
    await site.sell(1);
    const selling = (async () => {
      for (let order = 2; order <= 10; order += 1) await site.sell(order);
    })();
    await site.backUp();
    await selling;
    const sold = site.caller.transactions();
    expect(sold).toHaveLength(10);
    await site.loseAndRestore();
    const copied = await Promise.all(
      sold.map(async ({ id }, index) => {
        const { result } = await site.shop.call("CheckTransaction", { id });
        const isPaid = result?.state === 2;
        expect(await site.order(index + 1)).toMatchObject({ fulfilled: isPaid ? 1 : 0 });
        return isPaid;
      }),
    );
    expect(copied[0]).toBe(true);
    await site.close();
  });
}
