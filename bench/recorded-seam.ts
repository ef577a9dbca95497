import type { Executor, SqlSeam, SqlValue } from "payme-kit/adapter";
import { type Ids, valueFor } from "./settling-shop";

/** A statement of a settlement, and whether it was sent inside the transaction. */
export interface Sent {
  readonly text: string;
  readonly params: readonly SqlValue[];
  readonly isInside: boolean;
}

/** A statement made ready, with the parameters of a payment. */
export interface Step {
  readonly text: string;
  readonly isInside: boolean;
  paramsOf(ids: Ids): readonly SqlValue[];
}

/** A seam that writes down what goes through it. */
export function recordingSeam<Tx>(seam: SqlSeam<Tx>, sent: Sent[], recorder: { readonly on: boolean }): SqlSeam<Tx> {
  const recording = (executor: Executor, isInside: boolean): Executor => ({
    execute(text, params, last) {
      if (recorder.on) sent.push({ text, params, isInside });
      return executor.execute(text, params, last);
    },
  });
  return {
    ...seam,
    read: (work) => seam.read((executor) => work(recording(executor, false))),
    executorOf: (tx) => recording(seam.executorOf(tx), true),
  };
}

/** A statement of payment 0, with the ids of another one, on the floor's schema. */
export function stepOf({ text, params, isInside }: Sent): Step {
  const values = params.map(valueFor);
  return {
    text: text.replaceAll('"ours"', '"floor"'),
    isInside,
    paramsOf: (ids) => values.map((value) => value(ids)),
  };
}
