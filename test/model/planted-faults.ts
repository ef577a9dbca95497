import type { PaymeClient } from "../../src/entry/client";
import type { Storage, Verbs } from "../../src/ledger";
import { ReceiptState } from "../../src/protocol/states";

/** Faults that a judge of worlds must catch: each breaks one rule of the life of a purchase. */
export const PLANTED = [
  "a queued refund called an end",
  "an ended receipt forgotten",
  "review off",
  "false of onPaid ignored",
  "a kind booked by a process that does not fulfil it",
] as const;
export type Planted = (typeof PLANTED)[number];

/** A storage that keeps no receipt that ended unpaid, where that is the fault. */
export function plantedStorage<Tx>(storage: Storage<Tx>, planted: Planted | undefined): Storage<Tx> {
  if (planted !== "an ended receipt forgotten") return storage;
  const forgetting = <Some extends Verbs>(verbs: Some): Some => ({
    ...verbs,
    addTransaction: async (row) =>
      row.source !== "merchant" && row.state < 0 ? { outcome: "applied", row } : verbs.addTransaction(row),
  });
  return { ...forgetting(storage), using: (tx) => forgetting(storage.using(tx)) };
}

/** A client that reads 21 as 50, where that is the fault. */
export function plantedClient(client: PaymeClient, planted: Planted | undefined): PaymeClient {
  if (planted !== "a queued refund called an end") return client;
  const ended = <Answer extends { readonly state: number }>(answer: Answer): Answer =>
    answer.state === ReceiptState.CANCEL_QUEUED ? { ...answer, state: ReceiptState.CANCELLED } : answer;
  const { receipts } = client;
  return {
    ...client,
    receipts: {
      ...receipts,
      get: async (id) => ended(await receipts.get(id)),
      check: async (id) => ended(await receipts.check(id)),
      cancel: async (id) => ended(await receipts.cancel(id)),
      getAll: async (query) => (await receipts.getAll(query)).map(ended),
    },
  };
}
