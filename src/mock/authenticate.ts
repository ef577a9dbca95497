import { verifySignature } from "../gateway/signature";
import { SubscribeErrorCode } from "../protocol/codes";
import { Refusal } from "./refusal";

/** What a page may call with the cashbox's id alone; everything else needs the key, or a signature made with it. */
const FRONT_END_METHODS = new Set([
  "cards.create",
  "cards.get_verify_code",
  "cards.verify",
  "cards.check",
  "cards.remove",
]);

/** A call's proof of who makes it. */
export interface Credentials {
  readonly merchantId: string;
  readonly key: string;
}

/**
 * Judges `X-Auth`: the id alone, `id:key` (Payme's own scheme), or `id:<signature of the body>` (the Wedy guide's).
 * @throws Refusal -32504 with the `data` that Payme gives.
 */
export function authenticate(header: string | null, method: string, body: string, known: Credentials): void {
  if (header === null) throw denied("invalid_authorization_header");
  const colon = header.indexOf(":");
  const id = colon < 0 ? header : header.slice(0, colon);
  if (id !== known.merchantId) throw denied("invalid_id");
  if (colon < 0) {
    if (!FRONT_END_METHODS.has(method)) throw denied("invalid_key");
    return;
  }
  const proof = header.slice(colon + 1);
  if (proof !== known.key && !verifySignature(body, proof, known.key)) throw denied("invalid_key");
}

function denied(data: string): Refusal {
  return new Refusal(SubscribeErrorCode.ACCESS_DENIED, "Access denied.", { data });
}
