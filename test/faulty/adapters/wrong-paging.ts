import type { TransactionRow } from "../../../src/ledger";
import { onMemory } from "./on-memory";
import { onSqlite } from "./on-sqlite";
import type { FaultyAdapter } from "./variants";

/** Pages that miss rows, repeat them, or never end. */
export const wrongPaging: readonly FaultyAdapter[] = [
  {
    fault: "skips rows of equal times: the next page begins after the last one's time",
    caughtBy: "paging",
    run: () =>
      onMemory((verbs) => ({
        listTransactions: (scope, { after, from, ...range }) =>
          verbs.listTransactions(scope, { ...range, from: after === undefined ? from : after.time + 1 }),
      })),
  },
  {
    fault: "repeats rows of equal times: the next page begins at the last one's time",
    caughtBy: "paging",
    run: () =>
      onMemory((verbs) => ({
        listPending: (scope, { after, ...range }) =>
          verbs.listPending(scope, { ...range, after: after === undefined ? undefined : { ...after, id: "" } }),
      })),
  },
  {
    fault: "leaves payments that are not open out of what is due",
    caughtBy: "paging",
    run: () =>
      onMemory((verbs) => ({
        listDue: async (scope, range) =>
          (await verbs.listDue(scope, range)).filter(({ status }) => status === "PENDING"),
      })),
  },
  {
    fault: "leaves refunded payments out of what was paid",
    caughtBy: "paging",
    run: () => onSqlite(["AND (paid_ms, id) >", "AND status = 'PAID' AND (paid_ms, id) >"]),
  },
  {
    fault: "sorts ids as a language does",
    caughtBy: "paging",
    run: () =>
      onMemory((verbs) => ({
        async listTransactions(scope, { after, limit, ...range }) {
          const all = await verbs.listTransactions(scope, { ...range, limit: Number.MAX_SAFE_INTEGER });
          const byLanguage = all.sort((a, b) => a.time - b.time || a.paymeId.localeCompare(b.paymeId, "en"));
          const isBehind = (row: TransactionRow) =>
            after === undefined ||
            row.time > after.time ||
            (row.time === after.time && row.paymeId.localeCompare(after.id, "en") > 0);
          return byLanguage.filter(isBehind).slice(0, limit);
        },
      })),
  },
  {
    fault: "leaves out the end of the range",
    caughtBy: "paging",
    alsoFails: ["64-bit"],
    run: () =>
      onMemory((verbs) => ({
        listTransactions: (scope, { to, ...range }) => verbs.listTransactions(scope, { ...range, to: to - 1 }),
      })),
  },
];
