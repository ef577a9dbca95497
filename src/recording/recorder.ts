import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../clock";
import { describeExchange, type RawExchange, type RawMessage } from "./describe-exchange";
import { answerHeaders, forward } from "./forward";
import type { RecordedExchange, RecordedOutcome } from "./recording";
import { createVault } from "./vault";

/** What {@link startRecorder} works with. */
export interface RecorderOptions {
  /** Where calls go on to. */
  readonly target: URL;
  /** Default: any that is free. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: only this machine. */
  readonly host?: string | undefined;
  /** How long a call may take, from its last byte to the answer's. Default 70 seconds: more than our client waits. */
  readonly timeoutMs?: number | undefined;
  /** Secrets that need not be on the wire, as a key that signs: they are in no recording, whoever repeats them. */
  readonly secrets?: readonly string[] | undefined;
  readonly now: Clock;
  /** Gets each call when it has ended, redacted. */
  readonly onExchange: (exchange: RecordedExchange) => void;
}

/** A recorder that runs. */
export interface Recorder {
  readonly url: string;
  /** Calls under way are ended, and recorded as `interrupted`. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 70_000;
/** A call that is larger is refused with 413. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** An answer that is larger passes all the same; the recording has its size only. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** Codes that only arise before a connection stands. */
const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

type Ending = Pick<RawExchange, "outcome" | "problem" | "response">;

/** A proxy that passes calls on to one target, bytes as they are, and tells what a recording may keep of them. */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { port = 0, host = "127.0.0.1", now, onExchange } = options;
  const vault = createVault();
  for (const secret of options.secrets ?? []) vault.learn(secret);
  const stop = new AbortController();
  const underway = new Set<Promise<void>>();
  let count = 0;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    count += 1;
    const [n, at] = [count, now()];
    const body = await readBody(incoming);
    const request = {
      httpMethod: incoming.method ?? "",
      path: incoming.url ?? "/",
      headers: incoming.rawHeaders,
      body: body.kept,
      bytes: body.bytes,
    };
    const ending = await pass({ incoming, outgoing, body, stop: stop.signal }, options);
    onExchange(describeExchange({ n, at, ms: now() - at, ...ending, request }, vault));
  }

  const server = createServer((incoming, outgoing) => {
    const work = handle(incoming, outgoing)
      .catch(() => void outgoing.destroy())
      .finally(() => underway.delete(work));
    underway.add(work);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => resolve());
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      stop.abort();
      server.closeIdleConnections();
      // Whoever is still sending will not be listened to.
      setTimeout(() => server.closeAllConnections(), 50).unref();
      await Promise.allSettled(underway);
      server.closeAllConnections();
      await closed;
    },
  };
}

interface ReadBody {
  /** The bytes; a word where it was too large, or its sender went away. */
  readonly kept: RawMessage["body"];
  readonly bytes: number;
}

/** What is over the limit is read to its end, so that a caller who still writes reads the answer. */
async function readBody(incoming: IncomingMessage): Promise<ReadBody> {
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

interface Passing {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: ReadBody;
  readonly stop: AbortSignal;
}

/** Passes a call on and its answer back, and says how that ended. */
async function pass({ incoming, outgoing, body, stop }: Passing, options: RecorderOptions): Promise<Ending> {
  const path = incoming.url ?? "/";
  const { kept } = body;
  if (kept === "incomplete") return ended("caller_gone");
  if (kept === "too_large") return refuse(outgoing, 413, `the body is larger than ${MAX_REQUEST_BYTES} bytes`);
  // Another host is none of ours: this is no open proxy.
  if (!path.startsWith("/")) return refuse(outgoing, 400, "the address must be a path");

  const { target, timeoutMs = TIMEOUT_MS } = options;
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
