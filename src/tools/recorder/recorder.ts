import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "../../kit/clock";
import { listenOn } from "../listen-on";
import { describeCall, type RecordedCall } from "./describe-call";
import { passOn } from "./pass-on";
import { createVault } from "./redaction";

/** Options of {@link startRecorder}. It listens on a free port of this machine alone, unless another address is given. */
export interface RecorderOptions {
  readonly target: URL;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  /** The time from a call's last byte to the answer's. Default 70 seconds: more than our client waits. */
  readonly timeoutMs?: number | undefined;
  /** Secrets that calls need not carry, such as a key that signs. No recording shows them. */
  readonly secrets?: readonly string[] | undefined;
  readonly now: Clock;
  /** Gets each call after it has ended, redacted. */
  readonly onCall: (call: RecordedCall) => void;
}

/** A recorder that runs. */
export interface Recorder {
  readonly url: string;
  /** Ends the calls under way; they are recorded as `interrupted`. */
  close(): Promise<void>;
}

/** Starts a proxy that passes calls on to one target, byte for byte, and describes each for a recording. */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { target, timeoutMs = 70_000, port = 0, host = "127.0.0.1", now, onCall } = options;
  const vault = createVault();
  for (const secret of options.secrets ?? []) vault.learn(secret);
  const stop = new AbortController();
  const underway = new Set<Promise<void>>();
  let count = 0;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    count += 1;
    const [n, at] = [count, now()];
    const passed = await passOn(incoming, outgoing, { target, timeoutMs, stop: stop.signal });
    onCall(describeCall({ n, at, ms: now() - at, ...passed }, vault));
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
      // A caller that is still sending is not waited for.
      setTimeout(() => server.closeAllConnections(), 50).unref();
      await Promise.allSettled(underway);
      server.closeAllConnections();
      await closed;
    },
  };
}
