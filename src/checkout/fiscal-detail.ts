import { PaymeValidationError } from "../kit/errors";
import { isTiyin, type Tiyin, tiyin } from "../kit/money";
import type { FiscalDetail, FiscalItem } from "../protocol/fiscal";

/** A line of {@link NewFiscalDetail}. */
export interface NewFiscalItem {
  title: string;
  /** The price of one piece. */
  price: Tiyin;
  /** The number of pieces; may be a fraction (1.5 kg). */
  count: number;
  /** IKPU (MXIK): 17 digits. */
  code: string;
  packageCode: string;
  /** 12, or 0. */
  vatPercent: number;
  units?: number | undefined;
  /** The discount of the whole line. */
  discount?: Tiyin | undefined;
}

/** Params of {@link fiscalDetail}: the goods that were sold, and the amount to compare them with. */
export interface NewFiscalDetail {
  items: readonly NewFiscalItem[];
  shipping?: { title: string; price: Tiyin } | undefined;
  /** The order's amount. A sum that differs calls `onWarning`: Payme has published no rule about it. */
  amount?: Tiyin | undefined;
  onWarning?: ((message: string) => void) | undefined;
}

/**
 * Checks the `detail` of a fiscal receipt and returns it.
 *
 * @throws PaymeValidationError that names the line and each of its problems.
 * @example
 * const detail = fiscalDetail({
 *   items: [{ title: "Tea", price: som(5_000), count: 2, code: "00902001001000099", packageCode: "1234567", vatPercent: 12 }],
 * });
 */
export function fiscalDetail({ items, shipping, amount, onWarning }: NewFiscalDetail): FiscalDetail {
  if (items.length === 0) throw new PaymeValidationError("fiscalDetail: items needs at least one line");
  if (shipping !== undefined && !(isTiyin(shipping.price) && shipping.title.trim() !== "")) {
    throw new PaymeValidationError("fiscalDetail: shipping needs a title and a price in tiyin");
  }
  const detail: FiscalDetail = {
    receipt_type: 0,
    ...(shipping === undefined ? {} : { shipping: { title: shipping.title, price: shipping.price } }),
    items: items.map(checkedItem),
  };
  const sum = sumOf(detail);
  if (amount !== undefined && sum !== amount) {
    onWarning?.(`the fiscal detail comes to ${sum} tiyin, and the order to ${amount}`);
  }
  return detail;
}

/** The sum of a detail: Σ(price · count − discount) + shipping, in tiyin. */
export function sumOf({ items, shipping }: FiscalDetail): number {
  const lines = items.map((item) => lineOf(item) - (item.discount ?? 0));
  return lines.reduce((sum, line) => sum + line, shipping?.price ?? 0);
}

/** The sum of a line before its discount, in whole tiyin: a float of 56.99999999999999 is 57. */
function lineOf({ price, count }: Pick<FiscalItem, "price" | "count">): number {
  return Math.round(price * count);
}

function checkedItem(item: NewFiscalItem, index: number): FiscalItem {
  const problems = [
    item.title.trim() === "" && "title is empty",
    !isTiyin(item.price) && "price must be a whole number of tiyin",
    !(Number.isFinite(item.count) && item.count > 0) && "count must be above 0",
    !/^\d{17}$/.test(item.code) && "code (IKPU) must have 17 digits",
    !/^\d{1,20}$/.test(item.packageCode) && "packageCode must be digits",
    !(item.vatPercent >= 0 && item.vatPercent <= 100) && "vatPercent must be from 0 to 100",
    item.discount !== undefined && !isTiyin(item.discount) && "discount must be a whole number of tiyin",
    item.units !== undefined && !Number.isSafeInteger(item.units) && "units must be a whole number",
    (item.discount ?? 0) > lineOf(item) && "discount is larger than the line",
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw new PaymeValidationError(`fiscalDetail: line ${index + 1}: ${problems.join("; ")}`);
  return {
    title: item.title,
    price: item.price,
    count: item.count,
    code: item.code,
    package_code: item.packageCode,
    vat_percent: item.vatPercent,
    ...(item.units === undefined ? {} : { units: item.units }),
    // Documented as optional, but one integration was refused without it.
    discount: item.discount ?? tiyin(0),
  };
}
