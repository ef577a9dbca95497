import type { EventRow } from "../ledger";

/** A message to be delivered once the transaction that adds it has committed. */
export interface NewMessage {
  /** What happened, e.g. `tariff.activated`. */
  readonly kind: string;
  /** What it is about, e.g. a user's or an order's id: messages of one subject are delivered in the order of adding. */
  readonly subject: string;
  /** JSON. Never a secret or card data. */
  readonly data?: unknown;
  /** The earliest time of delivery, in ms since 1970. Default: at once. */
  readonly deliverAt?: number | undefined;
}

/** A message that is being delivered. */
export interface Message {
  /** Unique in its database, and the same on each attempt: the receiver knows a repeat by it. */
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly data: unknown;
  /** When it was added. */
  readonly at: number;
  /** 1 on the first attempt. */
  readonly attempt: number;
}

/**
 * Delivers a message: a call to a bot, a queue, another service. It runs outside any transaction. Where it throws or
 * rejects, the message is tried again later. Pass `signal` on: it is aborted when the time for the attempt is over.
 */
export type DeliverMessage = (message: Message, attempt: { readonly signal: AbortSignal }) => unknown;

/** The message of an event. */
export function messageOf({ id, kind, subject, data, at, attempts }: EventRow): Message {
  return { id, kind, subject, data, at, attempt: attempts };
}
