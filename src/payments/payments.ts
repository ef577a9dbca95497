import type { WebhookEvent } from "../gateway/webhook-event";
import { type Clock, type IdSource, randomId, type Sleep, sleep, systemClock } from "../kit/clock";
import { consoleLogger, type Logger } from "../kit/logger";
import type { Incident, Outcome, PaymentRow, PaymentStatistics, Storage } from "../ledger";
import type { Mode } from "../protocol/hosts";
import { asOrders, type PaymentOrders } from "./as-orders";
import { askPayme } from "./ask-payme";
import { type CancelledPayment, cancelPayment } from "./cancel-payment";
import type { PaymentHook, PaymentsClient, PaymentsContext } from "./context";
import { type CreatedPayment, createPayment, type NewPayment } from "./create-payment";
import { type DailyClose, type DailyCloseOptions, dailyClose } from "./daily-close";
import { findPayment, requirePayment } from "./find-payment";
import { createIncidents, type Incidents } from "./incidents";
import { type ReconcileOptions, type ReconcileReport, reconcile } from "./reconcile";
import { type CancelledReport, closePayment, recordCancelled } from "./record-cancelled";
import { type PaidReport, type RecordOutcome, recordPaid } from "./record-paid";
import { recordWebhook } from "./record-webhook";
import { DEFAULT_PENDING_TTL_MS } from "./schedule";
import { type WaitOptions, waitForPayment } from "./wait-for-payment";

/** What {@link createPayments} works with. */
export interface PaymentsOptions<Tx> {
  /** Where the books are kept. Its `Tx` is what hooks get. */
  storage: Storage<Tx>;
  /** Makes receipts and asks about them. Without one, payments are paid by the link that `payUrl` makes. */
  client?: PaymentsClient | undefined;
  /** Without a client: where a payment is paid. */
  payUrl?: ((payment: PaymentRow) => string) | undefined;
  /** The shop's name for the cashbox, where it has several. Default `"default"`. */
  cashbox?: string | undefined;
  /** Live or test money. Default: the client's; without one `"live"`. */
  mode?: Mode | undefined;
  /** Gives what was paid for. In the storage transaction, once: see {@link PaymentHook}. */
  onPaid?: PaymentHook<Tx> | undefined;
  /** Takes it back after a refund. In the storage transaction, once. */
  onRefunded?: PaymentHook<Tx> | undefined;
  /** Told of money that the books cannot place, once it is recorded: paid twice, after a cancel, another amount. */
  onConflict?: ((incident: Incident) => unknown) | undefined;
  /** Told of every incident, conflicts included, once it is recorded. */
  onIncident?: ((incident: Incident) => unknown) | undefined;
  /** How long a payment may stay unpaid before `reconcile` cancels it. Default 24 hours. */
  pendingTtlMs?: number | undefined;
  now?: Clock | undefined;
  newId?: IdSource | undefined;
  sleep?: Sleep | undefined;
  logger?: Logger | undefined;
}

