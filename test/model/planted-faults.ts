import type { Payments } from "../../src/entry";
import { PaymeAPIError, type PaymeClient, type PayOutcome } from "../../src/entry/client";
import { isIncidentKind, type NewEvent, type Storage, type Verbs } from "../../src/ledger";
import { ReceiptState } from "../../src/protocol/states";

/**
 * Faults that a judge of worlds must catch: each breaks one rule of the life of a purchase. With a seed from which it shows.
 */
export const PLANTED = {
  "a queued refund called an end": 12,
  "an ended receipt forgotten": 29,
  "review off": 12,
  "false of onPaid ignored": 12,
  "a kind booked by a process that does not fulfil it": 12,
  "an incident that was resolved stays closed": 11,
  "every refusal called final": 12,
  "a hold ended by our clock": 12,
  "money accepted and not booked": 1,
  "a cancel without its event": 12,
} as const;
export type Planted = keyof typeof PLANTED;

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
    case "a cancel without its event":
      return (verbs) => ({
        appendEvents: (events, closing) =>
          verbs.appendEvents(
            events.filter(({ kind }) => kind !== "payment.cancelled"),
            closing,
          ),
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

/** Payments whose review does nothing, or whose accept only closes the incident, where that is the fault. */
export function plantedPayments<Tx>(payments: Payments<Tx>, planted: Planted | undefined): Payments<Tx> {
  switch (planted) {
    case "review off":
      return { ...payments, review: async () => ({ days: [], left: 0 }) };
    case "money accepted and not booked":
      return {
        ...payments,
        async accept(id, { by, note, paymentId = "" }) {
          const { subject } = await payments.incidents.resolve(id, { by, note });
          const row = (await payments.find(subject)) ?? (await payments.find(paymentId));
          if (row === undefined) throw new Error(`no payment of incident ${id}`);
          return { outcome: "applied", row };
        },
      };
    default:
      return payments;
  }
}

/** A client that reads 21 as 50, or every refusal as the end, where that is the fault. */
export function plantedClient(client: PaymeClient, planted: Planted | undefined): PaymeClient {
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
      getAll: async (query) => {
        const page = await receipts.getAll(query);
        return { ...page, receipts: page.receipts.map(ended) };
      },
    },
  };
}

function declined(outcome: PayOutcome): PayOutcome {
  if (outcome.status !== "unknown" || !(outcome.error instanceof PaymeAPIError)) return outcome;
  const { receiptId, error } = outcome;
  return { status: "declined", reason: "unavailable", receiptId, error };
}
