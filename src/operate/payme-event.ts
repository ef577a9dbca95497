import type { ClientEvent } from "../client/client-event";
import type { OutboxEvent } from "../outbox/outbox-event";
import type { PaymentsEvent } from "../payments/payments-event";
import type { WorkerEvent } from "./worker-event";

/** Everything that `onEvent` of client, payments, Merchant API, outbox and worker tells. */
export type PaymeEvent = ClientEvent | PaymentsEvent | OutboxEvent | WorkerEvent;
