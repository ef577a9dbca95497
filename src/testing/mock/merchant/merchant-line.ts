import type { Clock, Sleep } from "../../../kit/clock";
import { PaymeConfigError } from "../../../kit/errors";
import { onAbort } from "../../../kit/on-abort";
import type { Exchange } from "../../../protocol/exchange";
import { untilAborted } from "../as-fetch";
import type { ExchangeLog } from "../exchange-log";
import type { FaultRule, FaultyCall } from "../faults";
import {
  contentOf,
  isUndecided,
  type MerchantAnswer,
  type MerchantMethodName,
  readAnswer,
  systemError,
} from "./answer";
import type { NoteDisagreement } from "./disagreement";
import { problemsOf } from "./result-problems";

/** Options of the connection to a merchant's endpoint. */
export interface MerchantLineOptions {
  /** The endpoint's URL, called over HTTP. */
  readonly endpoint?: string | undefined;
  /** Or the endpoint itself, called in this process: `fetchMerchant(merchant)`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** The cashbox's key: the live key, or TEST_KEY. */
  readonly key: string;
  /** Calls have the headers and the `jsonrpc` of Payme's sandbox. Give TEST_KEY as `key`. Default false. */
  readonly sandbox?: boolean | undefined;
  /** Pauses before each repeat of a call that got no answer or a system error. Default 1 and 5 seconds. */
  readonly repeatAfterMs?: readonly number[] | undefined;
  /** The longest wait for an answer. Default 30 seconds. */
  readonly timeoutMs?: number | undefined;
}

/** The parts of a mock that call a merchant. */
export interface LineTools {
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly faults: { pick(call: FaultyCall): FaultRule | undefined };
  readonly log: ExchangeLog;
  /** The mock's cashbox that calls; null for `mock.merchant`. */
  readonly merchantId: string | null;
  /** Aborted when the mock is reset. */
  readonly stopped: () => AbortSignal;
}

/** An answer. `isInjected`: a fault rule of the mock made it, not the merchant. */
type LineAnswer = { readonly answer: MerchantAnswer; readonly isInjected: boolean };

/** Calls one merchant's endpoint. */
export type MerchantLine = ReturnType<typeof createMerchantLine>;

type Params = Readonly<Record<string, unknown>>;

const REPEAT_AFTER_MS = [1_000, 5_000];
const TIMEOUT_MS = 30_000;
/** The URL of requests that stay in this process. */
const IN_PROCESS = "http://merchant.invalid/";
const SANDBOX_HEADERS = {
  "Content-Type": "application/json; charset=UTF-8",
  "Test-Operation": "Paycom",
  Referer: "http://test.paycom.uz",
};
const HEADERS = { "Content-Type": "text/json; charset=UTF-8" };

