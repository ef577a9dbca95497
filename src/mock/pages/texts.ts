import type { LocalizedText } from "../../protocol/states";

export type Language = keyof LocalizedText;

/** The payment page's words. */
export const texts = {
  test: {
    ru: "Это тест: деньги не списываются",
    uz: "Bu sinov: pul yechilmaydi",
    en: "This is a test: no money is taken",
  },
  title: { ru: "Оплата", uz: "To‘lov", en: "Payment" },
  amount: { ru: "К оплате", uz: "To‘lov summasi", en: "To pay" },
  som: { ru: "сум", uz: "so‘m", en: "som" },
  number: { ru: "Номер карты", uz: "Karta raqami", en: "Card number" },
  expire: { ru: "Срок действия", uz: "Amal qilish muddati", en: "Expiry" },
  cvv: { ru: "CVV (если есть)", uz: "CVV (bo‘lsa)", en: "CVV (if there is one)" },
  pay: { ru: "Оплатить", uz: "To‘lash", en: "Pay" },
  cancel: { ru: "Отказаться", uz: "Bekor qilish", en: "Cancel" },
  back: { ru: "Вернуться в магазин", uz: "Do‘konga qaytish", en: "Back to the shop" },
  paid: { ru: "Оплачено", uz: "To‘landi", en: "Paid" },
  cancelled: { ru: "Платёж отменён", uz: "To‘lov bekor qilindi", en: "The payment was cancelled" },
  declined: { ru: "Оплата не прошла", uz: "To‘lov o‘tmadi", en: "The payment was declined" },
  notFound: { ru: "Чек не найден", uz: "Chek topilmadi", en: "There is no such receipt" },
  pending: {
    ru: "Платёж обрабатывается",
    uz: "To‘lov ko‘rib chiqilmoqda",
    en: "The payment is being processed",
  },
  badCheckout: {
    ru: "В ссылке на оплату нет кассы, счёта или суммы",
    uz: "To‘lov havolasida kassa, hisob yoki summa yo‘q",
    en: "The checkout link has no cashbox, account or amount",
  },
  noMerchant: { ru: "Касса не найдена", uz: "Kassa topilmadi", en: "There is no such cashbox" },
  noBilling: {
    ru: "У кассы нет Merchant API: задайте billing в createMockPayme",
    uz: "Kassada Merchant API yo‘q: createMockPayme uchun billing bering",
    en: "The cashbox has no Merchant API endpoint: give createMockPayme its billing",
  },
  number_problem: {
    ru: "Такой тестовой карты нет",
    uz: "Bunday sinov kartasi yo‘q",
    en: "There is no such test card",
  },
  expire_problem: { ru: "Неверный срок действия", uz: "Muddat noto‘g‘ri", en: "The expiry is not right" },
  cvv_problem: { ru: "CVV — три цифры", uz: "CVV — uchta raqam", en: "A CVV has three digits" },
  sum: { ru: "Сумма", uz: "Summa", en: "Amount" },
  hint: { ru: "Тестовые карты", uz: "Sinov kartalari", en: "Test cards" },
  anyFuture: {
    ru: "любой будущий срок, любой CVV",
    uz: "istalgan kelgusi muddat, istalgan CVV",
    en: "any future expiry, any CVV",
  },
} as const satisfies Record<string, LocalizedText>;

/** The page's language: what the address asks for, else what the browser prefers, else Russian as at Payme. */
export function languageOf(request: Request): Language {
  const wishes = [new URL(request.url).searchParams.get("lang"), request.headers.get("accept-language")];
  const found = wishes.map((wish) => /\b(?:ru|uz|en)\b/.exec(wish?.toLowerCase() ?? "")?.[0]).find(Boolean);
  return found === "uz" || found === "en" ? found : "ru";
}
