import { setTimeout } from "node:timers/promises";
import type { Storage, Verbs } from "../../../src/ledger";
import { readThenWrite } from "./unguarded";

/** One turn after the other, for all storages of this process. */
let lastTurn: Promise<unknown> = Promise.resolve();

function inTurn<R>(work: () => Promise<R>): Promise<R> {
  const turn = lastTurn.then(work);
  lastTurn = turn.catch(() => {});
  return turn;
}

/** A storage on a database without guards, whose calls take turns by a mutex of the process. */
export function insideMutex<Tx>(storage: Storage<Tx>): Storage<Tx> {
  const guarded = readThenWrite(storage, () => setTimeout(2));
  const { changePayment, changeTransaction, addTransaction, addPayment } = { ...storage, ...guarded };
  return {
    ...storage,
    changePayment: (...args) => inTurn(() => changePayment(...args)),
    changeTransaction: (...args) => inTurn(() => changeTransaction(...args)),
    addTransaction: (...args) => inTurn(() => addTransaction(...args)),
    addPayment: (...args) => inTurn(() => addPayment(...args)),
    using: (tx): Verbs => ({ ...storage.using(tx), ...readThenWrite(storage.using(tx)) }),
  };
}
