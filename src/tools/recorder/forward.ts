import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { RawHeaders } from "./redact-headers";

/** Headers that are about one connection, not about the message. Source: RFC 9110, 7.6.1. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What the recorder answers or writes anew itself. */
const OWN = new Set(["host", "content-length", "expect"]);

/** A call to be passed on. */
export interface Forwarded {
  readonly target: URL;
  readonly httpMethod: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: RawHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/** Passes a call on with the same bytes, over a connection of its own. Rejects where no answer begins. */
export function forward({ target, httpMethod, path, headers, body, signal }: Forwarded): Promise<IncomingMessage> {
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  const hasBody = body.length > 0 || headers.some((name, at) => at % 2 === 0 && /^content-length$/i.test(name));
  const options: RequestOptions = {
    method: httpMethod,
    path: pathAt(target, path),
    headers: [
      "Host",
      target.host,
      ...endToEnd(headers, OWN),
      ...(hasBody || httpMethod === "POST" ? ["Content-Length", String(body.length)] : []),
    ],
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    send(new URL(target.origin), options, resolve).on("error", reject).end(body);
  });
}

/** The headers of an answer that go on to the caller. */
export function answerHeaders(raw: RawHeaders): string[] {
  return endToEnd(raw, new Set());
}

function endToEnd(raw: RawHeaders, dropped: ReadonlySet<string>): string[] {
  const names = raw.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  const named = names.flatMap((name, at) =>
    name === "connection" ? (raw[at * 2 + 1] ?? "").split(",").map((each) => each.trim().toLowerCase()) : [],
  );
  const drops = (name: string) => HOP_BY_HOP.has(name) || dropped.has(name) || named.includes(name);
  return names.flatMap((name, at) => (drops(name) ? [] : [raw[at * 2] ?? "", raw[at * 2 + 1] ?? ""]));
}

/** The target's path, and behind it the call's; once, where the caller names it, too. */
function pathAt({ pathname }: URL, path: string): string {
  const base = pathname.replace(/\/+$/, "");
  const asIs = path === base || path.startsWith(`${base}/`) || path.startsWith(`${base}?`);
  if (base === "" || asIs) return path;
  return /^\/(\?|$)/.test(path) ? `${pathname}${path.slice(1)}` : `${base}${path}`;
}
