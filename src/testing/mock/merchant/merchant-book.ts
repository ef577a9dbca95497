import type { Clock } from "../../../kit/clock";
import { CancelReason, TRANSACTION_LIFETIME_MS, TransactionState } from "../../../protocol/states";
import type { MerchantMethodName } from "./answer";
import type { NoteDisagreement } from "./disagreement";
import { isTimestamp } from "./result-problems";

/** A transaction in Payme's books, with the times that the merchant answered. */
export interface MockTransaction {
  /** Payme's id. */
  readonly id: string;
  /** When Payme made it: its 12 hours count from here. */
  readonly time: number;
  readonly amount: number;
  readonly account: Readonly<Record<string, unknown>>;
  /** 0: the merchant has not confirmed it. */
  readonly state: number;
  readonly reason: number | null;
  /** The merchant's times. 0: it has not happened, or the merchant has not said when. */
  readonly createTime: number;
  readonly performTime: number;
  readonly cancelTime: number;
  /** The merchant's id. */
  readonly transaction: string | null;
  /** Calls about it whose outcome is not known. */
  readonly undecided: readonly MerchantMethodName[];
}

/** A transaction in the book, with what the book remembers of its calls. */
export type BookEntry = { -readonly [Member in keyof MockTransaction]: MockTransaction[Member] } & {
  undecided: MerchantMethodName[];
  /** The reasons of its cancels. Parallel calls may differ, and the merchant keeps the first. */
  reasons: number[];
  /** How many calls about it wait for their answer. */
  underway: number;
  /** Perform was sent. Even if it was refused in the end, an earlier attempt may have succeeded. */
  isPerformSent: boolean;
  /** The merchant has said which reason it keeps. */
  isReasonTold: boolean;
  /** How many changes were begun and decided. */
  changes: number;
};

type Result = Readonly<Record<string, unknown>>;

/** Payme's record of its transactions with one merchant. */
export type MerchantBook = ReturnType<typeof createMerchantBook>;