/** Payments of which we keep the book. Made by {@link createPayments}. */
export interface Payments<Tx = unknown> {
  /** Makes a payment and says where to pay it. The same `reference` and amount again is the same payment. */
  create(payment: NewPayment): Promise<CreatedPayment>;
  /** By our id, its receipt's, or that of the transaction that paid it. */
  find(id: string): Promise<PaymentRow | undefined>;
  /** The newest payment of a reference, whatever became of it. */
  findByReference(reference: string): Promise<PaymentRow | undefined>;
  /** The payment as it stands, after asking Payme where our books do not know its end; found paid, it is settled. */
  check(id: string): Promise<PaymentRow>;
  /** Cancels an unpaid payment or refunds a paid one, at Payme. */
  cancel(id: string): Promise<CancelledPayment>;
  /**
   * Closes a payment in our own book. `conflict` while a Merchant transaction of it is live. Its receipt can be paid until
   * the next `reconcile` cancels it; `cancel` does so at once.
   */
  close(id: string): Promise<Outcome<PaymentRow>>;
  /** Books a report of money, once, however often it comes. */
  recordPaid(report: PaidReport): Promise<RecordOutcome>;
  /** Books a cancelled receipt, once, however often it is reported. */
  recordCancelled(report: CancelledReport): Promise<RecordOutcome>;
  /** Books what `parseWebhook` gave. Unknown methods are logged and answered `ignored`. */
  recordWebhook(event: WebhookEvent): Promise<RecordOutcome | { outcome: "ignored" }>;
  /** Waits until our books know how it ended, or the time is over. */
  waitForPayment(id: string, options?: WaitOptions): Promise<PaymentRow>;
  /** Asks Payme about payments that are due. Call it every minute or so, from any number of processes. */
  reconcile(options?: ReconcileOptions): Promise<ReconcileReport>;
  statistics(filter?: { userId?: string | undefined }): Promise<PaymentStatistics>;
  /**
   * A day (`2026-01-31`) in sums, and where Payme's books and ours differ. Changes nothing.
   *
   * @throws PaymeValidationError where `day` is no day; and what the client throws where Payme cannot be asked.
   */
  dailyClose(day: string, options?: DailyCloseOptions): Promise<DailyClose>;
  readonly incidents: Incidents;
  /** Lets these payments be paid through the Merchant API: `createMerchantApi({ ...payments.asOrders(), key })`. */
  asOrders(): PaymentOrders<Tx>;
}

/**
 * Payments of which we keep the book, whoever owns the thing being paid.
 *
 * @example
 * const payments = createPayments({ storage: memoryStorage(), client, onPaid: (payment, tx) => fulfil(payment, tx) });
 * const { payUrl } = await payments.create({ reference: "order:197", amount: som(50_000), description: "Order 197" });
 */
export function createPayments<Tx>(options: PaymentsOptions<Tx>): Payments<Tx> {
  const context = contextOf(options);
  return {
    create: (payment) => createPayment(context, payment),
    find: (id) => findPayment(context, id),
    findByReference: (reference) => context.storage.findPayment(context.scope, { reference }),
    async check(id) {
      const payment = await requirePayment(context, id);
      // Where nothing is left to ask, or the only way to pay is a link, the books are all there is.
      return payment.nextCheckAt === null || context.client === undefined ? payment : askPayme(context, payment);
    },
    cancel: (id) => cancelPayment(context, id),
    async close(id) {
      const payment = await requirePayment(context, id);
      return closePayment(context, payment);
    },
    recordPaid: (report) => recordPaid(context, report),
    recordCancelled: (report) => recordCancelled(context, report),
    recordWebhook: (event) => recordWebhook(context, event),
    waitForPayment: (id, waitOptions) => waitForPayment(context, id, waitOptions),
    reconcile: (reconcileOptions) => reconcile(context, reconcileOptions),
    statistics: (filter) => context.storage.paymentStatistics(context.scope, filter),
    dailyClose: (day, closeOptions) => dailyClose(context, day, closeOptions),
    incidents: createIncidents(context),
    asOrders: () => asOrders(context),
  };
}

const CONFLICTS: readonly string[] = ["double_payment", "paid_after_cancel", "amount_mismatch"];

function contextOf<Tx>(options: PaymentsOptions<Tx>): PaymentsContext<Tx> {
  const { storage, client, onIncident, onConflict } = options;
  const now = options.now ?? systemClock;
  const newId = options.newId ?? randomId;
  const logger = options.logger ?? consoleLogger;
  return {
    scope: { cashbox: options.cashbox ?? "default", mode: options.mode ?? client?.mode ?? "live" },
    storage,
    ledger: {
      storage,
      now,
      logger,
      newId,
      async onIncident(incident) {
        const listeners = CONFLICTS.includes(incident.kind) ? [onIncident, onConflict] : [onIncident];
        // Each is told, also where another one throws.
        await Promise.all(listeners.map(async (listener) => listener?.(incident)));
      },
    },
    client,
    payUrl: options.payUrl,
    now,
    newId,
    sleep: options.sleep ?? sleep,
    logger,
    pendingTtlMs: options.pendingTtlMs ?? DEFAULT_PENDING_TTL_MS,
    onPaid: options.onPaid,
    onRefunded: options.onRefunded,
  };
}
