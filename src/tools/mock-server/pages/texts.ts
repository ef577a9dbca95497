import type { LocalizedText } from "../../../protocol/states";

/** The texts of the payment page. */
export const texts = {
  test: {
    ru: "Это тест: деньги не списываются",
    uz: "Bu sinov: pul yechilmaydi",
    en: "This is a test: no money is taken",
  },
  language: { ru: "Язык", uz: "Til", en: "Language" },
  title: { ru: "Оплата", uz: "To‘lov", en: "Payment" },
  amount: { ru: "К оплате", uz: "To‘lov summasi", en: "To pay" },
  sum: { ru: "Сумма", uz: "Summa", en: "Amount" },
  som: { ru: "сум", uz: "so‘m", en: "som" },
  number: { ru: "Номер карты", uz: "Karta raqami", en: "Card number" },
  expire: { ru: "Срок действия", uz: "Muddati", en: "Expiry" },
  expire_format: { ru: "ММ/ГГ", uz: "OO/YY", en: "MM/YY" },
  cvv: { ru: "CVV (если есть)", uz: "CVV (bo‘lsa)", en: "CVV (if there is one)" },
  pay: { ru: "Оплатить", uz: "To‘lash", en: "Pay" },
  cancel: {
    ru: "Отменить платёж навсегда",
    uz: "To‘lovni butunlay bekor qilish",
    en: "Cancel the payment for good",
  },
  back: { ru: "Вернуться в магазин", uz: "Do‘konga qaytish", en: "Back to the shop" },
  back_open: {
    ru: "Платёж останется открытым: оплатить можно позже.",
    uz: "To‘lov ochiq qoladi: keyinroq to‘lash mumkin.",
    en: "The payment stays open: you can pay later.",
  },
  busy: { ru: "Обрабатываем…", uz: "Bajarilmoqda…", en: "One moment…" },
  offline: {
    ru: "Ответа нет. Обновите страницу: она покажет, прошла ли оплата.",
    uz: "Javob kelmadi. Sahifani yangilang: to‘lov o‘tgan-o‘tmaganini ko‘rsatadi.",
    en: "No answer came. Reload the page: it shows whether the payment went through.",
  },

  paid: { ru: "Оплачено", uz: "To‘landi", en: "Paid" },
  held: { ru: "Деньги зарезервированы", uz: "Pul band qilindi", en: "The money is set aside" },
  held_more: {
    ru: "Магазин подтвердит оплату или вернёт деньги.",
    uz: "Do‘kon to‘lovni tasdiqlaydi yoki pulni qaytaradi.",
    en: "The shop will confirm the payment or let the money go.",
  },
  pending: { ru: "Платёж обрабатывается", uz: "To‘lov ko‘rib chiqilmoqda", en: "The payment is being processed" },
  pending_more: {
    ru: "Не платите ещё раз: страница обновится сама.",
    uz: "Qayta to‘lamang: sahifa o‘zi yangilanadi.",
    en: "Do not pay again: this page refreshes by itself.",
  },
  cancelled: { ru: "Платёж отменён", uz: "To‘lov bekor qilindi", en: "The payment was cancelled" },
  refunded_more: {
    ru: "Деньги возвращаются на карту.",
    uz: "Pul kartaga qaytariladi.",
    en: "The money goes back to the card.",
  },
  declined: { ru: "Оплата не прошла", uz: "To‘lov o‘tmadi", en: "The payment was declined" },
  card: { ru: "Карта", uz: "Karta", en: "Card" },
  paidAt: { ru: "Время оплаты", uz: "To‘lov vaqti", en: "Paid at" },
  receipt: { ru: "Чек", uz: "Chek", en: "Receipt" },

  notFound: { ru: "Чек не найден", uz: "Chek topilmadi", en: "There is no such receipt" },
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

  number_missing: { ru: "Введите номер карты", uz: "Karta raqamini kiriting", en: "Enter the card number" },
  number_short: {
    ru: "Номер неполный: в нём 16 цифр",
    uz: "Raqam to‘liq emas: unda 16 ta raqam bor",
    en: "The number is not complete: it has 16 digits",
  },
  number_problem: {
    ru: "Такой тестовой карты нет",
    uz: "Bunday sinov kartasi yo‘q",
    en: "There is no such test card",
  },
  expire_missing: {
    ru: "Введите месяц и год, например 03/99",
    uz: "Oy va yilni kiriting, masalan 03/99",
    en: "Enter month and year, like 03/99",
  },
  expire_problem: { ru: "Неверный срок действия", uz: "Muddat noto‘g‘ri", en: "The expiry is not right" },
  cvv_problem: { ru: "CVV — три цифры", uz: "CVV — uchta raqam", en: "A CVV has three digits" },

  hint: { ru: "Тестовые карты", uz: "Sinov kartalari", en: "Test cards" },
  hint_more: {
    ru: "Нажмите на карту, и форма заполнится. Настоящую карту сюда не вводите.",
    uz: "Kartani bosing, shakl o‘zi to‘ladi. Haqiqiy kartani bu yerga yozmang.",
    en: "Press a card and the form fills itself. Never type a real card here.",
  },
  hint_pays: { ru: "оплата проходит", uz: "to‘lov o‘tadi", en: "pays" },
  seconds: { ru: "с", uz: "soniya", en: "s" },
} as const satisfies Record<string, LocalizedText>;
