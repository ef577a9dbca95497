import type { ServerResponse } from "node:http";
import type { MerchantEndpoint } from "./merchant-endpoint";
import { answerMerchant, type NodeRequest } from "./merchant-node";
import type { BodyRequest } from "./read-node-body";
import { answerWebhook, type NodeWebhookOptions } from "./webhook-node";

/** A Merchant API endpoint for `node:http`. */
export type NodeMerchantHandler = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/** A handler of notifications for `node:http`. */
export type NodeWebhookHandler = (request: BodyRequest, response: ServerResponse) => Promise<void>;

/** Options of {@link nodeMerchant}. */
export interface NodeMerchantOptions {
  /**
   * The caller's address, where a proxy tells it; needed with `allowFrom` only. Anybody can send a header: read one that your
   * proxy sets itself, and only where nobody gets past the proxy. Default, and where it gives nothing or throws: the socket's.
   *
   * @example nodeMerchant(merchant, { addressOf: ({ headers }) => headers["x-real-ip"]?.toString() })
   */
  readonly addressOf?: ((request: NodeRequest) => string | undefined) | undefined;
}

/**
 * Serves a Merchant API endpoint with `node:http`. Whatever comes is answered with 200 and JSON-RPC: any method, any
 * content type, a body that a parser has read already.
 *
 * @example createServer(nodeMerchant(merchant)).listen(8000);
 */
export function nodeMerchant(merchant: MerchantEndpoint, { addressOf }: NodeMerchantOptions = {}): NodeMerchantHandler {
  return (request, response) => answerMerchant(merchant, request, response, told(addressOf, request));
}

/** Not known is not allowed; a throw for what somebody sends must not end the process. */
function told(addressOf: NodeMerchantOptions["addressOf"], request: NodeRequest): string | undefined {
  try {
    return addressOf?.(request);
  } catch {
    return undefined;
  }
}

/**
 * Handles the Wedy guide's notifications with `node:http`. What `onEvent` throws is the rejection: answer 500 there, so
 * that the gateway repeats.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 * @example const webhook = nodeWebhook({ secret, onEvent: (event) => payments.recordWebhook(event) });
 */
export function nodeWebhook(options: NodeWebhookOptions): NodeWebhookHandler {
  return answerWebhook(options);
}
