import * as z from "zod";
import { lazy } from "../kit/lazy";
import { isTiyin, type Tiyin } from "../kit/money";
import type { Receipt } from "../protocol/receipt";
import type { CallOptions, Rpc } from "./call";
import { checkParams } from "./check-params";
import { listReceipts } from "./list-receipts";
import { answers } from "./receipt-schema";
import { successAnswer } from "./success-answer";

/** What {@link Receipts.create} takes. */
export interface CreateReceiptParams {
  /** More than 0. */
  amount: Tiyin;
  /** What is paid for, by the fields set for the cashbox. Payme answers values as text, and may replace or add fields. */
  account: Readonly<Record<string, string | number | boolean>>;
  description?: string | undefined;
  /** The fiscal detail (items with their ИКПУ codes, shipping). */
  detail?: Readonly<Record<string, unknown>> | undefined;
  /** Hold the money instead of taking it. Payme enables it per cashbox. */
  hold?: boolean | undefined;
}

/** What {@link Receipts.pay} takes. */
export interface PayReceiptParams {
  /** The receipt's id. */
  id: string;
  /** A verified card's token, or the code that the payer shows in the Payme app (Payme GO). */
  token: string;
  /** Who pays; helps Payme against fraud. */
  payer?: Payer | undefined;
  /** Hold the money. Must be said here as well as when the receipt was made. */
  hold?: boolean | undefined;
}

/** Who pays. All of it may be left out. */
export interface Payer {
  id?: string | undefined;
  phone?: string | undefined;
  email?: string | undefined;
  name?: string | undefined;
  ip?: string | undefined;
}

/** The fiscal receipt that you had printed yourself, for Payme to show. What is not known is left out. */
export interface ReceiptFiscalData {
  receipt_id: number;
  /** The address in the receipt's QR code, at ofd.soliq.uz. */
  qr_code_url: string;
  status_code?: number | undefined;
  message?: string | undefined;
  terminal_id?: string | undefined;
  /** `YYYYMMDDhhmmss`. */
  date?: string | undefined;
  fiscal_sign?: string | undefined;
}

/** What {@link Receipts.getAll} takes. */
export interface ListReceiptsParams {
  /** Milliseconds since 1970, both ends. */
  from: number;
  to: number;
  /** 1 to 50; default 50. */
  count?: number | undefined;
  /** How many to skip; default 0. */
  offset?: number | undefined;
}

/**
 * Payme's receipts. Arguments are checked before anything is sent ({@link PaymeValidationError}); a refusal is a
 * {@link PaymeAPIError}; a write whose answer was lost is a {@link PaymeOutcomeUnknownError} and is never repeated here.
 *
 * Source: developer.help.paycom.uz, "Методы Subscribe API".
 */
export interface Receipts {
  /**
   * Creates a receipt, unpaid (state 0). Calling it twice makes two: Payme has no idempotency key.
   * @example await client.receipts.create({ amount: som(50_000), account: { order_id: 197 } })
   */
  create(params: CreateReceiptParams, options?: CallOptions): Promise<Receipt>;
  /** The whole receipt. */
  get(id: string, options?: CallOptions): Promise<Receipt>;
  /** Only its state, one of `ReceiptState`: 4 is paid, and nothing else is. */
  check(id: string, options?: CallOptions): Promise<{ state: number }>;
  /** Cancels: an unpaid receipt at once (state 50), a paid one by a queue (state 21, later 50). Look at the state. */
  cancel(id: string, options?: CallOptions): Promise<Receipt>;
  /**
   * Pays an unpaid receipt. No error does not mean paid: look at the state (4 paid, 5 held, others on the way). Never call
   * it again with another receipt after a lost answer; `client.charge` settles that for you.
   */
  pay(params: PayReceiptParams, options?: CallOptions): Promise<Receipt>;
  /** Sends the payer an SMS with the receipt to pay. The phone as `998901234567`. */
  send(params: { id: string; phone: string }, options?: CallOptions): Promise<{ success: boolean }>;
  /** Takes the money that is held (state 5). `client.capture` also settles a lost answer. */
  confirmHold(id: string, options?: CallOptions): Promise<Receipt>;
  /** Tells Payme of the fiscal receipt that you had printed. */
  setFiscalData(id: string, data: ReceiptFiscalData, options?: CallOptions): Promise<{ success: boolean }>;
  /** The cashbox's receipts of a period, newest first as far as is known. There is no total: ask until fewer than `count` come. */
  getAll(params: ListReceiptsParams, options?: CallOptions): Promise<Receipt[]>;
  /**
   * All receipts of a period, in pages of 50, each receipt once. `options` hold for each page.
   * @example for await (const receipt of client.receipts.list({ from, to })) console.log(receipt._id, receipt.state);
   */
  list(period: { from: number; to: number }, options?: CallOptions): AsyncIterable<Receipt>;
}

