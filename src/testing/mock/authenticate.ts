import { verifySignature } from "../../gateway/signature";
import { SubscribeErrorCode } from "../../protocol/codes";
import { Refusal } from "./refusal";

/** What a page may call with the cashbox's id alone; everything else needs the key, or a signature made with it. */
const FRONT_END_METHODS = new Set(["cards.create", "cards.get_verify_code", "cards.verify"]);
/** Docs ask for the key here; the id alone has been seen to do. */
const OPEN_IN_PRACTICE = new Set(["cards.check", "cards.remove"]);

/** A cashbox's proof of who calls. */
export interface Credentials {
  readonly merchantId: string;
  readonly key: string;
}

/** A call as far as its proof goes. */
export interface ProvenCall {
  /** The header `X-Auth`. */
  readonly header: string | null;
  readonly method: string;
  readonly body: string;
}

/**
 * Judges `X-Auth`: the id alone, `id:key` (Payme's own scheme), or `id:<signature of the body>` (the Wedy guide's). Gives the cashbox
 * that calls.
 *
 * @throws Refusal -32504 with the `data` that Payme gives.
 */
export function authenticate<Known extends Credentials>(
  { header, method, body }: ProvenCall,
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
