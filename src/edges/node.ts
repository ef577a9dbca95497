import type { ServerResponse } from "node:http";
import type { MerchantEndpoint } from "./merchant-endpoint";
import { answerMerchant, type NodeRequest } from "./merchant-node";

/** A Merchant API endpoint for `node:http`. */
export type NodeMerchantHandler = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/** Options of {@link nodeMerchant}. */
export interface NodeMerchantOptions {
  /**
   * Returns the caller's address behind a proxy; needed with `allowFrom` only. Any caller can send a header: read one that your
   * proxy sets itself, and only where every call goes through the proxy. Default, and without a result: the socket's address.
   *
   * @example nodeMerchant(merchant, { addressOf: ({ headers }) => headers["x-real-ip"]?.toString() })
   */
  readonly addressOf?: ((request: NodeRequest) => string | undefined) | undefined;
}

/**
 * Serves a Merchant API endpoint with `node:http`. Answers every request with 200 and JSON-RPC: any method, any content type,
 * also after a body parser.
 *
 * @example createServer(nodeMerchant(merchant)).listen(8000);
 */
export function nodeMerchant(merchant: MerchantEndpoint, { addressOf }: NodeMerchantOptions = {}): NodeMerchantHandler {
  return (request, response) => answerMerchant(merchant, request, response, addressIn(addressOf, request));
}

/** An error about a header that a caller sent must not end the process. */
function addressIn(addressOf: NodeMerchantOptions["addressOf"], request: NodeRequest): string | undefined {
  try {
    return addressOf?.(request);
  } catch {
    return undefined;
  }
}
