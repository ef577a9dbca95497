import * as z from "zod";
import { lazy } from "../lazy";
import { isTiyin, type Tiyin } from "../money";
import type { Receipt } from "../protocol/receipt";
import type { CallOptions, Rpc } from "./call";
import { checkParams } from "./check-params";
import { answers } from "./receipt-schema";

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
  /** The cashbox's receipts of a period, newest first as far as is known. There is no total: ask until fewer than `count` come. */
  getAll(params: ListReceiptsParams, options?: CallOptions): Promise<Receipt[]>;
}

const MAX_COUNT = 50;

/** What each method takes. */
const schemas = lazy(() => {
  const accountValue = z.union([z.string(), z.number(), z.boolean()], "must be text, a number or a boolean");
  const time = z.int("must be a time in ms since 1970").nonnegative("must be a time in ms since 1970");
  const wholeNumber = z.int("must be a whole number");
  return {
    create: z.strictObject({
      amount: z.custom((value) => isTiyin(value) && value > 0, "must be a whole number of tiyin, more than 0"),
      account: z.record(z.string(), accountValue, "must be an object of the cashbox's fields"),
      description: z.string("must be text").optional(),
      detail: z.record(z.string(), z.unknown(), "must be an object").optional(),
      hold: z.boolean("must be true or false").optional(),
    }),
    id: z.strictObject({
      id: z.string("must be text").regex(/^[\x21-\x7e]{1,128}$/, "must be a receipt's id, without white space"),
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

/** The `receipts.*` methods over a transport. */
export function createReceipts(rpc: Rpc): Receipts {
  const byId = (method: string, id: string) => {
    checkParams(method, schemas().id, { id });
    return { method, params: { id } };
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
    async getAll(period, options) {
      const method = "receipts.get_all";
      checkParams(method, schemas().list, period);
      const { from, to, count = MAX_COUNT, offset = 0 } = period;
      const params = { count, from, to, offset };
      return await rpc({ ...options, method, params, class: "read", schema: answers().list });
    },
  };
}
