export { type CanonicalOptions, canonicalJson } from "./canonical-json";
export { signPayload, verifySignature } from "./signature";
export { type SignatureAuth, signatureAuth } from "./signature-auth";
export {
  type ParseWebhookOptions,
  type PaymentCancelledEvent,
  type PaymentPaidEvent,
  parseWebhook,
  type UnknownEvent,
  type WebhookEvent,
  type WebhookHeaders,
} from "./webhook";
