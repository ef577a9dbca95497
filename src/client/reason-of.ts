import type { RefusalReason } from "../kit/errors";
import { isAccountError, MerchantErrorCode, SubscribeErrorCode } from "../protocol/codes";
import type { LocalizedText } from "../protocol/states";

const Code = SubscribeErrorCode;
/** A code of endpoints, which comes after the debit too. Where its text speaks of the payer's card, Payme refused the card. */
const { CANNOT_PERFORM } = MerchantErrorCode;
const OF_CARD =
  /карт|karta|\bcards?\b|смс|sms|достаточно средств|хватает (?:средств|денег)|mablag|insufficient funds|enough money/i;

/** The reason of each code, whatever was called. */
const REASONS: ReadonlyMap<number, RefusalReason> = /* @__PURE__ */ new Map([
  ...each("auth", Code.ACCESS_DENIED),
  ...each("validation", Code.NOT_POST, Code.PARSE_ERROR, Code.INVALID_REQUEST, Code.METHOD_NOT_FOUND),
  ...each("validation", Code.INVALID_PARAMS, Code.INVALID_FIELD),
  ...each("card", Code.INVALID_TOKEN_FORMAT, Code.CARD_NOT_FOUND, Code.INVALID_CARD, Code.CARD_UNUSABLE),
  ...each("card", Code.BALANCE_UNREADABLE, Code.CARD_REFUSED, Code.DEBIT_FAILED),
  ...each("card", Code.CARD_TYPE_NOT_SERVED, Code.OPERATION_NOT_SUPPORTED),
  // In methods other than cards.verify: the card, or this operation, is not serviced.
  ...each("card", Code.OTP_EXPIRED, Code.OTP_ATTEMPTS_EXCEEDED),
  ...each("funds", Code.NOT_ENOUGH_MONEY, Code.NOT_ENOUGH_MONEY_ON_CARD),
  ...each("limit", Code.AMOUNT_TOO_SMALL, Code.AMOUNT_TOO_LARGE),
  ...each("otp", Code.OTP_WRONG, Code.OTP_NOT_SENT),
  ...each("receipt", Code.RECEIPT_NOT_FOUND_OR_PAID),
  ...each("merchant", Code.MERCHANT_NOT_FOUND, Code.MERCHANT_UNAVAILABLE, Code.MERCHANT_MISBEHAVES),
  ...each("unavailable", Code.SYSTEM_ERROR, Code.SERVER_UNAVAILABLE, Code.TEMPORARILY_UNAVAILABLE, Code.MAINTENANCE),
  ...each("unavailable", Code.PROCESSING_UNAVAILABLE, Code.PROCESSING_NOT_OPERATIONAL, Code.PROCESSING_DOWN),
  ...each("unavailable", Code.PROCESSING_DISCONNECTED),
]);

function each(reason: RefusalReason, ...codes: number[]): [number, RefusalReason][] {
  return codes.map((code) => [code, reason]);
}

/** Codes that mean something else in one method. */
const BY_METHOD: Readonly<Record<string, ReadonlyMap<number, RefusalReason>>> = {
  "cards.verify": new Map([
    [Code.OTP_EXPIRED, "otp"],
    [Code.OTP_ATTEMPTS_EXCEEDED, "otp"],
  ]),
  "cards.get_verify_code": new Map([[Code.CARD_UNUSABLE, "otp"]]),
};

/** Codes that stand for many reasons. The text decides, in any language. */
const DECIDED_BY_TEXT: ReadonlySet<number> = new Set([
  Code.INVALID_CARD,
  Code.CARD_UNUSABLE,
  Code.BALANCE_UNREADABLE,
  Code.NOT_ENOUGH_MONEY,
  Code.CARD_REFUSED,
  Code.DEBIT_FAILED,
]);
const FUNDS = /недостаточн|не\s*хватает|mablag|yetarli emas|insufficient|not enough|no money/i;
const LIMIT = /лимит|превыш|limit|exceed/i;
const OTP = /смс|sms/i;
const AMOUNT = /сумм|summa|miqdor|amount/i;

/**
 * The reason of a refusal, by code and method, and by the text where one code stands for many reasons. With -31050 to -31099
 * the cashbox's own billing refused the account. Source: "Ошибки отправки чека", and implementations that agree.
 */
export function reasonOf(
  method: string,
  code: number | undefined,
  message: string | Partial<LocalizedText> | null | undefined,
): RefusalReason {
  if (code === undefined) return "unknown";
  if (isAccountError(code)) return "merchant";
  const text = typeof message === "string" ? message : Object.values(message ?? {}).join("\n");
  // A billing's "wrong amount" comes in languages and names the amount; else it is Payme's own -31001.
  if (code === Code.SERVER_UNAVAILABLE && typeof message === "object" && AMOUNT.test(text)) return "merchant";
  const isOfCard = code === CANNOT_PERFORM && OF_CARD.test(text);
  if (isOfCard || DECIDED_BY_TEXT.has(code)) {
    if (FUNDS.test(text)) return "funds";
    if (LIMIT.test(text)) return "limit";
    if (OTP.test(text)) return "otp";
    if (isOfCard) return "card";
  }
  return BY_METHOD[method]?.get(code) ?? REASONS.get(code) ?? "unknown";
}
