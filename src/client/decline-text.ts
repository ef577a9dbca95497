import type { LocalizedText } from "../protocol/states";
import type { DeclineReason } from "./pay";

/** Texts for the payer of a declined payment, in three languages: Payme's own (`error.message`, `error.texts`) has one language or none. */
export const declineText: Readonly<Record<DeclineReason, LocalizedText>> = {
  funds: {
    ru: "На карте недостаточно средств",
    uz: "Kartada mablag‘ yetarli emas",
    en: "There is not enough money on the card",
  },
  card: {
    ru: "Карта не подходит для этой оплаты. Попробуйте другую",
    uz: "Bu karta bilan to‘lab bo‘lmaydi. Boshqa kartani kiriting",
    en: "This card cannot be used here. Try another one",
  },
  otp: {
    ru: "К карте не подключено СМС-информирование, или код неверен",
    uz: "Kartaga SMS-xabarnoma ulanmagan yoki kod noto‘g‘ri",
    en: "The card has no SMS service, or the code is wrong",
  },
  limit: {
    ru: "Сумма не укладывается в лимит карты или кассы",
    uz: "Summa karta yoki kassa limitiga to‘g‘ri kelmaydi",
    en: "The amount is outside the limits of the card or the shop",
  },
  merchant: {
    ru: "Магазин сейчас не может принять эту оплату",
    uz: "Do‘kon hozir bu to‘lovni qabul qila olmaydi",
    en: "The shop cannot take this payment now",
  },
  unavailable: {
    ru: "Платёжная система временно недоступна. Попробуйте позже",
    uz: "To‘lov tizimi vaqtincha ishlamayapti. Keyinroq urinib ko‘ring",
    en: "The payment system is not available. Try again later",
  },
};
