import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/kit/clock";
import type { RecordedCall } from "../../src/tools/recorder/describe-call";
import { type RecorderOptions, startRecorder } from "../../src/tools/recorder/recorder";

/** What a target got: the bytes as they came. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A target by hand, for what no well-behaved server does. */
export async function targetServer(answer: (response: ServerResponse, received: Received) => unknown) {
  const received: Received[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const call = { method, path: url, headers, body: await text(incoming).catch(() => "") };
    received.push(call);
    await answer(outgoing, call);
  });
  const url = await new Promise<string>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(`http://127.0.0.1:${address.port}`);
    });
  });
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(async () => {
    if (server.listening) await close();
  });
  return { url, received, close };
}

/** A recorder before a target. */
export async function recording(target: string, options: Partial<RecorderOptions> = {}) {
  const exchanges: RecordedCall[] = [];
  let tell = () => {};
  const recorder = await startRecorder({
    target: new URL(target),
    now: systemClock,
    onCall: (exchange) => {
      exchanges.push(exchange);
      tell();
    },
    ...options,
  });
  let isOpen = true;
  const close = async () => {
    isOpen = false;
    await recorder.close();
  };
  onTestFinished(async () => {
    if (isOpen) await close();
  });
  return {
    url: recorder.url,
    exchanges,
    close,
    /** Resolves once so many calls have ended. */
    ended: (count: number) =>
      new Promise<void>((resolve) => {
        tell = () => {
          if (exchanges.length >= count) resolve();
        };
        tell();
      }),
  };
}

/** Reads a recording. */
export function readRecording(path: string): { header: unknown; calls: RecordedCall[] } {
  const [header, ...calls] = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { header, calls };
}

/** Sends a request in pieces, without a length. */
export function sendChunked(url: string, pieces: readonly string[], headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sending = request(
      url,
      { method: "POST", headers: { ...headers, "Transfer-Encoding": "chunked" } },
      (answer) => {
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      },
    );
    sending.on("error", reject);
    for (const piece of pieces) sending.write(piece);
    sending.end();
  });
}
