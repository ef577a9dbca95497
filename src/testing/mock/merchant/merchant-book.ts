import type { Clock } from "../../../kit/clock";
import { CancelReason, TransactionState } from "../../../protocol/states";
import type { MerchantMethodName } from "./answer";
import {
  type BookEntry,
  copyOf,
  createdAfterAll,
  isCancelled,
  isClosed,
  isExpired,
  isInDoubt,
  type MockTransaction,
  newEntry,
  possibleReasons,
} from "./book-entry";
import type { NoteDisagreement } from "./disagreement";
import { isTimestamp } from "./result-problems";

type Result = Readonly<Record<string, unknown>>;

/** Payme's record of its transactions with one merchant: what the merchant said, and where it contradicts itself. */
export interface MerchantBook {
  add(made: Pick<MockTransaction, "id" | "time" | "amount" | "account">): void;
  find(id: string): MockTransaction | undefined;
  /** In the order of creation. */
  all(): MockTransaction[];
  /** A call is on its way: until it is answered, either side may be ahead. */
  begin(id: string, method: MerchantMethodName, reason?: number): void;
  /** How many changes were begun and decided so far; undefined while more than one is under way. */
  changes(id: string): number | undefined;
  /** A call was answered, or given up. */
  end(id: string): void;
  /** The outcome of a call is known. */
  decide(id: string, method: MerchantMethodName): void;
  /** Calls that were given up without their outcome, none being under way. */
  givenUp(id: string): readonly MerchantMethodName[];
  created(id: string, result: Result): void;
  performed(id: string, result: Result): void;
  cancelled(id: string, result: Result): void;
  /** The reason of the first cancel that was sent. */
  reasonSent(id: string): number | undefined;
  /** Takes a CheckTransaction's word for what no answer has told; a reason that nobody can have given is not taken. */
  adopt(id: string, result: Result): void;
  /** The 12 hours are over, and the merchant is left to find that out. */
  expire(id: string): void;
  /** True where the answers do not tell which reason the merchant has kept, or when it was created or performed. */
  isInDoubt(id: string): boolean;
  clear(): void;
  saved(): BookEntry[];
  /** Calls that were under way are no more. */
  restore(saved: readonly BookEntry[]): void;
}

