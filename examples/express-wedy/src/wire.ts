import {
  type CreatedPayment,
  type EventRow,
  isIncidentKind,
  isTiyin,
  type PaymentRow,
  type PaymentStatistics,
  type PaymentStory,
  remedyOf,
} from "payme-kit";
import { type CurrentTariff, type Tariff, tariffIdOf, tariffIdOfPlan } from "payme-kit/tariffs";
import type * as z from "zod";
import { INCIDENT_TEXT, type Language } from "./payer-texts";
import type * as schemas from "./schemas";
import { toSom } from "./som";
import type { RunningSubscription } from "./subscriptions";

/** A time as the API writes it: `YYYY-MM-DDTHH:MM:SSZ`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeText(ms);
}

export function tariffOf({ id, name, price, isActive, ...duration }: Tariff): z.infer<typeof schemas.tariffAnswer> {
  const { durationDays: duration_days, durationMonths: duration_months } = duration;
  return { id, name, price: toSom(price), duration_days, duration_months, is_active: isActive };
}

/** What the API tells of a payment: never what its owner or Payme did not mean for the payer. */
export function paymentOf(payment: PaymentRow): z.infer<typeof schemas.paymentData> {
  return {
    payment_id: payment.id,
    transaction_id: payment.transactionId,
    cheque_id: payment.chequeId,
    user_id: payment.userId,
    tariff_id: tariffIdOf(payment),
    amount: payment.amount,
    status: payment.status,
    created_at: timeText(payment.createdAt),
    paid_at: timeOrNull(payment.paidAt),
    payme_error_code: payment.errorCode,
    payme_error_message: payment.errorMessage,
  };
}

/** Makes a payment's checkout link. */
export type CheckoutLink = (payment: Pick<PaymentRow, "id" | "amount">) => string;

export function createdOf(
  created: CreatedPayment,
  checkoutLink: CheckoutLink | undefined,
): z.infer<typeof schemas.createdAnswer> {
  return {
    success: true,
    transaction_id: created.transactionId ?? created.id,
    cheque_id: created.chequeId,
    pay_url: created.payUrl,
    data: { ...paymentOf(created.payment), checkout_url: checkoutLink?.(created.payment) },
  };
}

/** How a payment stands, and its oldest open incident: of money that we know of, and could not act on yet. */
export function statusOf(
  payment: PaymentRow,
  incident: EventRow | undefined,
  language: Language,
): z.infer<typeof schemas.statusAnswer> {
  const data = {
    ...paymentOf(payment),
    incident: incident && { kind: incident.kind, since: timeText(incident.at), message: INCIDENT_TEXT[language] },
  };
  return { success: true, status: data.status, amount: data.amount, paid_at: data.paid_at, data };
}

export function userOf({ userId, tariffId, expiresAt, tariff }: CurrentTariff): z.infer<typeof schemas.userAnswer> {
  return {
    id: userId,
    tariff_id: tariffId,
    tariff_expires_at: timeOrNull(expiresAt),
    tariff: tariff === null ? null : tariffOf(tariff),
  };
}

/** A subscription; null where none runs. Its card is told by its mask alone. */
export function subscriptionOf(
  running: RunningSubscription | undefined,
): z.infer<typeof schemas.subscriptionData> | null {
  if (running === undefined) return null;
  const { row, period, paidUntil, mask } = running;
  const isCharged = !row.cancelAtEnd && row.state !== "PAUSED";
  // After a paid period comes the next one; an open one says itself when it is tried again.
  const nextCharge = period?.state === "PAID" ? period.end : (period?.nextAt ?? null);
  return {
    id: row.id,
    tariff_id: tariffIdOfPlan(row.plan),
    tariff: row.description,
    state: row.state,
    amount: row.amount,
    every: row.every,
    current_period_end: timeOrNull(paidUntil),
    next_charge_at: isCharged ? timeOrNull(nextCharge) : null,
    card: mask,
    cancel_at_period_end: row.cancelAtEnd,
  };
}

/** An incident, and what a person does about it. */
export function incidentOf(row: EventRow): z.infer<typeof schemas.incidentAnswer> {
  const { id, kind, subject, paymeId, at, data, resolvedAt, resolvedBy, note } = row;
  const amount: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "amount") : undefined;
  return {
    id,
    kind,
    payment_id: subject,
    transaction_id: paymeId,
    amount: isTiyin(amount) ? amount : null,
    since: timeText(at),
    what_to_do: isIncidentKind(kind) ? remedyOf(kind) : "",
    resolved_at: timeOrNull(resolvedAt),
    resolved_by: resolvedBy,
    note,
  };
}

/** A payment's story, oldest first. */
export function storyOf({
  payment,
  entries,
  sums,
}: PaymentStory): Omit<z.infer<typeof schemas.storyAnswer>, "success"> {
  return {
    payment_id: payment?.id ?? null,
    status: payment?.status ?? null,
    refund: payment?.refund ?? null,
    sums: { ...sums },
    entries: entries.map(({ at, who, what, verdict, money, paymeId, trace }) => ({
      at: timeText(at),
      who,
      what,
      verdict,
      amount: money ?? null,
      transaction_id: paymeId ?? null,
      trace: trace ?? null,
    })),
  };
}

/** The numbers of the guide's three queries, and what stands beside them. */
export function statisticsOf(statistics: PaymentStatistics): z.infer<typeof schemas.statisticsAnswer> {
  const { total, paid, pending, failed, cancelled, notified, errorCodes, incidents, refunding } = statistics;
  return {
    total_payments: total,
    successful_payments: paid,
    success_rate: total === 0 ? 0 : (paid * 100) / total,
    total_webhooks: total,
    processed_webhooks: notified,
    error_codes: errorCodes.map(({ code, count }) => ({ payme_error_code: code, error_count: count })),
    pending_payments: pending,
    failed_payments: failed,
    cancelled_payments: cancelled,
    incidents,
    queued_refunds: refunding,
  };
}
