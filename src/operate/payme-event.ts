import type { ClientEvent } from "../client/client-event";
import type { OutboxEvent } from "../outbox/outbox-event";
import type { PaymentsEvent } from "../payments/payments-event";
import type { StorageEvent } from "../storage/storage-event";
import type { WorkerEvent } from "./worker-event";

/** Everything that `onEvent` of client, payments, Merchant API, outbox, worker and storage tells. */
export type PaymeEvent = ClientEvent | PaymentsEvent | OutboxEvent | WorkerEvent | StorageEvent;
