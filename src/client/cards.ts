import type { Card } from "../protocol/card";
import type { CallOptions, Rpc } from "./call";
import { type CardEntry, createCardEntry, hidingToken, tokenParams } from "./card-methods";
import { cardAnswers } from "./card-schema";
import { successAnswer } from "./success-answer";

/**
 * Payme's saved cards. A token that pays is made in three steps: `create`, `getVerifyCode`, `verify`; on a page with
 * `createCardClient` of `payme-kit/client/browser`, so that card numbers never pass your server.
 *
 * Source: developer.help.paycom.uz, "Методы Subscribe API", `cards.*`.
 */
export interface Cards extends CardEntry {
  /** The card of a token. @throws PaymeAPIError with reason `card` when the token is unknown or removed. */
  check(token: string, options?: CallOptions): Promise<Card>;
  /** Removes the card: its token pays no more. */
  remove(token: string, options?: CallOptions): Promise<{ success: boolean }>;
}

/** The `cards.*` methods over a transport. */
export function createCards(rpc: Rpc): Cards {
  return {
    ...createCardEntry(rpc),
    async check(token, options) {
      const method = "cards.check";
      const params = tokenParams(method, token);
      return hidingToken((await rpc({ ...options, method, params, class: "read", schema: cardAnswers().card })).card);
    },
    async remove(token, options) {
      const method = "cards.remove";
      const params = tokenParams(method, token);
      return await rpc({ ...options, method, params, class: "write", schema: successAnswer() });
    },
  };
}
