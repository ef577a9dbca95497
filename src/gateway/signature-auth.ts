import { canonicalBody, signText } from "./signature";

/** The guide's `X-Auth` scheme, in the shape that a client takes. */
export interface SignatureAuth {
  readonly kind: "signature";
  /** Returns the text to send, and the `X-Auth` that signs it. */
  prepare(body: string): { body: string; header: string };
}

/**
 * `X-Auth: id:<signature of the body>`. The body that is sent is the canonical text itself. So it matches whether the other
 * side compares raw bytes or canonical text.
 */
export function signatureAuth({ merchantId, key }: { merchantId: string; key: string }): SignatureAuth {
  return {
    kind: "signature",
    prepare(text) {
      const body = canonicalBody(text);
      return { body, header: `${merchantId}:${signText(body, key)}` };
    },
  };
}
