export { type NodeAdminHandler, nodeAdmin } from "../edges/admin-node";
export { BodyTooLargeError } from "../edges/body-errors";
export type { MerchantEndpoint } from "../edges/merchant-endpoint";
export type { NodeRequest } from "../edges/merchant-node";
export {
  type NodeMerchantHandler,
  type NodeMerchantOptions,
  nodeMerchant,
} from "../edges/node";
export { type BodyRequest, readRawBody } from "../edges/read-node-body";
export type { WebhookOptions } from "../edges/webhook";
export { type NodeWebhookHandler, type NodeWebhookOptions, nodeWebhook } from "../edges/webhook-node";
