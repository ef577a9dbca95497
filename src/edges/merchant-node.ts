import type { ServerResponse } from "node:http";
import { bytesOf } from "../kit/bytes";
import type { MerchantReply } from "../merchant/merchant-api";
import { BodyTooLargeError } from "./body-errors";
import type { MerchantEndpoint, ReadBody } from "./merchant-endpoint";
import { type BodyRequest, isBodyLost, isParsed, readRawBody } from "./read-node-body";

/** A request of Node, Express or Nest. */
export interface NodeRequest extends BodyRequest {
  method?: string | undefined;
  /** Express: the caller's address; from a proxy with `trust proxy`. */
  ip?: string | undefined;
  socket?: { remoteAddress?: string | undefined } | undefined;
}

/**
 * Answers one request to a Merchant API endpoint. Never rejects.
 *
 * @param address the caller's address, where the framework knows it better than the socket.
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
    // E.g. the next page of a statement could not be read. Without this, half of it would look like a whole answer.
    response.destroy();
  }
}

/** Reads the body; undefined where the sender went away. */
async function readBody(request: NodeRequest, limitBytes: number): Promise<ReadBody | undefined> {
  if (isOnlyParsed(request)) return { body: request.body };
  if (isBodyLost(request)) return { body: undefined, isBodyLost: true };
  try {
    return { body: await readRawBody(request, { limitBytes }) };
  } catch (error) {
    return error instanceof BodyTooLargeError ? { body: undefined, isTooLarge: true } : undefined;
  }
}

/** True where a parser kept no bytes, only its value: an object, or any JSON value where it is not strict. */
function isOnlyParsed({ body, rawBody, readableEnded }: NodeRequest): boolean {
  const hasBytes = rawBody !== undefined || typeof body === "string" || bytesOf(body) !== undefined;
  if (hasBytes || body === undefined) return false;
  return readableEnded || isParsed(body);
}

/** Writes an answer: a text, or pieces as they come. */
export async function write(
  response: ServerResponse,
  { status, headers, body }: Pick<MerchantReply, "headers" | "body"> & { readonly status: number },
): Promise<void> {
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

/** Resolves when more can be written, or the reader went away. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
