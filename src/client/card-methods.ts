import * as z from "zod";
import { lazy } from "../kit/lazy";
import { isTiyin, type Tiyin } from "../kit/money";
import type { Card } from "../protocol/card";
import type { CallOptions, Rpc } from "./call";
import { cardAnswers } from "./card-schema";
import { checkParams } from "./check-params";

/** What {@link CardEntry.create} takes. */
export interface CreateCardParams {
  /** As the payer typed it: spaces are taken out. */
  number: string;
  /** `MMYY` or `MM/YY`. */
  expire: string;
  /** True: a token for many payments. False, Payme's default: for one, gone when it has paid. */
  save?: boolean | undefined;
  /** Who the card belongs to, in your words: a phone, an id. */
  customer?: string | undefined;
  account?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Only older cashboxes ask for it. */
  amount?: Tiyin | undefined;
}

/** Where the SMS code went. */
export interface VerifyCode {
  readonly sent: boolean;
  /** Masked: `99891*****07`. */
  readonly phone: string;
  /** How long the code is good, and how long to wait before asking for another, in ms. Payme's docs say now this, now that. */
  readonly wait: number;
}

/** The card methods that a page may call with the cashbox's id alone: from the card's number to a verified token. */
export interface CardEntry {
  /** Makes a token of a card; it pays once it is verified. Where the number is typed it goes straight to Payme, never to your server. */
  create(params: CreateCardParams, options?: CallOptions): Promise<Card>;
  /** Sends the payer an SMS with a code. */
  getVerifyCode(token: string, options?: CallOptions): Promise<VerifyCode>;
  /** Gives the code back. Keep the token of **this** answer: Payme may have changed it. */
  verify(params: { token: string; code: string }, options?: CallOptions): Promise<Card>;
}

const NO_TOKEN = "must be a card's token";
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** What each method takes. */
const schemas = lazy(() => {
  const token = z.string(NO_TOKEN).regex(/^[\x21-\x7e]{1,2048}$/, NO_TOKEN);
  const value = z.union([z.string(), z.number(), z.boolean()], "must be text, a number or a boolean");
  return {
    create: z.strictObject({
      number: z.string("must be text").regex(/^(?:[ -]?\d){12,19}[ -]?$/, "must be a card's number, 12 to 19 digits"),
      expire: z.string("must be text").regex(/^(?:0[1-9]|1[0-2])\/?\d\d$/, "must be MMYY or MM/YY"),
      save: z.boolean("must be true or false").optional(),
      customer: z.string("must be text").optional(),
      account: z.record(z.string(), value, "must be an object").optional(),
      amount: z
        .custom((amount) => amount === undefined || isTiyin(amount), "must be a whole number of tiyin")
        .optional(),
    }),
    token: z.strictObject({ token }),
    verify: z.strictObject({
      token,
      code: z.string("must be text").regex(/^\d{3,8}$/, "must be the digits of the SMS"),
    }),
  };
});

/** Arguments with a token, checked. */
export function tokenParams(method: string, token: string): { token: string } {
  checkParams(method, schemas().token, { token });
  return { token };
}

/** The methods from a card's number to a verified token, over a transport. */
export function createCardEntry(rpc: Rpc): CardEntry {
  return {
    async create(params, options) {
      const method = "cards.create";
      checkParams(method, schemas().create, params);
      const { number, expire, ...others } = params;
      const card = { number: number.replace(/[ -]/g, ""), expire: expire.replace("/", "") };
      const call = { method, params: { card, ...others }, class: "write", schema: cardAnswers().card } as const;
      return hidingToken((await rpc({ ...options, ...call })).card);
    },
    async getVerifyCode(token, options) {
      const method = "cards.get_verify_code";
      const params = tokenParams(method, token);
      const { sent, phone, wait } = await rpc({
        ...options,
        method,
        params,
        class: "write",
        schema: cardAnswers().sent,
      });
      return { sent, phone, wait };
    },
    async verify(params, options) {
      const method = "cards.verify";
      checkParams(method, schemas().verify, params);
      const { token, code } = params;
      const call = { method, params: { token, code }, class: "write", schema: cardAnswers().card } as const;
      return hidingToken((await rpc({ ...options, ...call })).card);
    },
  };
}

/** The card, printed without its token: consoles and loggers show objects whole. Its JSON has it, for who keeps it. */
export function hidingToken(card: Card): Card {
  return Object.defineProperty(card, INSPECT, { value: () => ({ ...card, token: "[hidden]" }) });
}
