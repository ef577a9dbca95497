/** How members, fields of forms and query parameters are called whose value is a secret. */
export const SECRET_NAME =
  /^(x-auth(-signature)?|key|.*[_-]key|.*(secret|merchant|private|api)key|.*(password|passwd|secret|cvv2?|cvc2?|pin|pin_?code|signature|authorization|jwt|otp|sms_?code|cookie))$/i;
/** A card's token, or another: several calls name it, so it becomes a placeholder that relates them. */
export const TOKEN_NAME = /token$/i;
export const CARD_NUMBER_NAME = /^(number|pan|card_?number)$/i;
export const PHONE_NAME = /phone|msisdn/i;
/** Who pays: nobody needs it to play a recording. */
export const PERSON_NAME = /^(e-?mail|ip|customer)$/i;

/** True for the SMS code of a card: `code` is also what errors and fiscal lines have, negative or of 17 digits. */
export function isSmsCode(name: string, value: unknown): boolean {
  return name === "code" && /^\d{3,8}$/.test(String(value)) && (typeof value === "string" || typeof value === "number");
}
