/**
 * Payme's addresses. Two kinds that are easily mixed up: the API (JSON-RPC at `/api`, and a receipt's page at `/<id>`),
 * and the checkout link of the Merchant API, whose sandbox lives elsewhere.
 * Source: developer.help.paycom.uz, "Протокол Subscribe API" and "Песочница".
 */
export const API_HOST_LIVE = "https://checkout.paycom.uz";
/** The Subscribe API's sandbox, with Payme's own `id:key` scheme. */
export const API_HOST_TEST = "https://checkout.test.paycom.uz";
/** The test API of the Wedy guide (its `PAYME_TEST_API_URL`), with the signature scheme. */
export const GUIDE_API_HOST_TEST = "https://test.paycom.uz";
/** Where checkout links lead, live. */
export const CHECKOUT_HOST_LIVE = "https://checkout.paycom.uz";
/** Where checkout links lead in the sandbox. */
export const CHECKOUT_HOST_TEST = "https://test.paycom.uz";

/** Live money, or the sandbox. */
export type Mode = "live" | "test";
