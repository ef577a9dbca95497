import type { Storage, TurnOptions, Verbs } from "../../ledger/storage";
import { autocommit, type RunWith } from "../autocommit";
import { createHookScope } from "../hook-scope";
import { readingVerbs } from "../only-reads";
import { hasEnded, within } from "../storage-errors";
import { createWriteQueue } from "../write-queue";
import { memoryEvents } from "./memory-events";
import { memoryPayments } from "./memory-payments";
import { DraftTable, type MemoryTable, type MemoryTx } from "./memory-table";
import { memoryTransactions } from "./memory-transactions";

/** A storage that lives as long as the process: for tests, and as an example of a storage. */
export interface MemoryStorage extends Storage<MemoryTx> {
  /** Returns the published rows, to read outside a transaction. */
  published(): MemoryTx;
}

/** Options of {@link memoryStorage}. */
export interface MemoryStorageOptions {
  /** How long a hook may hold the transaction: other writers wait for it. Default 5 s, then it is rolled back. */
  hookTimeoutMs?: number | undefined;
}

/**
 * Keeps the books in memory. Writers take turns; each works on drafts that are published in one synchronous step, so
 * readers never see half a transaction, and a throw leaves nothing behind.
 *
 * @example const storage = memoryStorage();
 */
export function memoryStorage({ hookTimeoutMs = 5_000 }: MemoryStorageOptions = {}): MemoryStorage {
  const published: Published = new Map();
  const hookScope = createHookScope();
  const reader = new Drafts(published, true);
  const readerVerbs = readingVerbs(reader.verbs);
  const queue = createWriteQueue();

  /** Runs what comes from outside a transaction. */
  function outside<R>(work: () => Promise<R>): Promise<R> {
    const misuse = hookScope.misuse();
    return misuse === undefined ? work() : Promise.reject(misuse);
  }

  function transaction<R>(work: (tx: MemoryTx) => Promise<R>, { first }: TurnOptions = {}): Promise<R> {
    return outside(() => queue.run(() => commit(work), first));
  }

  async function commit<R>(work: (tx: MemoryTx) => Promise<R>): Promise<R> {
    const drafts = new Drafts(published);
    try {
      const held = `a hook held the transaction for more than ${hookTimeoutMs} ms; it was rolled back`;
      const result = await within(
        hookTimeoutMs,
        hookScope.run(() => work(drafts)),
        held,
      );
      drafts.publish();
      return result;
    } finally {
      drafts.end();
    }
  }

  return {
    ...autocommit(
      (work) => outside(() => work(reader.verbs)),
      (work) => transaction((tx) => work(verbsOf(tx))),
    ),
    transaction,
    read: (work) => outside(() => hookScope.run(() => work(reader))),
    using: (tx) => (tx === reader ? readerVerbs : verbsOf(tx)),
    published: () => reader,
    migrate: async () => {},
    close: async () => {},
  };
}

type Published = Map<string, Map<string, object>>;

/** The tables of one transaction, each made at its first use. */
class Drafts implements MemoryTx {
  readonly #published: Published;
  readonly #isReadOnly: boolean;
  readonly #tables = new Map<string, DraftTable<object>>();
  #verbs: Verbs | undefined;
  #isOpen = true;
  readonly #assertOpen = () => {
    if (!this.#isOpen) throw hasEnded();
  };

  constructor(published: Published, isReadOnly = false) {
    this.#published = published;
    this.#isReadOnly = isReadOnly;
  }

  // The caller names the table and the type of its rows; the map behind it cannot know the type.
  table<Row extends object>(name: string): MemoryTable<Row>;
  table(name: string): MemoryTable<object> {
    this.#assertOpen();
    let table = this.#tables.get(name);
    if (table === undefined) {
      const isFrozen = name.startsWith("payme_");
      const guards = { isReadOnly: this.#isReadOnly, assertOpen: this.#assertOpen, isFrozen };
      table = new DraftTable(publishedTable(this.#published, name), guards);
      this.#tables.set(name, table);
    }
    return table;
  }

  /** Made once: they cost more than most calls. */
  get verbs(): Verbs {
    this.#verbs ??= memoryVerbs(this);
    return this.#verbs;
  }

  publish(): void {
    for (const table of this.#tables.values()) table.publish();
  }

  /** A later use throws: its changes would be published by nobody. */
  end(): void {
    this.#isOpen = false;
  }
}

/** The tables on which the verbs work just now. Nothing in them waits: nothing can come between a guard and its change. */
let current: MemoryTx;
const allVerbs = /* @__PURE__ */ verbsOver({ table: (name) => current.table(name) });

function verbsOver(tx: MemoryTx): Verbs {
  return { ...memoryPayments(tx), ...memoryTransactions(tx), ...memoryEvents(tx) };
}

/** All verbs over the tables of a transaction. They are written once: to make them costs more than most calls. */
function memoryVerbs(tx: MemoryTx): Verbs {
  const run: RunWith<Verbs> = (work) => {
    current = tx;
    return work(allVerbs);
  };
  return autocommit(run, run);
}

function verbsOf(tx: MemoryTx): Verbs {
  return tx instanceof Drafts ? tx.verbs : memoryVerbs(tx);
}

function publishedTable(published: Published, name: string): Map<string, object> {
  let table = published.get(name);
  if (table === undefined) {
    table = new Map();
    published.set(name, table);
  }
  return table;
}
