import { PaymeValidationError } from "../kit/errors";
import { isRecord } from "../kit/json";
import { isTiyin, som, TIYIN_PER_SOM, type Tiyin } from "../kit/money";
import type { PaymentRow } from "../ledger";

/** The dearest price whose tiyin are still exact, in whole som. */
const MAX_PRICE_SOM = 90_071_992_547_409;
/** The longest tariff: a hundred years. */
const MAX_DURATION_DAYS = 36_500;
/** For what knows only days. */
const DAYS_OF_MONTH = 30;
/** The longest name. */
const MAX_NAME_LENGTH = 200;
/** The largest id that fits the guide's INTEGER column. */
const MAX_TARIFF_ID = 2_147_483_647;

/** The fields of a tariff, without its id. */
export interface TariffFields {
  /** 1 to 200 characters, kept as given. */
  readonly name: string;
  /** Whole som, 1 to 90,071,992,547,409: `som(50_000)`. */
  readonly price: Tiyin;
  /** How long one payment lasts: 1 to 36,500 days of 24 hours. Of months: 30 for each, for what knows only days. */
  readonly durationDays: number;
  /** How long it lasts in calendar months of Tashkent, where it is sold by months: 1 to 1,200. */
  readonly durationMonths?: number | undefined;
  /** Whether it can be bought. Payments made before are not touched. */
  readonly isActive: boolean;
}

/** A tariff that is sold for a time. */
export interface Tariff extends TariffFields {
  readonly id: number;
}

/** A new tariff, with `durationDays` or `durationMonths`; `isActive` is true where left out. */
export type NewTariff = Pick<TariffFields, "name" | "price"> & TariffChange;

/** The fields to change; those left out stay as they are. */
export type TariffChange = { readonly [Field in keyof TariffFields]?: TariffFields[Field] | undefined };

/** A tariff as it was when it was bought. Its payment keeps it: later changes touch nothing that is paid. */
export interface TariffSnapshot {
  readonly tariffId: number;
  readonly name: string;
  readonly price: Tiyin;
  readonly durationDays: number;
  readonly durationMonths?: number | undefined;
}

/** The kind of payments that buy a tariff. */
export const TARIFF_KIND = "tariff";

/** A snapshot as `payment.data` keeps it. Version 2 has the price in tiyin; the first form has no version, and whole som. */
interface StoredSnapshot extends TariffSnapshot {
  readonly version: 2;
}

export function snapshotOf({ id, name, price, durationDays, durationMonths }: Tariff): TariffSnapshot {
  return { tariffId: id, name, price, durationDays, durationMonths };
}

/** Returns the `data` of a payment that buys a tariff: what it gives when it is paid. For `payments.import`. */
export function tariffData(tariff: Tariff): StoredSnapshot {
  return { version: 2, ...snapshotOf(tariff) };
}

/** The snapshot in a payment's `data`, of either form; undefined where there is none. */
export function readSnapshot(data: unknown): TariffSnapshot | undefined {
  if (!isRecord(data)) return undefined;
  const { tariffId, name, durationDays } = data;
  const price = priceIn(data);
  const durationMonths = isWhole(data.durationMonths) ? data.durationMonths : undefined;
  const isThere = isWhole(tariffId) && typeof name === "string" && isWhole(durationDays) && price !== undefined;
  return isThere ? { tariffId, name, price, durationDays, durationMonths } : undefined;
}

/** Returns the id of the tariff that a payment buys; null for a payment of another kind. */
export function tariffIdOf({ kind, data }: Pick<PaymentRow, "kind" | "data">): number | null {
  if (kind !== TARIFF_KIND || !isRecord(data)) return null;
  return isWhole(data.tariffId, MAX_TARIFF_ID) ? data.tariffId : null;
}

function priceIn({ version, price }: Readonly<Record<string, unknown>>): Tiyin | undefined {
  if (version === 2) return isTiyin(price) && price > 0 ? price : undefined;
  return version === undefined && isWhole(price, MAX_PRICE_SOM) ? som(price) : undefined;
}

/**
 * Returns the fields of a new tariff, checked.
 *
 * @throws PaymeValidationError that names the first field which does not fit.
 */
export function checkNewTariff({ isActive = true, ...given }: NewTariff): TariffFields {
  const { name, price } = given;
  const { durationDays = 0, durationMonths } = durationOf(given);
  const fields = { name, price, durationDays, durationMonths, isActive };
  checkFields(fields, false);
  return fields;
}

/** The same for the fields of a change, which may be left out. Where days are given alone, it is sold by days from then on. */
export function checkTariffChange(change: TariffChange): TariffChange {
  const { name, price, isActive } = change;
  const given = { name, price, ...durationOf(change), isActive };
  checkFields(given, true);
  return given;
}

function durationOf({ durationDays: given, durationMonths }: TariffChange): TariffChange {
  if (durationMonths === undefined) return { durationDays: given };
  const durationDays = durationMonths * DAYS_OF_MONTH;
  if (given === undefined || given === durationDays) return { durationDays, durationMonths };
  throw new PaymeValidationError("durationDays: give days or months, not both");
}

/** True for a number that can be a tariff's id. */
export function isTariffId(id: number): boolean {
  return isWhole(id, MAX_TARIFF_ID);
}

/**
 * An amount in som. Prices are whole som: the `price` columns of the Wedy guide hold them so, and tables with rows keep their
 * meaning. References of open payments name the price in som, too.
 */
export function inSom(amount: Tiyin): number {
  return amount / TIYIN_PER_SOM;
}

type FieldRules = {
  readonly [Field in keyof TariffFields]-?: { fits(value: unknown): boolean; readonly wanted: string };
};

const rules: FieldRules = {
  name: { fits: isName, wanted: `a text of 1 to ${MAX_NAME_LENGTH} characters that is not blank` },
  price: { fits: isPrice, wanted: `whole som, 1 to ${MAX_PRICE_SOM}, as som(50_000) makes them` },
  durationDays: { fits: (value) => isWhole(value, MAX_DURATION_DAYS), wanted: `whole days, 1 to ${MAX_DURATION_DAYS}` },
  durationMonths: { fits: (value) => value === undefined || isWhole(value, 1_200), wanted: "whole months, 1 to 1,200" },
  isActive: { fits: (value) => typeof value === "boolean", wanted: "true or false" },
};

function checkFields(values: { readonly [Field in keyof TariffFields]?: unknown }, mayBeLeftOut: boolean): void {
  for (const field of ["name", "price", "durationMonths", "durationDays", "isActive"] as const) {
    const value = values[field];
    if ((mayBeLeftOut && value === undefined) || rules[field].fits(value)) continue;
    throw new PaymeValidationError(`${field}: give ${rules[field].wanted}`);
  }
}

/** Not every database gives back a lone surrogate or a NUL as it was given. */
function isName(value: unknown): boolean {
  if (typeof value !== "string" || value.trim() === "" || value.includes("\0")) return false;
  return [...value].length <= MAX_NAME_LENGTH && !/\p{Surrogate}/u.test(value);
}

function isPrice(value: unknown): boolean {
  return isTiyin(value) && isWhole(inSom(value));
}

function isWhole(value: unknown, max = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
}
