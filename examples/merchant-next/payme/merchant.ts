import { checkoutUrl, createMerchantApi, createWorker, refuse, som } from "payme-kit";
import { storage } from "./database";
import { findOrder, markPaid, markRefunded, type Order } from "./orders";

/** What Payme calls, at `app/payme/route.ts`. */
export const merchant = createMerchantApi({
  storage,
  // A function: it is called at Payme's first call, and the build has no key.
  key: () => process.env.PAYME_MERCHANT_KEY ?? "",
  account: { order_id: "integer" },
  async find({ order_id }, tx) {
    const order = await findOrder(tx, order_id);
    if (order === undefined) return refuse.notFound("order_id");
    if (order.status !== "new") return refuse.unavailable("order_id");
    return { reference: order.id, amount: som(order.som) };
  },
  onPaid: ({ reference }, tx) => markPaid(tx, reference, "payme"),
  onRefunded: ({ reference }, tx) => markRefunded(tx, reference),
});

/** What the platform's cron runs, at `app/api/payme-worker/route.ts`. It is never started: nothing runs between two requests. */
export const worker = createWorker({ merchant });

/** The link to Payme's page for an order. */
export function payLink({ id, som: price }: Order): string {
  const { PAYME_MERCHANT_ID: merchantId = "", PUBLIC_URL: returnUrl, PAYME_CHECKOUT_HOST: host } = process.env;
  return checkoutUrl({ merchantId, account: { order_id: id }, amount: som(price), returnUrl, host });
}
