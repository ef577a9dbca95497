import type { Clock } from "../../kit/clock";
import type { Tiyin } from "../../kit/money";
import { SubscribeErrorCode } from "../../protocol/codes";
import type { AcceptedCard } from "./cards";
import type { MockChoices } from "./choices";
import { hexDigits, type Random } from "./random";
import { cardNotFound, Refusal } from "./refusal";

/** A card in a cashbox, and its token. */
export interface CardToken {
  /** The newest token: `cards.verify` may make another. */
  token: string;
  /** The short name of its token. It may be shown: it cannot pay. */
  readonly id: string;
  readonly accepted: AcceptedCard;
  readonly recurrent: boolean;
  /** The amount of a token for one payment. */
  readonly amount?: Tiyin | undefined;
  readonly customer?: string | undefined;
  readonly createdAt: number;
  verified: boolean;
  codeSentAt?: number | undefined;
  wrongCodes: number;
}

/** A card with all of its tokens. */
export interface SavedToken {
  readonly names: readonly string[];
  readonly card: CardToken;
}

/** The tokens of a cashbox's cards. */
export type TokenBook = ReturnType<typeof createTokenBook>;

/** Returns an empty book of tokens. */
export function createTokenBook({ random, now, choices }: { random: Random; now: Clock; choices: MockChoices }) {
  /** Cards by token. A card whose token was replaced is under both. */
  const tokens = new Map<string, CardToken>();
  const newToken = () => `${hexDigits(random, 24)}_${hexDigits(random, 40)}`;

  /** Finds a card. @throws Refusal -31400 for an unknown token, -32500 for text that cannot be a token. */
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

  return {
    add(accepted: AcceptedCard, made: Pick<CardToken, "recurrent" | "amount" | "customer">): CardToken {
      const token = newToken();
      const facts = { createdAt: now(), verified: false, wrongCodes: 0 };
      const card: CardToken = { token, id: token.slice(0, 8), accepted, ...made, ...facts };
      tokens.set(token, card);
      return card;
    },
    find,
    /** Finds the card of a verified token. @throws Refusal as `find` */
    findVerified(token: string): CardToken {
      const found = find(token);
      if (!found.verified) throw cardNotFound();
      return found;
    },
    /** Marks a card as verified, and gives it another token where `choices` say so. */
    verify(card: CardToken): void {
      card.verified = true;
      if (!choices.rotatesToken) return;
      card.token = newToken();
      tokens.set(card.token, card);
    },
    remove: (token: string): void => void takeOut(token),
    /** Takes a token for one payment out of use. Returns what puts it back where the payment fails. */
    spend(token: string): () => void {
      const taken = takeOut(token);
      return () => {
        for (const [name, card] of taken) tokens.set(name, card);
      };
    },
    all: (): CardToken[] => [...new Set(tokens.values())].filter((card) => !isOver(card)),
    clear: () => tokens.clear(),
    saved(): SavedToken[] {
      const names = (card: CardToken) => [...tokens].flatMap(([name, each]) => (each === card ? [name] : []));
      return [...new Set(tokens.values())].map((card) => ({ names: names(card), card: structuredClone(card) }));
    },
    restore(saved: readonly SavedToken[]): void {
      for (const { names, card } of structuredClone(saved)) for (const name of names) tokens.set(name, card);
    },
  };
}
