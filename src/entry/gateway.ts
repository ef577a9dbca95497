export { type CanonicalOptions, canonicalJson } from "../gateway/canonical-json";
export { signPayload, verifySignature } from "../gateway/signature";
export { type SignatureAuth, signatureAuth } from "../gateway/signature-auth";
export { type ParseWebhookOptions, parseWebhook, type WebhookHeaders } from "../gateway/webhook";
export type { PaymentCancelledEvent, PaymentPaidEvent, UnknownEvent, WebhookEvent } from "../gateway/webhook-event";
