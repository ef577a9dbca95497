import type { Storage } from "../../src/ledger";
import { autocommit } from "../../src/storage/autocommit";
import type { SubscriptionStore } from "../../src/subscriptions/subscription-store";

/** Where a process dies: with its n-th call or transaction, before it or once it is done. */
export interface Death {
  readonly call: number;
  readonly when: "before" | "after";
}

/** A process that may die. Dead, it does nothing more, and nobody hears from it. */
export function createMortal() {
  let calls = 0;
  let death: Death | null = null;
  let isDead = false;
  let tellDeath = () => {};
  const died = new Promise<"died">((resolve) => {
    tellDeath = () => resolve("died");
  });
  const die = () => {
    isDead = true;
    tellDeath();
    return new Promise<never>(() => {});
  };
  return {
    /** The death that is planned counts from now. */
    plan(planned: Death | null): void {
      calls = 0;
      death = planned;
    },
    isDead: () => isDead,
    /** Resolves with what the work gives, or once the process is dead. */
    lives: <R>(work: Promise<R>): Promise<R | "died"> => Promise.race([work, died]),
    /** Something that leaves the process: a call or a transaction. */
    async step<R>(work: () => Promise<R>): Promise<R> {
      if (isDead) return die();
      calls += 1;
      const isLast = death !== null && calls >= death.call;
      if (isLast && death?.when === "before") return die();
      const result = await work();
      // Another call of the same process may have been the last one meanwhile.
      return isDead || isLast ? die() : result;
    },
  };
}
export type Mortal = ReturnType<typeof createMortal>;

/** A storage as a mortal process has it. */
export function mortalStorage<Tx>(storage: Storage<Tx>, { step }: Mortal): Storage<Tx> {
  const transaction: Storage<Tx>["transaction"] = (work) => step(() => storage.transaction(work));
  return {
    ...storage,
    ...autocommit(
      (work) => step(() => storage.read((tx) => work(storage.using(tx)))),
      (work) => transaction((tx) => work(storage.using(tx))),
    ),
    transaction,
    read: (work) => step(() => storage.read(work)),
    using: (tx) => storage.using(tx),
  };
}

/** The reads of a store as a mortal process has them; its writes are in transactions. */
export function mortalStore<Tx>(store: SubscriptionStore<Tx>, { step }: Mortal): SubscriptionStore<Tx> {
  return {
    using: (tx) => store.using(tx),
    migrate: () => store.migrate(),
    findCard: (...args) => step(() => store.findCard(...args)),
    listCards: (...args) => step(() => store.listCards(...args)),
    findSubscription: (...args) => step(() => store.findSubscription(...args)),
    listSubscriptions: (...args) => step(() => store.listSubscriptions(...args)),
    findPeriod: (...args) => step(() => store.findPeriod(...args)),
    listPeriods: (...args) => step(() => store.listPeriods(...args)),
    listAttempts: (...args) => step(() => store.listAttempts(...args)),
    countStates: (...args) => step(() => store.countStates(...args)),
    revenue: (...args) => step(() => store.revenue(...args)),
    countOverdue: (...args) => step(() => store.countOverdue(...args)),
  };
}