export function createMerchantBook(now: Clock, note: NoteDisagreement): MerchantBook {
  const entries = new Map<string, BookEntry>();

  /** Changes an entry; ids that Payme never made (`perform("no such id")`) have none. */
  const change = (id: string, update: (entry: BookEntry) => void) => {
    const entry = entries.get(id);
    if (entry !== undefined) update(entry);
  };
  const differs = (entry: BookEntry, method: MerchantMethodName, field: string, expected: unknown, actual: unknown) =>
    note({ kind: "books_differ", method, id: entry.id, field, expected, actual });

  /** The merchant's id of a transaction is one and the same in every answer. */
  const keepTransaction = (entry: BookEntry, method: MerchantMethodName, { transaction }: Result) => {
    if (typeof transaction !== "string" && typeof transaction !== "number") return;
    entry.transaction ??= String(transaction);
    if (entry.transaction !== String(transaction)) {
      differs(entry, method, "transaction", entry.transaction, transaction);
    }
  };

  return {
    add(made) {
      entries.set(made.id, newEntry(made));
    },
    find(id) {
      const entry = entries.get(id);
      return entry && copyOf(entry);
    },
    all: () => [...entries.values()].map(copyOf),
    begin: (id, method, reason) =>
      change(id, (entry) => {
        entry.changes += 1;
        entry.underway += 1;
        entry.undecided.push(method);
        if (method === "PerformTransaction") entry.isPerformSent = true;
        if (reason !== undefined && !isClosed(entry)) entry.reasons.push(reason);
      }),
    end: (id) =>
      change(id, (entry) => {
        entry.underway -= 1;
      }),
    givenUp(id) {
      const entry = entries.get(id);
      return entry?.underway === 0 ? [...entry.undecided] : [];
    },
    decide: (id, method) =>
      change(id, (entry) => {
        entry.changes += 1;
        entry.undecided = entry.undecided.filter((each) => each !== method);
      }),
    created: (id, result) =>
      change(id, (entry) => {
        keepTransaction(entry, "CreateTransaction", result);
        if (entry.state !== 0 || result.state !== TransactionState.CREATED) return;
        entry.state = TransactionState.CREATED;
        entry.createTime = timeIn(result, "create_time");
      }),
    performed: (id, result) =>
      change(id, (entry) => {
        keepTransaction(entry, "PerformTransaction", result);
        if (result.state !== TransactionState.PERFORMED) return;
        const performTime = timeIn(result, "perform_time");
        if (entry.state === TransactionState.CANCELLED) differs(entry, "PerformTransaction", "state", -1, 2);
        if (isExpired(entry, performTime)) {
          differs(entry, "PerformTransaction", "perform_time", "within 12 hours of its time", performTime);
        }
        createdAfterAll(entry);
        if (entry.state === TransactionState.CREATED) entry.state = TransactionState.PERFORMED;
        if (entry.performTime === 0) entry.performTime = performTime;
      }),
    cancelled: (id, result) =>
      change(id, (entry) => {
        keepTransaction(entry, "CancelTransaction", result);
        const wasPaid = entry.state === TransactionState.PERFORMED || entry.state === TransactionState.REFUNDED;
        if (wasPaid && result.state === -1) differs(entry, "CancelTransaction", "state", -2, -1);
        if (!entry.isPerformSent && result.state === -2) differs(entry, "CancelTransaction", "state", -1, -2);
        createdAfterAll(entry);
        entry.undecided = entry.undecided.filter((method) => method !== "PerformTransaction");
        if (isClosed(entry)) return;
        entry.state = result.state === -2 ? TransactionState.REFUNDED : TransactionState.CANCELLED;
        entry.cancelTime = timeIn(result, "cancel_time");
        entry.reason = entry.reasons[0] ?? null;
      }),
    adopt: (id, { state, reason, transaction, create_time, perform_time, cancel_time }) =>
      change(id, (entry) => {
        const isEnded = entry.state === TransactionState.CREATED && state === TransactionState.CANCELLED;
        if ((entry.state === 0 || isEnded) && typeof state === "number") entry.state = state;
        entry.transaction ??= typeof transaction === "string" ? transaction : null;
        if (entry.createTime === 0 && isTimestamp(create_time)) entry.createTime = create_time;
        if (entry.performTime === 0 && isTimestamp(perform_time)) entry.performTime = perform_time;
        if (entry.cancelTime === 0 && isTimestamp(cancel_time)) entry.cancelTime = cancel_time;
        const told = isCancelled(entry) ? possibleReasons(entry, now()).find((each) => each === reason) : undefined;
        if (told === undefined) return;
        entry.reason = told;
        entry.reasons = [told];
        entry.isReasonTold = true;
      }),
    expire: (id) =>
      change(id, (entry) => {
        entry.state = TransactionState.CANCELLED;
        entry.reason = CancelReason.TIMEOUT;
      }),
    changes(id) {
      const entry = entries.get(id);
      return entry === undefined || entry.undecided.length > 1 ? undefined : entry.changes;
    },
    reasonSent: (id) => entries.get(id)?.reasons[0],
    isInDoubt(id) {
      const entry = entries.get(id);
      return entry !== undefined && isInDoubt(entry, now());
    },
    clear: () => entries.clear(),
    saved: () => structuredClone([...entries.values()]),
    restore(saved) {
      for (const entry of structuredClone(saved)) entries.set(entry.id, { ...entry, underway: 0 });
    },
  };
}

function timeIn(result: Result, member: string): number {
  const time = result[member];
  return isTimestamp(time) ? time : 0;
}
