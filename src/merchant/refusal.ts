import type { RefusedIncident } from "../ledger";
import { MerchantErrorCode, merchantErrorText } from "../protocol/codes";
import type { LocalizedText } from "../protocol/states";

/** Marks refusals across the package's two builds (ES module and CommonJS), which have a class each. */
const BRAND = /* @__PURE__ */ Symbol.for("payme-kit.refusal");

/** A no to Payme: what a method answers instead of a result. Thrown or returned. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  /** Shown to the payer. */
  readonly text: LocalizedText;
  /** The account field or the method that it is about. */
  readonly data: string | undefined;
  /** What a person is told of, once what the refusing hook did is rolled back. */
  readonly incident: RefusedIncident | undefined;

  constructor(code: number, text: LocalizedText, data?: string, incident?: RefusedIncident) {
    super(text.en);
    this.code = code;
    this.text = text;
    this.data = data;
    this.incident = incident;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BRAND in value;
  }
}

/** The refusal of a code that has a text of its own. */
export function refusalOf(code: MerchantErrorCode, data?: string): Refusal {
  return new Refusal(code, merchantErrorText[code], data);
}

const UNAVAILABLE = -31051;

/** Ways to say no, with good texts in three languages; give your own texts where you have better ones. */
export const refuse = {
  /** There is no such order. `field`: the account field by which it was looked for. */
  notFound: (field: string, text: LocalizedText = merchantErrorText[MerchantErrorCode.ACCOUNT_NOT_FOUND]) =>
    new Refusal(MerchantErrorCode.ACCOUNT_NOT_FOUND, text, field),
  /** There is one, and it cannot be paid: paid already, cancelled, sold out. */
  unavailable: (
    field: string,
    text: LocalizedText = {
      ru: "Заказ нельзя оплатить",
      uz: "Buyurtma uchun to‘lov qilib bo‘lmaydi",
      en: "The order cannot be paid",
    },
  ) => new Refusal(UNAVAILABLE, text, field),
  /** The account is right, the amount is not. */
  amount: (text: LocalizedText = merchantErrorText[MerchantErrorCode.WRONG_AMOUNT]) =>
    new Refusal(MerchantErrorCode.WRONG_AMOUNT, text),
  /** From a hook: no, and for good. Everything is rolled back; Payme gives the money back. */
  closed: (text: LocalizedText = merchantErrorText[MerchantErrorCode.CANNOT_PERFORM]) =>
    new Refusal(MerchantErrorCode.CANNOT_PERFORM, text),
} as const;
