import * as z from "zod/mini";
import { signatureAuth } from "../gateway/signature-auth";
import { PaymeValidationError } from "../kit/errors";
import { lazy } from "../kit/lazy";
import { currentTrace } from "../kit/trace";
import type { Mode } from "../protocol/hosts";
import type { Receipt } from "../protocol/receipt";
import { type CallOptions, checkParams, type Rpc } from "./call";
import { type Cards, createCards } from "./cards";
import { type ConnectionOptions, connect, refuseProblems } from "./connection";
import { isTimeoutMs } from "./deadline";
import { type CallClass, isKnownWrite } from "./methods";
import { createPayMethods, type PayMethods } from "./pay";
import { receiptUrl } from "./receipt-url";
import { createReceipts, type Receipts } from "./receipts";
import { apiUrlProblem, keyProblem, merchantIdProblem } from "./settings";
import { keyAuth, type XAuthKind } from "./x-auth";

/** Options of {@link createPaymeClient}. */
export interface PaymeClientOptions extends ConnectionOptions {
  /** The key of the cashbox. With `signature` it is the secret that signs. */
  key: string;
  /** `key`: Payme's own `X-Auth: id:key`. `signature`: the Wedy guide's HMAC. Default `key`. */
  auth?: XAuthKind | undefined;
  /** Allows `http://` to another machine, e.g. to a mock in a container. The key then travels unencrypted. Default false. */
  allowInsecureHttp?: boolean | undefined;
  /** How often a read is repeated when its connection fails, 0 to 10; default 2. Writes are never repeated. */
  retries?: number | undefined;
}

/** Options of {@link PaymeClient.rpc}. */
export interface RpcOptions extends CallOptions {
  /** `read`: may be repeated when the connection fails. `write`: never repeated, and a lost answer is an unknown outcome. */
  class: CallClass;
}

/** A client of the Subscribe API for one cashbox. Holds the key where nothing can print it. */
export interface PaymeClient extends PayMethods {
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
  refuseWrongOptions(options);
  const { merchantId, key, auth = "key", retries = DEFAULT_RETRIES } = options;
  const xAuth = auth === "key" ? keyAuth({ merchantId, key }) : signatureAuth({ merchantId, key });
  const { rpc, apiBase, mode, waiting } = connect(options, { xAuth, key, retries, currentTrace });
  const receipts = createReceipts(rpc);
  return {
    mode,
    merchantId,
    cards: createCards(rpc),
    receipts,
    ...createPayMethods(receipts, waiting),
    rpc: openRpc(rpc),
    receiptUrl: (receipt) => receiptUrl(apiBase, receipt),
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

function refuseWrongOptions(options: PaymeClientOptions): void {
  const { auth = "key", mode = "live", apiUrl, timeoutMs, retries = DEFAULT_RETRIES } = options;
  refuseProblems("createPaymeClient", {
    merchantId: merchantIdProblem(options.merchantId),
    key: keyProblem(options.key, auth),
    auth: auth === "key" || auth === "signature" ? undefined : 'must be "key" or "signature"',
    mode: mode === "live" || mode === "test" ? undefined : 'must be "live" or "test"',
    apiUrl: apiUrl === undefined ? undefined : apiUrlProblem(apiUrl, options.allowInsecureHttp ?? false),
    timeoutMs:
      timeoutMs === undefined || isTimeoutMs(timeoutMs) ? undefined : "must be a whole number of ms, 1 or more",
    retries:
      Number.isInteger(retries) && retries >= 0 && retries <= MAX_RETRIES
        ? undefined
        : `must be a whole number from 0 to ${MAX_RETRIES}`,
  });
}
