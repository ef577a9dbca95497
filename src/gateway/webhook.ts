import { bytesOf } from "../kit/bytes";
import { type Clock, systemClock } from "../kit/clock";
import { callSafely } from "../kit/emit";
import { isPaymeError, PaymeSignatureError, PaymeValidationError } from "../kit/errors";
import { type AnyHeaders, headerIn } from "../kit/headers";
import { isRecord } from "../kit/json";
import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";
import { isSignature, requireSecrets, signedReading, textOf } from "./signature";
import { type WebhookEvent, webhookEvent } from "./webhook-event";

/** Headers in the form of fetch (any implementation's `Headers`), or of Node and Express. Names in any case. */
export type WebhookHeaders = AnyHeaders;

/** Options of {@link parseWebhook}. */
export interface ParseWebhookOptions {
  /** The secret, or several while you change it. */
  secret: string | readonly string[];
  now?: Clock | undefined;
  /** Called with each notification, redacted. A refused one comes with the error's code and without its body. */
  onExchange?: OnExchange | undefined;
  /** Logs an error when `onExchange` fails. Default: to standard error. */
  logger?: Logger | undefined;
}

const SIGNATURE_HEADER = "x-auth-signature";

/**
 * Verifies and parses a notification of the Wedy guide's gateway; the signature first. Payme itself sends no notification.
 *
 * @param rawBody the body's bytes or text, exactly as received: parsing and printing it again may change it.
 * @throws PaymeSignatureError when `X-Auth-Signature` is missing or wrong: answer 401.
 * @throws PaymeValidationError when the body is not JSON, or not a valid event: answer 400.
 * @throws PaymeConfigError when the secret is missing or empty.
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
  if (typeof rawBody === "string" || bytesOf(rawBody) !== undefined) return;
  throw new PaymeValidationError("parseWebhook needs the raw body, but got a parsed one", {
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
  if (signedReading(secrets, rawBody, signature) !== undefined) return;
  throw new PaymeSignatureError("X-Auth-Signature does not match the body", {
    hint: "Compare the secret with the gateway's (white space, #), and pass the body exactly as received.",
  });
}

function headerOf(headers: WebhookHeaders): string | undefined {
  const value = headerIn(headers, SIGNATURE_HEADER);
  return typeof value === "string" || value === undefined ? value : value.length === 1 ? value[0] : "several";
}

function parseObject(rawBody: string | Uint8Array): Record<string, unknown> {
  // Strict: read leniently, two ids of different bytes would become one.
  const text = textOf(rawBody);
  if (text === undefined) throw new PaymeValidationError("the notification is not UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PaymeValidationError("the notification is not JSON");
  }
  if (isRecord(value)) return value;
  throw new PaymeValidationError("the notification is not a JSON object");
}

/** Tells `onExchange` of a notification, redacted. A refused one comes without its body: its sender is not known. */
function tellNotification(
  { onExchange, logger = consoleLogger }: ParseWebhookOptions,
  { code, raw }: { code: string | null; raw: Readonly<Record<string, unknown>> | null },
): void {
  if (onExchange === undefined) return;
  const method = typeof raw?.method === "string" ? raw.method : "";
  callSafely(
    () => onExchange({ direction: "in", method, ms: 0, code, request: redact(raw), response: null }),
    (error) => logger.error("onExchange failed", { error: redact(String(error)) }),
  );
}
