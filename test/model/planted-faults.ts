import type { Payments } from "../../src/entry";
import { PaymeAPIError, type PaymeClient, type PayOutcome } from "../../src/entry/client";
import { isIncidentKind, type NewEvent, type Storage, type Verbs } from "../../src/ledger";
import { ReceiptState } from "../../src/protocol/states";

/** Faults that a judge of worlds must catch: each breaks one rule of the life of a purchase. */
export const PLANTED = [
  "a queued refund called an end",
  "an ended receipt forgotten",
  "review off",
  "false of onPaid ignored",
  "a kind booked by a process that does not fulfil it",
  "an incident that was resolved stays closed",
  "every refusal called final",
  "a hold ended by our clock",
  "accept without asking Payme",
] as const;
export type Planted = (typeof PLANTED)[number];

/** A storage whose verbs have the fault, where it is one of theirs. */
export function plantedStorage<Tx>(storage: Storage<Tx>, planted: Planted | undefined): Storage<Tx> {
  const spoil = spoilerOf(planted);
  if (spoil === undefined) return storage;
  return { ...storage, ...spoil(storage), using: (tx) => ({ ...storage.using(tx), ...spoil(storage.using(tx)) }) };
}

function spoilerOf(planted: Planted | undefined): ((verbs: Verbs) => Partial<Verbs>) | undefined {
  switch (planted) {
    case "an ended receipt forgotten":
      return (verbs) => ({
        addTransaction: async (row) =>
          row.source !== "merchant" && row.state < 0 ? { outcome: "applied", row } : verbs.addTransaction(row),
      });
    case "an incident that was resolved stays closed":
      return (verbs) => ({
        async appendEvents(events) {
          const kept: NewEvent[] = [];
          for (const event of events) if (!(await wasResolved(verbs, event))) kept.push(event);
          return verbs.appendEvents(kept);
        },
      });
    case "a hold ended by our clock":
      return (verbs) => ({
        async scheduleCheck(scope, id, check) {
          const scheduled = await verbs.scheduleCheck(scope, id, check);
          const isOver = check.held && check.at > (check.heldAt ?? check.at) + PENDING_TTL_MS;
          return isOver
            ? verbs.changePayment(scope, id, { from: ["PENDING"], to: "CANCELLED", at: check.at })
            : scheduled;
        },
      });
    default:
      return undefined;
  }
}

const PENDING_TTL_MS = 24 * 3_600_000;

async function wasResolved(verbs: Verbs, { cashbox, mode, kind, subject, paymeId }: NewEvent): Promise<boolean> {
  if (!isIncidentKind(kind)) return false;
  const told = await verbs.listEvents({ cashbox, mode }, { subject, kinds: [kind], limit: 100 });
  return told.some((event) => event.paymeId === paymeId && event.resolvedAt !== null);
}

/** Payments whose review does nothing, or that accept money as if Payme had said that it is paid, where that is the fault. */
export function plantedPayments<Tx>(
  payments: Payments<Tx>,
  planted: Planted | undefined,
  accepting: { isOn: boolean },
): Payments<Tx> {
  if (planted === "review off") return { ...payments, review: async () => ({ days: [], left: 0 }) };
  if (planted !== "accept without asking Payme") return payments;
  return {
    ...payments,
    async accept(incident, acceptance) {
      accepting.isOn = true;
      try {
        return await payments.accept(incident, acceptance);
      } finally {
        accepting.isOn = false;
      }
    },
  };
}

/** A client that reads 21 as 50, every refusal as the end, or what is accepted as paid, where that is the fault. */
export function plantedClient(
  client: PaymeClient,
  planted: Planted | undefined,
  accepting: { readonly isOn: boolean },
): PaymeClient {
  if (planted === "accept without asking Payme") {
    const paid = <Answer extends { readonly state: number }>(answer: Answer): Answer =>
      accepting.isOn ? { ...answer, state: ReceiptState.PAID } : answer;
    return { ...client, receipts: { ...client.receipts, get: async (id) => paid(await client.receipts.get(id)) } };
  }
  if (planted === "every refusal called final") {
    return {
      ...client,
      pay: async (params) => declined(await client.pay(params)),
      hold: async (params) => declined(await client.hold(params)),
    };
  }
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

function declined(outcome: PayOutcome): PayOutcome {
  if (outcome.status !== "unknown" || !(outcome.error instanceof PaymeAPIError)) return outcome;
  const { receiptId, error } = outcome;
  return { status: "declined", reason: "unavailable", receiptId, error };
}
