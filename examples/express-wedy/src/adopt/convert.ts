import type { ImportedPayment } from "payme-kit";
import { TIYIN_PER_SOM, type Tiyin } from "payme-kit";
import { tariffData } from "payme-kit/tariffs";
import { tiyinOf } from "./judge-unit";
import type { OldPayment } from "./old-rows";
import type { OldTariffs } from "./old-tariffs";
import { momentOf } from "./old-times";
import type { Plan } from "./plan-file";

/** What the conversion of a row leans on. */
export interface Rules {
  readonly plan: Plan;
  readonly tariffs: OldTariffs;
  /** Receipts that have paid more than one payment, by the old table. */
  readonly repeated: ReadonlySet<string>;
}

/** A row converted, or why it fits no rule. */
export type Converted = { readonly payment: ImportedPayment } | { readonly problem: string };

/** Converts a row of the old table. */
export function convert(row: OldPayment, rules: Rules): Converted {
  try {
    return { payment: paymentOf(row, rules) };
  } catch (error) {
    if (error instanceof NoRule) return { problem: error.message };
    throw error;
  }
}

class NoRule extends Error {}

function paymentOf(row: OldPayment, rules: Rules): ImportedPayment {
  const { plan } = rules;
  const time = (column: "created_at" | "paid_at" | "updated_at" | "webhook_received_at") => timeIn(row, column, plan);
  const amount = tiyinOf(given(row, "amount"), plan.unit.is ?? "tiyin");
  if (amount === undefined) throw new NoRule(`amount ${row.amount} is no whole number of tiyin above 0`);
  const status = plan.statuses[given(row, "status")]?.is ?? undefined;
  if (status === undefined) throw new NoRule(`the plan has no meaning for the status ${row.status}`);
  const [createdAt, paidAt, updatedAt] = [time("created_at"), time("paid_at"), time("updated_at")];
  if (createdAt === null) throw new NoRule("created_at is empty");
  const webhookReceivedAt = time("webhook_received_at");
  refuseContradiction(row, status, paidAt !== null, rules);
  return {
    id: given(row, "id"),
    userId: given(row, "user_id"),
    amount,
    status,
    createdAt,
    paidAt,
    ...(updatedAt === null ? {} : { updatedAt }),
    webhookReceivedAt,
    cancelledAt: status === "CANCELLED" ? (updatedAt ?? webhookReceivedAt ?? paidAt ?? createdAt) : null,
    transactionId: row.payme_transaction_id,
    chequeId: row.payme_cheque_id,
    errorCode: row.payme_error_code,
    errorMessage: row.payme_error_message,
    ...boughtIn(row, status, amount, rules.tariffs),
  };
}

function refuseContradiction(row: OldPayment, status: string, isPaid: boolean, { repeated }: Rules): void {
  const receipt = row.payme_transaction_id;
  if (status === "PAID" && !isPaid) throw new NoRule("it is PAID without paid_at");
  if (isPaid && status !== "PAID" && status !== "CANCELLED") throw new NoRule(`it is ${status} with a paid_at`);
  if (isPaid && (receipt === null || receipt === "")) throw new NoRule("it was paid without a payme_transaction_id");
  if (isPaid && receipt !== null && repeated.has(receipt)) throw new NoRule(`${receipt} has paid another payment, too`);
}

/** The tariff that it is for, as it was sold: with the price of then. */
function boughtIn({ tariff_id }: OldPayment, status: string, amount: Tiyin, tariffs: OldTariffs) {
  const tariff = tariffs.get(tariff_id ?? "");
  if (tariff !== undefined) {
    const price = amount % TIYIN_PER_SOM === 0 ? amount : tariff.price;
    return { kind: "tariff", data: tariffData({ ...tariff, price }) };
  }
  if (status === "PENDING") throw new NoRule(`it is open, and its tariff ${tariff_id} is not in the table tariff`);
  if (tariff_id === null) return { kind: "order" };
  const tariffId = Number(tariff_id);
  if (!Number.isSafeInteger(tariffId)) throw new NoRule(`tariff_id ${tariff_id} is no whole number`);
  return { kind: "tariff", data: { tariffId } };
}

function given(row: OldPayment, column: "id" | "user_id" | "amount" | "status"): string {
  const value = row[column];
  if (value === null || value === "") throw new NoRule(`${column} is empty`);
  return value;
}

function timeIn(row: OldPayment, column: Exclude<keyof Plan["clock"], "tariff_expires_at">, { clock }: Plan) {
  const text = row[column];
  if (text === null) return null;
  const moment = momentOf(text, clock[column].is ?? "UTC");
  if (moment === undefined || moment <= 0) throw new NoRule(`${column} ${text} is no time`);
  return moment;
}
