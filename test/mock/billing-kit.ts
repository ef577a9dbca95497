import { fetchMerchant } from "../../src/entry/fetch";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createShop, KEY } from "../merchant/shop";
import { createReceipt, openMock } from "./kit";
import { PRICE } from "./merchant-kit";

/** A mock whose cashbox has our own engine for its billing, on the shop's clock. */
export function openBilling(options: MockPaymeOptions = {}, shopOptions: Parameters<typeof createShop>[0] = {}) {
  const shop = createShop(shopOptions);
  const billing = {
    key: KEY,
    sendTwice: false,
    repeatAfterMs: [],
    async fetch(request: Request) {
      await shop.ready;
      return fetchMerchant(shop.merchant)(request);
    },
  };
  const bench = openMock({ now: shop.now, sleep: async (ms) => shop.pass(ms), billing, ...options });
  const { mock } = bench;
  return {
    ...bench,
    pass: shop.pass,
    shop,
    /** What the merchant was asked, with the reason where it was a cancel. */
    asked: () =>
      mock.exchanges
        .filter(({ direction, code }) => direction === "out" && code !== "dropped")
        .map(({ method, request }) => {
          const reason = typeof request === "object" && request !== null && "reason" in request ? request.reason : "";
          return `${method.replace("Transaction", "")}${reason}`;
        }),
    receipt: (params: object = {}) => createReceipt(mock, { amount: PRICE, account: { order_id: 1 }, ...params }),
  };
}
