import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { finished, pipeline } from "node:stream/promises";

type Header = readonly [name: string, value: string];
type Outcome = "answered" | "unreachable" | "timeout" | "broken" | "caller_gone" | "refused" | "interrupted";

/** A message as it passed by. */
export interface RawMessage {
  readonly headers: readonly Header[];
  /** The bytes; a word where they were not kept. */
  readonly body: Buffer | "too_large" | "incomplete";
  readonly bytes: number;
}

/** A call as it passed by, secrets and all: it is described, never kept. */
export interface PassedCall {
  readonly request: RawMessage & { readonly httpMethod: string; readonly path: string };
  /** Null where none came. */
  readonly response: (RawMessage & { readonly status: number }) | null;
  /** `unreachable`, `timeout`, `broken`: the target failed. `refused`: by the recorder. `interrupted`: it was stopped. */
  readonly outcome: Outcome;
  /** The system's code where the target failed, e.g. `ECONNREFUSED`. */
  readonly problem: string | null;
}

/** A larger call is refused with 413. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** A larger answer passes; the recording has only its size. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/** Codes that only arise before a connection stands. */
const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;
/** Headers of one connection, not of the message. Source: RFC 9110, 7.6.1. */
const HOP_BY_HOP = /^(connection|keep-alive|proxy-(auth.*|connection)|te|trailer|transfer-encoding|upgrade)$/i;
/** Headers that the recorder writes itself. */
const OWN = /^(host|content-length|expect)$/i;

/** Passes a call on and its answer back. Returns both, and how the call ended. */
export async function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, timeoutMs, stop }: { target: URL; timeoutMs: number; stop: AbortSignal },
): Promise<PassedCall> {
  const { method: httpMethod = "GET", url: path = "/", rawHeaders } = incoming;
  const read = keep(incoming, MAX_REQUEST_BYTES);
  // A call over the limit is read to its end: only then does its caller read the answer.
  await finished(incoming).catch(() => {});
  const { bytes, body } = incoming.complete ? read() : { ...read(), body: "incomplete" as const };
  const request = { httpMethod, path, headers: pairsOf(rawHeaders), bytes, body };
  let response: (() => PassedCall["response"]) | undefined;
  const ended = (outcome: Outcome, problem: string | null = null): PassedCall => {
    return { request, response: response?.() ?? null, outcome, problem };
  };
  const respond = (status: number, why: string) => {
    outgoing.writeHead(status, { "Content-Type": "text/plain", Connection: "close" });
    outgoing.end(`payme-kit record: ${why}\n`);
  };
  if (body === "incomplete") return ended("caller_gone");
  if (body === "too_large") respond(413, `the body is larger than ${MAX_REQUEST_BYTES} bytes`);
  // With another host's address it would be an open proxy.
  else if (!path.startsWith("/")) respond(400, "the address must be a path");
  if (body === "too_large" || outgoing.headersSent) return ended("refused");

  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await forward(request, body, target, AbortSignal.any([stop, timeout, gone.signal]));
    const status = answer.statusCode ?? 502;
    const headers = pairsOf(answer.rawHeaders);
    outgoing.sendDate = false;
    outgoing.writeHead(status, answer.statusMessage, endToEnd(headers).flat());
    const kept = keep(answer, MAX_KEPT_BYTES);
    response = () => ({ status, headers, ...kept() });
    await pipeline(answer, outgoing);
    return ended("answered");
  } catch (error) {
    const code = codeOf(error);
    if (stop.aborted || (gone.signal.aborted && !timeout.aborted)) {
      outgoing.destroy();
      return ended(stop.aborted ? "interrupted" : "caller_gone");
    }
    const isUnreachable = response === undefined && UNREACHABLE.test(code);
    const failure = timeout.aborted ? "timeout" : isUnreachable ? "unreachable" : "broken";
    if (outgoing.headersSent) outgoing.destroy();
    else if (timeout.aborted) respond(504, `${target.origin} did not answer in time`);
    else respond(502, `${target.origin} ${isUnreachable ? "cannot be reached" : "broke off"} (${code})`);
    return ended(failure, timeout.aborted ? null : code);
  }
}

/** Sends the same bytes to the target, over a connection of its own. Rejects where no answer begins. */
function forward(request: PassedCall["request"], body: Buffer, target: URL, signal: AbortSignal) {
  const { httpMethod: method, path, headers } = request;
  const hasBody = method === "POST" || body.length > 0 || headers.some(([name]) => /^content-length$/i.test(name));
  const kept = endToEnd(headers)
    .filter(([name]) => !OWN.test(name))
    .flat();
  const length = hasBody ? ["Content-Length", String(body.length)] : [];
  const options = { headers: ["Host", target.host, ...kept, ...length], agent: false, signal };
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise<IncomingMessage>((resolve, reject) => {
    const sending = send(new URL(target.origin), { method, path: pathAt(target, path), ...options }, resolve);
    sending.on("error", reject).end(body);
  });
}

/** Keeps the bytes of a body that passes, up to a limit. Returns what reads them. */
function keep(stream: IncomingMessage, limit: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
    else chunks.length = 0;
  });
  return () => ({ bytes, body: bytes > limit ? ("too_large" as const) : Buffer.concat(chunks) });
}

/** Pairs the headers that Node gives as name, value, name, value. */
function pairsOf(raw: readonly string[]): Header[] {
  return Array.from({ length: raw.length >> 1 }, (_, at) => [raw[at * 2] ?? "", raw[at * 2 + 1] ?? ""]);
}

/** Returns the headers that go on. `Connection` may name further ones that do not. */
function endToEnd(headers: readonly Header[]): Header[] {
  const connection = headers.filter(([name]) => /^connection$/i.test(name)).map(([, value]) => value);
  const named = connection
    .join(",")
    .toLowerCase()
    .split(/\s*,\s*/);
  return headers.filter(([name]) => !HOP_BY_HOP.test(name) && !named.includes(name.toLowerCase()));
}

/** Puts the target's path before the call's, unless the call names it, too. */
function pathAt({ pathname }: URL, path: string): string {
  const base = pathname.replace(/\/+$/, "");
  if (base === "" || path === base || path.startsWith(`${base}/`) || path.startsWith(`${base}?`)) return path;
  return /^\/(\?|$)/.test(path) ? `${pathname}${path.slice(1)}` : `${base}${path}`;
}

/** Returns the system's code, and nothing of the message. */
function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : "unknown";
}
