import { Gauge, type Registry } from "prom-client";
import { type Clock, type Sleep, sleep, systemClock } from "../../kit/clock";
import { waitFor } from "../../kit/wait-for";
import { earliestLive, incidentKinds, type ReadVerbs } from "../../ledger";
import type { ClockEvent } from "../../merchant/merchant-event";
import type { Mode } from "../../protocol/hosts";
import type { SubscriptionState } from "../../subscriptions/rows";
import type { Subscriptions } from "../../subscriptions/subscriptions";

const STATES: readonly SubscriptionState[] = ["INCOMPLETE", "TRIALING", "ACTIVE", "PAST_DUE", "PAUSED", "ENDED"];

/** Options of the gauges. */
export interface BookGauges {
  readonly registry: Registry;
  /** The books, read at a scrape. Without them there are no gauges of the books. */
  readonly storage: Pick<ReadVerbs, "paymentStatistics" | "listPending" | "listDue" | "listExpired" | "listEvents">;
  /** The shop's name for the cashbox, where it has several. Default `"default"`. */
  readonly cashbox?: string | undefined;
  readonly mode: Mode;
  /** Returns the subscriptions, where there are any: they are made later than the metrics. */
  readonly subscriptions?: (() => Pick<Subscriptions, "statistics"> | undefined) | undefined;
  readonly now?: Clock | undefined;
  readonly sleep?: Sleep | undefined;
}

/** So long a reading is good for other scrapes. */
const CACHE_MS = 10_000;
/** So long a scrape waits for a reading. */
const LIMIT_MS = 2_000;
/** A reading that has not ended by then is given up, and another begins. */
const LOST_MS = 60_000;
/** The most rows that are counted: more than a person looks at. */
const MOST = 500;
/** The endpoint tells it once an hour while it lasts. */
const SKEW_LASTS_MS = 2 * 3_600_000;

/** Registers the gauge of the clock. Returns what tells it of an event. */
export function createSkewGauge({ registry, now = systemClock }: Pick<BookGauges, "registry" | "now">) {
  let seen: Pick<ClockEvent, "at" | "skewMs"> | undefined;
  new Gauge({
    name: "payme_clock_skew_seconds",
    help: "Our clock less Payme's, where they are over two minutes apart",
    registers: [registry],
    collect() {
      this.set(seen !== undefined && now() - seen.at < SKEW_LASTS_MS ? seen.skewMs / 1_000 : 0);
    },
  });
  return (event: ClockEvent): void => {
    seen = event;
  };
}

/** Registers the gauges of the books. A scrape reads them, at most once in ten seconds, and never waits over two. */
export function createBookGauges(options: BookGauges): void {
  const {
    registry,
    storage,
    cashbox = "default",
    mode,
    subscriptions,
    now = systemClock,
    sleep: wait = sleep,
  } = options;
  const scope = { cashbox, mode };
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `payme_${name}`, help, labelNames, registers: [registry], collect: () => fresh() });

  const payments = gauge("payments", "Payments by status", ["status"]);
  const oldestPending = gauge("oldest_pending_seconds", "Age of the oldest payment that is open");
  const refunds = gauge("refunds_queued", "Refunds whose money is not back");
  const oldestRefund = gauge("oldest_refund_seconds", "Age of the oldest of them");
  const incidents = gauge("open_incidents", "Incidents that wait for a person, by kind", ["kind"]);
  const outboxDue = gauge("outbox_due", "Messages that are due, the first of each subject");
  const oldestMessage = gauge("outbox_oldest_seconds", "Age of the oldest message that is due or was tried in vain");
  const outboxParked = gauge("outbox_parked", "Messages that failed for good");
  const overdue = gauge("overdue_transactions", "Transactions whose 12 hours are over, and that were not swept");
  const reconcileLag = gauge("reconcile_lag_seconds", "For how long Payme was to be asked about a payment");
  const isUp = gauge("database_up", "1: the last reading of the books succeeded");
  const isStale = gauge("gauges_stale", "1: the books could not be read within two seconds, and the gauges are older");
  const states = subscriptions && gauge("subscriptions", "Subscriptions by state", ["state"]);
  isUp.set(1);

  async function read(at: number): Promise<() => void> {
    const age = (since: number | null | undefined) => Math.max(0, at - (since ?? at)) / 1_000;
    // One after another: a scrape takes one connection.
    const counts = await storage.paymentStatistics(scope);
    const [pending] = await storage.listPending(scope, { before: at, limit: 1 });
    const [due] = await storage.listDue(scope, { before: at, limit: 1 });
    const expired = await storage.listExpired(scope, { before: earliestLive(at), limit: MOST });
    const open = await storage.listEvents(scope, { kinds: incidentKinds, open: true, limit: MOST });
    const undelivered = await storage.listEvents(scope, { due: Number.MAX_SAFE_INTEGER, limit: MOST });
    const parked = await storage.listEvents(scope, { parked: true, limit: MOST });
    const counted = await subscriptions?.()?.statistics({ from: at, to: at });
    const isDue = ({ deliverAt }: { readonly deliverAt: number | null }) => deliverAt !== null && deliverAt <= at;
    return () => {
      for (const status of ["pending", "paid", "cancelled", "failed"] as const)
        payments.set({ status: status.toUpperCase() }, counts[status]);
      oldestPending.set(age(pending?.createdAt));
      refunds.set(counts.refunding);
      oldestRefund.set(age(counts.oldestRefundAt));
      for (const kind of incidentKinds) incidents.set({ kind }, open.filter((row) => row.kind === kind).length);
      outboxDue.set(undelivered.filter(isDue).length);
      oldestMessage.set(age(undelivered.find((message) => isDue(message) || message.attempts > 0)?.at));
      outboxParked.set(parked.length);
      overdue.set(expired.length);
      reconcileLag.set(age(due?.nextCheckAt));
      for (const state of STATES) states?.set({ state }, counted?.states[state] ?? 0);
    };
  }

  let last: { readonly at: number; isOver: boolean; readonly shown: Promise<void> } | undefined;

  function fresh(): Promise<void> {
    const age = last === undefined ? LOST_MS : Math.abs(now() - last.at);
    if (last === undefined || age >= LOST_MS || (last.isOver && age >= CACHE_MS)) last = begin(now());
    return last.shown;
  }

  function begin(at: number) {
    const reading = { at, isOver: false, shown: Promise.resolve() };
    const done = read(at).then(
      (show) => {
        show();
        isUp.set(1);
        return true;
      },
      () => {
        isUp.set(0);
        return false;
      },
    );
    const over = done.finally(() => {
      reading.isOver = true;
    });
    reading.shown = waitFor(over, LIMIT_MS, wait).then((isRead) => isStale.set(isRead === true ? 0 : 1));
    return reading;
  }
}
