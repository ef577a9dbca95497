import * as z from "zod/mini";
import { isRecord } from "../kit/json";
import { lazy } from "../kit/lazy";
import { isTiyin, type Tiyin } from "../kit/money";
import type { AccountField, Receipt } from "../protocol/receipt";
import { localizedText, problemOf, successAnswer } from "./answer";
import { type CallOptions, checkParams, type Rpc, type RpcCall } from "./call";
import { listReceipts, type ReceiptPage, type UnreadReceipt } from "./list-receipts";

/** Params of {@link Receipts.create}. */
export interface CreateReceiptParams {
  /** More than 0. */
  amount: Tiyin;
  /** The fields set for the cashbox, with the values that say what is paid. Payme answers values as text, and may replace or add fields. */
  account: Readonly<Record<string, string | number | boolean>>;
  description?: string | undefined;
  /** The fiscal detail (items with their ИКПУ codes, shipping). */
  detail?: Readonly<Record<string, unknown>> | undefined;
  /** Hold the money instead of taking it. Payme enables it per cashbox. */
  hold?: boolean | undefined;
}

/** Params of {@link Receipts.pay}. */
export interface PayReceiptParams {
  /** The receipt's id. */
  id: string;
  /** A verified card's token, or the code that the payer shows in the Payme app (Payme GO). */
  token: string;
  /** The person who pays. Helps Payme against fraud. */
  payer?: Payer | undefined;
  /** Hold the money. Say it here as well as in {@link Receipts.create}. */
  hold?: boolean | undefined;
}

/** The person who pays. Every member is optional. */
export interface Payer {
  id?: string | undefined;
  phone?: string | undefined;
  email?: string | undefined;
  name?: string | undefined;
  ip?: string | undefined;
}

/** The fiscal receipt that you printed yourself, for Payme to show. Leave out what you do not know. */
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

/** Params of {@link Receipts.getAll}. */
export interface ListReceiptsParams {
  /** Milliseconds since 1970, both ends. */
  from: number;
  to: number;
  /** 1 to 50; default 50. */
  count?: number | undefined;
  /** How many receipts to skip; default 0. */
  offset?: number | undefined;
}

/**
 * Payme's receipts. Wrong arguments are refused before anything is sent ({@link PaymeValidationError}). A refusal is a
 * {@link PaymeAPIError}. A write whose answer was lost is a {@link PaymeOutcomeUnknownError}; it is never repeated here.
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
  /** Only the receipt's state, one of `ReceiptState`. Only 4 means paid. */
  check(id: string, options?: CallOptions): Promise<{ state: number }>;
  /** Cancels a receipt: an unpaid one at once (state 50), a paid one through a queue (state 21, later 50). Look at the state. */
  cancel(id: string, options?: CallOptions): Promise<Receipt>;
  /**
   * Pays an unpaid receipt. No error does not mean paid: look at the state (4 paid, 5 held, others on the way). After a lost
   * answer, never call it with another receipt; `client.pay` settles that for you.
   */
  pay(params: PayReceiptParams, options?: CallOptions): Promise<Receipt>;
  /** Sends the payer an SMS with the receipt to pay. The phone as `998901234567`. */
  send(params: { id: string; phone: string }, options?: CallOptions): Promise<{ success: boolean }>;
  /** Takes held money (state 5). `client.capture` also settles a lost answer. */
  confirmHold(id: string, options?: CallOptions): Promise<Receipt>;
  /** Sends Payme the data of the fiscal receipt that you printed. */
  setFiscalData(id: string, data: ReceiptFiscalData, options?: CallOptions): Promise<{ success: boolean }>;
  /**
   * The cashbox's receipts of a period, newest first as far as is known. Payme gives no total: ask until `receipts` and
   * `unread` together are fewer than `count`.
   */
  getAll(params: ListReceiptsParams, options?: CallOptions): Promise<ReceiptPage>;
  /**
   * Every receipt of a period once, read in pages of 50. `options` apply to each page. Receipts that cannot be read end it
   * with a {@link PaymeConnectionError}, after all the others.
   * @example for await (const receipt of client.receipts.list({ from, to })) console.log(receipt._id, receipt.state);
   */
  list(period: { from: number; to: number }, options?: CallOptions): AsyncIterable<Receipt>;
}

const MAX_COUNT = 50;

/** The params of each method. */
const schemas = /* @__PURE__ */ lazy(() => {
  const text = z.string("must be text");
  const flag = z.optional(z.boolean("must be true or false"));
  const time = z.int("must be a time in ms since 1970").check(z.nonnegative("must be a time in ms since 1970"));
  const wholeNumber = z.int("must be a whole number");
  const accountValue = z.union([text, z.number(), z.boolean()], "must be text, a number or a boolean");
  const id = text.check(z.regex(/^[\x21-\x7e]{1,128}$/, "must be a receipt's id, without white space"));
  const [atLeastOne, atMost] = [
    z.minimum(1, "must be at least 1"),
    z.maximum(MAX_COUNT, `must be at most ${MAX_COUNT}`),
  ];
  const period = z.strictObject({
    from: time,
    to: time,
    count: z.optional(wholeNumber.check(atLeastOne, atMost)),
    offset: z.optional(wholeNumber.check(z.nonnegative("must not be negative"))),
  });
  return {
    create: z.strictObject({
      amount: z.custom((value) => isTiyin(value) && value > 0, "must be a whole number of tiyin, more than 0"),
      account: z.record(z.string(), accountValue, "must be an object of the cashbox's fields"),
      description: z.optional(text),
      detail: z.optional(z.record(z.string(), z.unknown(), "must be an object")),
      hold: flag,
    }),
    id: z.strictObject({ id }),
    pay: z.strictObject({
      id,
      token: z
        .string("must be a token")
        .check(z.regex(/^[\x21-\x7e]{1,2048}$/, "must be a card's token or a Payme GO code")),
      payer: z.optional(z.partial(z.strictObject({ id: text, phone: text, email: text, name: text, ip: text }))),
      hold: flag,
    }),
    send: z.strictObject({
      id,
      phone: text.check(z.regex(/^998\d{9}$/, "must be like 998901234567: 12 digits, no plus")),
    }),
    fiscalData: z.strictObject({
      id,
      receipt_id: wholeNumber,
      qr_code_url: z.url("must be an address"),
      status_code: z.optional(wholeNumber),
      message: z.optional(text),
      terminal_id: z.optional(text),
      date: z.optional(text.check(z.regex(/^\d{14}$/, "must be YYYYMMDDhhmmss"))),
      fiscal_sign: z.optional(text),
    }),
    list: period.check(z.refine(({ from, to }) => from <= to, { path: ["from"], error: "must not be after to" })),
  };
});

