import type { LocalizedText } from "./states";

/**
 * Codes of the Merchant API, which a merchant's endpoint answers to Payme.
 * Source: developer.help.paycom.uz, "Ошибки (ERRORS)".
 */
export const MerchantErrorCode = {
  NOT_POST: -32300,
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INSUFFICIENT_PRIVILEGES: -32504,
  SYSTEM_ERROR: -32400,
  WRONG_AMOUNT: -31001,
  TRANSACTION_NOT_FOUND: -31003,
  CANNOT_CANCEL: -31007,
  CANNOT_PERFORM: -31008,
  /** The account range: -31050 to -31099. `data` names the account field. */
  ACCOUNT_NOT_FOUND: -31050,
  ORDER_BUSY: -31099,
  /** Only for SetFiscalData. */
  RECEIPT_NOT_FOUND: -32001,
  INVALID_FISCAL_PARAMS: -32602,
} as const;
export type MerchantErrorCode = (typeof MerchantErrorCode)[keyof typeof MerchantErrorCode];

/** True for the codes with which a merchant refuses an account: -31050 to -31099. */
export function isAccountError(code: number): boolean {
  return code <= MerchantErrorCode.ACCOUNT_NOT_FOUND && code >= MerchantErrorCode.ORDER_BUSY;
}

/** The text that we answer with each Merchant code. Payme shows it to the payer. */
export const merchantErrorText: Readonly<Record<MerchantErrorCode, LocalizedText>> = {
  [-32300]: { ru: "Требуется метод POST", uz: "POST usuli talab qilinadi", en: "The method must be POST" },
  [-32700]: { ru: "Ошибка разбора JSON", uz: "JSON o‘qishda xatolik", en: "The body is not valid JSON" },
  [-32600]: { ru: "Неверный запрос", uz: "So‘rov noto‘g‘ri", en: "The request is not valid" },
  [-32601]: { ru: "Метод не найден", uz: "Metod topilmadi", en: "Method not found" },
  [-32504]: { ru: "Недостаточно привилегий", uz: "Huquqlar yetarli emas", en: "Insufficient privileges" },
  [-32400]: { ru: "Системная ошибка", uz: "Tizim xatosi", en: "System error" },
  [-31001]: { ru: "Неверная сумма", uz: "Summa noto‘g‘ri", en: "Wrong amount" },
  [-31003]: { ru: "Транзакция не найдена", uz: "Tranzaksiya topilmadi", en: "Transaction not found" },
  [-31007]: {
    ru: "Заказ выполнен, отмена невозможна",
    uz: "Buyurtma bajarilgan, bekor qilib bo‘lmaydi",
    en: "The order is fulfilled and cannot be cancelled",
  },
  [-31008]: {
    ru: "Невозможно выполнить операцию",
    uz: "Amalni bajarib bo‘lmaydi",
    en: "The operation is not possible",
  },
  [-31050]: { ru: "Заказ не найден", uz: "Buyurtma topilmadi", en: "Order not found" },
  [-31099]: { ru: "Заказ уже оплачивается", uz: "Buyurtma uchun to‘lov jarayonda", en: "The order is being paid" },
  [-32001]: { ru: "Чек не найден", uz: "Chek topilmadi", en: "Receipt not found" },
  [-32602]: { ru: "Неверные параметры", uz: "Parametrlar noto‘g‘ri", en: "The parameters are not valid" },
};

/**
 * Codes that Payme answers to calls of the Subscribe API. The meaning of some depends on the method: classify by both.
 * Source: "Ошибки отправки чека", "Общие ошибки", and implementations that agree.
 */
export const SubscribeErrorCode = {
  NOT_POST: -32300,
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  ACCESS_DENIED: -32504,
  INVALID_TOKEN_FORMAT: -32500,
  SYSTEM_ERROR: -32400,
  /** Also the "wrong amount" of a merchant's own billing, passed on. */
  SERVER_UNAVAILABLE: -31001,
  PROCESSING_UNAVAILABLE: -31002,
  PROCESSING_NOT_OPERATIONAL: -31100,
  /** To `cards.verify`: the SMS code has expired. Elsewhere: the card is not serviced. */
  OTP_EXPIRED: -31101,
  /** To `cards.verify`: too many attempts. Elsewhere: the operation is not supported. */
  OTP_ATTEMPTS_EXCEEDED: -31102,
  OTP_WRONG: -31103,
  OTP_NOT_SENT: -31110,
  /** Wrong number or expiry; also a corporate card. */
  INVALID_CARD: -31300,
  /** Expired, blocked, or without SMS: only the text tells which. */
  CARD_UNUSABLE: -31301,
  /** The balance cannot be read, or the card is blocked: implementations disagree. */
  BALANCE_UNREADABLE: -31302,
  /** Older cashboxes; newer ones answer CARD_REFUSED. */
  NOT_ENOUGH_MONEY: -31303,
  NOT_ENOUGH_MONEY_ON_CARD: -31304,
  CARD_NOT_FOUND: -31400,
  MERCHANT_NOT_FOUND: -31601,
  /** "Receipt not found or already paid": ask `receipts.check` which. */
  RECEIPT_NOT_FOUND_OR_PAID: -31602,
  INVALID_FIELD: -31610,
  AMOUNT_TOO_SMALL: -31611,
  AMOUNT_TOO_LARGE: -31612,
  PROCESSING_DOWN: -31620,
  MERCHANT_UNAVAILABLE: -31622,
  MERCHANT_MISBEHAVES: -31623,
  PROCESSING_DISCONNECTED: -31624,
  TEMPORARILY_UNAVAILABLE: -31625,
  /** No money, wrong number or expiry, blocked, corporate, limits: only the text tells which. */
  CARD_REFUSED: -31630,
  DEBIT_FAILED: -31640,
  MAINTENANCE: -31700,
  CARD_TYPE_NOT_SERVED: -31900,
  OPERATION_NOT_SUPPORTED: -31901,
} as const;
export type SubscribeErrorCode = (typeof SubscribeErrorCode)[keyof typeof SubscribeErrorCode];
