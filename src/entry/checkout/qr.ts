export type { CheckoutParams } from "../../checkout/checkout-params";
export { type CheckoutQrOptions, checkoutQr } from "../../checkout/checkout-qr";
