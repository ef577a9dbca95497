/**
 * Payme's addresses, of two kinds: the API (JSON-RPC at `/api`, a receipt's page at `/<id>`), and the checkout link of the
 * Merchant API. Their sandboxes have different hosts.
 * Source: developer.help.paycom.uz, "Протокол Subscribe API" and "Песочница".
 */
export const API_HOST_LIVE = "https://checkout.paycom.uz";
/** The Subscribe API's sandbox, with Payme's own `id:key` scheme. */
export const API_HOST_TEST = "https://checkout.test.paycom.uz";
/** The test API of the Wedy guide (its `PAYME_TEST_API_URL`), with the signature scheme. */
export const GUIDE_API_HOST_TEST = "https://test.paycom.uz";
/** The host of checkout links, live. */
export const CHECKOUT_HOST_LIVE = "https://checkout.paycom.uz";
/** The host of checkout links in the sandbox. */
export const CHECKOUT_HOST_TEST = "https://test.paycom.uz";

/** Real money (`live`), or the sandbox (`test`). */
export type Mode = "live" | "test";
