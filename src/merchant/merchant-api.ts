import { type Clock, type IdSource, randomId, systemClock } from "../clock";
import { isPaymeError, PaymeConfigError } from "../errors";
import type { Incident, Scope, Storage } from "../ledger";
import { consoleLogger, type Logger } from "../logger";
import { MerchantErrorCode } from "../protocol/codes";
import type { OnExchange } from "../protocol/exchange";
import type { Mode } from "../protocol/hosts";
import { redact } from "../protocol/redact";
import { TransactionState } from "../protocol/states";
import { type AccountOf, type AccountSpec, accountReader, orderKeyOf } from "./account";
import type { MerchantContext, MerchantHooks, MethodResult } from "./context";
import { earliestLive, expire, isExpired } from "./expiry";
import { fetchHandler } from "./fetch-handler";
import { type GateOptions, type GateResult, letIn, type MerchantRequest } from "./gate";
import { createKeyJudge } from "./keys";
import { merchantMethods } from "./methods";
import type { Balance, Found, Order } from "./order";
import { Refusal, refusalOf } from "./refusal";

/** What {@link createMerchantApi} works with. */
export interface MerchantApiOptions<Tx, Spec extends AccountSpec> extends MerchantHooks<Tx, AccountOf<Spec>> {
  /** Where the transactions are kept. Its `Tx` is what hooks get. */
  storage: Storage<Tx>;
  /** The cashbox's key, or several while you change it. Payme calls with login `Paycom` and this password. */
  key: string | readonly string[];
  /** The cashbox's TEST_KEY. Counts exactly while it is given; what is paid with it is no money (`transaction.test`). */
  testKey?: string | readonly string[] | undefined;
  /** The shop's name for the cashbox, where it has several: one endpoint for each. Default `"default"`. */
  cashbox?: string | undefined;
  /** The account's fields as they are named in the cabinet, each with its kind; or a Standard Schema. */
  account: Spec;
  /** One-time accounts: the order, or `refuse.notFound(field)`, `refuse.unavailable(field)`. Asked by Check and by Create. */
  findOrder?(account: AccountOf<Spec>, tx: Tx, call: { readonly test: boolean }): Found<Order>;
  /** Accumulative accounts, instead of `findOrder`. */
  findBalance?(account: AccountOf<Spec>, tx: Tx, call: { readonly test: boolean }): Found<Balance>;
  /** Keeps a key that Payme sets; without it ChangePassword is no method. */
  onChangePassword?: ((password: string) => unknown) | undefined;
  /** Addresses that may call, e.g. `PAYME_ADDRESSES`. Default: any, since the key decides. */
  allowFrom?: readonly string[] | undefined;
  /** The code for an order that another transaction holds, from -31099 to -31050. Default -31099. */
  busyCode?: number | undefined;
  /** The largest body that is read, in bytes. Default 64 KiB. */
  limitBytes?: number | undefined;
  onIncident?: ((incident: Incident) => void) | undefined;
  onExchange?: OnExchange | undefined;
  now?: Clock | undefined;
  newId?: IdSource | undefined;
  logger?: Logger | undefined;
}

/** An answer for Payme: always status 200. The body is JSON, in pieces where it may be long. */
export interface MerchantReply {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<string>;
}

/** A Merchant API endpoint. Made by {@link createMerchantApi}. */
export interface MerchantApi<Account> {
  /** Answers a request of any framework. Never throws. */
  handle(request: MerchantRequest): Promise<MerchantReply>;
  /** The same for `Request` and `Response`: Hono, Next.js, Bun, Deno. */
  fetch(request: Request, context?: { address?: string | undefined }): Promise<Response>;
  /** Cancels transactions whose 12 hours are over. Not needed for orders to become free; call it every few minutes. */
  sweep(options?: { limit?: number | undefined; mode?: Mode | undefined }): Promise<{ expired: number }>;
  /** True while a transaction holds the order and is not paid yet: do not change it meanwhile. */
  isBeingPaid(account: Account | { key: string }, options?: { mode?: Mode | undefined }): Promise<boolean>;
  /** The largest body that an edge should read. */
  readonly limitBytes: number;
}

const DEFAULT_LIMIT_BYTES = 64 * 1024;
const LOST = { hint: "Mount the Merchant API endpoint before what reads bodies: a body parser, a logger of requests." };
const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };

/**
 * An endpoint that Payme calls: the way in which most shops take payments. Your orders, your database transaction, your
 * framework.
 *
 * @throws PaymeConfigError when a key is missing, or neither findOrder nor findBalance is given.
 */
