export { BodyTooLargeError } from "../edges/body-errors";
export {
  type FastifyHook,
  type FastifyPlugin,
  type FastifyReplyLike,
  type FastifyRequestLike,
  type FastifyScope,
  fastifyMerchant,
  fastifyWebhook,
} from "../edges/fastify";
export type { MerchantEndpoint } from "../edges/merchant-endpoint";
export type { NodeRequest } from "../edges/merchant-node";
export { type BodyRequest, readRawBody } from "../edges/read-node-body";
export type { WebhookOptions } from "../edges/webhook";
export type { NodeWebhookOptions } from "../edges/webhook-node";
