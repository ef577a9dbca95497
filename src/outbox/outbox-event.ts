import type { EventBase } from "../ledger";

/** An attempt to deliver a message has ended. `parked`: the last one failed, and a person must look. */
export interface OutboxEvent extends EventBase {
  readonly kind: "outbox.delivered" | "outbox.retried" | "outbox.parked";
  readonly messageId: number;
  /** The kind of the message. */
  readonly message: string;
  readonly attempt: number;
}
