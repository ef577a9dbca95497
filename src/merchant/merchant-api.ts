import { type Clock, type IdSource, randomId, systemClock } from "../kit/clock";
import { type EventListener, emit } from "../kit/emit";
import { isPaymeError, PaymeConfigError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import { seldom } from "../kit/seldom";
import { traced } from "../kit/trace";
import {
  type ImportOptions,
  type ImportReport,
  type Incident,
  importRows,
  isExpired,
  type Reference,
  type Storage,
  stackOf,
  storedReference,
} from "../ledger";
import { MerchantErrorCode } from "../protocol/codes";
import type { OnExchange } from "../protocol/exchange";
import type { Mode } from "../protocol/hosts";
import { TransactionState } from "../protocol/states";
import { type AccountOf, type AccountSpec, accountReader } from "./account";
import { addressRanges } from "./addresses";
import { call, callEvent, refusedBody, tellMerchantCall } from "./answer";
import { watchClock } from "./clock-watch";
import {
  compareStatement,
  type StatementComparison,
  type StatementPeriod,
  type StatementRow,
} from "./compare-statement";
import { type ExpiryReport, sweep } from "./expiry";
import { type GateOptions, type GateResult, letIn, type MerchantRequest } from "./gate";
import { type ImportedTransaction, importTransaction } from "./import-transactions";
import { createKeys, type KeySource, type Keys } from "./keys";
import type { MerchantEvent } from "./merchant-event";
import type { MerchantContext } from "./method";
import type { FindResult, MerchantHooks } from "./order";
import { createOrderSpace } from "./order-space";
import { Refusal, refusalOf } from "./refusal";

/** Options of {@link createMerchantApi}. Write `find` before the hooks: they get the type of its reference. */
export interface MerchantApiOptions<Tx, Spec extends AccountSpec, Ref extends Reference = Reference>
  extends MerchantHooks<Tx, AccountOf<Spec>, Ref> {
  /** Keeps the transactions. Hooks get its `Tx`. */
  storage: Storage<Tx>;
  /**
   * The cashbox's key, or several while you change it. Payme calls with login `Paycom` and this password. A function is
   * called at the first call of Payme, so that a build needs no secret.
   */
  key: KeySource;
  /** The cashbox's TEST_KEY. Accepted only while it is given. Its payments are not real money (`transaction.test`). */
  testKey?: KeySource | undefined;
  /** The shop's name for the cashbox. A shop with several has one endpoint for each. Default `"default"`. */
  cashbox?: string | undefined;
  /**
   * A name that the endpoints of several cashboxes give where they sell the same orders: a reference is then one order in all
   * of them. Default: the cashbox alone. Change it with all processes of the cashbox stopped; the first call of the next
   * start moves the live transactions. Not for `payments.asOrders()`: each payment belongs to its own cashbox.
   */
  sharedOrders?: string | undefined;
  /** The account's fields as they are named in the cabinet, each with its kind; or a Standard Schema. */
  account: Spec;
  /**
   * Finds what an account pays for: an order (`{ reference, amount }`, paid once), a balance (`{ reference, min, max }`, paid
   * any number of times), or `refuse.notFound(field)`, `refuse.unavailable(field)`. Called by Check and Create. Only reads.
   * Do not refuse an order because it is being paid: the endpoint does that, and knows when the 12 hours are over.
   */
  find(account: AccountOf<Spec>, tx: Tx, call: { readonly test: boolean }): FindResult<Ref>;
  /**
   * Keeps a key that Payme sets. From the next start on, pass it as `key` (`testKey` where `test`). This process then accepts
   * only the new key; restart other processes. Without this hook, ChangePassword is an unknown method.
   */
  onChangePassword?: ((password: string, call: { readonly test: boolean }) => unknown) | undefined;
  /** Addresses and ranges (`185.234.113.0/27`) that may call, e.g. `PAYME_ADDRESSES`. Default: any; the key decides. */
  allowFrom?: readonly string[] | undefined;
  /**
   * True where the cashbox has «Округлять до сумов» in Payme's cabinet and your prices may have tiyin. An amount is then right
   * as it is, and rounded up to whole som. The amount that Payme sends is stored, and given to hooks. Default false.
   */
  roundsToSom?: boolean | undefined;
  /** The code for an order that another transaction holds, from -31099 to -31050. Default -31099. */
  busyCode?: number | undefined;
  /** The largest body, in bytes. Default 64 KiB. */
  limitBytes?: number | undefined;
  /** Called with each incident: money that the books cannot place, or a failed hook. */
  onIncident?: ((incident: Incident) => unknown) | undefined;
  /** True: each incident is a message `payme.incident` of the outbox, too, in the same commit. Default false. */
  incidentMessages?: boolean | undefined;
  onExchange?: OnExchange | undefined;
  /** Gets each call of Payme, and each event after its commit: see {@link MerchantEvent}. What it throws is logged and changes nothing. */
  onEvent?: EventListener<MerchantEvent> | undefined;
  now?: Clock | undefined;
  newId?: IdSource | undefined;
  logger?: Logger | undefined;
}

/** An answer to Payme, always with status 200. The body is JSON, in pieces where it may be long. */
export interface MerchantReply {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<string>;
}

/** A Merchant API endpoint. Made by {@link createMerchantApi}. */
export interface MerchantApi<Tx = unknown> {
  /** Answers a request of any framework. Never throws. */
  handle(request: MerchantRequest): Promise<MerchantReply>;
  /**
   * Cancels transactions whose 12 hours are over, at most `limit` (default 100). Call it every few minutes. Orders become
   * free without it, too.
   */
  sweep(options?: { limit?: number | undefined; mode?: Mode | undefined }): Promise<ExpiryReport>;
  /**
   * True while an unpaid transaction holds the order of this reference: do not change the order then. For a payment
   * (`asOrders`) the reference is its id. With `tx`, reads inside your transaction. Always false for a balance: nothing holds it.
   */
  isBeingPaid(
    reference: Reference,
    options?: { readonly mode?: Mode | undefined; readonly tx?: Tx | undefined },
  ): Promise<boolean>;
  /**
   * Compares Payme's transactions of a period (an export from its cabinet) with ours: missing here, missing there, and
   * different. The rows may be a stream, in any order. Changes nothing.
   */
  compareStatement(
    rows: Iterable<StatementRow> | AsyncIterable<StatementRow>,
    period: StatementPeriod & { mode?: Mode | undefined },
  ): Promise<StatementComparison>;
  /**
   * Takes over the transactions of the endpoint that was here before, in batches, while nobody calls. Afterwards each call of Payme is
   * answered as it was there. A second run changes nothing, and what went on here is never written over.
   *
   * An open one runs `onReserved` in its batch; no other hook runs, and nobody is told. Where its 12 hours are over it is taken as
   * cancelled by them (-1, reason 4).
   *
   * @throws PaymeValidationError and PaymeEffectError (`onReserved` threw) that name the row. The batches before it are committed.
   */
  importTransactions(
    rows: Iterable<ImportedTransaction> | AsyncIterable<ImportedTransaction>,
    options?: ImportOptions & { mode?: Mode | undefined },
  ): Promise<ImportReport>;
  /** The largest body that an edge reads. */
  readonly limitBytes: number;
  /** Tells whose call it is, where several cashboxes have one URL: see `cashboxes`. */
  readonly keys: Pick<Keys, "modeOf" | "has" | "sharesOne">;
}

const DEFAULT_LIMIT_BYTES = 64 * 1024;
const LOST = {
  hint: "Mount the Merchant API endpoint before everything that reads bodies: body parsers, request loggers.",
};
/** A stranger may try keys all day: one line a minute says that somebody does. */
const WRONG_KEY_EVERY_MS = 60_000;
const SHUT_OUT = {
  hint: "Its key is wrong, missing or of the other mode, or its address is not in allowFrom. Where it is Payme: give the endpoint the cabinet's key.",
};
const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };

