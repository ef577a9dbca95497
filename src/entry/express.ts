export { type NodeAdminHandler, nodeAdmin as expressAdmin } from "../edges/admin-node";
export { BodyTooLargeError } from "../edges/body-errors";
export {
  type ExpressMerchantHandler,
  type ExpressWebhookHandler,
  expressMerchant,
  expressWebhook,
} from "../edges/express";
export type { MerchantEndpoint } from "../edges/merchant-endpoint";
export type { NodeRequest } from "../edges/merchant-node";
export { type BodyRequest, readRawBody } from "../edges/read-node-body";
export type { WebhookOptions } from "../edges/webhook";
export type { NodeWebhookOptions } from "../edges/webhook-node";
