import { type Credentials, hide, type ReachableEndpoint, rightCredentials, scrubber } from "./endpoint";
import { isJsonObject, type JsonObject, parseJson } from "./json";
import { createPatience } from "./patience";

/** A call of the certifier and its answer as they went over the wire, without the key. */
export interface CertifierCall {
  readonly request: {
    /** POST, except in the check of other methods. */
    readonly httpMethod: string;
    readonly authorization: string;
    readonly contentType: string;
    readonly body: string;
  };
  /** Null where none came. */
  readonly response: { readonly status: number; readonly body: string } | null;
  /** Why none came. */
  readonly failure?: string | undefined;
}

/** An answer, with its call. */
export interface Answer {
  readonly method: string;
  readonly id: number;
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** The answer's JSON; undefined for other text. */
  readonly body: unknown;
  /** The result or the error; neither for an answer that is not JSON-RPC. */
  readonly result: JsonObject | undefined;
  readonly error: JsonObject | undefined;
  readonly exchange: CertifierCall;
  /** False for the calls that are intentionally not JSON-RPC. */
  readonly isWellFormed: boolean;
}

/** The differences of a call from Payme's usual calls. */
export interface Unusual {
  readonly httpMethod?: "GET" | "PUT" | "POST" | undefined;
  readonly credentials?: Credentials | undefined;
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The body in place of a JSON-RPC request. */
  readonly rawBody?: string | undefined;
  /** Omits `jsonrpc`, as the example in the docs does. The sandbox sends it. */
  readonly withoutJsonrpc?: boolean | undefined;
}

/** Sends calls as Payme does, and keeps them all. */
export interface Caller {
  call(method: string, params: JsonObject, unusual?: Unusual): Promise<Answer>;
  /** All calls so far, in the order of their answers. */
  readonly log: readonly Answer[];
  readonly key: string;
  /** Sets the key of all later calls. */
  changeKey(key: string): void;
  /** Removes the keys from a text. */
  scrub(text: string): string;
}

/** Options of a {@link Caller}. */
export interface CallerOptions {
  readonly endpoint: ReachableEndpoint;
  readonly key: string;
  /** Other texts that a report must not hold. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
}

/** The first id, as in the sandbox. */
const FIRST_CALL_ID = 205_001;
/** The most that a report shows of an answer. */
const MAX_SHOWN_CHARACTERS = 4_000;

export function createCaller({ endpoint, key: firstKey, secrets, timeoutMs }: CallerOptions): Caller {
  const log: Answer[] = [];
  const scrub = scrubber(firstKey, ...secrets);
  const patience = createPatience(timeoutMs);
  let key = firstKey;
  let nextId = FIRST_CALL_ID;

  async function call(method: string, params: JsonObject, unusual: Unusual = {}): Promise<Answer> {
    const id = nextId++;
    const { httpMethod = "POST", contentType = "application/json; charset=UTF-8" } = unusual;
    const credentials = unusual.credentials ?? rightCredentials(key);
    const envelope = { ...(unusual.withoutJsonrpc === true ? {} : { jsonrpc: "2.0" }), id, method, params };
    const body = unusual.rawBody ?? JSON.stringify(envelope);
    const sent = await send(endpoint, patience.limitOf(method), {
      method: httpMethod,
      headers: {
        ...(httpMethod === "GET" ? {} : { "Content-Type": contentType }),
        ...(credentials.header === undefined ? {} : { Authorization: credentials.header }),
        ...unusual.headers,
      },
      ...(httpMethod === "GET" ? {} : { body }),
      redirect: "manual",
    });
    const shown = (text: string) =>
      hide(scrub(text), credentials.hidden, "<credentials>").slice(0, MAX_SHOWN_CHARACTERS);
    const request = {
      httpMethod,
      authorization: credentials.shownAs,
      contentType,
      body: httpMethod === "GET" ? "" : shown(body),
    };
    const exchange: CertifierCall =
      "failure" in sent
        ? { request, response: null, failure: shown(sent.failure) }
        : { request, response: { status: sent.status, body: shown(sent.text) } };
    const isWellFormed = httpMethod === "POST" && unusual.rawBody === undefined;
    const answer = { method, id, exchange, isWellFormed, ...read(sent) };
    if ("tookMs" in sent) patience.answered(method, sent.tookMs);
    else if (sent.isLate && isWellFormed) patience.late(method);
    log.push(answer);
    return answer;
  }

  return {
    call,
    log,
    get key() {
      return key;
    },
    changeKey(changed) {
      key = changed;
    },
    scrub,
  };
}

type Sent =
  | { readonly status: number; readonly text: string; readonly tookMs: number }
  | { readonly failure: string; readonly isLate: boolean };

async function send(endpoint: ReachableEndpoint, timeoutMs: number, init: RequestInit): Promise<Sent> {
  const startedAt = performance.now();
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const late = new Promise<Sent>((resolve) => {
    timeout.signal.onabort = () => resolve({ failure: `no answer within ${timeoutMs / 1000} s`, isLate: true });
  });
  const answered = async (): Promise<Sent> => {
    const response = await endpoint.send(new Request(endpoint.url, { ...init, signal: timeout.signal }));
    const text = await response.text();
    return { status: response.status, text, tookMs: performance.now() - startedAt };
  };
  try {
    return await Promise.race([answered(), late]);
  } catch (error) {
    return { failure: reasonOf(error), isLate: false };
  } finally {
    clearTimeout(timer);
  }
}

/** fetch only says "fetch failed"; its cause holds the reason (ECONNREFUSED …). */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function read(sent: Sent): Pick<Answer, "status" | "body" | "result" | "error"> {
  if ("failure" in sent) return { status: 0, body: undefined, result: undefined, error: undefined };
  const body = parseJson(sent.text);
  const { result, error } = isJsonObject(body) ? body : {};
  const isRefused = isJsonObject(error);
  return {
    status: sent.status,
    body,
    result: isJsonObject(result) && !isRefused ? result : undefined,
    error: isRefused ? error : undefined,
  };
}
