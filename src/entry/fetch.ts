export { BodyTooLargeError } from "../edges/body-errors";
export {
  type FetchContext,
  type FetchMerchantHandler,
  type FetchWebhookHandler,
  type FetchWebhookOptions,
  fetchMerchant,
  fetchWebhook,
} from "../edges/fetch";
export type { MerchantEndpoint } from "../edges/merchant-endpoint";
export type { WebhookOptions } from "../edges/webhook";
