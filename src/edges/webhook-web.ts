import type { WebhookEvent } from "../gateway/webhook-event";
import { PaymeValidationError } from "../kit/errors";
import { BodyTooLargeError, bodyWasParsed, senderGone } from "./body-errors";
import { readWebBody } from "./read-web-body";
import { ACCEPTED, refusalBody, refusalStatus, type WebhookOptions, webhookReader } from "./webhook";

/** Options of a webhook edge over `Request` and `Response`: Hono, Next.js, Bun, Deno. */
export interface FetchWebhookOptions extends WebhookOptions {
  /** Answers a refused notification in your own way. Default: a warning, and 401, 413 or 400 in the guide's form. */
  onRefused?: ((error: PaymeValidationError) => Response | Promise<Response>) | undefined;
}

/**
 * Returns what answers the guide's notifications over `Request` and `Response`.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 */
export function answerWebhookRequest(options: FetchWebhookOptions): (request: Request) => Promise<Response> {
  const reader = webhookReader(options);
  const { onEvent, onRefused = refuse } = options;

  function refuse(error: PaymeValidationError): Response {
    reader.warn(error);
    return Response.json(refusalBody(error), { status: refusalStatus(error) });
  }

  async function readEvent(request: Request): Promise<WebhookEvent | PaymeValidationError> {
    try {
      return reader.parse(await rawBodyOf(request, reader.limitBytes), request.headers);
    } catch (error) {
      if (error instanceof PaymeValidationError) return error;
      throw error;
    }
  }

  return async (request) => {
    const event = await readEvent(request);
    if (event instanceof PaymeValidationError) return onRefused(event);
    await onEvent(event);
    return Response.json(ACCEPTED);
  };
}

async function rawBodyOf(request: Request, limitBytes: number): Promise<Uint8Array> {
  const body = await readWebBody(request, limitBytes);
  if (body === "lost") throw bodyWasParsed("Give the handler the request before anything reads it.");
  if (body === "too large") throw new BodyTooLargeError(limitBytes);
  if (body === "gone") throw senderGone();
  return body;
}
