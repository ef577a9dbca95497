import type { Clock } from "../../kit/clock";
import { maskCardNumber } from "../../protocol/card";
import { SubscribeErrorCode } from "../../protocol/codes";
import { Refusal } from "./refusal";

/** A card as a payer types it. */
export interface CardInput {
  /** Digits; spaces do not matter. */
  number: string;
  /** `MM/YY` or `MMYY`. */
  expire: string;
  /** Three digits, looked at for the Wedy guide's cards only: Payme's have none. Left out: a payer who typed it right. */
  cvv?: string | undefined;
}

/** Where in a card's life it misbehaves, and how. */
export interface CardBehaviour {
  /** `create`: when it is given. `verify_code`: when an SMS is asked for. `pay`: when it is charged. */
  readonly stage: "create" | "verify_code" | "pay";
  readonly code: number;
  readonly message: string;
  /** How long the answer takes. */
  readonly delayMs?: number | undefined;
}

/** A test card: whose, which expiry it takes, and what goes wrong with it. */
export interface TestCard {
  readonly number: string;
  /** `MMYY`; null: any that is not over. */
  readonly expire: string | null;
  readonly hasCvv: boolean;
  /** None: it pays. */
  readonly behaviour?: CardBehaviour | undefined;
  /** What is on it, in tiyin: beyond it -31630, and refunds give it back. None: it never runs dry. */
  readonly balance?: number | undefined;
}

const { CARD_UNUSABLE, SYSTEM_ERROR, PROCESSING_UNAVAILABLE, INVALID_CARD } = SubscribeErrorCode;

/**
 * The cards that the mock knows: the Wedy guide's two, and Payme's seven (developer.help.paycom.uz, "Тестирование в
 * песочнице"). Which method fails for Payme's five failing ones, and with which code, is documented nowhere: these are
 * defaults, and `cards` of the mock's options replaces them.
 */
export const TEST_CARDS: readonly TestCard[] = [
  { number: "8600123456789012", expire: null, hasCvv: true },
  { number: "9860123456789012", expire: null, hasCvv: true },
  { number: "8600495473316478", expire: "0399", hasCvv: false },
  { number: "8600069195406311", expire: "0399", hasCvv: false },
  {
    number: "8600060921090842",
    expire: "0399",
    hasCvv: false,
    behaviour: { stage: "verify_code", code: CARD_UNUSABLE, message: "SMS-информирование не подключено" },
  },
  {
    number: "3333336415804657",
    expire: "0399",
    hasCvv: false,
    behaviour: { stage: "create", code: CARD_UNUSABLE, message: "Срок действия карты истёк" },
  },
  {
    number: "4444445987459073",
    expire: "0399",
    hasCvv: false,
    behaviour: { stage: "create", code: CARD_UNUSABLE, message: "Карта заблокирована" },
  },
  {
    number: "8600143417770323",
    expire: "0399",
    hasCvv: false,
    behaviour: { stage: "pay", code: SYSTEM_ERROR, message: "Системная ошибка" },
  },
  {
    number: "8600134301849596",
    expire: "0399",
    hasCvv: false,
    behaviour: {
      stage: "pay",
      code: PROCESSING_UNAVAILABLE,
      message: "Процессинговый центр недоступен",
      delayMs: 10_000,
    },
  },
];

/** A card that was accepted: what receipts and tokens remember of it. */
export interface AcceptedCard {
  readonly card: TestCard;
  readonly masked: string;
  /** `MMYY`. */
  readonly expire: string;
}

/** The test card that a payer typed. @throws Refusal naming the field that is wrong. */
export function acceptCard(cards: readonly TestCard[], input: CardInput, now: Clock): AcceptedCard {
  const number = input.number.replace(/[ -]/g, "");
  const card = cards.find((known) => known.number === number);
  if (card === undefined) throw new Refusal(INVALID_CARD, "Неверный номер карты", { field: "number" });
  const expire = input.expire.replace(/[ /]/g, "");
  const isRight = card.expire === null ? isInFuture(expire, now()) : expire === card.expire;
  if (!isRight) throw new Refusal(INVALID_CARD, "Неверный срок действия карты", { field: "expire" });
  if (card.hasCvv && input.cvv !== undefined && !/^\d{3}$/.test(input.cvv)) {
    throw new Refusal(INVALID_CARD, "Неверный CVV", { field: "cvv" });
  }
  return { card, masked: maskCardNumber(number), expire };
}

/** Throws what the card does at a stage of its life. */
export function misbehave(card: TestCard, stage: CardBehaviour["stage"]): void {
  if (card.behaviour?.stage === stage) throw new Refusal(card.behaviour.code, card.behaviour.message);
}

/** True for a month and year that is not over. Cards are valid to the end of their month. */
function isInFuture(expire: string, now: number): boolean {
  const [, month, year] = /^(0[1-9]|1[0-2])(\d{2})$/.exec(expire) ?? [];
  if (month === undefined || year === undefined) return false;
  return Date.UTC(2000 + Number(year), Number(month), 1) > now;
}
