import { createOutbox, type Message, type NewMessage, type OutboxOptions } from "../../src/entry";
import type { Sleep } from "../../src/kit/clock";
import type { Logger } from "../../src/kit/logger";
import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";

export const NOW = Date.UTC(2026, 0, 15, 10, 30);
export const SCOPE = { cashbox: "default", mode: "live" } as const;

/** An outbox on a clock of its own, and what it has told. */
export function openOutbox(options: Partial<OutboxOptions<MemoryTx>> = {}) {
  const storage = options.storage ?? memoryStorage();
  return { storage, ...outboxOn(storage, options) };
}

export function outboxOn<Tx>(storage: Storage<Tx>, options: Partial<OutboxOptions<Tx>> = {}) {
  let now = NOW;
  const told: Message[] = [];
  const logged: string[] = [];
  const note = (message: string) => void logged.push(message);
  const logger: Logger = { info: note, warn: note, error: note };
  const outbox = createOutbox<Tx>({
    storage,
    deliver: (message) => void told.push(message),
    now: () => now,
    random: () => 0,
    logger,
    ...options,
  });
  return {
    outbox,
    told,
    logged,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    /** Adds messages in a transaction of their own. */
    add: (...messages: NewMessage[]) => storage.transaction((tx) => outbox.add(messages, tx)),
    /** Runs until nothing is due any more. */
    async drain() {
      while ((await outbox.runOnce()).claimed > 0);
    },
  };
}

export function message(subject: string, data?: unknown): NewMessage {
  return { kind: "order.paid", subject, data };
}

/** A sleep that a test ends: nothing waits by the machine's clock. */
export function sleepByHand() {
  const waits: { readonly ms: number; readonly signal: AbortSignal | undefined; readonly end: () => void }[] = [];
  const sleep: Sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      waits.push({ ms, signal, end: resolve });
    });
  return { sleep, waits, isOver: () => waits.every(({ signal }) => signal?.aborted === true) };
}

/** Promises that a test resolves when it wants to. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
