import type { Clock } from "../../clock";
import { CancelReason, TRANSACTION_LIFETIME_MS, TransactionState } from "../../protocol/states";
import type { MerchantMethodName } from "./answer";
import type { NoteDisagreement } from "./disagreement";
import { isTimestamp } from "./result-problems";

/** A transaction as Payme's books have it, with the times that the merchant answered. */
export interface MockTransaction {
  /** Payme's id. */
  readonly id: string;
  /** When Payme made it: from here its 12 hours count. */
  readonly time: number;
  readonly amount: number;
  readonly account: Readonly<Record<string, unknown>>;
  /** 0: the merchant has not confirmed it. */
  readonly state: number;
  readonly reason: number | null;
  /** The merchant's times; 0: not happened, or not told. */
  readonly createTime: number;
  readonly performTime: number;
  readonly cancelTime: number;
  /** The merchant's id. */
  readonly transaction: string | null;
  /** Calls about it whose outcome is not known. */
  readonly undecided: readonly MerchantMethodName[];
}

type Result = Readonly<Record<string, unknown>>;

/** A transaction, and what must be remembered of its calls. */
type Entry = { -readonly [Member in keyof MockTransaction]: MockTransaction[Member] } & {
  undecided: MerchantMethodName[];
  /** The reasons with which it was cancelled: parallel calls may differ, and the merchant keeps the first. */
  reasons: number[];
};

/** Payme's record of its transactions with one merchant: what the merchant said, and where it contradicts itself. */
export interface MerchantBook {
  add(made: Pick<MockTransaction, "id" | "time" | "amount" | "account">): void;
  find(id: string): MockTransaction | undefined;
  /** In the order of creation. */
  all(): MockTransaction[];
  /** A call is on its way: until it is answered, either side may be ahead. */
  begin(id: string, method: MerchantMethodName, reason?: number): void;
  /** The outcome of a call is known. */
  decide(id: string, method: MerchantMethodName): void;
  created(id: string, result: Result): void;
  performed(id: string, result: Result): void;
  cancelled(id: string, result: Result): void;
  /** The reason of the first cancel that was sent. */
  reasonSent(id: string): number | undefined;
  /** Takes a CheckTransaction's word for how the transaction ended; a reason that nobody can have given is not taken. */
  adopt(id: string, result: Result): void;
  /** The 12 hours are over, and the merchant is left to find that out. */
  expire(id: string): void;
  /** True where the answers do not tell which reason the merchant has kept, or when it was performed. */
  isInDoubt(id: string): boolean;
  clear(): void;
}

export function createMerchantBook(now: Clock, note: NoteDisagreement): MerchantBook {
  const entries = new Map<string, Entry>();

  /** Changes an entry; ids that Payme never made (`perform("no such id")`) have none. */
  const change = (id: string, update: (entry: Entry) => void) => {
    const entry = entries.get(id);
    if (entry !== undefined) update(entry);
  };
  const differs = (entry: Entry, method: MerchantMethodName, field: string, expected: unknown, actual: unknown) =>
    note({ kind: "books_differ", method, id: entry.id, field, expected, actual });

  /** The merchant's id of a transaction is one and the same in every answer. */
  const keepTransaction = (entry: Entry, method: MerchantMethodName, { transaction }: Result) => {
    if (typeof transaction !== "string" && typeof transaction !== "number") return;
    entry.transaction ??= String(transaction);
    if (entry.transaction !== String(transaction)) {
      differs(entry, method, "transaction", entry.transaction, transaction);
    }
  };

  /** What the merchant may have kept: what it was sent first, or that it found the 12 hours over. */
  const possibleReasons = (entry: Entry): number[] => {
    const mayHaveExpired = entry.state === TransactionState.CANCELLED && isExpired(entry, now());
    return mayHaveExpired ? [...entry.reasons, CancelReason.TIMEOUT] : entry.reasons;
  };

  return {
    add(made) {
      entries.set(made.id, {
        ...structuredClone(made),
        state: 0,
        reason: null,
        createTime: 0,
        performTime: 0,
        cancelTime: 0,
        transaction: null,
        undecided: [],
        reasons: [],
      });
    },
    find(id) {
      const entry = entries.get(id);
      return entry && copyOf(entry);
    },
    all: () => [...entries.values()].map(copyOf),
    begin: (id, method, reason) =>
      change(id, (entry) => {
        entry.undecided.push(method);
        if (reason !== undefined && !isCancelled(entry)) entry.reasons.push(reason);
      }),
    decide: (id, method) =>
      change(id, (entry) => {
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
        if (entry.state === TransactionState.CREATED) entry.state = TransactionState.PERFORMED;
        if (entry.performTime === 0) entry.performTime = performTime;
      }),
    cancelled: (id, result) =>
      change(id, (entry) => {
        keepTransaction(entry, "CancelTransaction", result);
        const wasPaid = entry.state === TransactionState.PERFORMED || entry.state === TransactionState.REFUNDED;
        const mayBePaid = wasPaid || entry.undecided.includes("PerformTransaction");
        if (wasPaid && result.state === -1) differs(entry, "CancelTransaction", "state", -2, -1);
        if (!mayBePaid && result.state === -2) differs(entry, "CancelTransaction", "state", -1, -2);
        entry.undecided = entry.undecided.filter((method) => method !== "PerformTransaction");
        if (isCancelled(entry)) return;
        entry.state = result.state === -2 ? TransactionState.REFUNDED : TransactionState.CANCELLED;
        entry.cancelTime = timeIn(result, "cancel_time");
        entry.reason = entry.reasons[0] ?? null;
      }),
    adopt: (id, { state, reason, perform_time, cancel_time }) =>
      change(id, (entry) => {
        if (typeof state !== "number") return;
        entry.state = state;
        entry.reason = possibleReasons(entry).find((each) => each === reason) ?? entry.reason;
        if (isTimestamp(perform_time)) entry.performTime = perform_time;
        if (isTimestamp(cancel_time)) entry.cancelTime = cancel_time;
      }),
    expire: (id) =>
      change(id, (entry) => {
        entry.state = TransactionState.CANCELLED;
        entry.reason = CancelReason.TIMEOUT;
      }),
    reasonSent: (id) => entries.get(id)?.reasons[0],
    isInDoubt(id) {
      const entry = entries.get(id);
      if (entry === undefined || !isCancelled(entry)) return false;
      const isUntold = entry.state === TransactionState.REFUNDED && entry.performTime === 0;
      return isUntold || new Set(possibleReasons(entry)).size > 1;
    },
    clear: () => entries.clear(),
  };
}

/** True when the 12 hours of a transaction are over. */
export function isExpired({ time }: Pick<MockTransaction, "time">, now: number): boolean {
  return now - time > TRANSACTION_LIFETIME_MS;
}

function isCancelled({ state }: Pick<MockTransaction, "state">): boolean {
  return state === TransactionState.CANCELLED || state === TransactionState.REFUNDED;
}

function timeIn(result: Result, member: string): number {
  const time = result[member];
  return isTimestamp(time) ? time : 0;
}

function copyOf({ reasons: _reasons, ...transaction }: Entry): MockTransaction {
  return structuredClone(transaction);
}