/** The shapes of the results. */
const answers = /* @__PURE__ */ lazy(() => {
  // Only `_id`, `state` and `amount` decide anything. A surprise in another member must not make a payment that went
  // through look like a failure. So a member of an undocumented type is left out, and unknown members stay.
  const absent = <Output>(schema: z.ZodMiniType<Output>) => z.catch(z.optional(schema), undefined);
  const text = z.string();
  const number = absent(z.number());
  const accountField: z.ZodMiniType<AccountField> = z.looseObject({
    name: text,
    title: absent(z.union([text, localizedText()])),
    value: z.union([text, z.number(), z.null()]),
    main: absent(z.boolean()),
  });
  const receipt: z.ZodMiniType<Receipt> = z.looseObject({
    _id: text.check(z.minLength(1)),
    state: z.int(),
    amount: z.custom<Tiyin>(isTiyin),
    create_time: number,
    pay_time: number,
    cancel_time: number,
    type: number,
    description: absent(z.nullable(text)),
    currency: number,
    commission: absent(z.custom<Tiyin>(isTiyin)),
    account: absent(z.array(accountField)),
    card: absent(z.nullable(z.looseObject({ number: text, expire: absent(text) }))),
    processing_id: absent(z.nullable(z.union([z.number(), text]))),
  });
  return {
    receipt: z.looseObject({ receipt }),
    listed: receipt,
    /** The result of get_all: a bare array. */
    list: z.array(z.unknown()),
    /** The result of check. */
    state: z.looseObject({ state: z.int() }),
  };
});

/** One odd receipt must not hide the others of its page. */
function pageOf(list: readonly unknown[]): ReceiptPage {
  const receipts: Receipt[] = [];
  const unread: UnreadReceipt[] = [];
  for (const item of list) {
    const { success, data, error } = answers().listed.safeParse(item);
    const id = isRecord(item) ? schemas().id.safeParse({ id: item._id }).data?.id : undefined;
    if (success) receipts.push(data);
    else unread.push({ id: id ?? null, problem: problemOf(error, "receipt") });
  }
  return { receipts, unread };
}

/** Refuses arguments of {@link Receipts.pay} that do not fit. @throws PaymeValidationError */
export function checkPay(params: PayReceiptParams): void {
  checkParams("receipts.pay", schemas().pay, params);
}

/** The `receipts.*` methods over a transport. */
export function createReceipts(rpc: Rpc): Receipts {
  const receiptOf = async (call: Omit<RpcCall<unknown>, "schema">) =>
    (await rpc({ ...call, schema: answers().receipt })).receipt;
  const success = (call: Omit<RpcCall<unknown>, "schema" | "class">) =>
    rpc({ ...call, class: "write", schema: successAnswer() });
  const byId = (method: string, id: string) => {
    checkParams(method, schemas().id, { id });
    return { method, params: { id } };
  };
  const getAll: Receipts["getAll"] = async (period, options) => {
    const method = "receipts.get_all";
    checkParams(method, schemas().list, period);
    const { from, to, count = MAX_COUNT, offset = 0 } = period;
    const params = { count, from, to, offset };
    return pageOf(await rpc({ ...options, method, params, class: "read", schema: answers().list }));
  };
  return {
    async create(params, options) {
      const method = "receipts.create";
      checkParams(method, schemas().create, params);
      return await receiptOf({ ...options, method, params, class: "write" });
    },
    async get(id, options) {
      return await receiptOf({ ...options, ...byId("receipts.get", id), class: "read" });
    },
    async check(id, options) {
      const call = byId("receipts.check", id);
      const { state } = await rpc({ ...options, ...call, class: "read", schema: answers().state });
      return { state };
    },
    async cancel(id, options) {
      return await receiptOf({ ...options, ...byId("receipts.cancel", id), class: "write" });
    },
    async pay(params, options) {
      checkPay(params);
      return await receiptOf({ ...options, method: "receipts.pay", params, class: "write" });
    },
    async send(params, options) {
      const method = "receipts.send";
      checkParams(method, schemas().send, params);
      return await success({ ...options, method, params });
    },
    async confirmHold(id, options) {
      return await receiptOf({ ...options, ...byId("receipts.confirm_hold", id), class: "write" });
    },
    async setFiscalData(id, data, options) {
      const method = "receipts.set_fiscal_data";
      checkParams(method, schemas().fiscalData, { ...data, id });
      return await success({ ...options, method, params: { id, fiscal_data: data } });
    },
    getAll,
    list(period, options) {
      checkParams("receipts.get_all", schemas().list, period);
      return listReceipts(getAll, period, options);
    },
  };
}
