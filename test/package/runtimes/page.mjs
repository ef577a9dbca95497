// What a page does, and a worker without `nodejs_compat`.
import { checkoutUrl, som } from "payme-kit/checkout";

export function link() {
  return checkoutUrl({ merchantId: "65a0b0000000000000000001", account: { order_id: 197 }, amount: som(50_000) });
}
