import * as z from "zod/mini";
import { signatureAuth } from "../gateway/signature-auth";
import { type Clock, type Sleep, sleep, systemClock } from "../kit/clock";
import { PaymeConfigError, PaymeValidationError } from "../kit/errors";
import { lazy } from "../kit/lazy";
import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import type { Mode } from "../protocol/hosts";
import type { Receipt } from "../protocol/receipt";
import { type CallOptions, checkParams, type Rpc } from "./call";
import { type Cards, createCards } from "./cards";
import { type ChargeMethods, createChargeMethods } from "./charge";
import { isTimeoutMs } from "./deadline";
import type { Target } from "./error-of";
import { type CallClass, isKnownWrite } from "./methods";
import { receiptUrl } from "./receipt-url";
import { createReceipts, type Receipts } from "./receipts";
import { createRpc } from "./rpc";
import { createScrub } from "./scrub";
import { apiUrlProblem, defaultApiBase, keyProblem, merchantIdProblem, trimApiUrl } from "./settings";
import { createTellExchange } from "./tell-exchange";
import { keyAuth, type XAuthKind } from "./x-auth";

/** Options of {@link createPaymeClient}. */
export interface PaymeClientOptions {
  /** The id of the cashbox (kassa). */
  merchantId: string;
  /** The key of the cashbox. With `signature` it is the secret that signs. */
  key: string;
  /** `key`: Payme's own `X-Auth: id:key`. `signature`: the Wedy guide's HMAC. Default `key`. */
  auth?: XAuthKind | undefined;
  /** Default `live`. */
  mode?: Mode | undefined;
  /** The API's address, with or without `/api`. Default: Payme's for the mode and the scheme. */
  apiUrl?: string | undefined;
  /** Allows `http://` to another machine, e.g. to a mock in a container. The key then travels unencrypted. Default false. */
  allowInsecureHttp?: boolean | undefined;
  /** Default: the global `fetch`, as it is when a call is made. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The longest that a call may take, in ms. Default 30,000; 60,000 for pay, cancel and confirm_hold. */
  timeoutMs?: number | undefined;
  /** How often a read is repeated when its connection fails, 0 to 10; default 2. Writes are never repeated. */
  retries?: number | undefined;
  /** How to wait before a repeat. */
  sleep?: Sleep | undefined;
  now?: Clock | undefined;
  /** Called after each request, with redacted data. */
  onExchange?: OnExchange | undefined;
  logger?: Logger | undefined;
}

/** Options of {@link PaymeClient.rpc}. */
export interface RpcOptions extends CallOptions {
  /** `read`: may be repeated when the connection fails. `write`: never repeated, and a lost answer is an unknown outcome. */
  class: CallClass;
}

/** A client of the Subscribe API for one cashbox. Holds the key where nothing can print it. */
export interface PaymeClient extends ChargeMethods {
  readonly mode: Mode;
  readonly merchantId: string;
  readonly cards: Cards;
  readonly receipts: Receipts;
  /**
   * Calls any method by its name, because Payme's documentation is incomplete. Returns the result as Payme sent it, with
   * card numbers masked.
   * @example await client.rpc("receipts.check", { id }, { class: "read" })
   */
  rpc(method: string, params: Readonly<Record<string, unknown>>, options: RpcOptions): Promise<unknown>;
  /** The address of the page on which a receipt is paid: from Payme's answer, else the API's host and the receipt's id. */
  receiptUrl(receipt: Pick<Receipt, "_id"> | string): string;
}

const DEFAULT_RETRIES = 2;
const MAX_RETRIES = 10;

/**
 * Makes a client of the Subscribe API.
 *
 * @throws PaymeConfigError that names every problem of the options, never a value.
 * @example
 * const client = createPaymeClient({ merchantId: "65a0b0000000000000000001", key: "…", mode: "test" });
 * const receipt = await client.receipts.create({ amount: som(50_000), account: { order_id: 197 } });
 * response.redirect(client.receiptUrl(receipt));
 */
export function createPaymeClient(options: PaymeClientOptions): PaymeClient {
  refuseProblems(options);
  const { merchantId, key, mode = "live", auth = "key", logger = consoleLogger } = options;
  const target: Target = { apiBase: trimApiUrl(options.apiUrl ?? defaultApiBase(auth, mode)), auth, mode };
  const scrub = createScrub({ merchantId, key });
  const waiting = { sleep: options.sleep ?? sleep, now: options.now ?? systemClock };
  const rpc = createRpc({
    target,
    xAuth: auth === "key" ? keyAuth({ merchantId, key }) : signatureAuth({ merchantId, key }),
    scrub,
    ...waiting,
    retries: options.retries ?? DEFAULT_RETRIES,
    timeoutMs: options.timeoutMs,
    fetch: options.fetch,
    tellExchange: options.onExchange && createTellExchange(options.onExchange, scrub, logger),
  });
  const receipts = createReceipts(rpc);
  return {
    mode,
    merchantId,
    cards: createCards(rpc),
    receipts,
    ...createChargeMethods(receipts, waiting),
    rpc: openRpc(rpc),
    receiptUrl: (receipt) => receiptUrl(target.apiBase, receipt),
  };
}

const rpcArguments = /* @__PURE__ */ lazy(() =>
  z.object({
    method: z.string("must be text").check(z.regex(/^[A-Za-z][\w.]{0,63}$/, "must be a name like receipts.get")),
    params: z.record(z.string(), z.unknown(), "must be an object"),
    class: z.enum(["read", "write"], 'must be "read" or "write"'),
  }),
);

function openRpc(rpc: Rpc): PaymeClient["rpc"] {
  return async (method, params, options) => {
    checkParams("rpc", rpcArguments(), { method, params, class: options?.class });
    if (options.class === "read" && isKnownWrite(method)) {
      throw new PaymeValidationError(
        `rpc: ${method} changes something at Payme; its class is "write". Nothing was sent.`,
      );
    }
    return await rpc({ ...options, method, params, schema: z.unknown() });
  };
}

function refuseProblems(options: PaymeClientOptions): void {
  const { auth = "key", mode = "live", apiUrl, timeoutMs, retries = DEFAULT_RETRIES } = options;
  const problems = Object.entries({
    merchantId: merchantIdProblem(options.merchantId),
    key: keyProblem(options.key, auth),
    auth: auth === "key" || auth === "signature" ? undefined : 'must be "key" or "signature"',
    mode: mode === "live" || mode === "test" ? undefined : 'must be "live" or "test"',
    apiUrl: apiUrl === undefined ? undefined : apiUrlProblem(apiUrl, options.allowInsecureHttp ?? false),
    timeoutMs:
      timeoutMs === undefined || isTimeoutMs(timeoutMs) ? undefined : "must be a whole number of ms, 1 or more",
    retries: isRetries(retries) ? undefined : `must be a whole number from 0 to ${MAX_RETRIES}`,
  }).flatMap(([name, problem]) => (problem === undefined ? [] : [`${name} ${problem}`]));
  if (problems.length > 0) throw new PaymeConfigError(`createPaymeClient: ${problems.join("; ")}`);
}

function isRetries(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_RETRIES;
}
