import { type Tiyin, tiyin } from "../../kit/money";
import { maskCardNumber } from "../../protocol/card";
import { SubscribeErrorCode } from "../../protocol/codes";
import type { AcceptedCard } from "./cards";
import { Refusal } from "./refusal";

/** The kinds of movements. `capture`: held money is taken. `release`: held money is let go. `return`: taken money goes back. */
export type MoneyMovementKind = "hold" | "release" | "take" | "capture" | "return";

/** One movement of a payer's money. Times in ms. */
export interface MoneyMovement {
  readonly at: number;
  readonly kind: MoneyMovementKind;
  readonly receiptId: string;
  /** The cashbox. */
  readonly merchantId: string;
  /** Masked. */
  readonly card: string;
  readonly amount: Tiyin;
}

/** The money of one cashbox. The merchant keeps `taken - returned`. */
export interface MoneyTotals {
  /** Held now. */
  readonly held: Tiyin;
  /** Taken so far, with what was returned later. */
  readonly taken: Tiyin;
  /** Returned so far. */
  readonly returned: Tiyin;
}

/** A movement with the whole number of its test card. */
export interface SavedMovement extends MoneyMovement {
  readonly number: string;
}

/** All movements of a mock's money. */
export type MoneyBook = ReturnType<typeof createMoneyBook>;

/**
 * Returns an empty book.
 *
 * @param catchUp carries out what is due by now: a refund ends in time even if its receipt is not read.
 */
export function createMoneyBook(catchUp: () => void) {
  const movements: SavedMovement[] = [];
  return {
    get movements(): readonly MoneyMovement[] {
      catchUp();
      return movements.map(({ number: _number, ...movement }) => movement).sort((a, b) => a.at - b.at);
    },
    /** @throws Refusal -31630 where the card has a balance, and it is too small. */
    requireEnough({ card }: AcceptedCard, amount: number): void {
      if (card.balance === undefined) return;
      catchUp();
      const { held, taken, returned } = sum(movements.filter(({ number }) => number === card.number));
      if (card.balance - held - taken + returned >= amount) return;
      throw new Refusal(SubscribeErrorCode.CARD_REFUSED, "Недостаточно средств на карте");
    },
    note({ card: { number } }: AcceptedCard, movement: Omit<MoneyMovement, "card">): void {
      movements.push({ ...movement, card: maskCardNumber(number), number });
    },
    totals(merchantId: string): MoneyTotals {
      catchUp();
      return sum(movements.filter((each) => each.merchantId === merchantId));
    },
    clear(): void {
      movements.length = 0;
    },
    restore: (saved: readonly SavedMovement[]): void => void movements.push(...saved),
    saved: (): SavedMovement[] => [...movements],
  };
}

function sum(movements: readonly MoneyMovement[]): MoneyTotals {
  const all = (...kinds: MoneyMovementKind[]) =>
    movements.reduce((total, { kind, amount }) => total + (kinds.includes(kind) ? amount : 0), 0);
  const held = tiyin(all("hold") - all("release", "capture"));
  return { held, taken: tiyin(all("take", "capture")), returned: tiyin(all("return")) };
}
