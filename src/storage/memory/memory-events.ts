import {
  doublePayment,
  type EventQuery,
  type EventResult,
  type EventRow,
  eventGuardHolds,
  type IncidentClosing,
  incidentKey,
  isClosedBy,
  isIncidentKind,
  isOpenIncident,
  type NewEvent,
} from "../../ledger/event";
import type { Scope } from "../../ledger/outcome";
import type { EventVerbs } from "../../ledger/storage";
import { freeze, type MemoryTx } from "./memory-table";
import { asJson, events, isOf, keyOf, openIncidents, openOfSubject } from "./memory-tables";

/** The verbs on events over memory tables. */
export function memoryEvents(tx: MemoryTx): EventVerbs {
  const idsOfOpen = (scope: Scope, subject: string) => openOfSubject(tx).get(keyOf(scope, subject))?.ids ?? [];

  function save(row: EventRow): void {
    events(tx).set(String(row.id), freeze(row));
    const key = incidentKey(row);
    if (key !== null && row.resolvedAt === null) openIncidents(tx).set(keyOf(row, key), { key: String(row.id) });
    else if (key !== null) openIncidents(tx).delete(keyOf(row, key));
    if (!isIncidentKind(row.kind)) return;
    const isOpen = isOpenIncident(row);
    const others = idsOfOpen(row, row.subject).filter((id) => id !== row.id);
    openOfSubject(tx).set(keyOf(row, row.subject), { ids: isOpen ? [...others, row.id] : others });
  }

  function append(newEvents: readonly NewEvent[]): EventRow[] {
    const written: EventRow[] = [];
    for (const event of newEvents) {
      const incident = incidentKey(event);
      if (incident !== null && openIncidents(tx).get(keyOf(event, incident)) !== undefined) continue;
      // Ascends in the order of commits: writers take turns, and no event is deleted.
      const row = newEvent(event, events(tx).size + 1);
      save(row);
      written.push(row);
    }
    return written;
  }

  /** The oldest undelivered message of each subject, where it is due and nobody has it. */
  function claimable(scope: Scope, now: number): EventRow[] {
    const oldestOfSubject = new Map<string, EventRow>();
    for (const row of events(tx).filter((event) => isOf(scope, event) && event.deliverAt !== null)) {
      if (!oldestOfSubject.has(row.subject)) oldestOfSubject.set(row.subject, row);
    }
    return [...oldestOfSubject.values()].filter((row) => (row.deliverAt ?? 0) <= now && (row.leaseUntil ?? 0) <= now);
  }

  function idsToClose(closing: IncidentClosing): readonly number[] {
    const [ids, others] = [idsOfOpen(closing, closing.subject), idsOfOpen(closing, closing.paymeId)];
    return ids.length + others.length === 0 ? ids : [...new Set([...ids, ...others])].sort((a, b) => a - b);
  }

  return {
    async appendEvents(newEvents, closing) {
      const written = append(newEvents);
      for (const id of closing === undefined ? [] : idsToClose(closing)) {
        const row = events(tx).get(String(id));
        if (row === undefined || closing === undefined || !isClosedBy(row, closing)) continue;
        const closed = { ...row, resolvedAt: closing.at, resolvedBy: closing.by, note: closing.note };
        save(closed);
        written.push(closed);
      }
      if (closing === undefined) return written;
      const closed = written.filter(({ resolvedAt }) => resolvedAt !== null);
      return [...written, ...append(closed.flatMap((row) => doublePayment(row, closing)))];
    },

    async claimEvents(scope, { now, leaseUntil, token, limit }) {
      const claimed = claimable(scope, now)
        .slice(0, limit)
        .map((row) => ({ ...row, leaseToken: token, leaseUntil, attempts: row.attempts + 1 }));
      for (const row of claimed) save(row);
      return claimed;
    },

    async closeEvent(scope, id, result) {
      const row = events(tx).get(String(id));
      if (row === undefined || !isOf(scope, row)) return { outcome: "not_found" };
      if (!eventGuardHolds(row, result)) {
        return { outcome: "token" in result ? "conflict" : "already_applied", row };
      }
      const closed = closedEvent(row, result);
      save(closed);
      return { outcome: "applied", row: closed };
    },

    async listEvents(scope, { subject, kinds, open, parked, due, after = 0, limit }: EventQuery) {
      const isAsked = (row: EventRow) =>
        isOf(scope, row) &&
        row.id > after &&
        (subject === undefined || [subject].flat().includes(row.subject)) &&
        (kinds?.includes(row.kind) ?? true) &&
        (open !== true || isOpenIncident(row)) &&
        (parked !== true || row.parkedAt !== null);
      // Asked of the table itself, which copies what it gives: a test of years has thousands of events.
      const rows = due === undefined ? events(tx).filter(isAsked) : claimable(scope, due).filter(isAsked);
      return rows.slice(0, limit);
    },
  };
}

/** Returns a new event with its defaults. */
function newEvent({ cashbox, mode, kind, subject, paymeId, at, data, deliverAt }: NewEvent, id: number): EventRow {
  return {
    cashbox,
    mode,
    id,
    kind,
    subject,
    paymeId: paymeId ?? null,
    at,
    data: asJson(data ?? null),
    deliverAt: deliverAt ?? null,
    attempts: 0,
    leaseToken: null,
    leaseUntil: null,
    deliveredAt: null,
    parkedAt: null,
    resolvedAt: null,
    resolvedBy: null,
    note: null,
  };
}

/** Returns the event after a result. */
function closedEvent(row: EventRow, result: EventResult): EventRow {
  if (result.result === "requeued") return { ...row, deliverAt: result.deliverAt, parkedAt: null, attempts: 0 };
  const released = { ...row, leaseToken: null, leaseUntil: null };
  if (result.result === "retry") return { ...released, deliverAt: result.deliverAt };
  if (result.result === "delivered") return { ...released, deliverAt: null, deliveredAt: result.at };
  if (result.result === "parked") return { ...released, deliverAt: null, parkedAt: result.at };
  return { ...row, resolvedAt: result.at, resolvedBy: result.by, note: result.note };
}
