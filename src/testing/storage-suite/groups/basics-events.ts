import type { EventQuery, Storage } from "../../../ledger";
import { equal } from "../check";
import { column, HOSTILE_TEXT, NOW, newEvent, OTHER_SCOPES, SCOPE } from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** Events are stored and listed. */
export const eventBasics: readonly SuiteCase[] = [
  rule("returns events unchanged, with ascending ids", async ({ storage }) => {
    const full = newEvent({
      kind: HOSTILE_TEXT,
      subject: HOSTILE_TEXT,
      paymeId: "payme-1",
      data: { text: HOSTILE_TEXT, list: [1, null] },
      deliverAt: NOW + 1,
    });
    const written = await storage.appendEvents([full, newEvent()]);
    const [first, second] = written;
    equal(first, { ...UNHANDLED, ...full, id: first?.id }, "the full event");
    const bare = { ...UNHANDLED, ...newEvent(), id: second?.id, paymeId: null, data: null, deliverAt: null };
    equal(second, bare, "the bare event");
    equal((first?.id ?? 0) < (second?.id ?? 0), true, "ids ascend");
    equal(await storage.listEvents(SCOPE, { limit: 9 }), written, "the list");
    equal(await storage.appendEvents([]), [], "no events");
  }),
  rule("lists events by subject, kinds, open state, last id and limit", async ({ storage }) => {
    const events = await storage.appendEvents([
      newEvent({ subject: "a" }),
      newEvent({ subject: "b", kind: "payment.cancelled" }),
      newEvent({ subject: "c", kind: "double_payment", paymeId: "payme-1" }),
      newEvent({ subject: "d", kind: "effect_failed", paymeId: "payme-1" }),
    ]);
    const [, second, third] = events;
    await storage.closeEvent(SCOPE, third?.id ?? 0, { result: "resolved", by: "me", note: "ok", at: NOW });
    const list = async (query: Partial<EventQuery>) =>
      column(await storage.listEvents(SCOPE, { limit: 9, ...query }), "subject");
    equal(await list({}), ["a", "b", "c", "d"], "all");
    equal(await list({ subject: "b" }), ["b"], "of a subject");
    equal(await list({ kinds: ["payment.paid", "double_payment"] }), ["a", "c"], "of two kinds");
    equal(await list({ kinds: [] }), [], "of no kind");
    equal(await list({ open: true }), ["d"], "open incidents");
    equal(await list({ after: second?.id }), ["c", "d"], "after the second");
    equal(await list({ after: second?.id, limit: 1 }), ["c"], "one after the second");
  }),
  rule("keeps cashboxes and modes apart", async ({ storage }) => {
    const incident = newEvent({ kind: "double_payment", paymeId: "payme-1", deliverAt: NOW });
    const [row] = await storage.appendEvents([incident]);
    for (const scope of OTHER_SCOPES) {
      equal(await storage.listEvents(scope, { limit: 9 }), [], "another scope's events");
      equal(await claim(storage, NOW, scope), [], "another scope's messages");
      const result = { result: "resolved", by: "me", note: "", at: NOW } as const;
      equal((await storage.closeEvent(scope, row?.id ?? 0, result)).outcome, "not_found", "closing from there");
      equal((await storage.appendEvents([{ ...incident, ...scope }])).length, 1, "the same incident there");
    }
  }),
  rule("a resolved incident says who resolved it, when and why", async ({ storage }) => {
    const [row] = await storage.appendEvents([newEvent({ kind: "effect_failed", paymeId: "payme-1" })]);
    const result = { result: "resolved", by: "me", note: HOSTILE_TEXT, at: NOW + 1 } as const;
    await storage.closeEvent(SCOPE, row?.id ?? 0, result);
    const resolved = { ...row, resolvedAt: NOW + 1, resolvedBy: "me", note: HOSTILE_TEXT };
    equal(await storage.listEvents(SCOPE, { limit: 9 }), [resolved], "the list");
  }),
];

function claim(storage: Storage<unknown>, now: number, scope = SCOPE) {
  return storage.claimEvents(scope, { now, leaseUntil: now + 100, token: "token", limit: 9 });
}

const UNHANDLED = {
  attempts: 0,
  leaseToken: null,
  leaseUntil: null,
  deliveredAt: null,
  parkedAt: null,
  resolvedAt: null,
  resolvedBy: null,
  note: null,
};
