import { fetchMerchant } from "../../src/entry/fetch";
import { som } from "../../src/kit/money";
import type { MerchantCallerOptions } from "../../src/testing/mock/merchant/caller";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { createShop, KEY } from "../merchant/shop";
import { openMock } from "./kit";

/** What the shop's orders cost. */
export const PRICE = som(50_000);

/** What a market can be given in place of the usual. */
export interface MarketOptions {
  readonly shop?: Parameters<typeof createShop>[0];
  readonly mock?: MockPaymeOptions;
  /** Changes the merchant's answers on their way. */
  readonly falsify?: ((response: Response) => Promise<Response>) | undefined;
}

/** Payme's side on the shop's clock, with our own engine as the merchant. */
export function openMarket(
  options: Partial<MerchantCallerOptions> = {},
  { shop: shopOptions = {}, mock: mockOptions = {}, falsify = async (response) => response }: MarketOptions = {},
) {
  const shop = createShop(shopOptions);
  const fetch = async (request: Request) => {
    await shop.ready;
    return falsify(await fetchMerchant(shop.merchant)(request));
  };
  const bench = openMock({ now: shop.now, sleep: async (ms) => shop.pass(ms), ...mockOptions });
  const caller = bench.mock.merchant({ fetch, key: KEY, ...options });
  return { ...bench, shop, fetch, caller, pass: shop.pass };
}

/** An order of the shop's, as a payer pays it. */
export function order(id: number | string = 1, amount: number = PRICE) {
  return { account: { order_id: String(id) }, amount };
}
