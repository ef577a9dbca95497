export { type CheckoutForm, type CheckoutFormParams, checkoutForm } from "../checkout/checkout-form";
export type { CheckoutParams } from "../checkout/checkout-params";
export { checkoutUrl } from "../checkout/checkout-url";
export { fiscalDetail, type NewFiscalDetail, type NewFiscalItem } from "../checkout/fiscal-detail";
export { type SomAmount, som, type Tiyin, tiyin } from "../kit/money";
