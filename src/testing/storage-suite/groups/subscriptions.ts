import { som, tiyin } from "../../../kit/money";
import type { AttemptRow, CardRow, PeriodRow, SubscriptionRow } from "../../../subscriptions/rows";
import { storeBeside } from "../../../subscriptions/store-beside";
import type { SubscriptionStore, SubscriptionVerbs } from "../../../subscriptions/subscription-store";
import { atOnce, CALLS, countApplied, idsOf } from "../at-once";
import { equal, StorageSuiteFailure } from "../check";
import { NOW } from "../rows";
import { rule, type StorageUnderTest, type SuiteCase } from "../under-test";

const SCOPE = { cashbox: "default", mode: "test" } as const;
const OTHER = { cashbox: "second", mode: "test" } as const;
const ID = "subscription-1";

/** One row for each period, attempt and token, and one live subscription for each owner and plan, whoever writes. */
export const subscriptions: readonly SuiteCase[] = [
  ofStore("keeps rows unchanged, with and without their nulls", async ({ change, store }) => {
    const full: SubscriptionRow = {
      ...row(),
      state: "PAST_DUE",
      every: { days: 7 },
      description: "Премиум",
      data: { nested: [1, "2"] },
      trialDays: 14,
      cancelAtEnd: true,
      change: { plan: "gold", amount: som(90_000), every: { months: 3 } },
      endedAt: NOW + 1,
      cause: "card",
      nextAt: null,
    };
    const fullPeriod: PeriodRow = {
      ...period(),
      state: "UNKNOWN",
      paymentId: "payment-1",
      receiptId: "receipt-1",
      unknownAt: NOW,
      firstTriedAt: NOW,
      nextAt: null,
      graceUntil: NOW + 1,
      reason: "unknown",
      code: "-31630",
      paidAt: NOW + 2,
    };
    const ended: AttemptRow = {
      ...attempt(),
      receiptId: "r",
      endedAt: NOW,
      outcome: "declined",
      reason: "funds",
      code: "1",
    };
    for (const [subscriptionRow, periodRow, attemptRow, cardRow] of [
      [row(), period(), attempt(), card()],
      [full, fullPeriod, ended, { ...card(), sealed: null, expiresAt: null, state: "REMOVED", noticed: 7 } as const],
    ] as const) {
      await change(async (verbs) => {
        await verbs.addSubscription(row());
        await verbs.addPeriod(period());
        await verbs.addAttempt(attempt());
        await verbs.addCard(card());
        await verbs.saveSubscription(subscriptionRow);
        await verbs.savePeriod(periodRow);
        await verbs.saveAttempt(attemptRow);
        await verbs.saveCard(cardRow);
      });
      equal(await store.findSubscription(ID), subscriptionRow, "the subscription");
      equal(await store.findPeriod(ID, 1), periodRow, "the period");
      equal(await store.listAttempts(ID, { limit: 9 }), [attemptRow], "the attempts");
      equal(await store.findCard("card-1"), cardRow, "the card");
    }
  }),
  ofStore(
    "of calls at once, one adds a period, one an attempt, one a token, and one a live subscription",
    async ({ kit, using }) => {
      const added = (add: (verbs: SubscriptionVerbs, n: number) => Promise<{ outcome: string }>) =>
        atOnce(kit, (storage, n) => storage.transaction((tx) => add(using(tx), n)));
      equal(countApplied(await added((verbs) => verbs.addPeriod(period()))), 1, "periods");
      equal(countApplied(await added((verbs) => verbs.addAttempt(attempt()))), 1, "attempts");
      equal(
        countApplied(await added((verbs, n) => verbs.addCard({ ...card(), id: `card-${n}` }))),
        1,
        "cards of one token",
      );
      const lives = await added((verbs, n) => verbs.addSubscription({ ...row(), id: `subscription-${n}` }));
      equal(countApplied(lives), 1, "live subscriptions of one owner and plan");
    },
  ),
  ofStore(
    "an owner subscribes again once it has ended; other owners, plans and cashboxes stand beside",
    async ({ change }) => {
      const outcomes = await change(async (verbs) => {
        const live = await verbs.addSubscription(row());
        const beside = [
          { ...row(), id: "b", owner: "u2" },
          { ...row(), id: "c", plan: "gold" },
          { ...row(), id: "d", ...OTHER },
        ];
        const others = [];
        for (const other of beside) others.push((await verbs.addSubscription(other)).outcome);
        const refused = await verbs.addSubscription({ ...row(), id: "e" });
        equal(refused.row.id, ID, "the live one");
        await verbs.saveSubscription({ ...live.row, state: "ENDED" });
        return [live.outcome, ...others, refused.outcome, (await verbs.addSubscription({ ...row(), id: "f" })).outcome];
      });
      equal(outcomes, ["applied", "applied", "applied", "applied", "already_applied", "applied"], "the outcomes");
    },
  ),
  ofStore("a lock keeps others waiting, and shows what they committed", async ({ kit, change, using, store }) => {
    await change((verbs) => verbs.addSubscription(row()));
    await atOnce(kit, (storage) =>
      storage.transaction(async (tx) => {
        const locked = await using(tx).lockSubscription(ID);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (locked !== undefined) await using(tx).saveSubscription({ ...locked, number: locked.number + 1 });
      }),
    );
    equal((await store.findSubscription(ID))?.number, CALLS, "changes that were made one after another");
  }),
  ofStore("gives each due subscription to one caller, the longest due first", async ({ kit, change, using, store }) => {
    await change(async (verbs) => {
      for (let n = 0; n < CALLS; n += 1) {
        await verbs.addSubscription({
          ...row(),
          id: `due-${String(n).padStart(2, "0")}`,
          owner: `u${n}`,
          nextAt: NOW - CALLS + n,
        });
      }
      await verbs.addSubscription({ ...row(), id: "later", owner: "later", nextAt: NOW + 1 });
      await verbs.addSubscription({ ...row(), id: "never", owner: "never", nextAt: null });
      await verbs.addSubscription({ ...row(), id: "elsewhere", ...OTHER, nextAt: NOW - 1 });
    });
    const claim = { now: NOW, leaseUntil: NOW + 1_000, limit: 2 };
    equal(await store.countOverdue(SCOPE, NOW), CALLS, "overdue ones");
    const [oldest] = await change((verbs) => verbs.claimDue(SCOPE, { ...claim, limit: 1 }));
    equal([oldest?.id, oldest?.nextAt], ["due-00", NOW + 1_000], "the one that is due longest");
    const rest = await atOnce(kit, (storage) => storage.transaction((tx) => using(tx).claimDue(SCOPE, claim)));
    const ids = idsOf(rest);
    equal(new Set(ids).size, ids.length, "each is given once");
    const left = await change((verbs) => verbs.claimDue(SCOPE, { ...claim, limit: 99 }));
    equal([...ids, ...idsOf([left])].length, CALLS - 1, "all that were due");
    equal(await change((verbs) => verbs.claimDue(SCOPE, { ...claim, limit: 99 })), [], "nothing is left");
  }),
  ofStore("commits and rolls back with its transaction, unseen before", async ({ kit, store, using }) => {
    const failing = kit.storage.transaction(async (tx) => {
      await using(tx).addSubscription(row());
      await using(tx).addPeriod(period());
      equal((await using(tx).findPeriod(ID, 1))?.number, 1, "inside the transaction");
      throw new Error("rolled back");
    });
    await failing.catch((error: unknown) => {
      if (error instanceof StorageSuiteFailure) throw error;
    });
    equal(
      [await store.findSubscription(ID), await store.findPeriod(ID, 1)],
      [undefined, undefined],
      "after the rollback",
    );
  }),
  ofStore("lists the newest first, and counts states and revenue of its cashbox", async ({ change, store }) => {
    await change(async (verbs) => {
      for (const [n, state] of (["ACTIVE", "ACTIVE", "PAST_DUE"] as const).entries()) {
        await verbs.addSubscription({ ...row(), id: `s${n}`, plan: `p${n}`, createdAt: NOW + n, state });
        await verbs.addPeriod({
          ...period(),
          subscriptionId: "s0",
          number: n + 1,
          state: n === 2 ? "REFUNDED" : "PAID",
          paidAt: NOW + n,
        });
      }
      await verbs.addSubscription({ ...row(), id: "elsewhere", ...OTHER });
      await verbs.addCard(card());
      await verbs.addCard({ ...card(), id: "card-2", tokenHash: "t2", createdAt: NOW + 1 });
    });
    const ids = async (plan?: string) =>
      (await store.listSubscriptions(SCOPE, { owner: "u1", plan, limit: 2 })).map(({ id }) => id);
    equal([await ids(), await ids("p0")], [["s2", "s1"], ["s0"]], "the subscriptions");
    equal(
      (await store.listPeriods("s0", 2)).map(({ number }) => number),
      [3, 2],
      "the periods",
    );
    equal(
      (await store.listCards(SCOPE, { owner: "u1", limit: 9 })).map(({ id }) => id),
      ["card-2", "card-1"],
      "the cards",
    );
    equal(
      (await store.listCards(SCOPE, { after: "card-1", limit: 9 })).map(({ id }) => id),
      ["card-2"],
      "a page of all cards",
    );
    equal(await store.countStates(SCOPE), { ACTIVE: 2, PAST_DUE: 1 }, "the states");
    equal(await store.revenue(SCOPE, { from: NOW, to: NOW + 1 }), { periods: 1, amount: som(50_000) }, "of one moment");
    equal(
      await store.revenue(SCOPE, { from: NOW, to: NOW + 9 }),
      { periods: 2, amount: som(100_000) },
      "of all, without the refunded one",
    );
  }),
];

