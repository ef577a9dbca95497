import { type Clock, systemClock } from "../kit/clock";
import { type EventListener, emit } from "../kit/emit";
import { isPaymeError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import { currentTrace } from "../kit/trace";
import { asStorageError, awayCode } from "./storage-errors";

/** The database made a call wait. `busy`: the call ended as STORAGE_BUSY. `retried`: it was refused at first, and then went on. */
export interface StorageEvent {
  readonly kind: "storage.busy" | "storage.retried";
  /** When the wait ended, in ms. */
  readonly at: number;
  /** One id for all events of a call, from the request to the commit. */
  readonly trace?: string | undefined;
  readonly dialect: "sqlite" | "postgres";
  readonly ms: number;
  /** What the database, the driver or the network said, e.g. `40P01`; null: a limit of payme-kit ended the wait. */
  readonly code: string | null;
}

/** Options of a storage that tells of its database. */
export interface StorageEventOptions {
  onEvent?: EventListener<StorageEvent> | undefined;
  /** Told of a listener that fails (default: standard error), and over pg of each idle connection that the pool loses (default: no line). */
  logger?: Logger | undefined;
  now?: Clock | undefined;
}

/** Tells the listener of a storage, if there is one. */
export type StorageWatch = ReturnType<typeof watchStorage>;

/** Returns the watch of a storage. */
export function watchStorage(dialect: StorageEvent["dialect"], options: StorageEventOptions) {
  const { onEvent, logger = consoleLogger, now = systemClock } = options;
  function tell(kind: StorageEvent["kind"], start: number, error: unknown): void {
    if (onEvent === undefined) return;
    const at = now();
    emit(onEvent, { kind, at, trace: currentTrace(), dialect, ms: at - start, code: awayCode(error) }, logger);
  }
  return {
    now,
    /** A call goes on that the database had refused with this error. */
    retried: (start: number, refusal: unknown): void => tell("storage.retried", start, refusal),
    /** Runs a call. Its error becomes the one for the caller. */
    async run<R>(call: (start: number) => Promise<R>): Promise<R> {
      const start = now();
      try {
        return await call(start);
      } catch (error) {
        const known = asStorageError(error);
        if (isPaymeError(known) && known.code === "STORAGE_BUSY") tell("storage.busy", start, known);
        throw known;
      }
    },
  };
}
