import { Counter, Histogram, Registry } from "prom-client";
import type { PaymentEvent, RefundEvent, TransactionEvent } from "../../ledger";
import type { Mode } from "../../protocol/hosts";
import type { PaymeEvent } from "../payme-event";
import { type BookGauges, createBookGauges, createSkewGauge } from "./gauges";
import {
  clientLabels,
  FIRST_CLIENT_CALLS,
  FIRST_MERCHANT_CALLS,
  merchantLabels,
  NONE,
  SOURCES,
  sourceLabel,
} from "./labels";

/** Options of {@link createMetrics}. */
export interface MetricsOptions extends Partial<Omit<BookGauges, "registry" | "mode">> {
  /** Where the metrics are registered. Default: a registry of their own. */
  registry?: Registry | undefined;
  /** The mode of the metrics: events of the other one are not counted. Default `"live"`. */
  mode?: Mode | undefined;
}

/** The metrics of a cashbox. Made by {@link createMetrics}. */
export interface Metrics {
  /** `await registry.metrics()` is the text of a scrape, and `registry.contentType` its type. */
  readonly registry: Registry;
  /** Give it to client, payments, Merchant API, outbox, subscriptions and worker. */
  onEvent(event: PaymeEvent): void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const DELAY_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400];

/** The label of each event of a payment. A transaction of the shop's own order moves money, too. */
const EVENTS = {
  "payment.created": "created",
  "payment.paid": "paid",
  "payment.cancelled": "cancelled",
  "payment.failed": "failed",
  "refund.queued": "refund_queued",
  "refund.done": "refund_done",
  "refund.refused": "refund_refused",
  "refund.stuck": "refund_stuck",
  "transaction.performed": "paid",
  "transaction.refunded": "refund_done",
} as const;
type PaymentsMove = Extract<PaymentEvent | RefundEvent | TransactionEvent, { kind: keyof typeof EVENTS }>;

const isMove = (event: PaymeEvent): event is PaymentsMove => event.kind in EVENTS;

/**
 * Registers the metrics of one cashbox and mode: counters and histograms of the events, and gauges that are read from the
 * storage at a scrape. Labels come from closed sets: nothing that Payme or a caller sends makes a series.
 *
 * @example
 * const metrics = createMetrics({ storage });
 * const payments = createPayments({ storage, client, onPaid, onEvent: metrics.onEvent });
 * app.get("/metrics", async (request, response) => response.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
 */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { registry = new Registry(), mode = "live", storage } = options;
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `payme_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `payme_${name}`, help, buckets, registers });

  const merchantCalls = counter("merchant_calls_total", "Calls of Payme, answered", ["method", "code"]);
  const merchantSeconds = histogram("merchant_seconds", "Time to answer a call of Payme", SECONDS);
  const clientCalls = counter("client_calls_total", "Calls to Payme, ended", ["method", "outcome", "reason"]);
  const clientSeconds = histogram("client_seconds", "Time of a call to Payme", SECONDS);
  const changes = counter("payments_total", "Changes of payments and refunds", ["event", "source"]);
  const paid = counter("paid_tiyin_total", "Money that was paid");
  const refunded = counter("refunded_tiyin_total", "Money that went back");
  const delay = histogram(
    "notification_delay_seconds",
    "From the time that a notification names to its end here",
    DELAY_SECONDS,
  );
  for (const labels of FIRST_MERCHANT_CALLS) merchantCalls.inc(labels, 0);
  for (const labels of FIRST_CLIENT_CALLS) clientCalls.inc(labels, 0);
  for (const event of ["created", "failed", "cancelled"]) changes.inc({ event, source: NONE }, 0);
  for (const source of SOURCES) changes.inc({ event: "paid", source }, 0);
  const tellSkew = createSkewGauge({ ...options, registry });
  if (storage !== undefined) createBookGauges({ ...options, storage, mode, registry });

  let last = "";
  function countMove(event: PaymentsMove): void {
    const { kind, paymeId, amount = 0 } = event;
    const name = EVENTS[kind];
    // A payment and the transaction that paid it are told in one go, the payment first: it is one change.
    const move = `${name} ${paymeId}`;
    const isTransaction = !("paymentId" in event);
    if (isTransaction && move === last) return;
    last = move;
    const source = isTransaction ? "merchant" : event.source;
    changes.inc({ event: name, source: sourceLabel(source) });
    if (name === "paid") paid.inc(amount);
    if (name === "refund_done") refunded.inc(amount);
  }

  return {
    registry,
    onEvent(event) {
      if ("mode" in event && event.mode !== undefined && event.mode !== mode) return;
      if (event.kind === "merchant.call") {
        merchantCalls.inc(merchantLabels(event.method, event.code));
        merchantSeconds.observe(event.ms / 1_000);
      } else if (event.kind === "client.call") {
        clientCalls.inc(clientLabels(event));
        clientSeconds.observe(event.ms / 1_000);
      } else if (event.kind === "notification.received") {
        // A clock that is behind is no delay.
        if (event.delayMs !== undefined) delay.observe(Math.max(0, event.delayMs) / 1_000);
      } else if (event.kind === "clock.skew") tellSkew(event);
      else if (isMove(event)) countMove(event);
    },
  };
}
