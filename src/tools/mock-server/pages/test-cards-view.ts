import { type Html, html } from "../../../html/html";
import type { Language } from "../../../html/language";
import { messageText } from "../../../protocol/json-rpc";
import type { LocalizedText } from "../../../protocol/states";
import type { CardInput, TestCard } from "../../../testing/mock/cards";
import { cardBrand } from "./card-brands";
import { texts } from "./texts";

/** Payme's messages about a payment, in three languages. */
const KNOWN: ReadonlyMap<string, LocalizedText> = new Map(
  [
    { ru: "SMS-информирование не подключено", uz: "SMS xabarnoma ulanmagan", en: "SMS is not connected" },
    { ru: "Срок действия карты истёк", uz: "karta muddati tugagan", en: "the card has expired" },
    { ru: "Карта заблокирована", uz: "karta bloklangan", en: "the card is blocked" },
    { ru: "Системная ошибка", uz: "tizim xatosi", en: "a system error" },
    { ru: "Процессинговый центр недоступен", uz: "protsessing markazi ishlamayapti", en: "processing is unavailable" },
    {
      ru: "Недостаточно средств на карте",
      uz: "kartada mablag‘ yetarli emas",
      en: "there is not enough money on the card",
    },
    { ru: "Сервис поставщика услуг недоступен", uz: "do‘kon javob bermayapti", en: "the shop does not answer" },
  ].map((text) => [text.ru, text]),
);

/** Payme's message about a card in the page's language, where it is known. */
export function cardMessage(message: string | Partial<LocalizedText>, language: Language): string {
  return messageText(typeof message === "string" ? (KNOWN.get(message) ?? message) : message, language);
}

/** The name of the buttons that fill in a test card. Their value is its index. */
export const FILL = "fill";

/** The input of a payer for a test card. */
export function inputOf(card: TestCard, now: number): CardInput & { readonly cvv: string } {
  const digits = card.expire ?? `12${String((new Date(now).getUTCFullYear() + 2) % 100).padStart(2, "0")}`;
  return {
    number: card.number.replace(/(.{4})(?=.)/g, "$1 "),
    expire: `${digits.slice(0, 2)}/${digits.slice(2)}`,
    cvv: card.hasCvv ? "123" : "",
  };
}

/** The test cards as buttons that fill the form. Each sends a request, so that no script is needed. */
export function testCardsOf(cards: readonly TestCard[], language: Language, now: number): Html {
  return html`<aside class="cards" aria-labelledby="cards">
      <h2 id="cards">${texts.hint[language]}</h2>
      <p>${texts.hint_more[language]}</p>
      <ul>${cards.map((card, index) => rowOf(card, index, language, now))}</ul>
    </aside>`;
}

function rowOf(card: TestCard, index: number, language: Language, now: number): Html {
  const { number, expire } = inputOf(card, now);
  return html`
        <li><button form="card" name="${FILL}" value="${index}" class="fill">
          <b>${number}</b> <span class="brand" data-brand="${cardBrand(number) ?? ""}">${cardBrand(number) ?? ""}</span>
          <small>${expire} · <span class="${card.behaviour === undefined ? "good" : "bad"}">${whatHappens(card, language)}</span></small>
        </button></li>`;
}

function whatHappens({ behaviour }: TestCard, language: Language): string {
  if (behaviour === undefined) return texts.hint_pays[language];
  const words = cardMessage(behaviour.message, language);
  const seconds = Math.round((behaviour.delayMs ?? 0) / 1000);
  return seconds === 0 ? words : `${seconds} ${texts.seconds[language]}, ${words}`;
}
