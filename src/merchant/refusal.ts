import { PaymeConfigError } from "../kit/errors";
import type { Eventual } from "../kit/eventual";
import { MerchantErrorCode, merchantErrorText } from "../protocol/codes";
import type { LocalizedText } from "../protocol/states";

/** Marks refusals across the two builds of the package (ES module and CommonJS): each has its own class. */
const BRAND = /* @__PURE__ */ Symbol.for("payme-kit.refusal");

/** A refusal to Payme: the answer of a method instead of a result. Thrown or returned. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  /** Shown to the payer. */
  readonly text: LocalizedText;
  /** The account field or the method. */
  readonly data: string | undefined;
  /** Records, after the rollback, what a person or the story must know. */
  readonly report: (() => Promise<unknown>) | undefined;

  constructor(code: number, text: LocalizedText, data?: string, report?: () => Promise<unknown>) {
    super(text.en);
    this.code = code;
    this.text = text;
    this.data = data;
    this.report = report;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BRAND in value;
  }
}

/**
 * Runs a hook of money that moves: it cannot refuse any more. A refusal that it throws, e.g. by a helper that it shares with `find`,
 * is a failure like any other: it is told, and Payme comes again.
 */
export async function withoutRefusing<R>(hook: string, run: () => Eventual<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    // One with a report is of our own orders: a person is told by it.
    const isLate = error instanceof Refusal && !error.report;
    throw isLate ? new PaymeConfigError(`${hook} threw a refusal: refuse in find`) : error;
  }
}

/** Returns the refusal of an order that `onReserved` did not reserve. */
export function notReserved(field: string): Refusal {
  return new Refusal(MerchantErrorCode.ACCOUNT_NOT_FOUND, UNAVAILABLE_TEXT, field);
}

/** Returns the refusal of a code that has its own text. */
export function refusalOf(code: MerchantErrorCode, data?: string, report?: () => Promise<unknown>): Refusal {
  return new Refusal(code, merchantErrorText[code], data, report);
}

const UNAVAILABLE = -31051;
const UNAVAILABLE_TEXT: LocalizedText = {
  ru: "Заказ нельзя оплатить",
  uz: "Buyurtma uchun to‘lov qilib bo‘lmaydi",
  en: "The order cannot be paid",
};

/** Refusals with texts in three languages; pass your own texts where you have better ones. */
export const refuse = {
  /** There is no such order. `field`: the account field of the search. */
  notFound: (field: string, text: LocalizedText = merchantErrorText[MerchantErrorCode.ACCOUNT_NOT_FOUND]) =>
    new Refusal(MerchantErrorCode.ACCOUNT_NOT_FOUND, text, field),
  /** The order cannot be paid: already paid, cancelled, sold out. */
  unavailable: (field: string, text: LocalizedText = UNAVAILABLE_TEXT) => new Refusal(UNAVAILABLE, text, field),
  /** The account is right, the amount is not. */
  amount: (text: LocalizedText = merchantErrorText[MerchantErrorCode.WRONG_AMOUNT]) =>
    new Refusal(MerchantErrorCode.WRONG_AMOUNT, text),
} as const;
