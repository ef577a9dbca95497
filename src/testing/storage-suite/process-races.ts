import type { Storage } from "../../ledger";
import { NOW, newEvent, paying, paymentRow, performing, SCOPE, transactionRow } from "./rows";

/** The number of prizes in each race. */
export const PRIZES = 25;

/** A race of two processes for prizes. */
interface ProcessRace {
  /** Stores prize number `n`. */
  prepare(storage: Storage<unknown>, n: number): Promise<unknown>;
  /** Makes a runner's call for one prize, and returns its outcome. */
  call(storage: Storage<unknown>, n: number, runner: string): Promise<string>;
}

/** The races by their names, which one process sends to the other. */
export const processRaces = {
  pay: {
    prepare: (storage, n) => storage.addPayment(paymentRow({ id: `payment-${n}` })),
    call: async (storage, n, runner) =>
      (await storage.changePayment(SCOPE, `payment-${n}`, paying({ paidBy: `${runner}-${n}` }))).outcome,
  },
  perform: {
    prepare: (storage, n) =>
      storage.addTransaction(transactionRow({ paymeId: `payme-${n}`, reference: `created-${n}` })),
    call: async (storage, n) => (await storage.changeTransaction(SCOPE, `payme-${n}`, performing())).outcome,
  },
  order: {
    prepare: async () => {},
    call: async (storage, n, runner) =>
      (await storage.addTransaction(transactionRow({ paymeId: `${runner}-${n}`, reference: `order-${n}` }))).outcome,
  },
  space: {
    prepare: async () => {},
    async call(storage, n, runner) {
      const shared = { cashbox: runner, paymeId: `shared-${n}`, reference: `shared-${n}`, orderSpace: "shared" };
      return (await storage.addTransaction(transactionRow(shared))).outcome;
    },
  },
  reference: {
    prepare: async () => {},
    call: async (storage, n, runner) =>
      (await storage.addPayment(paymentRow({ id: `${runner}-${n}`, reference: `order-${n}` }))).outcome,
  },
  room: {
    prepare: async () => {},
    async call(storage, n, runner) {
      const row = paymentRow({ id: `${runner}-room-${n}`, userId: `room-${n}` });
      return (await storage.addPayment(row, { mostOpen: 1 })).outcome;
    },
  },
  incident: {
    prepare: async () => {},
    async call(storage, n) {
      const incident = newEvent({ kind: "double_payment", paymeId: `payme-${n}` });
      return (await storage.appendEvents([incident])).length === 1 ? "applied" : "already_applied";
    },
  },
  lease: {
    prepare: (storage, n) => storage.appendEvents([newEvent({ subject: `payment-${n}`, deliverAt: NOW })]),
    async call(storage, _n, runner) {
      const claim = { now: NOW, leaseUntil: NOW + 1_000, token: runner, limit: 1 };
      return (await storage.claimEvents(SCOPE, claim)).length === 1 ? "applied" : "none";
    },
  },
  settle: {
    prepare: (storage, n) => storage.addPayment(paymentRow({ id: `settled-${n}` })),
    call: (storage, n, runner) =>
      storage.transaction(async (tx) => {
        const verbs = storage.using(tx);
        const paid = await verbs.changePayment(SCOPE, `settled-${n}`, paying({ paidBy: `${runner}-${n}` }));
        if (paid.outcome === "applied") await verbs.appendEvents([newEvent({ subject: `settled-${n}` })]);
        return paid.outcome;
      }),
  },
} as const satisfies Record<string, ProcessRace>;

export type ProcessRaceName = keyof typeof processRaces;

/** True for a name of {@link processRaces}. */
export function isRaceName(name: unknown): name is ProcessRaceName {
  return typeof name === "string" && Object.hasOwn(processRaces, name);
}

/** Makes one runner's calls for all prizes, one after the other: calls meet only between processes. */
export async function runRace(storage: Storage<unknown>, name: ProcessRaceName, runner: string): Promise<string[]> {
  const outcomes: string[] = [];
  for (let n = 0; n < PRIZES; n += 1) outcomes.push(await processRaces[name].call(storage, n, runner));
  return outcomes;
}
