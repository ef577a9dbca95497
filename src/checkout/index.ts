export { type CheckoutForm, type CheckoutFormParams, checkoutForm } from "./checkout-form";
export type { CheckoutParams } from "./checkout-params";
export { checkoutUrl } from "./checkout-url";
export { fiscalDetail, type NewFiscalDetail, type NewFiscalItem } from "./fiscal-detail";
