import * as z from "zod/mini";
import { lazy } from "../kit/lazy";
import { isTiyin, type Tiyin } from "../kit/money";
import type { Card } from "../protocol/card";
import { successAnswer } from "./answer";
import { type CallOptions, checkParams, type Rpc, type RpcCall } from "./call";

/** Params of {@link CardEntry.create}. */
export interface CreateCardParams {
  /** As the payer typed it: spaces are taken out. */
  number: string;
  /** `MMYY` or `MM/YY`. */
  expire: string;
  /** True: a token for many payments. False, Payme's default: a token for one payment, after which it is gone. */
  save?: boolean | undefined;
  /** The owner of the card, in your words: a phone, an id. */
  customer?: string | undefined;
  account?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Only older cashboxes ask for it. */
  amount?: Tiyin | undefined;
}

/** Where Payme sent the SMS code. */
export interface VerifyCode {
  readonly sent: boolean;
  /** Masked: `99891*****07`. */
  readonly phone: string;
  /** How long the code is good, and how long to wait before asking for another, in ms. Payme's docs say both. */
  readonly wait: number;
}

/** The card methods that a page may call with the cashbox's id alone: from the card's number to a verified token. */
export interface CardEntry {
  /** Makes a token of a card; it pays once it is verified. Call it where the number is typed: it must never reach your server. */
  create(params: CreateCardParams, options?: CallOptions): Promise<Card>;
  /** Sends the payer an SMS with a code. */
  getVerifyCode(token: string, options?: CallOptions): Promise<VerifyCode>;
  /** Sends the payer's code to Payme. Keep the token of **this** answer: Payme may have changed it. */
  verify(params: { token: string; code: string }, options?: CallOptions): Promise<Card>;
}

/**
 * Payme's saved cards. Three steps make a token that pays: `create`, `getVerifyCode`, `verify`. On a page use
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

const INSPECT = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");

/** The params of each method. */
const schemas = /* @__PURE__ */ lazy(() => {
  const noToken = "must be a card's token";
  const token = z.string(noToken).check(z.regex(/^[\x21-\x7e]{1,2048}$/, noToken));
  const text = z.string("must be text");
  const value = z.union([z.string(), z.number(), z.boolean()], "must be text, a number or a boolean");
  return {
    create: z.strictObject({
      number: text.check(z.regex(/^(?:[ -]?\d){12,19}[ -]?$/, "must be a card's number, 12 to 19 digits")),
      expire: text.check(z.regex(/^(?:0[1-9]|1[0-2])\/?\d\d$/, "must be MMYY or MM/YY")),
      save: z.optional(z.boolean("must be true or false")),
      customer: z.optional(text),
      account: z.optional(z.record(z.string(), value, "must be an object")),
      amount: z.optional(z.custom(isTiyin, "must be a whole number of tiyin")),
    }),
    token: z.strictObject({ token }),
    verify: z.strictObject({ token, code: text.check(z.regex(/^\d{3,8}$/, "must be the digits of the SMS")) }),
  };
});

/** The shapes of the results. A missing or new member is let through where nothing depends on it. */
const answers = /* @__PURE__ */ lazy(() => {
  const text = z.catch(z.string(), "");
  const no = z.catch(z.boolean(), false);
  const type = z.catch(z.optional(z.string()), undefined);
  const token = z.string().check(z.minLength(1));
  const card: z.ZodMiniType<Card> = z.looseObject({
    number: text,
    expire: text,
    token,
    recurrent: no,
    verify: no,
    type,
  });
  return {
    card: z.looseObject({ card }),
    /** The result of get_verify_code. */
    sent: z.looseObject({
      sent: z.catch(z.boolean(), true),
      phone: text,
      wait: z.catch(z.number().check(z.nonnegative()), 0),
    }),
  };
});

/** The methods from a card's number to a verified token, over a transport. */
export function createCardEntry(rpc: Rpc): CardEntry {
  return {
    async create(params, options) {
      const method = "cards.create";
      checkParams(method, schemas().create, params);
      const { number, expire, ...others } = params;
      const card = { number: number.replace(/[ -]/g, ""), expire: expire.replace("/", "") };
      return await cardOf(rpc, { ...options, method, params: { card, ...others }, class: "write" });
    },
    async getVerifyCode(token, options) {
      const method = "cards.get_verify_code";
      const params = tokenParams(method, token);
      const { sent, phone, wait } = await rpc({ ...options, method, params, class: "write", schema: answers().sent });
      return { sent, phone, wait };
    },
    async verify(params, options) {
      const method = "cards.verify";
      checkParams(method, schemas().verify, params);
      const { token, code } = params;
      return await cardOf(rpc, { ...options, method, params: { token, code }, class: "write" });
    },
  };
}

/** The `cards.*` methods over a transport. */
export function createCards(rpc: Rpc): Cards {
  return {
    ...createCardEntry(rpc),
    async check(token, options) {
      const method = "cards.check";
      return await cardOf(rpc, { ...options, method, params: tokenParams(method, token), class: "read" });
    },
    async remove(token, options) {
      const method = "cards.remove";
      const params = tokenParams(method, token);
      return await rpc({ ...options, method, params, class: "write", schema: successAnswer() });
    },
  };
}

function tokenParams(method: string, token: string): { token: string } {
  checkParams(method, schemas().token, { token });
  return { token };
}

/** The card that a call returns. Consoles and loggers print it without its token; its JSON keeps the token. */
async function cardOf(rpc: Rpc, call: Omit<RpcCall<unknown>, "schema">): Promise<Card> {
  const { card } = await rpc({ ...call, schema: answers().card });
  return Object.defineProperty(card, INSPECT, { value: () => ({ ...card, token: "[hidden]" }) });
}
