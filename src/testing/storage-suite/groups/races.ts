import type { Storage, Verbs } from "../../../ledger";
import { atOnce, CALLS, countApplied, idsOf } from "../at-once";
import { equal, includes } from "../check";
import { PRIZES, type ProcessRaceName, processRaces, runRace } from "../process-races";
import {
  chargeable,
  column,
  NOW,
  newEvent,
  paying,
  paymentRow,
  performing,
  SCOPE,
  transactionRow,
  UNPAID,
} from "../rows";
import { type Opponent, readyOpponent } from "../second-process";
import { rule, type SuiteCase } from "../under-test";

/** The races of two processes, and the rule of each. */
const BETWEEN_PROCESSES: readonly (readonly [race: ProcessRaceName, what: string])[] = [
  ["pay", "payments that two Payme ids pay: each is paid once"],
  ["perform", "transactions that both perform: each once"],
  ["order", "one-time orders of two transactions: each has one"],
  ["space", "one-time orders that two cashboxes share: each has one"],
  ["reference", "references of two payments: each has one"],
  ["room", "users who may have one open payment: each has one"],
  ["incident", "incidents that both append: each is written once"],
  ["lease", "messages that both claim: each is leased to one"],
  ["settle", "payments that both settle in a transaction: each once"],
];

/** Of calls at once exactly one wins: in one process, over two connections, and in two processes. */
export const races: readonly SuiteCase[] = [
  rule("of many Payme ids that pay one payment at once, one is applied", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    const results = await atOnce(kit, (storage, n) =>
      storage.changePayment(SCOPE, "payment-1", paying({ paidBy: `payme-${n}` })),
    );
    const winner = results.findIndex(({ outcome }) => outcome === "applied");
    equal(countApplied(results), 1, "applied");
    const row = await kit.storage.findPayment(SCOPE, { id: "payment-1" });
    includes(row, { status: "PAID", paidBy: `payme-${winner}` }, "the row is the winner's");
  }),
  rule("a payment that is paid and cancelled at once ends as the applied change left it", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    const results = await atOnce(kit, (storage, n) =>
      n % 2 === 0
        ? storage.changePayment(SCOPE, "payment-1", paying({ from: ["PENDING"] }))
        : storage.changePayment(SCOPE, "payment-1", { from: ["PENDING"], to: "CANCELLED", at: NOW }),
    );
    equal(countApplied(results), 1, "applied");
    const winner = results.findIndex(({ outcome }) => outcome === "applied");
    const status = winner % 2 === 0 ? "PAID" : "CANCELLED";
    includes(await kit.storage.findPayment(SCOPE, { id: "payment-1" }), { status }, "the row");
  }),
  rule("of many performs of one transaction at once, one is applied", async (kit) => {
    await kit.storage.addTransaction(transactionRow());
    const results = await atOnce(kit, (storage) => storage.changeTransaction(SCOPE, "payme-1", performing()));
    equal(countApplied(results), 1, "applied");
  }),
  rule("of many transactions for a one-time order at once, one is stored", async (kit) => {
    const results = await atOnce(kit, (storage, n) =>
      storage.addTransaction(transactionRow({ paymeId: `payme-${n}` })),
    );
    equal(countApplied(results), 1, "applied");
    const stored = await kit.storage.listTransactions(SCOPE, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 99 });
    equal(stored.length, 1, "stored");
    const winners = new Set(results.map(({ row }) => row.paymeId));
    equal([...winners], [stored[0]?.paymeId], "the row that every call returned");
  }),
  rule("of many transactions of two cashboxes that share orders, one holds the order", async (kit) => {
    const results = await atOnce(kit, (storage, n) =>
      storage.addTransaction(
        transactionRow({ cashbox: n % 4 < 2 ? "web" : "bot", paymeId: `payme-${n}`, orderSpace: "shared" }),
      ),
    );
    equal(countApplied(results), 1, "applied");
    const holder = await kit.storage.findLiveByOrder(SCOPE, "order-1", "shared");
    equal([...new Set(results.map(({ row }) => row.paymeId))], [holder?.paymeId], "the row that every call returned");
  }),
  rule("of many transactions with one Payme id at once, one is stored", async (kit) => {
    const results = await atOnce(kit, (storage) => storage.addTransaction(transactionRow({ oneTime: false })));
    equal(countApplied(results), 1, "applied");
  }),
  rule("of many payments of one reference at once, one is stored and all calls return it", async (kit) => {
    const results = await atOnce(kit, (storage, n) =>
      storage.addPayment(paymentRow({ id: `payment-${n}`, reference: "order-1" })),
    );
    equal(countApplied(results), 1, "applied");
    const open = await kit.storage.listPending(SCOPE, { before: Number.MAX_SAFE_INTEGER, limit: 99 });
    equal([...new Set(results.map(({ row }) => row.id))], [open[0]?.id], "the row that every call returned");
    equal(open.length, 1, "stored");
  }),
  rule("of many payments of one user at once, as many are stored as the bound lets through", async (kit) => {
    const results = await atOnce(kit, (storage, n) =>
      storage.addPayment(paymentRow({ id: `payment-${n}` }), { mostOpen: 3 }),
    );
    equal(countApplied(results), 3, "applied");
    const open = await kit.storage.listPending(SCOPE, { before: Number.MAX_SAFE_INTEGER, limit: 99 });
    equal(open.length, 3, "stored");
  }),
  rule("of many receipts for one payment at once, one is attached", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    const receipt = { chequeId: "cheque", payUrl: "https://pay.example", at: NOW, nextCheckAt: NOW };
    const results = await atOnce(kit, (storage, n) =>
      storage.attachReceipt(SCOPE, "payment-1", { ...receipt, transactionId: `receipt-${n}` }),
    );
    equal(countApplied(results), 1, "applied");
  }),
  rule("of many requests to cancel one payment at once, one is applied", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    const request = { from: UNPAID, at: NOW, nextCheckAt: NOW };
    const results = await atOnce(kit, (storage) => storage.requestCancel(SCOPE, "payment-1", request));
    equal(countApplied(results), 1, "applied");
  }),
  rule("of many charges and cancels of one payment at once, one is applied", async (kit) => {
    await kit.storage.addPayment(chargeable());
    const results = await atOnce(kit, (storage, n) =>
      n % 2 === 0
        ? storage.claimCharge(SCOPE, "payment-1", { at: NOW, until: NOW + 1_000 })
        : storage.requestCancel(SCOPE, "payment-1", { from: UNPAID, at: NOW, nextCheckAt: NOW }),
    );
    equal(countApplied(results), 1, "applied");
  }),
  rule("checks at once are all counted: no change is lost", async (kit) => {
    await kit.storage.addPayment(paymentRow({ nextCheckAt: NOW }));
    const schedule = { at: NOW, nextCheckAt: NOW, held: false };
    await atOnce(kit, (storage) => storage.scheduleCheck(SCOPE, "payment-1", schedule));
    includes(await kit.storage.findPayment(SCOPE, { id: "payment-1" }), { checks: CALLS }, "the row");
  }),
  rule("no two workers claim one payment", async (kit) => {
    for (let n = 0; n < CALLS; n += 1) {
      await kit.storage.addPayment(paymentRow({ id: `payment-${n}`, nextCheckAt: NOW }));
    }
    const claim = { now: NOW, leaseUntil: NOW + 1_000, limit: 3 };
    const claimed = await atOnce(kit, (storage) => storage.claimDuePayments(SCOPE, claim));
    equal(idsOf(claimed), [...new Set(idsOf(claimed))], "each claimed once");
    equal(idsOf(claimed).length, CALLS, "all claimed");
  }),
  rule("of many equal incidents at once, one is written", async (kit) => {
    const incident = newEvent({ kind: "double_payment", paymeId: "payme-1" });
    const written = await atOnce(kit, (storage) => storage.appendEvents([incident]));
    equal(idsOf(written).length, 1, "calls that wrote it");
    equal((await kit.storage.listEvents(SCOPE, { limit: 99 })).length, 1, "written");
  }),
  rule("of incidents that are resolved and come again at once, one at most is open", async (kit) => {
    const incident = newEvent({ kind: "effect_failed", paymeId: "payme-1" });
    const [first] = await kit.storage.appendEvents([incident]);
    const result = { result: "resolved", by: "me", note: "", at: NOW } as const;
    const written = await atOnce(kit, async (storage, n) => {
      if (n % 2 === 0) return storage.appendEvents([incident]);
      await storage.closeEvent(SCOPE, first?.id ?? 0, result);
      return [];
    });
    const open = await kit.storage.listEvents(SCOPE, { open: true, limit: 99 });
    equal(idsOf([open]), idsOf(written), "the open one, and the one that came again");
    equal(open.length <= 1, true, "at most one");
  }),
  rule("a row that a transaction found with a lock is changed by no other before its end", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    await kit.storage.addTransaction(transactionRow());
    const locks: readonly ((verbs: Verbs) => Promise<unknown>)[] = [
      (verbs) => verbs.findPayment(SCOPE, { id: "payment-1" }, { lock: true }),
      (verbs) => verbs.findTransaction(SCOPE, "payme-1", { lock: true }),
    ];
    for (const [subject, lock] of locks.entries()) {
      await atOnce(kit, (storage) => appendOnce(storage, String(subject), lock));
      const events = await kit.storage.listEvents(SCOPE, { subject: String(subject), limit: 99 });
      equal(events.length, 1, subject === 0 ? "written behind a payment" : "written behind a transaction");
    }
  }),
  rule("transactions that wait between statements take turns, and none is refused", async (kit) => {
    await kit.storage.addPayment(paymentRow());
    const results = await atOnce(kit, (storage, n) => payAndTell(storage, `payme-${n}`));
    equal(countApplied(results), 1, "applied");
    const events = await kit.storage.listEvents(SCOPE, { limit: 99 });
    const winner = results.findIndex(({ outcome }) => outcome === "applied");
    equal(column(events, "paymeId"), [`payme-${winner}`], "the events");
  }),
  {
    title: "of two processes that want one thing, exactly one gets it",
    needs: "process",
    mend: "Put the guard into the database: a lock in one process (a mutex, a queue, a Map) does not hold in another.",
    async run(kit) {
      const child = kit.process?.();
      if (child === undefined) return;
      const opponent = await readyOpponent(child);
      try {
        for (const [name, what] of BETWEEN_PROCESSES) await raceBetween(kit.storage, opponent, name, what);
      } finally {
        opponent.end();
      }
    },
  },
];

