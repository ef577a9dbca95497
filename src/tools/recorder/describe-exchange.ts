import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type {
  RecordedBody,
  RecordedExchange,
  RecordedOutcome,
  RecordedProtocol,
  RequestId,
  ResponseId,
} from "./recording";
import { learnNamed, learnSecrets, redactJson, redactPlain } from "./redact-body";
import { learnHeaders, type RawHeaders, redactHeaders } from "./redact-headers";
import type { Vault } from "./vault";

/** A message as it passed by. */
export interface RawMessage {
  readonly headers: RawHeaders;
  /** The bytes; a word where they were not kept. */
  readonly body: Buffer | "too_large" | "incomplete";
  readonly bytes: number;
}

/** A call as it passed by. Secrets and all: it is described, never kept. */
export interface RawExchange {
  readonly n: number;
  readonly at: number;
  readonly ms: number;
  readonly outcome: RecordedOutcome;
  readonly problem: string | null;
  readonly request: RawMessage & { readonly httpMethod: string; readonly path: string };
  readonly response: (RawMessage & { readonly status: number }) | null;
}

/** How much of a text that is no JSON is kept. */
const SHOWN_CHARACTERS = 2_000;
const MAX_DECOMPRESSED_BYTES = 16 * 1024 * 1024;

type Read =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "none" | "binary" | "too_large" | "incomplete" };

/** What a recording keeps of a call. The vault learns the secrets of both messages first: an answer may repeat the request's. */
export function describeExchange(raw: RawExchange, vault: Vault): RecordedExchange {
  const short = new Set<string>();
  const [request, response] = [readBody(raw.request), raw.response === null ? null : readBody(raw.response)];
  learnHeaders(raw.request.headers, vault);
  learnNamed(raw.request.path.replace(/^[^?]*/, ""), vault, short);
  if (raw.response !== null) learnHeaders(raw.response.headers, vault);
  for (const body of [request, response]) if (body?.kind === "json") learnSecrets(body.value, vault, short);
  // Not of an answer: scripts of an error page are full of such names.
  if (request.kind === "text") learnNamed(request.text, vault, short);
  const described = describe(raw, { request, response, vault, short });
  // Belt and braces: whatever slipped through takes the bodies with it.
  return vault.finds(JSON.stringify(described)) ? withheld(described) : described;
}

interface Parts {
  readonly request: Read;
  readonly response: Read | null;
  readonly vault: Vault;
  readonly short: ReadonlySet<string>;
}

function describe(raw: RawExchange, { request, response, vault, short }: Parts): RecordedExchange {
  const call = recordOf(request);
  const method = methodOf(call?.method, vault, short);
  const requestHeaders = redactHeaders(raw.request.headers, vault);
  const protocol = protocolOf(method, requestHeaders.headers);
  const bodyOf = (body: Read) => redactBody(body, vault, short);
  return {
    n: raw.n,
    at: raw.at,
    ms: raw.ms,
    protocol,
    direction: protocol === "other" ? "unknown" : protocol === "subscribe" ? "to_payme" : "to_shop",
    outcome: raw.outcome,
    problem: raw.problem,
    request: {
      httpMethod: raw.request.httpMethod,
      path: vault.text(raw.request.path.split(/[?#]/)[0] ?? "", short),
      ...requestHeaders,
      bytes: raw.request.bytes,
      method,
      id: requestId(call),
      body: bodyOf(request),
    },
    response:
      raw.response === null || response === null
        ? null
        : {
            status: raw.response.status,
            ...redactHeaders(raw.response.headers, vault),
            bytes: raw.response.bytes,
            id: responseId(call, recordOf(response)),
            body: bodyOf(response),
          },
  };
}

/** A name like those that Payme has; anything else could be a secret in the wrong place. */
function methodOf(method: unknown, vault: Vault, short: ReadonlySet<string>): string | null {
  if (typeof method !== "string" || !/^[A-Za-z][\w.]{1,40}$/.test(method)) return null;
  return vault.text(method, short) === method ? method : null;
}

function redactBody(body: Read, vault: Vault, short: ReadonlySet<string>): RecordedBody {
  if (body.kind === "json") return { kind: "json", value: redactJson(body.value, vault, short) };
  if (body.kind !== "text") return body;
  // Redacted whole and cut then: half of a secret would not be known for one.
  const text = redactPlain(body.text, vault, short);
  return { kind: "text", text: text.slice(0, SHOWN_CHARACTERS), isCut: text.length > SHOWN_CHARACTERS };
}

function withheld(exchange: RecordedExchange): RecordedExchange {
  const nothing = { headers: {}, otherHeaders: [], body: { kind: "binary" } } as const;
  const { request, response } = exchange;
  return {
    ...exchange,
    request: { ...request, ...nothing, path: "/", method: null },
    response: response === null ? null : { ...response, ...nothing },
  };
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

function readBody({ body, headers }: RawMessage): Read {
  if (typeof body === "string") return { kind: body };
  if (body.length === 0) return { kind: "none" };
  let text: string;
  try {
    text = strictUtf8.decode(decompressed(body, headerOf(headers, "content-encoding")));
  } catch {
    return { kind: "binary" };
  }
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "text", text };
  }
}

function decompressed(body: Buffer, encoding: string): Buffer {
  const limit = { maxOutputLength: MAX_DECOMPRESSED_BYTES };
  if (encoding === "gzip" || encoding === "x-gzip") return gunzipSync(body, limit);
  if (encoding === "deflate") return inflateSync(body, limit);
  return encoding === "br" ? brotliDecompressSync(body, limit) : body;
}

function headerOf(headers: RawHeaders, name: string): string {
  const at = headers.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return at < 0 ? "" : (headers[at + 1] ?? "").trim().toLowerCase();
}

function recordOf(body: Read): Readonly<Record<string, unknown>> | undefined {
  if (body.kind !== "json" || typeof body.value !== "object" || body.value === null) return undefined;
  return { ...body.value };
}

function protocolOf(method: string | null, headers: Readonly<Record<string, string>>): RecordedProtocol {
  if (headers["x-auth-signature"] !== undefined) return "notification";
  if (headers["x-auth"] !== undefined || method?.includes(".") === true) return "subscribe";
  return method !== null || headers.authorization !== undefined ? "merchant" : "other";
}

function requestId(call: Readonly<Record<string, unknown>> | undefined): RequestId {
  if (call?.id === undefined) return "absent";
  if (call.id === null) return "null";
  if (typeof call.id === "number") return "number";
  return typeof call.id === "string" ? "string" : "other";
}

function responseId(
  call: Readonly<Record<string, unknown>> | undefined,
  answer: Readonly<Record<string, unknown>> | undefined,
): ResponseId {
  if (answer?.id === undefined) return "absent";
  if (answer.id === call?.id) return "echoed";
  return answer.id === null ? "null" : "other";
}
