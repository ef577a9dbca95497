import type { TariffStore } from "../../../src/entry/tariffs";
import type { MemoryTx } from "../../../src/storage/memory/memory-table";
import type { TariffVerbs } from "../../../src/tariffs/tariff-store";
import type { GrantRow } from "../../../src/tariffs/timetable";
import { memoryKit } from "../../storage/kits";
import { failedGroups } from "./failed-groups";
import { onSqlite } from "./on-sqlite";
import type { FaultyAdapter } from "./variants";

/** What payments give is given twice, or lost. */
export const wrongTimetable: readonly FaultyAdapter[] = [
  {
    fault: "keeps activations without a unique payment",
    caughtBy: "timetable",
    run: () =>
      onSqlite(
        ["payment_id VARCHAR PRIMARY KEY", "payment_id VARCHAR NOT NULL"],
        ["ON CONFLICT (payment_id) DO NOTHING", ""],
      ),
  },
  {
    fault: "takes no lock on the user: reads the grants as they stood when it began",
    caughtBy: "timetable",
    run: () => failedGroups({ create: withoutUserLock, durable: false }),
  },
  {
    fault: "forgets grants that were taken back, and gives them again",
    caughtBy: "timetable",
    run: () =>
      onSqlite([
        "ON CONFLICT (payment_id) DO NOTHING",
        "ON CONFLICT (payment_id) DO UPDATE SET revoked_ms = NULL WHERE revoked_ms IS NOT NULL",
      ]),
  },
  {
    fault: "fails a payment whose tariff is gone",
    caughtBy: "timetable",
    run: () => onSqlite([`SET tariff_id = (SELECT id FROM "payme_tariff" WHERE id = ?)`, "SET tariff_id = ?"]),
  },
];

/**
 * What `SELECT` without `FOR UPDATE` does on PostgreSQL: transactions that run at once read what was committed when they
 * began, and their own rows; the last one's projection overwrites the others'.
 */
async function withoutUserLock() {
  const kit = await memoryKit();
  const { storage, tariffs } = kit;
  if (tariffs === undefined) throw new Error("the memory kit has tariffs");
  const asItBegan = new WeakMap<MemoryTx, readonly GrantRow[]>();
  async function transaction<R>(work: (tx: MemoryTx) => Promise<R>): Promise<R> {
    const snapshot = await tariffs?.listGrants("user-1");
    return storage.transaction((tx) => {
      asItBegan.set(tx, snapshot ?? []);
      return work(tx);
    });
  }
  return { ...kit, storage: { ...storage, transaction }, tariffs: unlocked(tariffs, asItBegan) };
}

function unlocked(
  store: TariffStore<MemoryTx>,
  asItBegan: WeakMap<MemoryTx, readonly GrantRow[]>,
): TariffStore<MemoryTx> {
  return {
    ...store,
    using(tx): TariffVerbs {
      const verbs = store.using(tx);
      const seen = () => asItBegan.get(tx) ?? [];
      return {
        ...verbs,
        async addGrant(grant) {
          const added = await verbs.addGrant(grant);
          if (added.outcome === "applied") asItBegan.set(tx, [...seen(), grant]);
          return added;
        },
        async revokeGrant(paymentId, at) {
          const revoked = await verbs.revokeGrant(paymentId, at);
          asItBegan.set(
            tx,
            seen().filter((grant) => grant.paymentId !== paymentId),
          );
          return revoked;
        },
        listGrants: async () => [...seen()],
      };
    },
  };
}