/** Returns an empty book. It notes where the merchant contradicts itself. */
export function createMerchantBook(now: Clock, note: NoteDisagreement) {
  const entries = new Map<string, BookEntry>();

  /** Changes an entry. Ids that Payme never made, as in `perform("no such id")`, have none. */
  const change = (id: string, update: (entry: BookEntry) => void) => {
    const entry = entries.get(id);
    if (entry !== undefined) update(entry);
  };
  const differs = (entry: BookEntry, method: MerchantMethodName, field: string, expected: unknown, actual: unknown) =>
    note({ kind: "books_differ", method, id: entry.id, field, expected, actual });

  /** The merchant's id of a transaction must be the same in every answer. */
  const keepTransaction = (entry: BookEntry, method: MerchantMethodName, { transaction }: Result) => {
    if (typeof transaction !== "string" && typeof transaction !== "number") return;
    entry.transaction ??= String(transaction);
    if (entry.transaction !== String(transaction)) {
      differs(entry, method, "transaction", entry.transaction, transaction);
    }
  };
  const settled = (entry: BookEntry, method: MerchantMethodName) => {
    entry.undecided = entry.undecided.filter((each) => each !== method);
  };
  /** A merchant that answers Perform or Cancel has the transaction: a Create without an answer succeeded. */
  const createdAfterAll = (entry: BookEntry) => {
    if (entry.state === 0) entry.state = TransactionState.CREATED;
    settled(entry, "CreateTransaction");
  };

  return {
    add(made: Pick<MockTransaction, "id" | "time" | "amount" | "account">): void {
      entries.set(made.id, {
        ...structuredClone(made),
        ...{ state: 0, reason: null, createTime: 0, performTime: 0, cancelTime: 0, transaction: null },
        ...{ undecided: [], reasons: [], underway: 0, isPerformSent: false, isReasonTold: false, changes: 0 },
      });
    },
    find(id: string): MockTransaction | undefined {
      const entry = entries.get(id);
      return entry && copyOf(entry);
    },
    /** In the order of creation. */
    all: (): MockTransaction[] => [...entries.values()].map(copyOf),
    /** Notes that a call was sent: until it is answered, either side may be ahead. */
    begin: (id: string, method: MerchantMethodName, reason?: number) =>
      change(id, (entry) => {
        entry.changes += 1;
        entry.underway += 1;
        entry.undecided.push(method);
        if (method === "PerformTransaction") entry.isPerformSent = true;
        if (reason !== undefined && !isClosed(entry)) entry.reasons.push(reason);
      }),
    /** Notes that a call was answered, or given up. */
    end: (id: string) =>
      change(id, (entry) => {
        entry.underway -= 1;
      }),
    /** Calls that were given up without an outcome. Empty while a call is under way. */
    givenUp(id: string): readonly MerchantMethodName[] {
      const entry = entries.get(id);
      return entry?.underway === 0 ? [...entry.undecided] : [];
    },
    /** Notes that the outcome of a call is known. */
    decide: (id: string, method: MerchantMethodName) =>
      change(id, (entry) => {
        entry.changes += 1;
        settled(entry, method);
      }),
    created: (id: string, result: Result) =>
      change(id, (entry) => {
        keepTransaction(entry, "CreateTransaction", result);
        if (entry.state !== 0 || result.state !== TransactionState.CREATED) return;
        entry.state = TransactionState.CREATED;
        entry.createTime = timeIn(result, "create_time");
      }),
    performed: (id: string, result: Result) =>
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
    cancelled: (id: string, result: Result) =>
      change(id, (entry) => {
        keepTransaction(entry, "CancelTransaction", result);
        const wasPaid = entry.state === TransactionState.PERFORMED || entry.state === TransactionState.REFUNDED;
        if (wasPaid && result.state === -1) differs(entry, "CancelTransaction", "state", -2, -1);
        if (!entry.isPerformSent && result.state === -2) differs(entry, "CancelTransaction", "state", -1, -2);
        createdAfterAll(entry);
        settled(entry, "PerformTransaction");
        if (isClosed(entry)) return;
        entry.state = result.state === -2 ? TransactionState.REFUNDED : TransactionState.CANCELLED;
        entry.cancelTime = timeIn(result, "cancel_time");
        entry.reason = entry.reasons[0] ?? null;
      }),
    /** Takes over from a CheckTransaction what no answer has said. A reason that was never sent is not taken. */
    adopt: (id: string, { state, reason, transaction, create_time, perform_time, cancel_time }: Result) =>
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
    /** Ends a transaction after its 12 hours, and leaves the merchant to find that out. */
    expire: (id: string) =>
      change(id, (entry) => {
        entry.state = TransactionState.CANCELLED;
        entry.reason = CancelReason.TIMEOUT;
      }),
    /** How many changes were begun and decided so far; undefined while more than one is under way. */
    changes(id: string): number | undefined {
      const entry = entries.get(id);
      return entry === undefined || entry.undecided.length > 1 ? undefined : entry.changes;
    },
    /** The reason of the first cancel that was sent. */
    reasonSent: (id: string) => entries.get(id)?.reasons[0],
    /** True where the answers do not say which reason the merchant keeps, or when it created or performed. */
    isInDoubt(id: string): boolean {
      const entry = entries.get(id);
      if (entry === undefined || entry.state === 0) return false;
      const isUntold = entry.state === TransactionState.REFUNDED && entry.performTime === 0;
      const mayHaveOtherReason = isCancelled(entry) && new Set(possibleReasons(entry, now())).size > 1;
      return isUntold || mayHaveOtherReason || entry.createTime === 0;
    },
    clear: () => entries.clear(),
    saved: (): BookEntry[] => structuredClone([...entries.values()]),
    /** Puts saved entries back. Calls that were under way have ended. */
    restore(saved: readonly BookEntry[]): void {
      for (const entry of structuredClone(saved)) entries.set(entry.id, { ...entry, underway: 0 });
    },
  };
}

/** True when the 12 hours of a transaction are over. */
export function isExpired({ time }: Pick<MockTransaction, "time">, now: number): boolean {
  return now - time > TRANSACTION_LIFETIME_MS;
}

function isCancelled({ state }: BookEntry): boolean {
  return state === TransactionState.CANCELLED || state === TransactionState.REFUNDED;
}

/** True for a cancelled transaction whose time the merchant has said: nothing later changes it. */
function isClosed(entry: BookEntry): boolean {
  return isCancelled(entry) && entry.cancelTime !== 0;
}

/** Reasons that the merchant may keep: those that it was sent, or 4 if it found the 12 hours over. */
function possibleReasons(entry: BookEntry, now: number): number[] {
  const mayHaveExpired = entry.state === TransactionState.CANCELLED && isExpired(entry, now);
  return mayHaveExpired && !entry.isReasonTold ? [...entry.reasons, CancelReason.TIMEOUT] : entry.reasons;
}

/** A transaction without what only the book needs. */
function copyOf(entry: BookEntry): MockTransaction {
  const { reasons, underway, isPerformSent, isReasonTold, changes, ...transaction } = structuredClone(entry);
  return { ...transaction, undecided: [...new Set(transaction.undecided)] };
}

function timeIn(result: Result, member: string): number {
  const time = result[member];
  return isTimestamp(time) ? time : 0;
}