/** What a case works with. */
interface Tools<Tx> {
  readonly kit: StorageUnderTest<Tx>;
  readonly store: SubscriptionStore<Tx>;
  using(tx: Tx): SubscriptionVerbs;
  change<R>(work: (verbs: SubscriptionVerbs) => Promise<R>): Promise<R>;
}

function ofStore(title: string, run: <Tx>(tools: Tools<Tx>) => Promise<void>): SuiteCase {
  return rule(title, async (kit) => {
    const store = kit.subscriptions ?? storeBeside(kit.storage);
    await store.migrate();
    const using = store.using;
    await run({ kit, store, using, change: (work) => kit.storage.transaction((tx) => work(using(tx))) });
  });
}

function row(): SubscriptionRow {
  return {
    ...SCOPE,
    id: ID,
    owner: "u1",
    plan: "premium",
    state: "ACTIVE",
    amount: som(50_000),
    consented: som(50_000),
    credit: tiyin(0),
    every: { months: 1 },
    anchor: NOW,
    firstNumber: 1,
    number: 0,
    cardId: "card-1",
    description: null,
    data: null,
    trialDays: 0,
    accessUntil: NOW,
    cancelAtEnd: false,
    change: null,
    createdAt: NOW,
    updatedAt: NOW,
    endedAt: null,
    cause: null,
    nextAt: NOW + 1,
  };
}

