export { BodyTooLargeError } from "../edges/body-errors";
export { type FetchMerchantHandler, type FetchWebhookHandler, fetchMerchant, fetchWebhook } from "../edges/fetch";
export type { MerchantEndpoint } from "../edges/merchant-endpoint";
export type { FetchContext } from "../edges/merchant-web";
export { refusalStatus, type WebhookOptions } from "../edges/webhook";
export type { FetchWebhookOptions } from "../edges/webhook-web";
