import type { Request } from "express";
import type { PayerTexts } from "payme-kit";
import type { Refusal } from "./refusal";

/** A language of the texts for payers. */
export type Language = "uz" | "ru" | "en";

/** The language that a request asks for by `Accept-Language`; without it English. */
export function languageOf(request: Request): Language {
  const language = request.acceptsLanguages(["en", "uz", "ru"]);
  return language === "uz" || language === "ru" ? language : "en";
}

/** What a payer reads of a refusal: short, and without the names of fields. */
export function payerText({ texts, status, code, errorId }: Refusal, language: Language): string {
  const key = status === 502 && code === "PAYME_CREATE_FAILED" ? "notCreated" : status;
  const text = texts[language] ?? BY_STATUS[key]?.[language] ?? MISTAKE[language];
  return errorId === undefined ? text : `${text} (${errorId})`;
}

/** What a payer reads of a payment that has an open incident. */
export const INCIDENT_TEXT: Readonly<Record<Language, string>> = {
  ru: "Мы разбираемся с этим платежом. Не платите ещё раз",
  uz: "Bu to‘lovni tekshiryapmiz. Qayta to‘lamang",
  en: "We are looking into this payment. Do not pay again",
};

/** What a payer reads who has a subscription to another tariff. */
export const OTHER_SUBSCRIPTION: Readonly<Record<Language, string>> = {
  ru: "У вас есть подписка на другой тариф. Сначала отмените её",
  uz: "Sizda boshqa tarifga obuna bor. Avval uni bekor qiling",
  en: "You have a subscription to another tariff. Cancel it first",
};

/** What a payer reads of a subscription. */
export const SUBSCRIPTION_TEXTS = {
  active: {
    ru: "Оплачено. Тариф будет продлеваться с этой карты",
    uz: "To‘landi. Tarif shu kartadan uzaytirib boriladi",
    en: "Paid. The tariff will be renewed from this card",
  },
  underWay: {
    ru: "Оплата ещё идёт. Не платите снова: загляните сюда позже",
    uz: "To‘lov hali davom etmoqda. Qayta to‘lamang: keyinroq shu yerga qarang",
    en: "The payment is still under way. Do not pay again: look here later",
  },
  cancelled: {
    ru: "Подписка отменена",
    uz: "Obuna bekor qilindi",
    en: "The subscription is cancelled",
  },
  notSetUp: {
    ru: "Подписка здесь не подключена",
    uz: "Bu yerda obuna ulanmagan",
    en: "Subscriptions are not available here",
  },
} satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

const MISTAKE = { ru: "В запросе ошибка", uz: "So‘rovda xato bor", en: "There is a mistake in the request" };

const BY_STATUS: Readonly<Record<number | "notCreated", PayerTexts>> = {
  400: MISTAKE,
  401: { ru: "Войдите ещё раз", uz: "Qaytadan kiring", en: "Log in again" },
  403: { ru: "У вас нет на это прав", uz: "Sizda bunga ruxsat yo‘q", en: "You may not do this" },
  404: { ru: "Не найдено", uz: "Topilmadi", en: "Not found" },
  409: { ru: "Сейчас это невозможно", uz: "Hozir buning iloji yo‘q", en: "This is not possible now" },
  413: { ru: "Запрос слишком большой", uz: "So‘rov juda katta", en: "The request is too large" },
  429: {
    ru: "Слишком много запросов. Подождите минуту",
    uz: "So‘rovlar juda ko‘p. Bir daqiqa kuting",
    en: "Too many requests. Wait a minute",
  },
  500: { ru: "У нас произошла ошибка", uz: "Bizda xato yuz berdi", en: "Something went wrong on our side" },
  notCreated: {
    ru: "Не удалось создать платёж. Попробуйте позже",
    uz: "To‘lov yaratilmadi. Keyinroq urinib ko‘ring",
    en: "The payment could not be created. Try again later",
  },
  502: {
    ru: "Payme не выполнил запрос. Попробуйте позже",
    uz: "Payme so‘rovni bajarmadi. Keyinroq urinib ko‘ring",
    en: "Payme did not carry this out. Try again later",
  },
  503: {
    ru: "Сейчас не получается. Попробуйте ещё раз",
    uz: "Hozir bo‘lmayapti. Yana urinib ko‘ring",
    en: "This does not work just now. Try again",
  },
  504: {
    ru: "Payme не отвечает. Попробуйте через несколько минут",
    uz: "Payme javob bermayapti. Bir necha daqiqadan keyin urinib ko‘ring",
    en: "Payme does not answer. Try again in a few minutes",
  },
};