function period(): PeriodRow {
  return {
    ...SCOPE,
    subscriptionId: ID,
    number: 1,
    start: NOW,
    end: NOW + 86_400_000,
    amount: som(50_000),
    credit: tiyin(0),
    state: "DUE",
    k: 1,
    paymentId: null,
    receiptId: null,
    attempts: 0,
    pays: 0,
    fundsDeclines: 0,
    otherDeclines: 0,
    unsent: 0,
    unknownAt: null,
    repays: 0,
    firstTriedAt: null,
    nextAt: NOW,
    graceUntil: null,
    reason: null,
    code: null,
    paidAt: null,
    updatedAt: NOW,
  };
}

function attempt(): AttemptRow {
  return {
    ...SCOPE,
    subscriptionId: ID,
    number: 1,
    attempt: 1,
    cardId: "card-1",
    paymentId: "payment-1",
    receiptId: null,
    startedAt: NOW,
    endedAt: null,
    outcome: null,
    reason: null,
    code: null,
  };
}

function card(): CardRow {
  return {
    ...SCOPE,
    id: "card-1",
    owner: "u1",
    sealed: "v1.a.b.c",
    tokenHash: "t1",
    mask: "860006******6311",
    expiresAt: NOW + 1,
    state: "ATTACHED",
    checkedAt: NOW,
    consentVersion: "2026-01",
    consentText: "I agree.",
    consentAt: NOW,
    noticed: null,
    createdAt: NOW,
  };
}
