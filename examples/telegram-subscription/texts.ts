import { declineText, formatSom, type Message, tiyin } from "payme-kit";

export type Language = "uz" | "ru" | "en";

/** Which of the three a person reads. */
export function languageOf(code: string | undefined): Language {
  return code?.startsWith("ru") ? "ru" : code?.startsWith("en") ? "en" : "uz";
}

const day = (ms: unknown, language: Language) =>
  new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "Asia/Tashkent" }).format(Number(ms));

/** What the bot says. */
export const TEXTS = {
  uz: {
    offer: "Premium: oyiga {price} so‘m. Har oy kartangizdan yechib olinadi, istalgan payt bekor qilasiz.",
    addCard: "Kartani qo‘shish",
    consent: "Har oy {price} so‘m yechilishiga roziman.",
    active: "Premium {day} gacha yoqilgan.",
    none: "Premium yoqilmagan. /subscribe",
    cancelled: "Bekor qilindi. Premium {day} gacha ishlaydi.",
    waiting: "To‘lov hali tugamadi. Natijasini yozamiz.",
    declined: "To‘lov o‘tmadi: {why} Boshqa karta: /card",
    renewed: "To‘lov qabul qilindi, rahmat! Premium {day} gacha yoqilgan.",
    payment_failed: "To‘lov o‘tmadi: {why} Yana urinib ko‘ramiz. Boshqa karta: /card",
    needs_card: "Kartangizdan yechib bo‘lmadi. Boshqa karta qo‘shing: /card",
    needs_consent: "Narx o‘zgardi: {price} so‘m. Rozi bo‘lsangiz: /agree",
    card_expiring: "{mask} kartangizning muddati tugayapti. Yangisi: /card",
    ended: "Premium obunasi tugadi. Yana boshlash: /subscribe",
  },
  ru: {
    offer: "Премиум: {price} сум в месяц. Деньги списываются с карты каждый месяц, отменить можно в любой день.",
    addCard: "Добавить карту",
    consent: "Согласен на списание {price} сум каждый месяц.",
    active: "Премиум включён до {day}.",
    none: "Премиум не включён. /subscribe",
    cancelled: "Подписка отменена. Премиум работает до {day}.",
    waiting: "Платёж ещё не завершён. Мы напишем, чем он кончится.",
    declined: "Платёж не прошёл: {why} Другая карта: /card",
    renewed: "Платёж получен, спасибо! Премиум включён до {day}.",
    payment_failed: "Платёж не прошёл: {why} Мы попробуем ещё раз. Другая карта: /card",
    needs_card: "С карты не удалось списать деньги. Добавьте другую: /card",
    needs_consent: "Цена изменилась: {price} сум. Если согласны: /agree",
    card_expiring: "Срок карты {mask} скоро истечёт. Новая карта: /card",
    ended: "Подписка на премиум закончилась. Начать снова: /subscribe",
  },
  en: {
    offer: "Premium: {price} so‘m a month, charged to your card each month. Cancel on any day.",
    addCard: "Add a card",
    consent: "I agree that {price} so‘m are charged each month.",
    active: "Premium is on until {day}.",
    none: "Premium is off. /subscribe",
    cancelled: "Cancelled. Premium works until {day}.",
    waiting: "The payment has not ended yet. We will write how it does.",
    declined: "The payment did not go through: {why} Another card: /card",
    renewed: "Your payment is here, thank you! Premium is on until {day}.",
    payment_failed: "The payment did not go through: {why} We will try again. Another card: /card",
    needs_card: "Your card could not be charged. Add another one: /card",
    needs_consent: "The price has changed: {price} so‘m. If you agree: /agree",
    card_expiring: "Your card {mask} expires soon. A new one: /card",
    ended: "Premium has ended. Begin again: /subscribe",
  },
} as const;

export type Text = keyof (typeof TEXTS)["en"];

/** A text with what is told in it: money in tiyin, times in ms. */
export function say(language: Language, text: Text, told: Record<string, unknown> = {}): string {
  const reason = Object.entries(declineText).find(([name]) => name === told.reason)?.[1];
  return TEXTS[language][text]
    .replace("{price}", () => formatSom(tiyin(Number(told.amount ?? 0))))
    .replace("{day}", () => day(told.until, language))
    .replace("{mask}", () => String(told.mask))
    .replace("{why}", () => reason?.[language] ?? "…");
}

/** The text of a message of the outbox: `subscription.renewed` and the others. */
export function sayMessage(language: Language, { kind, data }: Message): string | undefined {
  const text = Object.keys(TEXTS.en).find((name): name is Text => `subscription.${name}` === kind);
  return text && say(language, text, { ...Object(data) });
}
