import type { EventRow } from "../ledger";

/** Something to be told elsewhere once the transaction in which it is added has committed. */
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

/** A message on its way. */
export interface Message {
  /** Unique in its database, and the same on each attempt: whoever receives messages knows a repeat by it. */
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
 * Tells it: a call to a bot, a queue, another service. It runs outside any transaction. A throw (or a rejection) means
 * not delivered: it is tried again later. Pass `signal` on: it is aborted when the time for the attempt is over.
 */
export type DeliverMessage = (message: Message, attempt: { readonly signal: AbortSignal }) => unknown;

/** An event as who delivers it sees it. */
export function messageOf({ id, kind, subject, data, at, attempts }: EventRow): Message {
  return { id, kind, subject, data, at, attempt: attempts };
}
