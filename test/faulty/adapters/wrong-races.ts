import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SqliteDatabase, SqliteHandle } from "../../../src/entry/sqlite";
import type { StorageUnderTest } from "../../../src/entry/testing";
import { judgePayment, type PaymentRow, type Verbs } from "../../../src/ledger";
import type { MemoryTx } from "../../../src/storage/memory/memory-table";
import { keyOf } from "../../../src/storage/memory/memory-tables";
import { memoryKit, sqliteKit } from "../../storage/kits";
import { rewritten, withVerbs } from "./broken";
import { failedGroups } from "./failed-groups";
import { insideMutex } from "./mutex";
import { openUnguarded, readThenWrite } from "./unguarded";
import type { FaultyAdapter } from "./variants";

/** Connections on which changes have no guards; what is unique is so. */
const openWithoutGuards = rewritten(
  ["AND status IN (?, ?) AND", "AND (status IN (?, ?) OR 1 = 1) AND"],
  ["AND state = ? AND", "AND (state = ? OR 1 = 1) AND"],
);

/** Right as long as one call comes after the other. */
export const wrongRaces: readonly FaultyAdapter[] = [
  {
    fault: "reads the row, looks at it, then writes it",
    caughtBy: "races",
    alsoFails: ["guards"],
    run: () => failedGroups({ create: async () => withVerbs(await sqliteKit({ open: openUnguarded }), readThenWrite) }),
  },
  {
    fault: "keeps the guard in a sub-select, which is judged before the row is waited for",
    caughtBy: "races",
    run: () =>
      failedGroups({ create: async () => withVerbs(await sqliteKit({ open: openWithoutGuards }), guardInSubSelect) }),
  },
  {
    fault: "loses an update: adds in the process, and writes the sum",
    caughtBy: "races",
    run: () => failedGroups({ create: losingUpdates, durable: false }),
  },
  {
    fault: "begins a transaction without the lock, and meets another's",
    caughtBy: "races",
    alsoFails: ["events", "subscriptions"],
    run: () => failedGroups({ create: () => sqliteKit({ open: beginningWithoutLock }) }),
  },
  {
    fault: "guards with a mutex of its process",
    caughtBy: "races",
    alsoFails: ["guards"],
    run: () => failedGroups({ create: guardedByMutex, processes: true }),
  },
];

/**
 * `UPDATE … WHERE id IN (SELECT id … WHERE status IN (…))`: PostgreSQL judges the sub-select by the snapshot of the
 * statement's start, waits for the row, and does not judge it again. Here the two halves are two calls, and the inserts,
 * which have no sub-select, are as they should be.
 */
function guardInSubSelect(verbs: Verbs): Partial<Verbs> {
  const { changePayment, changeTransaction } = readThenWrite(verbs);
  return { ...(changePayment && { changePayment }), ...(changeTransaction && { changeTransaction }) };
}

async function losingUpdates(): Promise<StorageUnderTest<MemoryTx>> {
  const kit = await memoryKit();
  const { storage } = kit;
  const save = (tx: MemoryTx, row: PaymentRow) => tx.table<PaymentRow>("payme_payment").set(keyOf(row, row.id), row);
  const scheduleCheckWith =
    (verbs: Verbs, write: (row: PaymentRow) => Promise<unknown>): Verbs["scheduleCheck"] =>
    async (scope, id, { at, nextCheckAt, held, heldAt = null }) => {
      const row = await verbs.findPayment(scope, { id });
      if (row === undefined || row.nextCheckAt === null) return judgedCheck(row);
      const checks = row.checks + 1;
      const checked = { ...row, nextCheckAt, held, heldAt: row.heldAt ?? heldAt, checks, updatedAt: at };
      await write(checked);
      return { outcome: "applied", row: checked };
    };
  return {
    ...kit,
    storage: {
      ...storage,
      scheduleCheck: scheduleCheckWith(storage, (row) => storage.transaction(async (tx) => save(tx, row))),
      using: (tx) => ({
        ...storage.using(tx),
        scheduleCheck: scheduleCheckWith(storage.using(tx), async (row) => save(tx, row)),
      }),
    },
  };
}

function judgedCheck(row: PaymentRow | undefined) {
  const judged = judgePayment(row, { from: ["PENDING"], to: "PENDING", at: 0 });
  return judged.outcome === "not_found" ? judged : ({ outcome: "conflict", row: judged.row } as const);
}

const WORKER = fileURLToPath(new URL("./mutex-worker.ts", import.meta.url));

/** Right in one process, with as many connections as one likes; a second process knows nothing of the mutex. */
async function guardedByMutex(): Promise<StorageUnderTest<SqliteHandle>> {
  const kit = await sqliteKit({ open: openUnguarded });
  const { second, reopen } = kit;
  return {
    ...kit,
    storage: insideMutex(kit.storage),
    second: async () => insideMutex(await second()),
    reopen: async () => insideMutex(await reopen()),
    process: () => fork(WORKER, [kit.file], { execArgv: ["--import", "tsx"] }),
  };
}

/** Its first begin is that of the check at the start, which would refuse this driver. */
function beginningWithoutLock(file: string): SqliteDatabase {
  const database = rewritten()(file);
  const { exec } = database;
  let begun = 0;
  const late = (sql: string) => (sql === "BEGIN IMMEDIATE" && begun++ > 0 ? "BEGIN" : sql);
  return Object.assign(database, { exec: (sql: string) => exec(late(sql)) });
}
