import { PaymeValidationError } from "../kit/errors";
import { isRecord } from "../kit/json";
import { isTiyin, type Tiyin, tiyin } from "../kit/money";
import type { FiscalDetail, FiscalItem } from "../protocol/fiscal";

/** A number, also as databases give it: `"12"`, `"1.500"`, a bigint or a Decimal. */
type NumberOfRow = number | bigint | string | { toString(): string };

/** A line of {@link NewFiscalDetail}. */
export interface NewFiscalItem {
  title: string;
  /** The price of one piece. */
  price: Tiyin;
  /** The number of pieces; may be a fraction (1.5 kg). */
  count: NumberOfRow;
  /** IKPU (MXIK): 17 digits. A number gets back the zeros in front that a column of numbers took. */
  code: string | number | bigint;
  packageCode: string | number | bigint;
  /** 12, or 0. */
  vatPercent: NumberOfRow;
  units?: NumberOfRow | undefined;
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
 * Checks the `detail` of a fiscal receipt and returns it. Rows of a database may be given as they are: numbers as text become
 * numbers.
 *
 * @throws PaymeValidationError that names the line and each of its problems; a member that Payme does not know is one.
 * @example
 * const detail = fiscalDetail({
 *   items: [{ title: "Tea", price: som(5_000), count: 2, code: "00902001001000099", packageCode: "1234567", vatPercent: 12 }],
 * });
 */
export function fiscalDetail({ items, shipping, amount, onWarning }: NewFiscalDetail): FiscalDetail {
  if (!Array.isArray(items) || items.length === 0) {
    throw new PaymeValidationError("fiscalDetail: items needs at least one line");
  }
  if (shipping !== undefined && !(isTiyin(shipping?.price) && isTitle(shipping.title))) {
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

const MEMBERS = ["title", "price", "count", "code", "packageCode", "vatPercent", "units", "discount"];
const CODE_LENGTH = 17;

function checkedItem(given: NewFiscalItem, index: number): FiscalItem {
  const place = `fiscalDetail: line ${index + 1}`;
  // Callers without types may pass anything.
  if (!isRecord(given)) throw new PaymeValidationError(`${place}: give an object with ${MEMBERS.join(", ")}`);
  const { title, price, discount = tiyin(0) } = given;
  const [count, vatPercent] = [numberOf(given.count), numberOf(given.vatPercent)];
  const units = given.units === undefined ? undefined : numberOf(given.units);
  const [code, packageCode] = [digitsOf(given.code, CODE_LENGTH), digitsOf(given.packageCode, 1)];
  const areNumbers = isTiyin(price) && isTiyin(discount);
  const problems = [
    ...Object.keys(given).flatMap((name) => (MEMBERS.includes(name) ? [] : [unknownMember(name)])),
    !isTitle(title) && "title is empty",
    !isTiyin(price) && "price must be a whole number of tiyin: tiyin(row.price)",
    !(Number.isFinite(count) && count > 0) && "count must be above 0",
    code.length !== CODE_LENGTH && "code (IKPU) must have 17 digits, as text where a number cannot hold them",
    !/^\d{1,20}$/.test(packageCode) && "packageCode must be digits",
    !(vatPercent >= 0 && vatPercent <= 100) && "vatPercent must be from 0 to 100",
    !isTiyin(discount) && "discount must be a whole number of tiyin",
    units !== undefined && !Number.isSafeInteger(units) && "units must be a whole number",
    areNumbers && discount > lineOf({ price, count }) && "discount is larger than the line",
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw new PaymeValidationError(`${place}: ${problems.join("; ")}`);
  return {
    title,
    price,
    count,
    code,
    package_code: packageCode,
    vat_percent: vatPercent,
    ...(units === undefined ? {} : { units }),
    // Documented as optional, but one integration was refused without it.
    discount,
  };
}

function isTitle(title: unknown): boolean {
  return typeof title === "string" && title.trim() !== "";
}

/** Dropped in silence, a discount or a tax by another name would be missing on the fiscal receipt. */
function unknownMember(name: string): string {
  const near = MEMBERS.find((member) => member.toLowerCase() === name.replaceAll(/[_-]/g, "").toLowerCase());
  return `${name} is no member of a line${near === undefined ? "" : `: write ${near}`}`;
}

/** The number that a value says, NaN where it says none: null, "", true. */
function numberOf(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  const said = typeof value === "string" || isRecord(value) ? String(value).trim() : "";
  return /^\d+(?:\.\d+)?$/.test(said) ? Number(said) : Number.NaN;
}

/** The digits of a code, with zeros in front up to `length` where it came as a number; empty for what is no code. */
function digitsOf(code: unknown, length: number): string {
  if (typeof code === "bigint" || (typeof code === "number" && Number.isSafeInteger(code))) {
    return code < 0 ? "" : code.toString().padStart(length, "0");
  }
  return typeof code === "string" && /^\d+$/.test(code) ? code : "";
}