/** Lets both processes call for all prizes in the same order, so that their calls meet. */
async function raceBetween<Tx>(storage: Storage<Tx>, opponent: Opponent, name: ProcessRaceName, what: string) {
  for (let n = 0; n < PRIZES; n += 1) await processRaces[name].prepare(storage, n);
  const outcomes = (await Promise.all([runRace(storage, name, "parent"), opponent.race(name)])).flat();
  equal(outcomes.filter((outcome) => outcome === "applied").length, PRIZES, what);
}

/** Writes an event where there is none yet: once, if the lock holds. */
function appendOnce<Tx>(storage: Storage<Tx>, subject: string, lock: (verbs: Verbs) => Promise<unknown>) {
  return storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    await lock(verbs);
    const before = await verbs.listEvents(SCOPE, { subject, limit: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (before.length === 0) await verbs.appendEvents([newEvent({ subject })]);
  });
}

/** Settles a payment: the guard, a wait like a hook's, and the event, in one transaction. */
function payAndTell<Tx>(storage: Storage<Tx>, paidBy: string) {
  return storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const won = await verbs.changePayment(SCOPE, "payment-1", paying({ paidBy }));
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (won.outcome === "applied") await verbs.appendEvents([newEvent({ paymeId: paidBy })]);
    return won;
  });
}
