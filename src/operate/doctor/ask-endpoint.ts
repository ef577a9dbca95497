import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { TLSSocket } from "node:tls";
import { isRecord } from "../../kit/json";
import { NO_ID } from "./try-key";

/** A request to the shop's own address. */
export interface Question {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

/** An answer, as far as it matters. */
export interface Asked {
  readonly status: number;
  /** JSON-RPC's error code; undefined: the answer has none. */
  readonly code: number | undefined;
  /** The answer in a few words, without its content. */
  readonly text: string;
  /** Where a redirect leads. */
  readonly location: string | undefined;
  /** The end of the certificate, in ms; NaN without one. */
  readonly certificateEnds: number;
}

const MOST_BYTES = 64 * 1024;
const EXPECT_WAIT_MS = 1_000;

/** A call that only reads. */
export const READ_CALL = JSON.stringify({ id: 1, method: "CheckTransaction", params: { id: NO_ID } });

/** Asks as Payme does: follows no redirect, and waits for leave where it sends `Expect`. `fetch` can send no such header. */
export async function askEndpoint(url: URL, { method = "POST", headers = {}, body, signal }: Question): Promise<Asked> {
  const sent = { "Content-Type": "application/json", ...headers, Connection: "close" };
  const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const { request: send } = url.protocol === "https:" ? https : http;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(url, { method, signal, headers: { ...sent, ...length } });
    request.once("response", resolve).once("error", reject);
    const end = () => request.end(body);
    if (headers.Expect === undefined) return end();
    const wait = setTimeout(end, EXPECT_WAIT_MS);
    request.once("continue", end).once("response", end);
    request.once("continue", () => clearTimeout(wait)).once("close", () => clearTimeout(wait));
  });
  // Before the body is read: then the connection may be gone.
  const { socket } = response;
  const ends = socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : Number.NaN;
  return { ...answerOf(response, await beginning(response)), certificateEnds: ends };
}

async function beginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    chunks.push(chunk);
    if (length > MOST_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answerOf({ statusCode: status = 0, headers }: IncomingMessage, body: string) {
  const answer = parsed(body);
  const error = isRecord(answer) && isRecord(answer.error) ? answer.error : undefined;
  const code = typeof error?.code === "number" ? error.code : undefined;
  const what = code ?? (isRecord(answer) && "result" in answer ? "with a result" : "without JSON-RPC");
  return { status, code, text: `HTTP ${status}, ${what}`, location: headers.location };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
