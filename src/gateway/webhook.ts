import { isUtf8 } from "node:buffer";
import { type Clock, systemClock } from "../kit/clock";
import { isPaymeError, PaymeSignatureError, PaymeValidationError } from "../kit/errors";
import type { Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import { isSignature, isSignedWithOne, requireSecrets } from "./signature";
import { tellNotification } from "./tell-notification";
import { isRecord, type WebhookEvent, webhookEvent } from "./webhook-event";

/** Headers as fetch gives them (any implementation's `Headers`), or as Node and Express do. Names in any case. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What {@link parseWebhook} needs. */
export interface ParseWebhookOptions {
  /** The secret, or several while you change them. */
  secret: string | readonly string[];
  now?: Clock | undefined;
  /** Called with each notification, redacted; with the error's code, and without the body, where it was refused. */
  onExchange?: OnExchange | undefined;
  /** Told where `onExchange` itself fails. Default: errors to standard error. */
  logger?: Logger | undefined;
}

const SIGNATURE_HEADER = "x-auth-signature";

/**
 * Verifies and parses a notification of the Wedy guide's gateway. The signature is judged before the body means anything.
 * Payme itself sends no such notification.
 *
 * @param rawBody the body's bytes or text, exactly as received: parsing and printing it again may change it.
 * @throws PaymeSignatureError when `X-Auth-Signature` is missing or wrong: answer 401.
 * @throws PaymeValidationError when it is no JSON, or no valid event: answer 400.
 * @throws PaymeConfigError when there is no secret, or it is empty.
 * @example
 * const event = parseWebhook(rawBody, request.headers, { secret });
 * if (event.type === "payment.paid") await payments.recordWebhook(event);
 */
export function parseWebhook(
  rawBody: string | Uint8Array,
  headers: WebhookHeaders,
  options: ParseWebhookOptions,
): WebhookEvent {
  try {
    requireRaw(rawBody);
    requireSignature(rawBody, headerOf(headers), options.secret);
    const raw = parseObject(rawBody);
    const event = webhookEvent(raw, options.now ?? systemClock);
    tellNotification(options, { code: null, raw });
    return event;
  } catch (error) {
    tellNotification(options, { code: isPaymeError(error) ? error.code : "FAILED", raw: null });
    throw error;
  }
}

function requireRaw(rawBody: unknown): void {
  if (typeof rawBody === "string" || rawBody instanceof Uint8Array) return;
  throw new PaymeValidationError("parseWebhook needs the raw body, and was given a parsed one", {
    hint: 'Mount it before express.json(), with expressWebhook or express.raw({ type: "*/*" }): the signature is over the bytes.',
  });
}

function requireSignature(
  rawBody: string | Uint8Array,
  signature: string | undefined,
  secret: string | readonly string[],
) {
  const secrets = requireSecrets(secret);
  if (signature === undefined) throw new PaymeSignatureError("the notification has no X-Auth-Signature header");
  if (!isSignature(signature)) throw new PaymeSignatureError("X-Auth-Signature is not 64 hexadecimal digits");
  if (isSignedWithOne(secrets, rawBody, signature)) return;
  throw new PaymeSignatureError("X-Auth-Signature does not match the body", {
    hint: "Compare the secret with the gateway's (white space, #), and see that the body is given as received.",
  });
}

function headerOf(headers: WebhookHeaders): string | undefined {
  if (isFetchHeaders(headers)) return headers.get(SIGNATURE_HEADER) ?? undefined;
  const direct = headers[SIGNATURE_HEADER];
  const value = direct ?? Object.entries(headers).find(([name]) => name.toLowerCase() === SIGNATURE_HEADER)?.[1];
  return typeof value === "string" || value === undefined ? value : value.length === 1 ? value[0] : "several";
}

/** By shape: the class differs between realms and polyfills, and a missed header would look like a missing one. */
function isFetchHeaders(headers: WebhookHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === "function";
}

function parseObject(rawBody: string | Uint8Array): Record<string, unknown> {
  const text = typeof rawBody === "string" ? rawBody : utf8(rawBody);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PaymeValidationError("the notification is not JSON");
  }
  if (isRecord(value)) return value;
  throw new PaymeValidationError("the notification is not a JSON object");
}

/** Strict: read leniently, two ids of different bytes would become one. */
function utf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new PaymeValidationError("the notification is not UTF-8");
  return bytesAsBuffer(bytes).toString("utf8");
}

function bytesAsBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
