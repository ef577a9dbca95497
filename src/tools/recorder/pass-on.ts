import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { RawExchange, RawMessage } from "./describe-exchange";
import { answerHeaders, forward } from "./forward";
import type { RecordedOutcome } from "./recording";

const TIMEOUT_MS = 70_000;
/** A call that is larger is refused with 413. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** An answer that is larger passes all the same; the recording has its size only. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** Codes that only arise before a connection stands. */
const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** How a call ended, and what was answered. */
export type Ending = Pick<RawExchange, "outcome" | "problem" | "response">;

/** The body of a call. */
export interface ReadBody {
  /** The bytes; a word where it was too large, or its sender went away. */
  readonly kept: RawMessage["body"];
  readonly bytes: number;
}

/** Reads a call. What is over the limit is read to its end, so that a caller who still writes reads the answer. */
export async function readBody(incoming: IncomingMessage): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming) {
      bytes += chunk.length;
      if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch {
    return { kept: "incomplete", bytes };
  }
  return { kept: bytes > MAX_REQUEST_BYTES ? "too_large" : Buffer.concat(chunks), bytes };
}

/** A call to be passed on, and how. */
export interface Passing {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: ReadBody;
  readonly target: URL;
  readonly timeoutMs?: number | undefined;
  /** Ends it, as interrupted. */
  readonly stop: AbortSignal;
}

/** Passes a call on and its answer back, and says how that ended. */
export async function passOn({
  incoming,
  outgoing,
  body,
  target,
  timeoutMs = TIMEOUT_MS,
  stop,
}: Passing): Promise<Ending> {
  const path = incoming.url ?? "/";
  const { kept } = body;
  if (kept === "incomplete") return ended("caller_gone");
  if (kept === "too_large") return refuse(outgoing, 413, `the body is larger than ${MAX_REQUEST_BYTES} bytes`);
  // Another host is none of ours: this is no open proxy.
  if (!path.startsWith("/")) return refuse(outgoing, 400, "the address must be a path");

  const cut = new AbortController();
  let why: RecordedOutcome | undefined;
  const cutOff = (outcome: RecordedOutcome) => {
    why ??= outcome;
    cut.abort();
  };
  const timer = setTimeout(() => cutOff("timeout"), timeoutMs);
  const onStop = () => cutOff("interrupted");
  const onClose = () => {
    if (!outgoing.writableFinished) cutOff("caller_gone");
  };
  stop.addEventListener("abort", onStop);
  outgoing.on("close", onClose);
  if (stop.aborted) onStop();
  try {
    const { method: httpMethod = "GET", rawHeaders: headers } = incoming;
    const answer = await forward({ target, httpMethod, path, headers, body: kept, signal: cut.signal });
    return await passBack(answer, outgoing, () => why);
  } catch (error) {
    const problem = codeOf(error);
    const outcome = why ?? (UNREACHABLE.test(problem) ? "unreachable" : "broken");
    return failed(outgoing, target, outcome, why === undefined ? problem : null);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
    outgoing.off("close", onClose);
  }
}

/** Sends the answer's bytes on as they come. */
async function passBack(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  why: () => RecordedOutcome | undefined,
): Promise<Ending> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const status = answer.statusCode ?? 502;
  const keep = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes <= MAX_KEPT_BYTES) chunks.push(chunk);
      else chunks.length = 0;
      yield chunk;
    }
  };
  const response = () => ({
    status,
    headers: answer.rawHeaders,
    bytes,
    body: bytes > MAX_KEPT_BYTES ? ("too_large" as const) : Buffer.concat(chunks),
  });
  outgoing.sendDate = false;
  outgoing.writeHead(status, answer.statusMessage, answerHeaders(answer.rawHeaders));
  try {
    await pipeline(answer, keep, outgoing);
    return { outcome: "answered", problem: null, response: response() };
  } catch (error) {
    return { outcome: why() ?? "broken", problem: why() === undefined ? codeOf(error) : null, response: response() };
  }
}

function failed(outgoing: ServerResponse, target: URL, outcome: RecordedOutcome, problem: string | null): Ending {
  if (outgoing.headersSent || outcome === "caller_gone" || outcome === "interrupted") outgoing.destroy();
  else if (outcome === "timeout") write(outgoing, 504, `${target.origin} did not answer in time`);
  else
    write(
      outgoing,
      502,
      `${target.origin} ${outcome === "unreachable" ? "cannot be reached" : "broke off"} (${problem})`,
    );
  return { outcome, problem, response: null };
}

function refuse(outgoing: ServerResponse, status: number, why: string): Ending {
  write(outgoing, status, why);
  return ended("refused");
}

function write(outgoing: ServerResponse, status: number, why: string): void {
  outgoing.writeHead(status, { "Content-Type": "text/plain", Connection: "close" }).end(`payme-kit record: ${why}\n`);
}

function ended(outcome: RecordedOutcome): Ending {
  return { outcome, problem: null, response: null };
}

/** The system's code; nothing of the message. */
function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? code : "unknown";
}
