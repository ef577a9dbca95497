import type { Clock } from "../../kit/clock";
import type { Tiyin } from "../../kit/money";
import { maskCardNumber } from "../../protocol/card";
import { SubscribeErrorCode } from "../../protocol/codes";
import { Refusal } from "./refusal";

/** A card as a payer types it. */
export interface CardInput {
  /** Digits, with or without spaces. */
  number: string;
  /** `MM/YY` or `MMYY`. */
  expire: string;
  /** Three digits, checked for the Wedy guide's cards only: Payme's have none. Left out: taken as right. */
  cvv?: string | undefined;
}

/** The failure of a test card: the stage, and Payme's error. */
export interface CardBehaviour {
  /** `create`: the card is added. `verify_code`: an SMS is asked for. `pay`: the card is charged. */
  readonly stage: "create" | "verify_code" | "pay";
  readonly code: number;
  readonly message: string;
  /** The time until the answer. */
  readonly delayMs?: number | undefined;
}

/** A test card, with the expiry that it takes and its failure. */
export interface TestCard {
  readonly number: string;
  /** `MMYY`; null: any expiry that is not over. */
  readonly expire: string | null;
  readonly hasCvv: boolean;
  /** Left out: the card pays. */
  readonly behaviour?: CardBehaviour | undefined;
  /** The money on it. A larger payment is refused with -31630, and refunds come back. Left out: no limit. */
  readonly balance?: Tiyin | undefined;
}

const { CARD_UNUSABLE, SYSTEM_ERROR, PROCESSING_UNAVAILABLE, INVALID_CARD } = SubscribeErrorCode;

const paymeCard = (number: string): TestCard => ({ number, expire: "0399", hasCvv: false });
const failing = (number: string, stage: CardBehaviour["stage"], code: number, message: string, delayMs?: number) => ({
  ...paymeCard(number),
  behaviour: { stage, code, message, ...(delayMs === undefined ? {} : { delayMs }) },
});

/**
 * The cards that the mock knows: the Wedy guide's two, and Payme's seven (developer.help.paycom.uz, "Тестирование в
 * песочнице"). No document says which method fails for Payme's five failing cards, or with which code. The option `cards`
 * of the mock replaces these defaults.
 */
export const TEST_CARDS: readonly TestCard[] = [
  { number: "8600123456789012", expire: null, hasCvv: true },
  { number: "9860123456789012", expire: null, hasCvv: true },
  paymeCard("8600495473316478"),
  paymeCard("8600069195406311"),
  failing("8600060921090842", "verify_code", CARD_UNUSABLE, "SMS-информирование не подключено"),
  failing("3333336415804657", "create", CARD_UNUSABLE, "Срок действия карты истёк"),
  failing("4444445987459073", "create", CARD_UNUSABLE, "Карта заблокирована"),
  failing("8600143417770323", "pay", SYSTEM_ERROR, "Системная ошибка"),
  failing("8600134301849596", "pay", PROCESSING_UNAVAILABLE, "Процессинговый центр недоступен", 10_000),
];

/** An accepted card, as receipts and tokens store it. */
export interface AcceptedCard {
  readonly card: TestCard;
  readonly masked: string;
  /** `MMYY`. */
  readonly expire: string;
}

/** Finds the test card that a payer typed. @throws Refusal that names the wrong field. */
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

/** Throws the card's failure at a stage. @throws Refusal */
export function misbehave(card: TestCard, stage: CardBehaviour["stage"]): void {
  if (card.behaviour?.stage === stage) throw new Refusal(card.behaviour.code, card.behaviour.message);
}

/** True for an expiry that is not over. Cards are valid to the end of their month. */
function isInFuture(expire: string, now: number): boolean {
  const [, month, year] = /^(0[1-9]|1[0-2])(\d{2})$/.exec(expire) ?? [];
  if (month === undefined || year === undefined) return false;
  return Date.UTC(2000 + Number(year), Number(month), 1) > now;
}