export function createMerchantLine(
  options: MerchantLineOptions,
  { now, sleep, faults, log, merchantId, stopped }: LineTools,
  note: NoteDisagreement,
) {
  checkOptions(options);
  const { endpoint = IN_PROCESS, fetch = globalThis.fetch, sandbox = false } = options;
  const { repeatAfterMs = REPEAT_AFTER_MS, timeoutMs = TIMEOUT_MS } = options;
  let { key } = options;
  let calls = 0;

  /** Sends a request. Returns undefined where no answer came, or none in time. */
  async function post(requestWith: (signal: AbortSignal) => Request) {
    const stop = stopped();
    const ended = new AbortController();
    const end = () => ended.abort();
    // AbortSignal.timeout with AbortSignal.any would not do: Node may collect that pair as garbage, and the wait never ends.
    const timer = setTimeout(end, timeoutMs);
    const forget = onAbort(stop, end);
    const request = requestWith(ended.signal);
    try {
      const response = await untilAborted(fetch(request), ended.signal);
      return { status: response.status, text: await untilAborted(response.text(), ended.signal) };
    } catch {
      stop.throwIfAborted();
      return undefined;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  async function attempt(method: MerchantMethodName, params: Params): Promise<LineAnswer> {
    const start = now();
    const fault = faults.pick({ method, params });
    const tell = (code: Exchange["code"], response: unknown) =>
      log.note({ direction: "out", method, ms: now() - start, code, request: params, response, at: start, merchantId });
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    const instead = fault === undefined ? undefined : insteadOfTheMerchant(fault, method);
    if (instead !== undefined) {
      tell(instead.code, instead.response);
      return { answer: instead.answer, isInjected: true };
    }
    calls += 1;
    const id = calls;
    const body = JSON.stringify({ ...(sandbox ? { jsonrpc: "2.0" } : {}), method, params, id });
    const init = { method: "POST", body, headers: headersOf(key, sandbox), redirect: "manual" } as const;
    const send = () => post((signal) => new Request(endpoint, { ...init, signal }));
    if (fault?.kind === "duplicate") await send();
    const response = await send();
    if (response === undefined) {
      tell("no_answer", null);
      return { answer: { outcome: "unknown", method }, isInjected: false };
    }
    const read = readAnswer(method, id, response.status, response.text);
    const lost = fault === undefined ? undefined : lostOnTheWay(fault, method);
    if (lost !== undefined) {
      tell(lost.code, contentOf(read.answer));
      return { answer: lost.answer, isInjected: true };
    }
    const about = { method, id: typeof params.id === "string" ? params.id : null };
    if (read.flaw !== undefined) note({ ...about, field: null, ...read.flaw });
    for (const problem of problemsOf(read.answer)) note({ kind: "wrong_result", ...about, ...problem });
    tell(read.answer.outcome === "result" ? null : read.answer.code, contentOf(read.answer));
    return { answer: read.answer, isInjected: false };
  }

  return {
    useKey(changed: string): void {
      key = changed;
    },
    /** Sets the key and the ids of requests back to the first ones. */
    reset(): void {
      key = options.key;
      calls = 0;
    },
    /** Calls a method, and repeats the call until it is answered or no attempt is left. */
    async call(method: MerchantMethodName, params: Params): Promise<LineAnswer> {
      let last = await attempt(method, params);
      for (const pause of repeatAfterMs) {
        if (!isUndecided(last.answer)) break;
        await sleep(pause);
        last = await attempt(method, params);
      }
      return last;
    },
  };
}

/** The answer of a fault that keeps the call from the merchant. */
function insteadOfTheMerchant(fault: FaultRule, method: MerchantMethodName) {
  if (fault.kind === "drop_before") {
    return { code: "dropped", response: null, answer: { outcome: "unknown", method } } as const;
  }
  if (fault.kind === "http_status") {
    const code = `http_${fault.status}`;
    return { code, response: null, answer: systemError(method, `HTTP ${fault.status}`) };
  }
  if (fault.kind !== "rpc_error") return undefined;
  const { code, message = "", data = null } = fault;
  return {
    code,
    response: { code, message, data },
    answer: { outcome: "refused", method, code, message, data },
  } as const;
}

/** The answer of a fault that loses or breaks the merchant's answer. */
function lostOnTheWay(fault: FaultRule, method: MerchantMethodName) {
  if (fault.kind === "drop_after") return { code: "dropped", answer: { outcome: "unknown", method } } as const;
  return fault.kind === "malformed" ? { code: "malformed", answer: systemError(method, "no JSON-RPC") } : undefined;
}

function headersOf(key: string, sandbox: boolean): Readonly<Record<string, string>> {
  const credentials = Buffer.from(`Paycom:${key}`).toString("base64");
  return { ...(sandbox ? SANDBOX_HEADERS : HEADERS), Authorization: `Basic ${credentials}` };
}

function checkOptions({ endpoint, fetch, key }: MerchantLineOptions): void {
  const isUrl = endpoint !== undefined && /^https?:/i.test(endpoint) && URL.canParse(endpoint);
  if (endpoint !== undefined && !isUrl) throw new PaymeConfigError("merchant endpoint: must be an http(s) URL");
  if (endpoint === undefined && fetch === undefined) {
    throw new PaymeConfigError("merchant endpoint: give `endpoint` (a URL) or `fetch` (a function)");
  }
  if (key === "") throw new PaymeConfigError("merchant endpoint: the key is empty");
}
