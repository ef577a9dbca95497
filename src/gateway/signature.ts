import { createHmac, timingSafeEqual } from "node:crypto";
import { bytesOf } from "../kit/bytes";
import { PaymeConfigError, PaymeValidationError } from "../kit/errors";
import { isPlain } from "../kit/json";
import { lazy } from "../kit/lazy";
import { printJsonTree } from "./canonical-json";
import { type JsonTree, parseJsonTree } from "./json-tree";

/** The member that carries a signature inside some bodies: it cannot sign itself. */
const SIGNATURE_MEMBER = "signature";

/**
 * The guide's signature of a body: the HMAC-SHA256 of its canonical JSON, in 64 hexadecimal digits.
 *
 * @param body JSON text or its bytes, or a plain object. An object is written with `JSON.stringify`, which makes `1` of `1.0`.
 * @throws PaymeValidationError when the body is none of these, or not JSON; PaymeConfigError when the secret is empty.
 * @example signPayload({ method: "receipts.get", params: { id: "64f8a1b2c3d4e5f6a7b8c9d0" } }, "your_secret_key");
 */
export function signPayload(body: object | string, secret: string): string {
  return signText(canonicalBody(body), secret);
}

/** The HMAC-SHA256 of a text as it stands, in hexadecimal digits. */
export function signText(text: string, secret: string): string {
  return hmac(text, requireSecret(secret));
}

/** The canonical text of a body, as the guide's client sends it; a top-level `signature` member is left out. */
export function canonicalBody(body: object | string): string {
  const tree = treeOf(body);
  if (tree !== undefined) return printJsonTree(tree, { omitTopLevel: SIGNATURE_MEMBER });
  if (!isReadable(body)) {
    throw new PaymeValidationError("the body to sign is no text, no bytes and no plain object", {
      hint: "JSON has the same {} for any stream, Blob, Map or FormData. Read it first, and give its text or bytes.",
    });
  }
  throw new PaymeValidationError("the body to sign is not JSON, or is deeper than 500 levels");
}

/**
 * True where the signature is right for the raw bytes of the body, for its canonical JSON as sent, or for that with sorted
 * keys: the Wedy team's code did all three. Takes constant time for a wrong signature of the right form. Never throws.
 *
 * @param rawBody the bytes or text as received. A parsed object is second best, because parsing loses details. What is neither
 * text, bytes nor a plain object was not read: false.
 * @param signature 64 hexadecimal digits; anything else is false.
 * @param secrets one, or several while you change it. An empty one matches nothing.
 */
export function verifySignature(
  rawBody: string | Uint8Array | object,
  signature: unknown,
  secrets: string | readonly string[],
): boolean {
  try {
    return isSignature(signature) && signedReading(listOf(secrets).filter(isSecret), rawBody, signature) !== undefined;
  } catch {
    // An object whose members throw when they are looked at.
    return false;
  }
}

/** The part of a body that was signed: its bytes, its canonical JSON as sent, or that with sorted keys. */
export type SignedReading = "raw" | "canonical" | "sorted";

/** The last that matched comes first: a gateway signs in one way. A wrong signature is compared with each of them. */
const readings: SignedReading[] = ["raw", "canonical", "sorted"];

/** Finds the reading of a body that was signed with one of the secrets; undefined where none was. */
export function signedReading(
  secrets: readonly string[],
  rawBody: string | Uint8Array | object,
  signature: string,
): SignedReading | undefined {
  const given = Buffer.from(signature.toLowerCase(), "latin1");
  const matches = (text: string | Uint8Array) =>
    secrets.some((secret) => timingSafeEqual(Buffer.from(hmac(text, secret), "latin1"), given));
  const raw = typeof rawBody === "string" ? rawBody : bytesOf(rawBody);
  const treeOnce = lazy(() => treeOf(rawBody));
  const found = readings.find((reading) => {
    if (reading === "raw") return raw !== undefined && matches(raw);
    const tree = treeOnce();
    const options = { sortKeys: reading === "sorted", omitTopLevel: SIGNATURE_MEMBER };
    return tree !== undefined && matches(printJsonTree(tree, options));
  });
  if (found !== undefined && found !== readings[0]) readings.unshift(...readings.splice(readings.indexOf(found), 1));
  return found;
}

/** True for text that can be a signature: 64 hexadecimal digits. */
export function isSignature(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-fA-F]{64}$/.test(value);
}

/** The HMAC-SHA256 of a text in UTF-8, or of bytes, in hexadecimal digits. Node makes those faster than a Buffer. */
function hmac(data: string | Uint8Array, secret: string): string {
  return createHmac("sha256", secret).update(data).digest("hex");
}

/**
 * The secrets as a list.
 *
 * @throws PaymeConfigError when one is empty or there is none.
 */
export function requireSecrets(secrets: string | readonly string[] | undefined): readonly string[] {
  const list = listOf(secrets);
  if (list.length === 0) throw new PaymeConfigError("there is no secret to verify signatures with");
  for (const secret of list) requireSecret(secret);
  return list;
}

function requireSecret(secret: string): string {
  if (isSecret(secret)) return secret;
  throw new PaymeConfigError("the secret for signatures is empty", {
    hint: "Set PAYME_SECRET_KEY, or pass the secret.",
  });
}

function listOf(secrets: string | readonly string[] | undefined): readonly string[] {
  return typeof secrets === "string" ? [secrets] : (secrets ?? []);
}

/** Callers without types may pass anything. */
function isSecret(secret: unknown): secret is string {
  return typeof secret === "string" && secret !== "";
}

/** Callers without types may pass anything. */
function isReadable(body: unknown): boolean {
  if (typeof body === "string" || bytesOf(body) !== undefined) return true;
  return typeof body === "object" && body !== null && isPlain(body);
}

const strictUtf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body's JSON; undefined where it is not UTF-8 or not JSON, so that only its raw bytes can match. */
function treeOf(body: string | object): JsonTree | undefined {
  const text = textOf(body);
  return text === undefined ? undefined : parseJsonTree(text);
}

/** The body as text, a plain object as JSON; undefined for bytes that are not UTF-8, and for what JSON cannot write. */
export function textOf(body: string | object): string | undefined {
  if (!isReadable(body)) return undefined;
  try {
    const bytes = bytesOf(body);
    if (bytes !== undefined) return strictUtf8.decode(bytes);
    return typeof body === "string" ? body : JSON.stringify(body);
  } catch {
    return undefined;
  }
}
