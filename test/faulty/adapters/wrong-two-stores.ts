import type { SqliteHandle } from "../../../src/entry/sqlite";
import type { StorageUnderTest } from "../../../src/entry/testing";
import { sleep } from "../../../src/kit/clock";
import type { AddedPayment, PaymentKey, PaymentRow, Scope, Storage, Verbs } from "../../../src/ledger";
import { sqliteKit } from "../../storage/kits";
import { rewritten } from "./broken";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** Right as long as the process is alone with its database. */
export const wrongTwoStores: readonly FaultyAdapter[] = [
  {
    fault: "answers from a cache in the process",
    caughtBy: "two stores",
    run: () => failedGroups({ create: cachingKit }),
  },
  {
    fault: "acknowledges a payment first, and writes it behind",
    caughtBy: "two stores",
    alsoFails: ["64-bit"],
    run: () =>
      failedGroups({
        witness: true,
        shared: false,
        durable: false,
        async create() {
          const kit = await sqliteKit({ open: rewritten() });
          return { ...kit, storage: writingBehind(kit.storage), second: undefined };
        },
      }),
  },
];

async function cachingKit(): Promise<StorageUnderTest<SqliteHandle>> {
  const kit = await sqliteKit({ open: rewritten() });
  const { storage, second, reopen } = kit;
  return {
    ...kit,
    storage: withCache(storage),
    second: async () => withCache(await second()),
    reopen: async () => withCache(await reopen()),
  };
}

const READS = /^(find|list|paymentStatistics)/;

/** Keeps what it found, until it changes something itself. */
function withCache(storage: Storage<SqliteHandle>): Storage<SqliteHandle> {
  const found = new Map<string, PaymentRow>();

  async function findPayment(scope: Scope, key: PaymentKey): Promise<PaymentRow | undefined> {
    const name = JSON.stringify([scope.cashbox, scope.mode, key]);
    const row = found.get(name) ?? (await storage.findPayment(scope, key));
    if (row !== undefined) found.set(name, structuredClone(row));
    return structuredClone(row);
  }

  return intercepted(storage, {
    findPayment: () => findPayment,
    other(call, name) {
      if (!READS.test(name)) found.clear();
      return call();
    },
  });
}

/** What was added is acknowledged at once and written a moment later; calls of its own wait for that. */
function writingBehind(storage: Storage<SqliteHandle>): Storage<SqliteHandle> {
  let written: Promise<unknown> = Promise.resolve();

  function addPayment(...args: Parameters<Verbs["addPayment"]>): Promise<AddedPayment> {
    const probed = written.then(() => wouldBe(storage, args));
    const writing = probed.then(async ({ outcome }) => {
      await sleep(5);
      if (outcome === "applied") await storage.addPayment(...args);
    });
    // What fails behind the caller's back, or after the end, is told to nobody: that is the fault.
    written = writing.catch(() => {});
    return probed;
  }

  return intercepted(storage, { addPayment: () => addPayment, other: (call) => written.then(call) });
}

/** How adding would end: it is done, and undone. */
async function wouldBe(storage: Storage<SqliteHandle>, args: Parameters<Verbs["addPayment"]>): Promise<AddedPayment> {
  let added: AddedPayment | undefined;
  const undone = storage.transaction(async (tx) => {
    added = await storage.using(tx).addPayment(...args);
    throw new Error("undone");
  });
  await undone.catch(() => {});
  return added ?? storage.addPayment(...args);
}

interface Interception {
  readonly findPayment?: () => unknown;
  readonly addPayment?: () => unknown;
  /** Every other call, `using` aside. */
  other(call: () => unknown, name: string): unknown;
}

function intercepted(storage: Storage<SqliteHandle>, interception: Interception): Storage<SqliteHandle> {
  return new Proxy(storage, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name === "findPayment" && interception.findPayment !== undefined) return interception.findPayment();
      if (name === "addPayment" && interception.addPayment !== undefined) return interception.addPayment();
      if (typeof member !== "function" || name === "using") return member;
      return async (...args: unknown[]) => interception.other(() => Reflect.apply(member, target, args), String(name));
    },
  });
}
