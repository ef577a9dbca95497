import type { ServerResponse } from "node:http";
import { answerMerchant, type MerchantEndpoint, type NodeRequest } from "./merchant-edge";

export type { MerchantEndpoint, NodeRequest } from "./merchant-edge";

/** A handler for `node:http`; Express and Nest take it, too. */
export type NodeHandler = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/** What a handler for `node:http` may be told. */
export interface NodeHandlerOptions {
  /**
   * The caller's address, where a proxy tells it; needed with `allowFrom` only. Anybody can send a header: read one that your
   * proxy sets itself, and only where nobody gets past the proxy. Default, and where it gives nothing or throws: the socket's.
   *
   * @example nodeHandler(merchant, { addressOf: ({ headers }) => headers["x-real-ip"]?.toString() })
   */
  readonly addressOf?: ((request: NodeRequest) => string | undefined) | undefined;
}

/**
 * Serves a Merchant API endpoint with `node:http`. Whatever comes is answered with 200 and JSON-RPC: any method, any
 * content type, a body that a parser has read already.
 *
 * @example createServer(nodeHandler(merchant)).listen(8000);
 */
export function nodeHandler(merchant: MerchantEndpoint, { addressOf }: NodeHandlerOptions = {}): NodeHandler {
  return (request, response) => answerMerchant(merchant, request, response, told(addressOf, request));
}

/** Not known is not allowed; a throw for what somebody sends must not end the process. */
function told(addressOf: NodeHandlerOptions["addressOf"], request: NodeRequest): string | undefined {
  try {
    return addressOf?.(request);
  } catch {
    return undefined;
  }
}
