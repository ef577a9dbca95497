import { brotliDecompressSync, unzipSync } from "node:zlib";
import { hideNamedSecrets, namedSecrets, secretsInHeader } from "../../protocol/secrets";
import type { PassedCall, RawMessage } from "./pass-on";
import { type CallSecrets, jsonOf, learnMembers, redactHeaders, redactJson, type Vault } from "./redaction";

/** One call and its answer, redacted: a line of a recording. */
export type RecordedCall = ReturnType<typeof describe>;

/** A body as a recording keeps it: redacted, never the bytes. Of a text that is not JSON, the first characters. */
export type RecordedBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string; readonly isCut: boolean }
  | { readonly kind: "none" | "binary" | "too_large" | "incomplete" };

/** A call with its number, when it came (`at`), and the time until its answer was complete (`ms`). */
type NumberedCall = PassedCall & Readonly<Record<"n" | "at" | "ms", number>>;

/** Which way a call goes. A notification is the Wedy guide's; Payme itself sends none. */
const DIRECTIONS = { merchant: "to_shop", notification: "to_shop", subscribe: "to_payme", other: "unknown" } as const;
const SHOWN_CHARACTERS = 2_000;
const LIMIT = { maxOutputLength: 16 * 1024 * 1024 };
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Describes a call for a recording. */
export function describeCall(raw: NumberedCall, vault: Vault): RecordedCall {
  const secrets = vault.ofCall();
  const described = describe(raw, vault, secrets);
  return secrets.finds(JSON.stringify(described)) ? withheld(described) : described;
}

/** Learns the secrets of both messages first: an answer may repeat the request's. */
function describe({ request, response, ...session }: NumberedCall, vault: Vault, secrets: CallSecrets) {
  const messages = response === null ? [request] : [request, response];
  const inHeaders = messages.flatMap(({ headers }) => headers).flatMap(([name, value]) => secretsInHeader(name, value));
  for (const secret of inHeaders) vault.learn(secret);
  const [asked, answered] = [readBody(request), response && readBody(response)];
  for (const body of [asked, answered]) if (body?.kind === "json") learnMembers(body.value, secrets);
  const [path = ""] = request.path.split(/[?#]/, 1);
  // Not from the text of an answer: scripts of an error page are full of such names.
  const texts = [request.path.slice(path.length), asked.kind === "text" ? asked.text : ""];
  for (const secret of texts.flatMap(namedSecrets)) secrets.learn(secret);

  const { method: named, id } = objectOf(asked);
  const method = methodOf(named, secrets);
  const shown = ({ headers, bytes }: RawMessage, body: RecordedBody) => {
    return { ...redactHeaders(headers, secrets), bytes, body: redactBody(body, secrets) };
  };
  const sent = {
    httpMethod: request.httpMethod,
    path: secrets.text(path),
    method,
    id: id === undefined ? "absent" : id === null ? "null" : typeof id,
    ...shown(request, asked),
  };
  const protocol = protocolOf(method, sent.headers);
  return {
    ...session,
    protocol,
    direction: DIRECTIONS[protocol],
    request: sent,
    /** Null where none came. */
    response: response &&
      answered && { status: response.status, id: answeredId(id, objectOf(answered).id), ...shown(response, answered) },
  };
}

/** Takes the content out of a call in which a secret was left all the same. */
function withheld(call: RecordedCall): RecordedCall {
  const nothing = { headers: {}, otherHeaders: [], body: { kind: "binary" as const } };
  const response = call.response && { ...call.response, ...nothing };
  return { ...call, request: { ...call.request, ...nothing, path: "/", method: null }, response };
}

function readBody({ body, headers }: RawMessage): RecordedBody {
  if (typeof body === "string") return { kind: body };
  if (body.length === 0) return { kind: "none" };
  const encoding =
    headers
      .find(([name]) => /^content-encoding$/i.test(name))?.[1]
      .trim()
      .toLowerCase() ?? "";
  try {
    const isZipped = ["gzip", "x-gzip", "deflate"].includes(encoding);
    const bytes = isZipped ? unzipSync(body, LIMIT) : encoding === "br" ? brotliDecompressSync(body, LIMIT) : body;
    const text = utf8.decode(bytes);
    const value = jsonOf(text);
    return value === undefined ? { kind: "text", text, isCut: false } : { kind: "json", value };
  } catch {
    return { kind: "binary" };
  }
}

function redactBody(body: RecordedBody, secrets: CallSecrets): RecordedBody {
  if (body.kind === "json") return { kind: "json", value: redactJson(body.value, secrets) };
  if (body.kind !== "text") return body;
  // Redacted first, then cut: half of a secret is not recognised.
  const text = secrets.text(hideNamedSecrets(body.text));
  return { kind: "text", text: text.slice(0, SHOWN_CHARACTERS), isCut: text.length > SHOWN_CHARACTERS };
}

function objectOf(body: RecordedBody): Readonly<Record<string, unknown>> {
  return body.kind === "json" && typeof body.value === "object" ? { ...body.value } : {};
}

/** Returns a method with a name like Payme's; another text could be a secret in the wrong place. */
function methodOf(method: unknown, secrets: CallSecrets): string | null {
  if (typeof method !== "string" || !/^[A-Za-z][\w.]{1,40}$/.test(method)) return null;
  return secrets.text(method) === method ? method : null;
}

function protocolOf(method: string | null, headers: Readonly<Record<string, string>>): keyof typeof DIRECTIONS {
  if (headers["x-auth-signature"] !== undefined) return "notification";
  if (headers["x-auth"] !== undefined || method?.includes(".") === true) return "subscribe";
  return method !== null || headers.authorization !== undefined ? "merchant" : "other";
}

/** Returns what became of a request's `id` in its answer. */
function answeredId(asked: unknown, answered: unknown): "absent" | "echoed" | "null" | "other" {
  if (answered === undefined) return "absent";
  if (answered === asked) return "echoed";
  return answered === null ? "null" : "other";
}
