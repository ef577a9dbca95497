import { PaymeValidationError } from "../kit/errors";
import { type EventRow, incidentKinds } from "../ledger";
import type { PaymentsContext } from "./context";

/** Money that our books cannot place, and hooks that failed: for a person to look at. */
export interface Incidents {
  /** Oldest first, in pages: give the last one's id as `after`. Open ones only, unless `open` is false. */
  list(query?: {
    open?: boolean | undefined;
    after?: number | undefined;
    limit?: number | undefined;
  }): Promise<EventRow[]>;
  /** Closes an incident that a person has dealt with. */
  resolve(id: number, resolution: { by: string; note: string }): Promise<EventRow>;
}

export function createIncidents<Tx>({ scope, storage, now }: PaymentsContext<Tx>): Incidents {
  return {
    list: ({ open = true, after, limit = 100 } = {}) =>
      storage.listEvents(scope, { kinds: incidentKinds, open, after, limit }),
    async resolve(id, { by, note }) {
      const closed = await storage.closeEvent(scope, id, { result: "resolved", by, note, at: now() });
      if (closed.outcome !== "not_found") return closed.row;
      throw new PaymeValidationError(`there is no incident ${id}`, { code: "NOT_FOUND" });
    },
  };
}