/**
 * Creates an endpoint that Payme calls, with your orders, your database transaction and your framework. Most shops take
 * payments in this way.
 *
 * @throws PaymeConfigError when `find` or a key is missing, or an option cannot be meant.
 */
export function createMerchantApi<Tx, const Spec extends AccountSpec, Ref extends Reference = Reference>(
  options: MerchantApiOptions<Tx, Spec, Ref>,
): MerchantApi<Tx> {
  const logger = options.logger ?? consoleLogger;
  const keys = createKeys(options.key, options.testKey, logger);
  const context = contextOf<Tx>(options, logger, keys);
  const cashbox = options.cashbox ?? "default";
  const { onEvent } = options;
  const limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
  const gate: GateOptions = { keys, allowFrom: addressRanges(options.allowFrom), limitBytes };

  const mayWarnOfKey = seldom(WRONG_KEY_EVERY_MS);

  function admit(request: MerchantRequest): GateResult {
    try {
      const admitted = letIn(request, gate);
      // The gate has one system error: a caller with the key, whose body was read before.
      const isBodyMissed = "refusal" in admitted && admitted.refusal.code === MerchantErrorCode.SYSTEM_ERROR;
      if (isBodyMissed) logger.error("a body was read before the endpoint", LOST);
      const isShutOut = "refusal" in admitted && admitted.refusal.code === MerchantErrorCode.INSUFFICIENT_PRIVILEGES;
      if (isShutOut && mayWarnOfKey(context.now())) logger.warn("a caller was not let in (-32504)", SHUT_OUT);
      return admitted;
    } catch (error) {
      const hint = isPaymeError(error) ? error.hint : undefined;
      logger.error("the key could not be read; Payme will repeat the call", { hint, stack: stackOf(error) });
      return { idText: "null", refusal: refusalOf(MerchantErrorCode.SYSTEM_ERROR) };
    }
  }

  const handle = (request: MerchantRequest) => traced(onEvent !== undefined, () => answered(request));

  async function answered(request: MerchantRequest): Promise<MerchantReply> {
    const start = context.now();
    const admitted = admit(request);
    const { answer, body } =
      "refusal" in admitted
        ? { answer: admitted.refusal, body: refusedBody(admitted.refusal, admitted.idText) }
        : await call(context, { cashbox, mode: admitted.mode }, admitted);
    const at = context.now();
    tellMerchantCall(options.onExchange, logger, admitted, answer, at - start);
    if (onEvent !== undefined) {
      const code = answer instanceof Refusal ? answer.code : null;
      emit(onEvent, callEvent(cashbox, admitted, { at, ms: at - start, code }), logger);
    }
    return { status: 200, headers: JSON_HEADERS, body };
  }

  return {
    handle,
    limitBytes,
    keys,
    sweep: ({ limit = 100, mode = "live" } = {}) =>
      traced(onEvent !== undefined, () => sweep(context, { cashbox, mode }, limit)),
    compareStatement: (rows, { mode = "live", ...period }) =>
      compareStatement(context.storage, { cashbox, mode }, rows, period),
    async importTransactions(rows, { mode = "live", ...importOptions } = {}) {
      const scope = { cashbox, mode };
      await context.orderSpace.enter(scope);
      return importRows(
        context.storage,
        rows,
        importOptions,
        ({ paymeId }) => paymeId,
        (row, verbs, tx) => importTransaction(context, scope, row, { verbs, tx }),
      );
    },
    async isBeingPaid(reference, { mode = "live", tx } = {}) {
      const scope = { cashbox, mode };
      if (tx === undefined) await context.orderSpace.enter(scope);
      const verbs = tx === undefined ? context.storage : context.storage.using(tx);
      const { name } = context.orderSpace;
      const holder = await verbs.findLiveByOrder(scope, storedReference(reference).reference, name);
      return holder?.state === TransactionState.CREATED && !isExpired(holder, context.now());
    },
  };
}

