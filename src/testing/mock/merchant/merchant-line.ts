import type { Clock, Sleep } from "../../../kit/clock";
import { PaymeConfigError } from "../../../kit/errors";
import type { Exchange } from "../../../protocol/exchange";
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
import { post } from "./post";
import { problemsOf } from "./result-problems";

/** How to reach a merchant's endpoint. */
export interface MerchantLineOptions {
  /** The endpoint's URL, called over HTTP. */
  readonly endpoint?: string | undefined;
  /** Or the endpoint itself, called in process: `(request) => merchant.fetch(request)`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** The cashbox's key: the live one, or TEST_KEY. */
  readonly key: string;
  /** Calls look like those of Payme's sandbox: its headers, and `jsonrpc`. Give TEST_KEY as `key`. Default false. */
  readonly sandbox?: boolean | undefined;
  /** Pauses before a call is repeated that was not answered, or with a system error. Default 1 and 5 seconds. */
  readonly repeatAfterMs?: readonly number[] | undefined;
  /** How long an answer may take. Default 30 seconds. */
  readonly timeoutMs?: number | undefined;
}

/** What a line works with. */
export interface LineTools {
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly faults: { pick(call: FaultyCall): FaultRule | undefined };
  readonly log: ExchangeLog;
  /** The cashbox that calls, where it is one of the mock's. */
  readonly merchantId: string | null;
  /** Aborted when the mock is reset. */
  readonly stopped: () => AbortSignal;
}

/** An answer; `isInjected`: a fault of the mock made it, the merchant is not to blame. */
export interface LineAnswer {
  readonly answer: MerchantAnswer;
  readonly isInjected: boolean;
}

/** Calls one merchant's endpoint. */
export interface MerchantLine {
  /** Calls a method, again and again until it is answered or the attempts are used up. */
  call(method: MerchantMethodName, params: Params): Promise<LineAnswer>;
  useKey(key: string): void;
  /** The key and the ids of requests are as they were at first. */
  reset(): void;
}

type Params = Readonly<Record<string, unknown>>;

const REPEAT_AFTER_MS = [1_000, 5_000];
const TIMEOUT_MS = 30_000;
/** A URL for requests that go nowhere. */
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
): MerchantLine {
  checkOptions(options);
  const { endpoint = IN_PROCESS, fetch = globalThis.fetch, sandbox = false } = options;
  const { repeatAfterMs = REPEAT_AFTER_MS, timeoutMs = TIMEOUT_MS } = options;
  let { key } = options;
  let calls = 0;

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
    const send = () => post({ endpoint, fetch, headers: headersOf(key, sandbox), body, timeoutMs, stop: stopped() });
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
    useKey(changed) {
      key = changed;
    },
    reset() {
      key = options.key;
      calls = 0;
    },
    async call(method, params) {
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

/** What a fault answers without asking the merchant. */
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

/** What a fault makes of an answer that the merchant gave. */
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
