import { SubscribeErrorCode } from "../protocol/codes";
import type { AcceptedCard } from "./cards";
import { hexDigits, type Random } from "./random";
import { Refusal } from "./refusal";

/** A token and what it stands for. */
export interface CardToken {
  readonly token: string;
  readonly accepted: AcceptedCard;
  readonly recurrent: boolean;
  verified: boolean;
}

/** The tokens of a mock's cards. */
export interface TokenBook {
  add(accepted: AcceptedCard, recurrent: boolean): CardToken;
  /** @throws Refusal -31400 for a token that is not there, -32500 for one that cannot be a token. */
  require(token: string): CardToken;
  /** The same, verified by its SMS code. @throws Refusal */
  requireVerified(token: string): CardToken;
  remove(token: string): void;
  clear(): void;
}

export function createTokenBook(random: Random): TokenBook {
  const tokens = new Map<string, CardToken>();
  function require(token: string): CardToken {
    if (!/^[0-9a-f]{24}_\w+$/.test(token))
      throw new Refusal(SubscribeErrorCode.INVALID_TOKEN_FORMAT, "Invalid token format.");
    const found = tokens.get(token);
    if (found === undefined) throw cardNotFound();
    return found;
  }
  return {
    add(accepted, recurrent) {
      const token = `${hexDigits(random, 24)}_${hexDigits(random, 40)}`;
      const made = { token, accepted, recurrent, verified: false };
      tokens.set(token, made);
      return made;
    },
    require,
    requireVerified(token) {
      const found = require(token);
      if (!found.verified) throw cardNotFound();
      return found;
    },
    remove(token) {
      require(token);
      tokens.delete(token);
    },
    clear: () => tokens.clear(),
  };
}

function cardNotFound(): Refusal {
  return new Refusal(SubscribeErrorCode.CARD_NOT_FOUND, "Карта не найдена");
}
