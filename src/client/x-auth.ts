/** A scheme that proves to Payme who calls: it turns the JSON text of a call into a body and a header. */
export interface XAuth {
  readonly kind: "key" | "signature" | "id";
  /** The text to send as the body (a signature scheme may rewrite it) and the value of the header `X-Auth`. */
  prepare(body: string): { body: string; header: string };
}

/** The scheme of a client: Payme's own `id:key`, or the signature of the Wedy guide. */
export type XAuthKind = Exclude<XAuth["kind"], "id">;

/**
 * Payme's own scheme, `X-Auth: <cashbox id>:<key>`: plain text, no Base64, no URL encoding.
 * Source: developer.help.paycom.uz, "Протокол Subscribe API".
 *
 * @example keyAuth({ merchantId: "65a0b0000000000000000001", key: "Rw712w?J&1" }).prepare("{}").header
 */
export function keyAuth({ merchantId, key }: { merchantId: string; key: string }): XAuth {
  const header = `${merchantId}:${key}`;
  return { kind: "key", prepare: (body) => ({ body, header }) };
}

/** The id alone, for pages: `X-Auth: <cashbox id>`. Payme accepts it for the methods of `CardEntry`. */
export function idAuth(merchantId: string): XAuth {
  return { kind: "id", prepare: (body) => ({ body, header: merchantId }) };
}
