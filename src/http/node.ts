import type { ServerResponse } from "node:http";
import type { MerchantReply, MerchantRequest } from "../merchant";
import { type BodyRequest, BodyTooLargeError, readRawBody } from "./read-body";

/** A Merchant API endpoint, as `createMerchantApi` makes it. */
export interface MerchantEndpoint {
  readonly limitBytes: number;
  handle(request: MerchantRequest): Promise<MerchantReply>;
}

/** A request as Node, Express or Nest give it. */
export interface NodeRequest extends BodyRequest {
  method?: string | undefined;
  /** Express: the caller's address, as far as `trust proxy` lets others tell it. */
  ip?: string | undefined;
  socket?: { remoteAddress?: string | undefined } | undefined;
}

/** A handler for `node:http`; Express and Nest take it, too. */
export type NodeHandler = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/**
 * Serves a Merchant API endpoint with `node:http`. Whatever comes is answered with 200 and JSON-RPC: any method, any
 * content type, a body that a parser has read already.
 *
 * @example createServer(nodeHandler(merchant)).listen(8000);
 */
export function nodeHandler(merchant: MerchantEndpoint): NodeHandler {
  return async (request, response) => {
    const read = await readBody(request, merchant.limitBytes);
    if (read === undefined) return;
    const reply = await merchant.handle({
      method: request.method ?? "GET",
      headers: request.headers,
      address: request.ip ?? request.socket?.remoteAddress,
      ...read,
    });
    await write(response, reply);
  };
}

type Read = Pick<MerchantRequest, "body" | "isTooLarge">;

/** The body; undefined where the sender has gone and nobody waits for an answer. */
async function readBody(request: NodeRequest, limitBytes: number): Promise<Read | undefined> {
  if (isParsed(request)) return { body: request.body };
  try {
    return { body: await readRawBody(request, { limitBytes }) };
  } catch (error) {
    return error instanceof BodyTooLargeError ? { body: undefined, isTooLarge: true } : undefined;
  }
}

/** A parser has been there, and what it made is all there is. */
function isParsed({ body, rawBody, readableEnded }: NodeRequest): boolean {
  const hasBytes = rawBody !== undefined || typeof body === "string" || body instanceof Uint8Array;
  const isObject = typeof body === "object" && body !== null;
  return !hasBytes && isObject && (readableEnded || Object.keys(body).length > 0);
}

async function write(response: ServerResponse, { status, headers, body }: MerchantReply): Promise<void> {
  response.writeHead(status, headers);
  if (typeof body === "string") {
    response.end(body);
    return;
  }
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
