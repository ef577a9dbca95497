import { verifySignature } from "../../gateway/signature";
import { SubscribeErrorCode } from "../../protocol/codes";
import { Refusal } from "./refusal";

/** Methods that need only the cashbox's id. All others need the key, or a signature made with it. */
const FRONT_END_METHODS = new Set(["cards.create", "cards.get_verify_code", "cards.verify"]);
/** Payme's documents ask for the key here; in practice the id alone is accepted. */
const OPEN_IN_PRACTICE = new Set(["cards.check", "cards.remove"]);

/**
 * Checks the header `X-Auth`, and returns the cashbox that calls. `X-Auth` is the id alone, `id:key` (Payme's scheme), or
 * `id:<signature of the body>` (the Wedy guide's).
 *
 * @throws Refusal -32504 with Payme's `data`.
 */
export function authenticate<Known extends { readonly key: string }>(
  { header, method, body }: { header: string | null; method: string; body: string },
  find: (merchantId: string) => Known | undefined,
  { cardsNeedKey }: { cardsNeedKey: boolean },
): Known {
  if (header === null) throw denied("invalid_authorization_header");
  const colon = header.indexOf(":");
  const known = find(colon < 0 ? header : header.slice(0, colon));
  if (known === undefined) throw denied("invalid_id");
  if (colon < 0) {
    const isOpen = FRONT_END_METHODS.has(method) || (OPEN_IN_PRACTICE.has(method) && !cardsNeedKey);
    if (!isOpen) throw denied("invalid_key");
    return known;
  }
  const proof = header.slice(colon + 1);
  if (proof !== known.key && !verifySignature(body, proof, known.key)) throw denied("invalid_key");
  return known;
}

function denied(data: string): Refusal {
  return new Refusal(SubscribeErrorCode.ACCESS_DENIED, "Access denied.", { data });
}
