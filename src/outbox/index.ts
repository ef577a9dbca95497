export type { Deliver, Message, NewMessage } from "./message";
export { createOutbox, type Outbox, type OutboxOptions, type OutboxReport } from "./outbox";
