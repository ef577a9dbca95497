import type { ServerResponse } from "node:http";
import type { MerchantReply } from "../merchant/merchant-api";
import { BodyTooLargeError } from "./body-errors";
import type { MerchantEndpoint, ReadBody } from "./merchant-endpoint";
import { type BodyRequest, isBodyLost, readRawBody } from "./read-node-body";

/** A request as Node, Express or Nest give it. */
export interface NodeRequest extends BodyRequest {
  method?: string | undefined;
  /** Express: the caller's address, as far as `trust proxy` lets others tell it. */
  ip?: string | undefined;
  socket?: { remoteAddress?: string | undefined } | undefined;
}

/**
 * Answers one request to a Merchant API endpoint, and never rejects: nobody above would know what to do.
 *
 * @param address the caller's address, where the framework knows better than the socket.
 */
export async function answerMerchant(
  merchant: MerchantEndpoint,
  request: NodeRequest,
  response: ServerResponse,
  address: string | undefined = request.ip ?? request.socket?.remoteAddress,
): Promise<void> {
  try {
    const read = await readBody(request, merchant.limitBytes);
    if (read === undefined) return;
    const { method = "GET", headers } = request;
    await write(response, await merchant.handle({ method, headers, address, ...read }));
  } catch {
    // A statement whose next page could not be read, say. Cut off it is no answer; ended, it would look like a whole one.
    response.destroy();
  }
}

/** The body; undefined where the sender has gone and nobody waits for an answer. */
async function readBody(request: NodeRequest, limitBytes: number): Promise<ReadBody | undefined> {
  if (isParsed(request)) return { body: request.body };
  if (isBodyLost(request)) return { body: undefined, isBodyLost: true };
  try {
    return { body: await readRawBody(request, { limitBytes }) };
  } catch (error) {
    return error instanceof BodyTooLargeError ? { body: undefined, isTooLarge: true } : undefined;
  }
}

/** A parser has been there, and what it made is all there is: an object, or any JSON value where it was not strict. */
function isParsed({ body, rawBody, readableEnded }: NodeRequest): boolean {
  const hasBytes = rawBody !== undefined || typeof body === "string" || body instanceof Uint8Array;
  if (hasBytes || body === undefined) return false;
  return readableEnded || (typeof body === "object" && body !== null && Object.keys(body).length > 0);
}

async function write(response: ServerResponse, { status, headers, body }: MerchantReply): Promise<void> {
  if (typeof body === "string") {
    response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
    return;
  }
  response.writeHead(status, headers);
  for await (const piece of body) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Resolves when more can be written, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
