import { maskCardNumber } from "../../protocol/card";
import { SubscribeErrorCode } from "../../protocol/codes";
import type { AcceptedCard } from "./cards";
import { Refusal } from "./refusal";

/** What happened to a payer's money. `capture`: held money was taken; `release`: it was let go; `return`: taken money went back. */
export type MovementKind = "hold" | "release" | "take" | "capture" | "return";

/** One movement of money. Amounts in tiyin, times in ms. */
export interface Movement {
  readonly at: number;
  readonly kind: MovementKind;
  readonly receiptId: string;
  /** The cashbox. */
  readonly merchantId: string;
  /** Masked. */
  readonly card: string;
  readonly amount: number;
}

/** What one cashbox has of all cards, in tiyin. What the merchant keeps is `taken - returned`. */
export interface MoneyTotals {
  /** Set aside now. */
  readonly held: number;
  /** Taken so far, what was given back included. */
  readonly taken: number;
  /** Given back so far. */
  readonly returned: number;
}

/** Where the money of a mock's cards is: every movement, and what follows from them. */
export interface MoneyBook {
  readonly movements: readonly Movement[];
  /** @throws Refusal -31630 where the card has a balance, and it is too small. */
  requireEnough(card: AcceptedCard, amount: number): void;
  note(card: AcceptedCard, movement: Omit<Movement, "card">): void;
  totals(merchantId: string): MoneyTotals;
  clear(): void;
  /** Takes over the movements of a snapshot, with the numbers of their cards. */
  restore(saved: readonly SavedMovement[]): void;
  saved(): SavedMovement[];
}

/** A movement with the whole number of its test card. */
export interface SavedMovement extends Movement {
  readonly number: string;
}

/** What a movement adds to: held, taken, returned. */
const EFFECTS: Readonly<Record<MovementKind, readonly [number, number, number]>> = {
  hold: [1, 0, 0],
  release: [-1, 0, 0],
  take: [0, 1, 0],
  capture: [-1, 1, 0],
  return: [0, 0, 1],
};

/** @param catchUp does what has fallen due by now: a refund comes at its time, whether or not anybody looks at its receipt. */
export function createMoneyBook(catchUp: () => void): MoneyBook {
  const movements: SavedMovement[] = [];
  return {
    get movements() {
      catchUp();
      return movements.map(({ number: _number, ...movement }) => movement).sort((a, b) => a.at - b.at);
    },
    requireEnough({ card }, amount) {
      if (card.balance === undefined) return;
      catchUp();
      const { held, taken, returned } = sum(movements.filter(({ number }) => number === card.number));
      if (card.balance - held - taken + returned >= amount) return;
      throw new Refusal(SubscribeErrorCode.CARD_REFUSED, "Недостаточно средств на карте");
    },
    note: ({ card: { number } }, movement) =>
      void movements.push({ ...movement, card: maskCardNumber(number), number }),
    totals(merchantId) {
      catchUp();
      return sum(movements.filter((each) => each.merchantId === merchantId));
    },
    clear() {
      movements.length = 0;
    },
    restore: (saved) => void movements.push(...saved),
    saved: () => [...movements],
  };
}

function sum(movements: readonly Movement[]): MoneyTotals {
  let [held, taken, returned] = [0, 0, 0];
  for (const { kind, amount } of movements) {
    const [toHeld, toTaken, toReturned] = EFFECTS[kind];
    held += toHeld * amount;
    taken += toTaken * amount;
    returned += toReturned * amount;
  }
  return { held, taken, returned };
}
