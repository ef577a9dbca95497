import {
  type EventResult,
  type EventRow,
  type EventVerbs,
  incidentKey,
  isIncidentKind,
  type NewEvent,
  type Scope,
} from "../../ledger";
import type { eventStatements } from "./event-statements";
import type { Executor, SqlValue } from "./executor";
import { firstRow, outcomeOf } from "./first-row";
import { eventOf } from "./rows";

/** The verbs on events over an executor. */
export function eventVerbs(executor: Executor, statements: ReturnType<typeof eventStatements>): EventVerbs {
  const one = (sql: string, scope: Scope, params: readonly SqlValue[]) =>
    firstRow(executor, sql, scope, params, eventOf);

  return {
    async appendEvents(events) {
      const written: EventRow[] = [];
      for (const event of events) {
        const row = await one(statements.add, event, valuesOf(event));
        if (row !== undefined) written.push(row);
      }
      return written;
    },

    async claimEvents({ cashbox, mode }, { now, leaseUntil, token, limit }) {
      const rows = await executor.execute(statements.claim, [cashbox, mode, now, token, leaseUntil, limit]);
      return rows.map(eventOf).sort((a, b) => a.id - b.id);
    },

    async closeEvent(scope, id, result) {
      const [sql, params] = closing(statements, result);
      return outcomeOf(
        await one(sql, scope, [id, ...params]),
        () => one(statements.find, scope, [id]),
        () => ("token" in result ? "conflict" : "already_applied"),
      );
    },

    async listEvents({ cashbox, mode }, query) {
      const { sql, params } = statements.list(query);
      return (await executor.execute(sql, [cashbox, mode, ...params])).map(eventOf);
    },
  };
}

/** The statement of a result, and its parameters after the id. */
function closing(statements: ReturnType<typeof eventStatements>, result: EventResult): [string, SqlValue[]] {
  if (result.result === "resolved") return [statements.resolve, [result.at, result.by, result.note]];
  if (result.result === "requeued") return [statements.requeue, [result.deliverAt]];
  return [statements.closeLeased, [result.token, ...deliveryOf(result)]];
}

/** When to deliver it next, when it was delivered, when it was parked. */
function deliveryOf(result: Extract<EventResult, { token: string }>): SqlValue[] {
  if (result.result === "retry") return [result.deliverAt, null, null];
  return result.result === "delivered" ? [null, result.at, null] : [null, null, result.at];
}

/** The columns after cashbox and mode, as the insert names them. */
function valuesOf(event: NewEvent): SqlValue[] {
  return [
    event.kind,
    event.subject,
    event.paymeId ?? null,
    event.at,
    event.data === null || event.data === undefined ? null : JSON.stringify(event.data),
    isIncidentKind(event.kind) ? 1 : 0,
    incidentKey(event),
    event.deliverAt ?? null,
  ];
}
