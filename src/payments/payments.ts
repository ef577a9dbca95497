import type { HoldOptions } from "../client/pay";
import type { WebhookEvent } from "../gateway/webhook-event";
import { type Clock, type IdSource, randomId, type Sleep, sleep, systemClock } from "../kit/clock";
import { type EventListener, emit } from "../kit/emit";
import { PaymeConfigError, PaymeValidationError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import { isTiyin, roundUpToSom } from "../kit/money";
import { currentTrace, traced } from "../kit/trace";
import {
  type Asked,
  type EventRow,
  type ImportOptions,
  type ImportReport,
  type Incident,
  importRows,
  incidentKinds,
  type Ledger,
  ORDER_KIND,
  type PaymentRow,
  type PaymentStatistics,
  type Scope,
  type StatisticsFilter,
  type Storage,
} from "../ledger";
import type { Mode } from "../protocol/hosts";
import { type AcceptedPayment, acceptIncident, type IncidentAcceptance, resolveIncident } from "./accept-incident";
import { asOrders, type PaymentOrders } from "./as-orders";
import { type CancelOutcome, cancelPayment, type RefundedPayment, refundPayment } from "./cancel-payment";
import { capturePayment, releasePayment } from "./capture-payment";
import type { CaptureOutcome, ChargeOutcome } from "./charge-outcome";
import { type CardCharge, chargePayment, type NewCharge, payPayment } from "./charge-payment";
import {
  CHECK_DELAYS_MS,
  hasClient,
  type PaymentsClient,
  type PaymentsContext,
  requireDelays,
  requireMostOpen,
} from "./context";
import { type CreatedPayment, createPayment, type NewPayment } from "./create-payment";
import { type DailyClose, type DailyCloseOptions, dailyClose } from "./daily-close";
import { addFulfiller, type Fulfiller, type Fulfillers, type PaymentHook } from "./fulfiller";
import { type ImportedPayment, importPayment } from "./import-payments";
import type { NotificationEvent, PaymentsEvent } from "./payments-event";
import { askPayme, type ReconcileOptions, type ReconcileReport, reconcile } from "./reconcile";
import { type CancelledReport, recordCancelled } from "./record-cancelled";
import { CONFLICTS, type PaidReport, type RecordOutcome, receiptOf, recordPaid } from "./record-paid";
import { type ReviewOptions, type ReviewReport, review } from "./review";
import { endOf, paidReport } from "./settle-receipt";
import { type PaymentStory, type StoryKey, storyOf } from "./story";

/** Options of {@link createPayments}. */
export interface PaymentsOptions<Tx> {
  /** Where the books are kept. Hooks get its `Tx`. */
  storage: Storage<Tx>;
  /** Makes receipts and asks about them. Without one, payments are paid by the link that `payUrl` makes. */
  client?: PaymentsClient | undefined;
  /** Without a client: where a payment is paid. */
  payUrl?: ((payment: PaymentRow) => string) | undefined;
  /** The shop's name for the cashbox, where it has several. Default `"default"`. */
  cashbox?: string | undefined;
  /** Live or test money. Default: the client's; without one `"live"`. */
  mode?: Mode | undefined;
  /**
   * Gives what an order paid for, in the storage transaction, once: see {@link PaymentHook}. Without it this process fulfils
   * no orders: their money waits for one that does.
   */
  onPaid?: PaymentHook<Tx> | undefined;
  /** Takes it back after a refund, in the storage transaction, once. */
  onRefunded?: PaymentHook<Tx> | undefined;
  /** Gets each incident of money once it is recorded: paid twice, after a cancel, another amount. */
  onConflict?: ((incident: Incident) => unknown) | undefined;
  /** Gets every incident, conflicts included, once it is recorded. */
  onIncident?: ((incident: Incident) => unknown) | undefined;
  /** Gets each event after its commit: see {@link PaymentsEvent}. What it throws is logged and changes nothing. */
  onEvent?: EventListener<PaymentsEvent> | undefined;
  /** True: each incident is a message `payme.incident` of the outbox, too, in the same commit. Default false. */
  incidentMessages?: boolean | undefined;
  /**
   * True where the cashbox has «Округлять до сумов» in Payme's cabinet: `create` and `charge` round an amount up to whole som,
   * so that the books have what Payme takes. Default false.
   */
  roundsToSom?: boolean | undefined;
  /** How long a payment may stay unpaid before `reconcile` cancels it; never one whose money is held. Default 24 hours. */
  pendingTtlMs?: number | undefined;
  /**
   * How many open (PENDING) payments one user may have; `create` and `charge` then throw `TOO_MANY_OPEN`, before anything is sent.
   * Payments without a `userId` and the periods of subscriptions are not counted. `Infinity`: no bound. Default 20.
   */
  maxOpenPerUser?: number | undefined;
  /**
   * The delays between the looks at an open receipt, in ms, counted from the payment's creation; the last one repeats. A look
   * comes with the first `reconcile` after it is due. Default: 10, 20, 40 seconds, 1, 2, 5, 10, 15, 30, 60 minutes, 6 hours.
   */
  checkDelaysMs?: readonly number[] | undefined;
  now?: Clock | undefined;
  newId?: IdSource | undefined;
  sleep?: Sleep | undefined;
  logger?: Logger | undefined;
}

/** Bounds of a wait for a payment's end. */
export interface WaitOptions {
  /** Default 30 seconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Money that our books cannot place, and hooks that failed: for a person to look at. */
export interface Incidents {
  /**
   * Oldest first, in pages: give the last one's id as `after`. Open ones only, unless `open` is false. `subject`: those of one
   * payment or order.
   */
  list(query?: {
    subject?: string | undefined;
    open?: boolean | undefined;
    after?: number | undefined;
    limit?: number | undefined;
  }): Promise<EventRow[]>;
  /** Closes an incident that a person has dealt with. */
  resolve(id: number, resolution: { by: string; note: string }): Promise<EventRow>;
}

/** The books behind payments, for what is built on them. */
export interface Books<Tx> extends Ledger<Tx> {
  readonly scope: Scope;
  readonly newId: IdSource;
  readonly client: PaymentsClient | undefined;
}

/** Payments and their books. Made by {@link createPayments}. */
export interface Payments<Tx = unknown> {
  readonly books: Books<Tx>;
  /**
   * Adds the fulfiller of a kind of payments, at start. `onPaid` of the options is that of the kind `order`.
   *
   * @throws PaymeConfigError where the kind has one.
   */
  register(kind: string, fulfiller: Fulfiller<Tx>): void;
  /** Makes a payment and says where to pay it. The same `reference` and amount again is the same payment. */
  create(payment: NewPayment): Promise<CreatedPayment>;
  /** By our id, its receipt's, or that of the transaction that paid it. */
  find(id: string): Promise<PaymentRow | undefined>;
  /** The newest payment of a reference, in any status. */
  findByReference(reference: string): Promise<PaymentRow | undefined>;
  /** Returns the payment, after asking Payme where our books do not know its end; found paid, it is settled. */
  check(id: string): Promise<PaymentRow>;
  /**
   * Charges a saved card for a reference, once: it makes the payment and its receipt, pays that, and books what Payme says. A
   * second call, at once or after a crash, goes on with the first one's receipt. Every ending is an outcome. With `hold: true` it
   * only holds the money.
   *
   * @throws PaymeValidationError `CONFLICT` where the reference has a payment of another amount. Nothing is sent then.
   * @example
   * const outcome = await payments.charge({ reference: "order:197", amount: som(50_000), token });
   */
  charge(charge: NewCharge): Promise<ChargeOutcome>;
  /**
   * Charges a saved card for a payment that `create` made, with its receipt: it never makes another one. Every ending is an outcome;
   * `cancelled` and `unknown` where the payment is not open any more.
   */
  pay(id: string, card: CardCharge): Promise<ChargeOutcome>;
  /**
   * Takes the held money of a payment, all of it, once, and books it: `onPaid` runs. Every ending is an outcome.
   *
   * @throws PaymeValidationError `CONFLICT` where no money is held; PaymeEffectError `NO_FULFILLER` where nothing here fulfils
   * its kind. Nothing is sent then.
   * @example
   * const { status } = await payments.capture(payment.id);
   */
  capture(id: string, options?: HoldOptions): Promise<CaptureOutcome>;
  /**
   * Gives held money back. `queued`: Payme has taken it, and `reconcile` records its end. After a lost answer it throws:
   * release again, or let `reconcile` end it.
   *
   * @throws PaymeValidationError `CONFLICT` where no money is held, it was taken, or is being taken just now; PaymeAPIError
   * where Payme refuses: a hold on a HUMO card that is older than 30 days can only be taken.
   */
  release(id: string): Promise<CancelOutcome>;
  /**
   * Cancels what is unpaid: its receipt at Payme, or its link in our books. Held money is given back. `conflict` while a
   * Merchant transaction of it is in progress. It never refunds. `asked`: who asks, kept as an event `admin.cancel`.
   *
   * @throws PaymeValidationError `CONFLICT` where it is paid; also where Payme says so only now: then it is booked as PAID.
   */
  cancel(id: string, asked?: Asked): Promise<CancelOutcome>;
  /**
   * Gives back what was paid by a receipt. `queued`: Payme has taken the refund and works on it. `asked`: who asks, kept as an
   * event `admin.refund` before the call; a refund that is under way is not asked for again then.
   *
   * @throws PaymeValidationError `CONFLICT` where it is not paid, or was paid through the Merchant API.
   */
  refund(id: string, asked?: Asked): Promise<RefundedPayment>;
  /** Records money that came in: once, however often it is reported. */
  recordPaid(report: PaidReport): Promise<RecordOutcome>;
  /** Records a cancelled receipt: once, however often it is reported. */
  recordCancelled(report: CancelledReport): Promise<RecordOutcome>;
  /**
   * Records what `parseWebhook` gave. Unknown methods are logged and give `ignored`. A `receipts.pay` with a JSON-RPC `id` proves
   * nothing: Payme is asked for the receipt, and one that is not paid gives `ignored`.
   *
   * @throws PaymeConfigError where Payme must be asked and there is no client.
   */
  recordWebhook(event: WebhookEvent): Promise<RecordOutcome | { outcome: "ignored" }>;
  /**
   * Waits until our books know how a payment ended, or that its money is held: the payer's browser is back before the
   * notification arrives. Returns the payment, PENDING too when the time is over; rejects with the signal's reason.
   */
  waitForPayment(id: string, options?: WaitOptions): Promise<PaymentRow>;
  /** Asks Payme about payments that are due. Call it every minute or so, from any number of processes. */
  reconcile(options?: ReconcileOptions): Promise<ReconcileReport>;
  /**
   * Looks at past days again, when they are 1, 2, 3, 7, 14, 30, 60 and 90 days old, and records what Payme says: a refund by
   * hand is found without a person. Call it every hour or so, from any number of processes. Errors are in the report.
   */
  review(options?: ReviewOptions): Promise<ReviewReport>;
  /** Counts of the payments: all, of a user, or those made with `from <= createdAt < to`. */
  statistics(filter?: StatisticsFilter): Promise<PaymentStatistics>;
  /**
   * A day (`2026-01-31`) in sums, and where Payme's books and ours differ. Changes nothing.
   *
   * @throws PaymeValidationError where `day` is not a day; and what the client throws where Payme cannot be asked.
   */
  dailyClose(day: string, options?: DailyCloseOptions): Promise<DailyClose>;
  /**
   * Everything that the books know of a payment or an order of yours, oldest first: who did what, and how it ended. Undefined where
   * they know neither. Reads only, and asks nobody.
   *
   * @example
   * const story = await payments.story({ reference: "order:197" });
   */
  story(key: StoryKey): Promise<PaymentStory | undefined>;
  readonly incidents: Incidents;
  /**
   * Books money that our books refused, on a person's word: `paid_after_cancel`, `amount_mismatch`, `unknown_transaction`. Payme is
   * asked first: the receipt must be paid now. `onPaid` runs, the amount that Payme took is kept as `paidAmount`, and the incident
   * is closed, all in one commit. A second call changes nothing.
   *
   * @throws PaymeValidationError `NOT_FOUND`, and `CONFLICT` where the receipt is not paid, we refused the money (Payme gives it
   * back), another id paid the payment, or a charge of it is under way; PaymeEffectError where `onPaid` throws.
   * @example
   * await payments.accept(incident.id, { by: "Aziza", note: "paid after the cancel; goods are in stock" });
   */
  accept(incident: number, acceptance: IncidentAcceptance): Promise<AcceptedPayment>;
  /**
   * Takes over the payments of other books, in batches. Afterwards `find`, `check`, `refund`, a late notification and the sums are
   * right. A second run changes nothing, and what went on here is never written over. No hook runs, and nobody is told: what a paid
   * one gave is yours to bring, for a tariff with `tariffs.grant`.
   *
   * @throws PaymeValidationError that names the row. The batches before it are committed.
   */
  import(
    rows: Iterable<ImportedPayment> | AsyncIterable<ImportedPayment>,
    options?: ImportOptions,
  ): Promise<ImportReport>;
  /** Lets these payments be paid through the Merchant API: `createMerchantApi({ ...payments.asOrders(), key })`. */
  asOrders(): PaymentOrders<Tx>;
}

const DEFAULT_PENDING_TTL_MS = 24 * 3_600_000;
const DEFAULT_WAIT_MS = 30_000;
const LOOK_EVERY_MS = 250;

/**
 * Payments in your books, for anything that is paid. Make one for each cashbox and mode of a storage.
 *
 * @throws PaymeConfigError where `onRefunded` is given without `onPaid`.
 * @example
 * const payments = createPayments({ storage: memoryStorage(), client, onPaid: (payment, tx) => give(payment, tx) });
 * const { payUrl } = await payments.create({ reference: "order:197", amount: som(50_000), description: "Order 197" });
 */
export function createPayments<Tx>(options: PaymentsOptions<Tx>): Payments<Tx> {
  const context = contextOf(options);
  const { storage, scope, fulfillers } = context;
  /** What is no amount stays as it is: it is refused later. */
  const rounded = <Wanted extends NewPayment>(wanted: Wanted): Wanted =>
    options.roundsToSom === true && isTiyin(wanted.amount)
      ? { ...wanted, amount: roundUpToSom(wanted.amount) }
      : wanted;
  /** Runs a verb under one trace. */
  const inTrace = <R>(work: () => R): R => traced(context.onEvent !== undefined, work);
  return {
    books: context,
    register: (kind, fulfiller) => addFulfiller(fulfillers, kind, fulfiller),
    create: async (payment) => inTrace(() => createPayment(context, rounded(payment))),
    find: (id) => findPayment(context, id),
    findByReference: (reference) => storage.findPayment(scope, { reference }),
    async check(id) {
      const payment = await requirePayment(context, id);
      // Where nothing is left to ask, or a link is the only way to pay, our books know all.
      const mayAsk = payment.nextCheckAt !== null && hasClient(context);
      return mayAsk ? inTrace(() => askPayme(context, payment)) : payment;
    },
    charge: async (charge) => inTrace(() => chargePayment(context, rounded(charge))),
    pay: (id, card) => inTrace(async () => payPayment(context, await requirePayment(context, id), card)),
    capture: (id, captureOptions = {}) =>
      inTrace(async () => capturePayment(context, await requirePayment(context, id), captureOptions)),
    release: (id) => inTrace(async () => releasePayment(context, await requirePayment(context, id))),
    cancel: (id, asked) => inTrace(async () => cancelPayment(context, await requirePayment(context, id), asked)),
    refund: (id, asked) => inTrace(async () => refundPayment(context, await requirePayment(context, id), asked)),
    recordPaid: (report) => inTrace(() => recordPaid(context, report)),
    recordCancelled: (report) => inTrace(() => recordCancelled(context, report)),
    recordWebhook: (event) => inTrace(() => receiveWebhook(context, event)),
    waitForPayment: (id, waitOptions = {}) => waitForPayment(context, id, waitOptions),
    reconcile: (reconcileOptions = {}) => inTrace(() => reconcile(context, reconcileOptions)),
    review: (reviewOptions = {}) => inTrace(() => review(context, reviewOptions)),
    statistics: (filter) => storage.paymentStatistics(scope, filter),
    dailyClose: (day, closeOptions) => dailyClose(context, day, closeOptions),
    incidents: {
      list: ({ subject, open = true, after, limit = 100 } = {}) =>
        storage.listEvents(scope, { subject, kinds: incidentKinds, open, after, limit }),
      resolve: (id, resolution) => resolveIncident(context, id, resolution, "resolve"),
    },
    story: (key) => storyOf(storage, scope, key),
    accept: (incident, acceptance) => inTrace(() => acceptIncident(context, incident, acceptance)),
    import: (rows, importOptions = {}) =>
      importRows(
        storage,
        rows,
        importOptions,
        ({ id }) => id,
        (row, verbs) => importPayment(context, row, verbs),
      ),
    asOrders: () => asOrders(context),
  };
}

function contextOf<Tx>(options: PaymentsOptions<Tx>): PaymentsContext<Tx> {
  const { storage, client, payUrl, onPaid, onRefunded, onIncident, onConflict, onEvent } = options;
  const { now = systemClock, newId = randomId, logger = consoleLogger } = options;
  const fulfillers: Fulfillers<Tx> = new Map();
  if (onPaid) addFulfiller(fulfillers, ORDER_KIND, { onPaid, onRefunded });
  else if (onRefunded) throw new PaymeConfigError("createPayments: onRefunded takes back what onPaid gives: give both");
  return {
    // Node 20 takes microseconds for each member added to a copy of an object, unless that is frozen.
    scope: Object.freeze({ cashbox: options.cashbox ?? "default", mode: options.mode ?? client?.mode ?? "live" }),
    storage,
    onEvent,
    subjectsArePayments: true,
    incidentMessages: options.incidentMessages,
    async onIncident(incident) {
      const listeners = CONFLICTS.includes(incident.kind) ? [onIncident, onConflict] : [onIncident];
      // Each gets it, also where another one throws.
      await Promise.all(listeners.map(async (listener) => listener?.(incident)));
    },
    client,
    payUrl,
    now,
    newId,
    sleep: options.sleep ?? sleep,
    logger,
    pendingTtlMs: options.pendingTtlMs ?? DEFAULT_PENDING_TTL_MS,
    mostOpen: requireMostOpen(options.maxOpenPerUser),
    inTheMaking: new Map(),
    turns: new Map(),
    checkDelaysMs: requireDelays(options.checkDelaysMs ?? CHECK_DELAYS_MS),
    fulfillers,
  };
}

/** Also by the id of a Merchant transaction that is under way. */
async function findPayment<Tx>({ storage, scope }: PaymentsContext<Tx>, id: string): Promise<PaymentRow | undefined> {
  const found = (await storage.findPayment(scope, { id })) ?? (await storage.findPayment(scope, { paymeId: id }));
  if (found !== undefined) return found;
  const transaction = await storage.findTransaction(scope, id);
  return transaction === undefined ? undefined : storage.findPayment(scope, { id: transaction.reference });
}

async function requirePayment<Tx>(context: PaymentsContext<Tx>, id: string): Promise<PaymentRow> {
  const payment = await findPayment(context, id);
  if (payment !== undefined) return payment;
  throw new PaymeValidationError(`there is no payment ${JSON.stringify(id)}`, {
    code: "NOT_FOUND",
    hint: "Give our payment id, the receipt's id or the Merchant transaction's id, of the same cashbox and mode.",
  });
}

/** Records a notification, and tells how it ended. */
async function receiveWebhook<Tx>(
  context: PaymentsContext<Tx>,
  event: WebhookEvent,
): Promise<RecordOutcome | { outcome: "ignored" }> {
  const { onEvent, scope, now, logger } = context;
  const tell = (verdict: NotificationEvent["verdict"], paymentId?: string): void => {
    if (onEvent === undefined) return;
    const method = METHODS[event.type];
    const paymeId = event.type === "unknown" ? null : event.transactionId;
    const kind = "notification.received";
    const at = now();
    const happenedAt =
      event.type === "unknown" ? undefined : event.type === "payment.paid" ? event.paidAt : event.cancelledAt;
    const delayMs = happenedAt === undefined ? undefined : at - happenedAt;
    const told = { kind, at, trace: currentTrace(), method, verdict, paymeId, paymentId, delayMs, ...scope } as const;
    emit(onEvent, told, logger);
  };
  try {
    const recorded = await recordWebhook(context, event);
    const row = "row" in recorded ? recorded.row : undefined;
    tell(VERDICTS[recorded.outcome], row?.id);
    return recorded;
  } catch (error) {
    tell("failed");
    throw error;
  }
}

const METHODS = {
  "payment.paid": "receipts.pay",
  "payment.cancelled": "receipts.cancel",
  unknown: "unknown",
} as const satisfies Record<WebhookEvent["type"], NotificationEvent["method"]>;

const VERDICTS = {
  applied: "recorded",
  already_applied: "repeat",
  conflict: "conflict",
  not_found: "unknown",
  ignored: "ignored",
} as const;

async function recordWebhook<Tx>(
  context: PaymentsContext<Tx>,
  event: WebhookEvent,
): Promise<RecordOutcome | { outcome: "ignored" }> {
  if (event.type === "unknown") {
    context.logger.warn("a notification of an unknown method was ignored", { method: event.method });
    return { outcome: "ignored" };
  }
  const { transactionId: paymeId, chequeId } = event;
  const source = "gateway";
  if (event.type === "payment.paid" && event.hasCallId) return recordByReceipt(context, paymeId);
  return event.type === "payment.paid"
    ? recordPaid(context, { paymeId, chequeId, source, amount: event.amount, paidAt: event.paidAt })
    : recordCancelled(context, { paymeId, chequeId, source, cancelledAt: event.cancelledAt });
}

/** Records the money of a receipt as Payme tells of it: the notification itself may be one of our own calls, sent back to us. */
async function recordByReceipt<Tx>(
  context: PaymentsContext<Tx>,
  paymeId: string,
): Promise<RecordOutcome | { outcome: "ignored" }> {
  if (!hasClient(context)) {
    throw new PaymeConfigError(
      "recordWebhook: a receipts.pay with a JSON-RPC id proves nothing, and Payme cannot be asked",
      {
        hint: "Give createPayments the client.",
      },
    );
  }
  const receipt = await receiptOf(context.client, paymeId);
  const isPaid = receipt !== undefined && receipt._id === paymeId && endOf(receipt.state) === "paid";
  const state = receipt?.state ?? null;
  context.logger.warn("a receipts.pay with a JSON-RPC id came: Payme was asked", { transaction_id: paymeId, state });
  if (!isPaid) return { outcome: "ignored" };
  return recordPaid(context, paidReport(context, receipt));
}

async function waitForPayment<Tx>(context: PaymentsContext<Tx>, id: string, options: WaitOptions): Promise<PaymentRow> {
  const { timeoutMs = DEFAULT_WAIT_MS, signal } = options;
  const deadline = context.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const payment = await requirePayment(context, id);
    const left = deadline - context.now();
    if (payment.status !== "PENDING" || payment.held || left <= 0) return payment;
    await context.sleep(Math.min(LOOK_EVERY_MS, left), signal);
  }
}
