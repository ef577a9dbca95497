import type { Clock } from "../../kit/clock";
import { SubscribeErrorCode } from "../../protocol/codes";
import type { AcceptedCard } from "./cards";
import type { MockChoices } from "./choices";
import { hexDigits, type Random } from "./random";
import { Refusal } from "./refusal";

/** A card that was given, and the token that stands for it. */
export interface CardToken {
  /** The newest: `cards.verify` may have made another. */
  token: string;
  /** A short name of it that may be shown: it pays nothing. */
  readonly id: string;
  readonly accepted: AcceptedCard;
  readonly recurrent: boolean;
  /** The one amount that a token for one payment was made for. */
  readonly amount?: number | undefined;
  readonly customer?: string | undefined;
  readonly createdAt: number;
  verified: boolean;
  codeSentAt?: number | undefined;
  wrongCodes: number;
}

/** What a card is made into a token with. */
export interface NewCardToken {
  readonly recurrent: boolean;
  readonly amount?: number | undefined;
  readonly customer?: string | undefined;
}

/** The tokens of a cashbox's cards. */
export interface TokenBook {
  add(accepted: AcceptedCard, made: NewCardToken): CardToken;
  /** @throws Refusal -31400 for a token that is not there, -32500 for one that cannot be a token. */
  find(token: string): CardToken;
  /** The same, verified by its SMS code. @throws Refusal */
  findVerified(token: string): CardToken;
  /** Verified by its code; with another token from now on, where that is chosen. */
  verify(token: CardToken): void;
  remove(token: string): void;
  /** Takes a token for one payment out of use while it pays. Gives what puts it back, where the payment does not come about. */
  spend(token: string): () => void;
  all(): CardToken[];
  clear(): void;
  saved(): SavedToken[];
  restore(saved: readonly SavedToken[]): void;
}

/** A token under each of its names. */
export interface SavedToken {
  readonly names: readonly string[];
  readonly card: CardToken;
}

/** What the tokens work with. */
export interface TokenBookOptions {
  readonly random: Random;
  readonly now: Clock;
  readonly choices: MockChoices;
}

export function createTokenBook({ random, now, choices }: TokenBookOptions): TokenBook {
  /** By token: a card whose token was replaced stands under both. */
  const tokens = new Map<string, CardToken>();
  const newToken = () => `${hexDigits(random, 24)}_${hexDigits(random, 40)}`;

  function find(token: string): CardToken {
    if (!/^[0-9a-f]{24}_\w+$/.test(token))
      throw new Refusal(SubscribeErrorCode.INVALID_TOKEN_FORMAT, "Invalid token format.");
    const found = tokens.get(token);
    if (found === undefined || isOver(found)) throw cardNotFound();
    return found;
  }

  function takeOut(token: string): (readonly [string, CardToken])[] {
    const card = find(token);
    const taken = [...tokens].filter(([, each]) => each === card);
    for (const [name] of taken) tokens.delete(name);
    return taken;
  }

  function isOver({ verified, createdAt }: CardToken): boolean {
    const lifetime = choices.unverifiedTokenLifetimeMs;
    return !verified && lifetime !== null && now() >= createdAt + lifetime;
  }

  function savedTokens(): SavedToken[] {
    const names = (card: CardToken) => [...tokens].flatMap(([name, each]) => (each === card ? [name] : []));
    return [...new Set(tokens.values())].map((card) => ({ names: names(card), card: structuredClone(card) }));
  }

  return {
    add(accepted, { recurrent, amount, customer }) {
      const token = newToken();
      const made: CardToken = {
        token,
        id: token.slice(0, 8),
        accepted,
        recurrent,
        amount,
        customer,
        createdAt: now(),
        verified: false,
        wrongCodes: 0,
      };
      tokens.set(token, made);
      return made;
    },
    find,
    findVerified(token) {
      const found = find(token);
      if (!found.verified) throw cardNotFound();
      return found;
    },
    verify(card) {
      card.verified = true;
      if (!choices.rotatesToken) return;
      card.token = newToken();
      tokens.set(card.token, card);
    },
    remove: (token) => void takeOut(token),
    spend(token) {
      const taken = takeOut(token);
      return () => {
        for (const [name, card] of taken) tokens.set(name, card);
      };
    },
    all: () => [...new Set(tokens.values())].filter((card) => !isOver(card)),
    clear: () => tokens.clear(),
    saved: savedTokens,
    restore(saved) {
      for (const { names, card } of structuredClone(saved)) for (const name of names) tokens.set(name, card);
    },
  };
}

export function cardNotFound(): Refusal {
  return new Refusal(SubscribeErrorCode.CARD_NOT_FOUND, "Карта не найдена");
}