/** The options as methods need them. The account's type matters to the shop only. */
function contextOf<Tx>(options: MerchantApiOptions<Tx, AccountSpec>, logger: Logger, keys: Keys): MerchantContext<Tx> {
  const { storage, sharedOrders, onIncident, onEvent, onChangePassword, cashbox = "default" } = options;
  const now = options.now ?? systemClock;
  const newId = options.newId ?? randomId;
  if (typeof options.find !== "function") throw new PaymeConfigError("createMerchantApi: give find");
  return {
    storage,
    ledger: {
      storage,
      first: true,
      now,
      newId,
      logger,
      onIncident,
      onEvent,
      incidentMessages: options.incidentMessages,
      asRefusal: (error) => (error instanceof Refusal ? error : undefined),
    },
    now,
    newId,
    logger,
    hooks: options,
    roundsToSom: options.roundsToSom ?? false,
    clockWatch: watchClock({ now, logger, onEvent, cashbox }),
    orderSpace: createOrderSpace({ storage, cashbox, sharedOrders, now, logger }),
    busyCode: checkedBusyCode(options.busyCode),
    readAccount: accountReader(options.account),
    find: (account, tx, mode) => options.find(account, tx, { test: mode === "test" }),
    isKeyOfOtherMode: keys.isOfOtherMode,
    changeKey:
      onChangePassword &&
      (async (key, mode) => {
        await onChangePassword(key, { test: mode === "test" });
        keys.replace(mode, key);
      }),
  };
}

function checkedBusyCode(code: number = MerchantErrorCode.ORDER_BUSY): number {
  if (Number.isInteger(code) && code >= -31099 && code <= -31050) return code;
  throw new PaymeConfigError("createMerchantApi: busyCode must be from -31099 to -31050");
}
