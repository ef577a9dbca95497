import type { Tiyin } from "../../kit/money";
import { ReceiptState } from "../../protocol/states";
import type { Cashbox } from "./cashbox";
import type { Disagreement } from "./merchant/disagreement";
import type { MockReceipt } from "./mock-receipt";

/** A payment in the books of a merchant that has no Merchant API endpoint. */
export interface MerchantRow {
  /** The receipt's id. */
  readonly paymeId: string;
  readonly amount: Tiyin;
  readonly isPaid: boolean;
}

/** Options of `mock.disagreements`. */
export interface DisagreementOptions {
  /** All of the merchant's rows. Left out: only what Payme itself can see is compared. */
  readonly rows?: readonly MerchantRow[] | undefined;
}

/**
 * Returns the differences between Payme's books and the merchants': mistakes in endpoints' answers, differences in their
 * statements, and notifications that were never answered with 200. With the merchants' rows, also receipts of virtual
 * terminals that differ from their rows.
 */
export async function disagreementsOf(
  cashboxes: readonly Cashbox[],
  { rows }: DisagreementOptions = {},
): Promise<Disagreement[]> {
  const found: Disagreement[] = [];
  for (const cashbox of cashboxes) {
    const { billing } = cashbox;
    if (billing !== undefined) found.push(...billing.disagreements, ...(await billing.compare()));
    found.push(...untakenNotifications(cashbox));
  }
  return rows === undefined ? found : [...found, ...compareRows(comparable(cashboxes, rows), rows)];
}

/** The receipts to compare with rows. A cashbox with billing has its statement: only its receipts with a row are compared. */
function comparable(cashboxes: readonly Cashbox[], rows: readonly MerchantRow[]): MockReceipt[] {
  const named = new Set(rows.map(({ paymeId }) => paymeId));
  return cashboxes.flatMap(({ billing, book }) =>
    book.all().filter(({ _id }) => billing === undefined || named.has(_id)),
  );
}

/** Notifications that were sent, and never answered with 200. */
function untakenNotifications({ notifier, notifyUrl }: Cashbox): Disagreement[] {
  if (notifyUrl === undefined) return [];
  return notifier.sent
    .filter(({ attempts }) => attempts.length > 0 && !attempts.includes(200))
    .map(({ method, receiptId: id, attempts }) => {
      return { kind: "not_notified", method, id, field: null, expected: 200, actual: attempts.at(-1) ?? null };
    });
}

function compareRows(receipts: readonly MockReceipt[], rows: readonly MerchantRow[]): Disagreement[] {
  const found = new Map(rows.map((row) => [row.paymeId, row]));
  const known = new Set(receipts.map(({ _id }) => _id));
  const about = (id: string, field: string | null, expected: unknown, actual: unknown) => {
    return { method: "receipts.get", id, field, expected, actual };
  };
  const ours = receipts.flatMap(({ _id: id, state, amount }): Disagreement[] => {
    const row = found.get(id);
    const isPaid = state === ReceiptState.PAID;
    if (row === undefined) return isPaid ? [{ kind: "missing_at_merchant", ...about(id, null, "paid", null) }] : [];
    return [
      ...(row.isPaid === isPaid ? [] : [about(id, "isPaid", isPaid, row.isPaid)]),
      ...(row.amount === amount ? [] : [about(id, "amount", amount, row.amount)]),
    ].map((each) => ({ kind: "books_differ", ...each }));
  });
  const strangers = rows
    .filter(({ paymeId }) => !known.has(paymeId))
    .map(({ paymeId, isPaid }): Disagreement => {
      return { kind: "unknown_to_payme", ...about(paymeId, null, null, isPaid ? "paid" : "open") };
    });
  return [...ours, ...strangers];
}