export function createMerchantApi<Tx, const Spec extends AccountSpec>(
  options: MerchantApiOptions<Tx, Spec>,
): MerchantApi<AccountOf<Spec>> {
  const logger = options.logger ?? consoleLogger;
  const context = contextOf<Tx>(options, logger);
  const cashbox = options.cashbox ?? "default";
  const limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
  const gate: GateOptions = {
    judgeKey: createKeyJudge(options.key, options.testKey, logger),
    allowFrom: options.allowFrom,
    limitBytes,
  };

  async function handle(request: MerchantRequest): Promise<MerchantReply> {
    const start = context.now();
    const admitted = letIn(request, gate);
    if (isBodyMissed(admitted)) logger.error("a body was read before the endpoint", LOST);
    const answer =
      "refusal" in admitted ? admitted.refusal : await call(context, { cashbox, mode: admitted.mode }, admitted);
    tell(options.onExchange, logger, admitted, answer, context.now() - start);
    return { status: 200, headers: JSON_HEADERS, body: bodyOf(answer, admitted.idText ?? "null", logger) };
  }

  return {
    handle,
    limitBytes,
    fetch: fetchHandler({ handle, limitBytes }),
    async sweep({ limit = 100, mode = "live" } = {}) {
      const before = earliestLive(context.now());
      const rows = await context.storage.listExpired({ cashbox, mode }, { before, limit });
      let expired = 0;
      for (const row of rows) expired += (await expire(context, row)).outcome === "applied" ? 1 : 0;
      return { expired };
    },
    async isBeingPaid(account, { mode = "live" } = {}) {
      const key = keyOf(account) ?? orderKeyOf(account);
      const holder = await context.storage.findLiveByOrder({ cashbox, mode }, key);
      return holder?.state === TransactionState.CREATED && !isExpired(holder, context.now());
    },
  };
}

/** The options as methods need them: what the account's type is matters to the shop only. */
function contextOf<Tx>(options: MerchantApiOptions<Tx, AccountSpec>, logger: Logger): MerchantContext<Tx> {
  const { storage, onIncident, onChangePassword } = options;
  const now = options.now ?? systemClock;
  const newId = options.newId ?? randomId;
  if ((options.findOrder === undefined) === (options.findBalance === undefined)) {
    throw new PaymeConfigError(
      "createMerchantApi: give findOrder (one-time accounts) or findBalance (accumulative ones)",
    );
  }
  return {
    storage,
    ledger: { storage, now, newId, logger, onIncident },
    now,
    newId,
    logger,
    hooks: options,
    busyCode: checkedBusyCode(options.busyCode),
    readAccount: accountReader(options.account),
    async find(account, tx, mode) {
      const call = { test: mode === "test" };
      const order = await options.findOrder?.(account, tx, call);
      if (order !== undefined) return order instanceof Refusal ? order : { order };
      const balance = await options.findBalance?.(account, tx, call);
      if (balance === undefined) throw new TypeError("findOrder and findBalance must give something, or a refusal");
      return balance instanceof Refusal ? balance : { balance };
    },
    onChangePassword,
  };
}

function checkedBusyCode(code: number = MerchantErrorCode.ORDER_BUSY): number {
  if (Number.isInteger(code) && code >= -31099 && code <= -31050) return code;
  throw new PaymeConfigError("createMerchantApi: busyCode must be from -31099 to -31050");
}

/** Carries a call out. What is no refusal is a system error: told to the log, with nothing of the inside on the wire. */
async function call<Tx>(
  context: MerchantContext<Tx>,
  scope: Scope,
  { method, params }: { method: string; params: Record<string, unknown> },
): Promise<MethodResult | Refusal> {
  try {
    const found = merchantMethods.get(method);
    if (found === undefined) throw refusalOf(MerchantErrorCode.METHOD_NOT_FOUND, method);
    return await found(context, { scope, params });
  } catch (error) {
    if (error instanceof Refusal) return error;
    const errorId = context.newId();
    const cause = isPaymeError(error) && error.cause instanceof Error ? error.cause : error;
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    context.logger.error(`${method} failed; Payme is told to come again`, { errorId, stack });
    return refusalOf(MerchantErrorCode.SYSTEM_ERROR);
  }
}

/** `result` or `error`, never both, and the id as it came. */
function bodyOf(answer: MethodResult | Refusal, idText: string, logger: Logger): MerchantReply["body"] {
  if (answer instanceof Refusal) return `{"error":${JSON.stringify(errorOf(answer))},"id":${idText}}`;
  if ("result" in answer) return `{"result":${JSON.stringify(answer.result)},"id":${idText}}`;
  return wrapped(answer.pieces, idText, logger);
}

function errorOf({ code, text, data }: Refusal) {
  return { code, message: text, data };
}

/** A long answer. Where it cannot be finished it is cut off by whoever writes it; the log says why. */
async function* wrapped(pieces: AsyncIterable<string>, idText: string, logger: Logger): AsyncIterable<string> {
  try {
    yield '{"result":';
    yield* pieces;
    yield `,"id":${idText}}`;
  } catch (error) {
    logger.error("a statement was cut off", { stack: error instanceof Error ? error.stack : String(error) });
    throw error;
  }
}

function tell(
  onExchange: OnExchange | undefined,
  logger: Logger,
  admitted: GateResult,
  answer: MethodResult | Refusal,
  ms: number,
): void {
  if (onExchange === undefined) return;
  const isRefused = answer instanceof Refusal;
  try {
    onExchange({
      direction: "in",
      method: "method" in admitted ? admitted.method : "",
      ms,
      code: isRefused ? answer.code : null,
      request: redact("params" in admitted ? admitted.params : null),
      response: redact(isRefused ? errorOf(answer) : "result" in answer ? answer.result : "[a statement]"),
    });
  } catch (error) {
    logger.error("onExchange threw", { stack: error instanceof Error ? error.stack : String(error) });
  }
}

/** The gate has one system error: a caller with the key, whose body somebody else has read. */
function isBodyMissed(admitted: GateResult): boolean {
  return "refusal" in admitted && admitted.refusal.code === MerchantErrorCode.SYSTEM_ERROR;
}

function keyOf(account: unknown): string | undefined {
  const key: unknown = typeof account === "object" && account !== null ? Reflect.get(account, "key") : undefined;
  return typeof key === "string" ? key : undefined;
}
