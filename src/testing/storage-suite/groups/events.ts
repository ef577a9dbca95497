import type { EventResult, EventRow, Storage } from "../../../ledger";
import { atOnce, CALLS, idsOf } from "../at-once";
import { equal, includes } from "../check";
import { column, NOW, newEvent, OTHER_SCOPES, paying, paymentRow, SCOPE } from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** Messages are leased to workers, delivered in order, retried and parked. */
export const events: readonly SuiteCase[] = [
  rule("leases the oldest message of each subject when it is due", async ({ storage }) => {
    await storage.appendEvents([
      newEvent({ subject: "a", data: 1, deliverAt: NOW }),
      newEvent({ subject: "a", data: 2, deliverAt: NOW }),
      newEvent({ subject: "b", deliverAt: NOW + 10 }),
      newEvent({ subject: "b", deliverAt: NOW }),
      newEvent({ subject: "c" }),
      newEvent({ subject: "d", deliverAt: NOW }),
    ]);
    const [first, ...others] = await claim(storage, NOW);
    const leased = { subject: "a", data: 1, attempts: 1, leaseToken: "token", leaseUntil: NOW + 100 };
    includes(first, leased, "the first lease");
    equal(column(others, "subject"), ["d"], "the others; b waits for its first message, c is no message");
    equal(await claim(storage, NOW), [], "while they are leased");
    equal(column(await claim(storage, NOW + 10), "subject"), ["b"], "once b's first is due");
    includes((await claim(storage, NOW + 100))[0], { subject: "a", data: 1, attempts: 2 }, "once the lease is over");
  }),
  rule("lists as due what a claim would take, and takes nothing", async ({ storage }) => {
    await storage.appendEvents([
      newEvent({ subject: "a", data: 1, deliverAt: NOW + 1 }),
      newEvent({ subject: "a", data: 2, deliverAt: NOW }),
      newEvent({ subject: "b", deliverAt: NOW }),
      newEvent({ subject: "c" }),
      ...OTHER_SCOPES.map((scope) => newEvent({ ...scope, subject: "d", deliverAt: NOW })),
    ]);
    const due = async (at: number) => column(await storage.listEvents(SCOPE, { due: at, limit: 9 }), "subject");
    equal(await due(NOW - 1), [], "before");
    equal(await due(NOW), ["b"], "the second of a waits for the first");
    equal(await due(NOW + 1), ["a", "b"], "later");
    equal(await due(NOW + 1), ["a", "b"], "again: nothing was taken");
    await claim(storage, NOW);
    equal(await due(NOW + 99), ["a"], "while b is leased");
    equal(await due(NOW + 100), ["a", "b"], "once the lease is over");
  }),
  rule("after a delivered or parked message the next one is free, after a retry it is not", async ({ storage }) => {
    await storage.appendEvents([1, 2, 3].map((data) => newEvent({ data, deliverAt: NOW })));
    const claimed = async (now: number) => (await claim(storage, now))[0];
    const first = await claimed(NOW);
    const retry = { result: "retry", token: "token", at: NOW, deliverAt: NOW + 50 } as const;
    await storage.closeEvent(SCOPE, first?.id ?? 0, retry);
    equal(await claimed(NOW + 49), undefined, "before it is tried again");
    const again = await claimed(NOW + 50);
    includes(again, { data: 1, attempts: 2 }, "the second try");
    await storage.closeEvent(SCOPE, again?.id ?? 0, { result: "delivered", token: "token", at: NOW + 51 });
    const second = await claimed(NOW + 52);
    includes(second, { data: 2, attempts: 1 }, "the second message");
    await storage.closeEvent(SCOPE, second?.id ?? 0, { result: "parked", token: "token", at: NOW + 53 });
    includes(await claimed(NOW + 54), { data: 3 }, "the third message");
    const rows = await storage.listEvents(SCOPE, { limit: 9 });
    const free = { deliverAt: null, leaseToken: null, leaseUntil: null };
    includes(rows[0], { ...free, deliveredAt: NOW + 51, parkedAt: null }, "the delivered one");
    includes(rows[1], { ...free, deliveredAt: null, parkedAt: NOW + 53 }, "the parked one");
  }),
  rule("a parked message is listed; requeued, it is new again and first of its subject", async ({ storage }) => {
    const [first] = await storage.appendEvents([1, 2].map((data) => newEvent({ data, deliverAt: NOW })));
    const id = first?.id ?? 0;
    const requeued = { result: "requeued", deliverAt: NOW + 5 } as const;
    equal((await storage.closeEvent(SCOPE, id, requeued)).outcome, "already_applied", "requeued while it waits");
    await claim(storage, NOW);
    await storage.closeEvent(SCOPE, id, { result: "parked", token: "token", at: NOW + 1 });
    equal(idsOf([await storage.listEvents(SCOPE, { parked: true, limit: 9 })]), [id], "the parked messages");
    for (const scope of OTHER_SCOPES) {
      equal(await storage.listEvents(scope, { parked: true, limit: 9 }), [], "parked messages there");
      equal(await storage.closeEvent(scope, id, requeued), { outcome: "not_found" }, "requeued from there");
    }
    equal((await storage.closeEvent(SCOPE, id, requeued)).outcome, "applied", "requeued");
    equal((await storage.closeEvent(SCOPE, id, requeued)).outcome, "already_applied", "requeued again");
    equal(await storage.listEvents(SCOPE, { parked: true, limit: 9 }), [], "parked messages after it");
    equal(await claim(storage, NOW + 4), [], "before it is due; the second waits for it");
    const again = { data: 1, attempts: 1, parkedAt: null };
    includes((await claim(storage, NOW + 5))[0], again, "the first again");
  }),
  rule("closing a message leaves the worker's others; another scope's block nothing", async ({ storage }) => {
    for (const scope of [...OTHER_SCOPES, SCOPE]) {
      await storage.appendEvents(["a", "b"].map((subject) => newEvent({ ...scope, subject, deliverAt: NOW })));
    }
    const claim = { now: NOW, leaseUntil: NOW + 100, token: "mine", limit: 9 };
    const [first, second] = await storage.claimEvents(SCOPE, claim);
    includes(first, { subject: "a" }, "the first, though another scope has an older one of its subject");
    const result: EventResult = { result: "delivered", token: "mine", at: NOW + 1 };
    for (const scope of OTHER_SCOPES) {
      equal(await storage.closeEvent(scope, first?.id ?? 0, result), { outcome: "not_found" }, "closing from there");
    }
    await storage.closeEvent(SCOPE, first?.id ?? 0, result);
    equal((await storage.listEvents(SCOPE, { limit: 9 }))[1], second, "the second");
  }),
  rule("only the holder of the lease closes a message; an incident is closed once", async ({ storage }) => {
    const [message, incident] = await storage.appendEvents([
      newEvent({ deliverAt: NOW }),
      newEvent({ kind: "double_payment", paymeId: "payme-1", subject: "other" }),
    ]);
    await storage.claimEvents(SCOPE, { now: NOW, leaseUntil: NOW + 1, token: "old", limit: 9 });
    await storage.claimEvents(SCOPE, { now: NOW + 1, leaseUntil: NOW + 100, token: "new", limit: 9 });
    await storage.closeEvent(SCOPE, message?.id ?? 0, { result: "delivered", token: "old", at: NOW + 2 });
    const resolve = (by: string) =>
      storage.closeEvent(SCOPE, incident?.id ?? 0, { result: "resolved", by, note: by, at: NOW });
    await resolve("first");
    await resolve("second");
    const rows = await storage.listEvents(SCOPE, { limit: 9 });
    includes(rows[0], { deliveredAt: null, leaseToken: "new", deliverAt: NOW }, "the message");
    includes(rows[1], { resolvedBy: "first", note: "first" }, "the incident");
  }),
  rule("two workers never lease one message", async (kit) => {
    const messages = Array.from({ length: CALLS }, (_, n) => newEvent({ subject: `payment-${n}`, deliverAt: NOW }));
    await kit.storage.appendEvents(messages);
    const claimed = await atOnce(kit, (storage, n) =>
      storage.claimEvents(SCOPE, { now: NOW, leaseUntil: NOW + 1_000, token: `worker-${n}`, limit: 3 }),
    );
    equal(idsOf(claimed), [...new Set(idsOf(claimed))], "each leased once");
    equal(idsOf(claimed).length, CALLS, "all leased");
  }),
  rule("workers at once deliver the messages of each subject in order, each once", async (kit) => {
    const subjects = ["a", "b", "c"];
    const messages = [1, 2, 3, 4].flatMap((data) =>
      subjects.map((subject) => newEvent({ subject, data, deliverAt: NOW })),
    );
    await kit.storage.appendEvents(messages);
    const delivered: EventRow[] = [];
    await atOnce(kit, (storage, n) => deliverAll(storage, `worker-${n}`, delivered));
    for (const subject of subjects) {
      const data = delivered.filter((row) => row.subject === subject).map((row) => row.data);
      equal(data, [1, 2, 3, 4], `the deliveries of ${subject}`);
    }
  }),
  rule("a worker after its lease neither delivers, delays nor parks a message", async ({ storage }) => {
    const [message] = await storage.appendEvents([newEvent({ deliverAt: NOW })]);
    const id = message?.id ?? 0;
    await claim(storage, NOW, SCOPE, "slow");
    const [taken] = await claim(storage, NOW + 100, SCOPE, "quick");
    const late: readonly EventResult[] = [
      { result: "delivered", token: "slow", at: NOW + 101 },
      { result: "retry", token: "slow", at: NOW + 101, deliverAt: NOW + 500 },
      { result: "parked", token: "slow", at: NOW + 101 },
    ];
    for (const result of late) {
      equal(await storage.closeEvent(SCOPE, id, result), { outcome: "conflict", row: taken }, result.result);
    }
    const delivered = await storage.closeEvent(SCOPE, id, { result: "delivered", token: "quick", at: NOW + 102 });
    equal(delivered.outcome, "applied", "the one that holds it");
  }),
  rule("a message commits or rolls back with its change", async ({ storage }) => {
    await storage.addPayment(paymentRow());
    const settle = (fails: boolean) =>
      storage.transaction(async (tx) => {
        await storage.using(tx).changePayment(SCOPE, "payment-1", paying());
        await storage.using(tx).appendEvents([newEvent({ deliverAt: NOW })]);
        if (fails) throw new Error("rolled back");
      });
    await settle(true).catch(() => {});
    equal(await claim(storage, NOW), [], "after a rollback");
    await settle(false);
    equal(column(await claim(storage, NOW), "subject"), ["payment-1"], "after a commit");
  }),
  rule("a worker gets no more messages than it asks for, the oldest first", async ({ storage }) => {
    await storage.appendEvents(["c", "a", "b"].map((subject) => newEvent({ subject, deliverAt: NOW })));
    const request = { now: NOW, leaseUntil: NOW + 100, token: "mine", limit: 2 };
    equal(column(await storage.claimEvents(SCOPE, request), "subject"), ["c", "a"], "the first two");
    equal(column(await storage.claimEvents(SCOPE, request), "subject"), ["b"], "the rest");
  }),
];

function claim(storage: Storage<unknown>, now: number, scope = SCOPE, token = "token") {
  return storage.claimEvents(scope, { now, leaseUntil: now + 100, token, limit: 9 });
}

/** A worker: leases, delivers and closes, until it repeatedly finds nothing to lease. */
async function deliverAll(storage: Storage<unknown>, token: string, delivered: EventRow[]): Promise<void> {
  let idle = 0;
  // A hundred turns are enough for all messages. With a storage that leases a message again, the work still ends.
  for (let turn = 0; turn < 100 && idle < 4; turn += 1) {
    const claimed = await storage.claimEvents(SCOPE, { now: NOW, leaseUntil: NOW + 1_000, token, limit: 2 });
    idle = claimed.length === 0 ? idle + 1 : 0;
    for (const row of claimed) {
      delivered.push(row);
      await new Promise((resolve) => setTimeout(resolve, 1));
      await storage.closeEvent(SCOPE, row.id, { result: "delivered", token, at: NOW });
    }
  }
}
