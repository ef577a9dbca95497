import type { ServerResponse } from "node:http";
import { answerMerchant, type MerchantEndpoint, type NodeRequest } from "./merchant-edge";

export type { MerchantEndpoint, NodeRequest } from "./merchant-edge";

/** A handler for `node:http`; Express and Nest take it, too. */
export type NodeHandler = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/**
 * Serves a Merchant API endpoint with `node:http`. Whatever comes is answered with 200 and JSON-RPC: any method, any
 * content type, a body that a parser has read already.
 *
 * @example createServer(nodeHandler(merchant)).listen(8000);
 */
export function nodeHandler(merchant: MerchantEndpoint): NodeHandler {
  return (request, response) => answerMerchant(merchant, request, response);
}
