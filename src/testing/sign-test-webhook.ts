import { createHmac } from "node:crypto";
import { canonicalJson } from "../gateway/canonical-json";

/** A notification to sign. */
export interface TestWebhook {
  secret: string;
  /** JSON text that is sent unchanged, or an object. Default: the guide's `receipts.pay` of 50,000 som. */
  body?: string | object | undefined;
  /** The text that is signed: one of the three that the webhook accepts. Default `raw`. */
  style?: "raw" | "canonical" | "sorted" | undefined;
}

const GUIDE_EXAMPLE = {
  method: "receipts.pay",
  params: { id: "64f8a1b2c3d4e5f6a7b8c9d0", cheque_id: "cheque123", amount: 5_000_000, paid_at: 1_642_234_567 },
};

/**
 * Returns a signed notification like those of the Wedy guide's gateway, for tests of your endpoint.
 *
 * @example
 * const { body, headers } = signTestWebhook({ secret: "your_secret_key" });
 * await fetch("http://localhost:8000/payme/webhook", { method: "POST", body, headers });
 */
export function signTestWebhook({ secret, body = GUIDE_EXAMPLE, style = "raw" }: TestWebhook): {
  body: string;
  headers: { "Content-Type": string; "X-Auth-Signature": string };
} {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const options = { sortKeys: style === "sorted", omitTopLevel: "signature" };
  const signed = style === "raw" ? text : (canonicalJson(text, options) ?? text);
  const signature = createHmac("sha256", secret).update(signed).digest("hex");
  return { body: text, headers: { "Content-Type": "application/json", "X-Auth-Signature": signature } };
}
