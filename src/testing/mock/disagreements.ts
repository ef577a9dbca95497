import { ReceiptState } from "../../protocol/states";
import type { Cashbox } from "./cashbox";
import type { Disagreement } from "./merchant/disagreement";
import type { MockReceipt } from "./mock-receipt";

/** A payment in the books of a merchant that has no Merchant API endpoint to ask. */
export interface MerchantRow {
  /** The receipt's id. */
  readonly paymeId: string;
  /** In tiyin. */
  readonly amount: number;
  readonly isPaid: boolean;
}

/** What {@link disagreementsOf} compares with. */
export interface DisagreementOptions {
  /** All of the merchant's rows. Left out: only what Payme itself can see is told. */
  readonly rows?: readonly MerchantRow[] | undefined;
}

const { PAID }: typeof ReceiptState = ReceiptState;

/**
 * Where Payme's books and the merchants' differ, as far as Payme can tell: what endpoints answered wrongly, how their statements
 * differ, which notifications nobody took; and, given the merchants' rows, each receipt of a virtual terminal that is paid on one side only.
 */
export async function disagreementsOf(
  cashboxes: readonly Cashbox[],
  { rows }: DisagreementOptions = {},
): Promise<Disagreement[]> {
  const found: Disagreement[] = [];
  for (const cashbox of cashboxes) {
    const { billing } = cashbox;
    if (billing !== undefined) found.push(...billing.disagreements, ...(await billing.compare()));
    found.push(...untakenNews(cashbox));
  }
  return rows === undefined ? found : [...found, ...compareRows(comparable(cashboxes, rows), rows)];
}

/** A cashbox with billing has its endpoint to ask: only those of its receipts are compared with rows that have one. */
function comparable(cashboxes: readonly Cashbox[], rows: readonly MerchantRow[]): MockReceipt[] {
  const named = new Set(rows.map(({ paymeId }) => paymeId));
  return cashboxes.flatMap(({ billing, book }) =>
    book.all().filter(({ _id }) => billing === undefined || named.has(_id)),
  );
}

/** News that was sent and never answered with 200. */
function untakenNews({ notifier, notifyUrl }: Cashbox): Disagreement[] {
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
  const about = (id: string) => ({ method: "receipts.get", id });
  const ours = receipts.flatMap(({ _id: id, state, amount }): Disagreement[] => {
    const row = found.get(id);
    const isPaid = state === PAID;
    if (row === undefined) {
      const missing = {
        kind: "missing_at_merchant",
        ...about(id),
        field: null,
        expected: "paid",
        actual: null,
      } as const;
      return isPaid ? [missing] : [];
    }
    return [
      ...(row.isPaid === isPaid ? [] : [differs(id, "isPaid", isPaid, row.isPaid)]),
      ...(row.amount === amount ? [] : [differs(id, "amount", amount, row.amount)]),
    ];
  });
  const strangers = rows
    .filter(({ paymeId }) => !known.has(paymeId))
    .map(({ paymeId, isPaid }): Disagreement => {
      return {
        kind: "unknown_to_payme",
        ...about(paymeId),
        field: null,
        expected: null,
        actual: isPaid ? "paid" : "open",
      };
    });
  return [...ours, ...strangers];

  function differs(id: string, field: string, expected: unknown, actual: unknown): Disagreement {
    return { kind: "books_differ", ...about(id), field, expected, actual };
  }
}