const MAX_COUNT = 50;

/** What each method takes. */
const schemas = lazy(() => {
  const accountValue = z.union([z.string(), z.number(), z.boolean()], "must be text, a number or a boolean");
  const time = z.int("must be a time in ms since 1970").nonnegative("must be a time in ms since 1970");
  const wholeNumber = z.int("must be a whole number");
  const text = z.string("must be text");
  const id = text.regex(/^[\x21-\x7e]{1,128}$/, "must be a receipt's id, without white space");
  return {
    create: z.strictObject({
      amount: z.custom((value) => isTiyin(value) && value > 0, "must be a whole number of tiyin, more than 0"),
      account: z.record(z.string(), accountValue, "must be an object of the cashbox's fields"),
      description: z.string("must be text").optional(),
      detail: z.record(z.string(), z.unknown(), "must be an object").optional(),
      hold: z.boolean("must be true or false").optional(),
    }),
    id: z.strictObject({ id }),
    pay: z.strictObject({
      id,
      token: z.string("must be a token").regex(/^[\x21-\x7e]{1,2048}$/, "must be a card's token or a Payme GO code"),
      payer: z.partialRecord(z.enum(["id", "phone", "email", "name", "ip"]), text.optional()).optional(),
      hold: z.boolean("must be true or false").optional(),
    }),
    send: z.strictObject({ id, phone: text.regex(/^998\d{9}$/, "must be like 998901234567: 12 digits, no plus") }),
    fiscalData: z.strictObject({
      id,
      receipt_id: wholeNumber,
      qr_code_url: z.url("must be an address"),
      status_code: wholeNumber.optional(),
      message: text.optional(),
      terminal_id: text.optional(),
      date: text.regex(/^\d{14}$/, "must be YYYYMMDDhhmmss").optional(),
      fiscal_sign: text.optional(),
    }),
    list: z
      .strictObject({
        from: time,
        to: time,
        count: wholeNumber.min(1, "must be at least 1").max(MAX_COUNT, `must be at most ${MAX_COUNT}`).optional(),
        offset: wholeNumber.nonnegative("must not be negative").optional(),
      })
      .refine(({ from, to }) => from <= to, { path: ["from"], message: "must not be after to" }),
  };
});

/** Refuses arguments of {@link Receipts.pay} that do not fit. @throws PaymeValidationError */
export function checkPay(params: PayReceiptParams): void {
  checkParams("receipts.pay", schemas().pay, params);
}

/** The `receipts.*` methods over a transport. */
export function createReceipts(rpc: Rpc): Receipts {
  const byId = (method: string, id: string) => {
    checkParams(method, schemas().id, { id });
    return { method, params: { id } };
  };
  const getAll: Receipts["getAll"] = async (period, options) => {
    const method = "receipts.get_all";
    checkParams(method, schemas().list, period);
    const { from, to, count = MAX_COUNT, offset = 0 } = period;
    const params = { count, from, to, offset };
    return await rpc({ ...options, method, params, class: "read", schema: answers().list });
  };
  return {
    async create(params, options) {
      const method = "receipts.create";
      checkParams(method, schemas().create, params);
      return (await rpc({ ...options, method, params, class: "write", schema: answers().receipt })).receipt;
    },
    async get(id, options) {
      const call = byId("receipts.get", id);
      return (await rpc({ ...options, ...call, class: "read", schema: answers().receipt })).receipt;
    },
    async check(id, options) {
      const call = byId("receipts.check", id);
      const { state } = await rpc({ ...options, ...call, class: "read", schema: answers().state });
      return { state };
    },
    async cancel(id, options) {
      const call = byId("receipts.cancel", id);
      return (await rpc({ ...options, ...call, class: "write", schema: answers().receipt })).receipt;
    },
    async pay(params, options) {
      const method = "receipts.pay";
      checkPay(params);
      return (await rpc({ ...options, method, params, class: "write", schema: answers().receipt })).receipt;
    },
    async send(params, options) {
      const method = "receipts.send";
      checkParams(method, schemas().send, params);
      return await rpc({ ...options, method, params, class: "write", schema: successAnswer() });
    },
    async confirmHold(id, options) {
      const call = byId("receipts.confirm_hold", id);
      return (await rpc({ ...options, ...call, class: "write", schema: answers().receipt })).receipt;
    },
    async setFiscalData(id, data, options) {
      const method = "receipts.set_fiscal_data";
      checkParams(method, schemas().fiscalData, { ...data, id });
      const params = { id, fiscal_data: data };
      return await rpc({ ...options, method, params, class: "write", schema: successAnswer() });
    },
    getAll,
    list: (period, options) => {
      checkParams("receipts.get_all", schemas().list, period);
      return listReceipts(getAll, period, options);
    },
  };
}
