import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "../../kit/clock";
import { listenOn } from "../listen-on";
import { describeExchange } from "./describe-exchange";
import { passOn, readBody } from "./pass-on";
import type { RecordedExchange } from "./recording";
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

/** A proxy that passes calls on to one target, bytes as they are, and tells what a recording may keep of them. */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { target, timeoutMs, port = 0, host = "127.0.0.1", now, onExchange } = options;
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
    const ending = await passOn({ incoming, outgoing, body, target, timeoutMs, stop: stop.signal });
    onExchange(describeExchange({ n, at, ms: now() - at, ...ending, request }, vault));
  }

  const server = createServer((incoming, outgoing) => {
    const work = handle(incoming, outgoing)
      .catch(() => void outgoing.destroy())
      .finally(() => underway.delete(work));
    underway.add(work);
  });
  const { url } = await listenOn(server, { port, host });
  return {
    url,
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
