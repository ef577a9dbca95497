import { type Clock, type IdSource, randomId, type Sleep, sleep, systemClock } from "../kit/clock";
import { type EventListener, emit } from "../kit/emit";
import { PaymeConfigError, PaymeValidationError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import { type Asked, adminEvent, type EventRow, type Storage } from "../ledger";
import type { Mode } from "../protocol/hosts";
import { deliverOne, type Ended } from "./deliver-one";
import { createDeliveryLoop } from "./delivery-loop";
import { type DeliverMessage, type Message, messageOf, type NewMessage } from "./message";
import type { OutboxEvent } from "./outbox-event";

/** Options of {@link createOutbox}. */
export interface OutboxOptions<Tx> {
  /** Where messages are kept: the storage whose transactions add them. */
  storage: Storage<Tx>;
  deliver: DeliverMessage;
  /** The shop's name for the cashbox whose messages these are. Default `"default"`. */
  cashbox?: string | undefined;
  /** Default `"live"`. */
  mode?: Mode | undefined;
  /** How long an attempt may take. Default 30 s. */
  timeoutMs?: number | undefined;
  /** How long a worker keeps the messages that it took: longer than an attempt. Default twice `timeoutMs`. */
  leaseMs?: number | undefined;
  /** How many messages are taken at a time and delivered side by side. Default 10. */
  batchSize?: number | undefined;
  /** After this many attempts a message is parked, with an incident `message_parked`. Default 12: about two hours and a half. */
  maxAttempts?: number | undefined;
  /** How long the worker waits when nothing is due. Default 1 s. */
  pollMs?: number | undefined;
  now?: Clock | undefined;
  sleep?: Sleep | undefined;
  /** From 0 to 1: spreads the retries. */
  random?: (() => number) | undefined;
  newId?: IdSource | undefined;
  /** Gets the end of each attempt, once it is recorded. What it throws is logged and changes nothing. */
  onEvent?: EventListener<OutboxEvent> | undefined;
  logger?: Logger | undefined;
}

/** Results of a run. */
export interface OutboxReport {
  /** Messages taken. */
  readonly claimed: number;
  readonly delivered: number;
  /** Failed, and due again later. */
  readonly retried: number;
  /** Failed for the last time: a person must look. */
  readonly parked: number;
  /** Taken over by another worker before their end was recorded: they may be delivered twice. */
  readonly lost: number;
}

/** Messages that commit with the change that they tell, and are delivered at least once. Made by {@link createOutbox}. */
export interface Outbox<Tx> {
  /** Adds messages in your transaction (a hook's `tx`): they are delivered if it commits, and only then. */
  add(messages: NewMessage | readonly NewMessage[], tx: Tx): Promise<void>;
  /** Delivers what is due, one batch. Any number of processes may run it at once. Rejects only where the storage does. */
  runOnce(): Promise<OutboxReport>;
  /** Delivers what comes due until {@link stop}. A message that hangs delays no others. Storage errors are logged, and work goes on. */
  start(): void;
  /**
   * Takes no more messages and waits for those being delivered. After `graceMs` (default: `timeoutMs`) they are aborted,
   * and come again at the next start.
   */
  stop(options?: { graceMs?: number | undefined }): Promise<void>;
  /** Parked messages, oldest first: give the last one's id as `after` for the next page. */
  parked(page?: { after?: number | undefined; limit?: number | undefined }): Promise<Message[]>;
  /**
   * Tries a parked message again from now on, as if it were new. `asked`: who asks, kept as an event `admin.requeue`.
   *
   * @throws PaymeValidationError `NOT_FOUND`
   */
  requeue(id: number, asked?: Asked): Promise<void>;
}

/**
 * Messages to other services, from inside a storage transaction: "tariff activated" to a bot, "order paid" to a queue.
 * They are rows of `payme_event` that commit with the change and are delivered later, at least once: a process that dies
 * after a delivery, before it is recorded, delivers again with the same `id`.
 *
 * @throws PaymeConfigError where a lease would end before an attempt does, or a number is not positive.
 * @example
 * const outbox = createOutbox({ storage, deliver: (message, { signal }) => post("https://bot.uz/messages", message, signal) });
 * const payments = createPayments({
 *   storage,
 *   async onPaid({ id, amount }, tx) {
 *     await outbox.add({ kind: "order.paid", subject: id, data: { amount } }, tx);
 *     return true;
 *   },
 * });
 * outbox.start();
 * process.once("SIGTERM", () => outbox.stop());
 */
export function createOutbox<Tx>(options: OutboxOptions<Tx>): Outbox<Tx> {
  const { storage, deliver, newId = randomId, now = systemClock, sleep: wait = sleep, random = Math.random } = options;
  const { timeoutMs = 30_000, maxAttempts = 12, batchSize = 10, pollMs = 1_000, leaseMs = 2 * timeoutMs } = options;
  const { cashbox = "default", mode = "live", logger = consoleLogger, onEvent } = options;
  const scope = { cashbox, mode };
  const context = { storage, scope, deliver, timeoutMs, maxAttempts, now, sleep: wait, random, logger };
  checkPositive({ batchSize, pollMs, timeoutMs, maxAttempts });
  if (!(leaseMs > timeoutMs)) {
    throw new PaymeConfigError("createOutbox: leaseMs must be more than timeoutMs", {
      hint: "Otherwise another worker takes a message that is still being delivered.",
    });
  }
  let inHand = new AbortController();

  async function attempt(row: EventRow, token: string): Promise<Ended> {
    const ended = await deliverOne(context, row, token, inHand.signal);
    if (onEvent !== undefined && ended !== "lost") {
      const { id: messageId, kind: message, attempts } = row;
      emit(onEvent, { kind: `outbox.${ended}`, at: now(), ...scope, messageId, message, attempt: attempts }, logger);
    }
    return ended;
  }

  async function begin(limit: number): Promise<Promise<Ended>[]> {
    const claim = { now: now(), leaseUntil: now() + leaseMs, token: newId(), limit };
    const claimed = await storage.claimEvents(scope, claim);
    // Each has another subject, so their order does not matter.
    return claimed.map((row) => attempt(row, claim.token));
  }

  async function runOnce(): Promise<OutboxReport> {
    const attempts = await begin(batchSize);
    // Wait for all, also where the storage fails one: the others are still being delivered.
    await Promise.allSettled(attempts);
    const ends = await Promise.all(attempts);
    const report = { claimed: ends.length, delivered: 0, retried: 0, parked: 0, lost: 0 };
    for (const end of ends) report[end] += 1;
    return report;
  }

  const loop = createDeliveryLoop({ ...context, begin, size: batchSize, pollMs });

  return {
    runOnce,
    async add(messages, tx) {
      const events = [messages].flat().map((message) => ({ deliverAt: now(), ...message, ...scope, at: now() }));
      await storage.using(tx).appendEvents(events);
    },
    start() {
      if (inHand.signal.aborted) inHand = new AbortController();
      loop.start();
    },
    async stop({ graceMs = timeoutMs } = {}) {
      const stopped = loop.stop();
      const done = new AbortController();
      wait(graceMs, done.signal).then(
        () => inHand.abort(),
        () => {},
      );
      await stopped;
      done.abort();
    },
    async parked({ after, limit = 100 } = {}) {
      return (await storage.listEvents(scope, { parked: true, after, limit })).map(messageOf);
    },
    async requeue(id, asked) {
      const isRequeued = await storage.transaction(async (tx) => {
        const verbs = storage.using(tx);
        const requeued = await verbs.closeEvent(scope, id, { result: "requeued", deliverAt: now() });
        if (requeued.outcome !== "applied") return false;
        const about = { subject: requeued.row.subject, at: now(), data: { message: id } };
        if (asked !== undefined) await verbs.appendEvents([adminEvent(scope, "requeue", { ...about, ...asked })]);
        return true;
      });
      if (isRequeued) return;
      throw new PaymeValidationError(`there is no parked message ${id}`, { code: "NOT_FOUND" });
    },
  };
}

function checkPositive(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!(value > 0)) throw new PaymeConfigError(`createOutbox: ${name} must be more than 0`);
  }
}
