import { canonicalBody, signText } from "./signature";

/** The guide's scheme for `X-Auth`, in the shape that a client takes. */
export interface SignatureAuth {
  readonly kind: "signature";
  /** The text to send, and the `X-Auth` that signs it. */
  prepare(body: string): { body: string; header: string };
}

/**
 * `X-Auth: id:<signature of the body>`. The canonical text itself is sent, so that whoever compares raw bytes and whoever
 * compares canonical text both find it right.
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
