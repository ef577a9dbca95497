import type { CardToken } from "./card-tokens";
import type { Cashbox } from "./cashbox";
import type { MerchantCaller } from "./merchant/caller";
import type { MoneyBook, MoneyTotals } from "./money-book";

/** A cashbox of a mock's, as a caller sees it. */
export interface MockCashbox {
  readonly merchantId: string;
  readonly key: string;
  readonly name: string;
  /** `billing`: Payme calls the merchant's endpoint for its receipts. */
  readonly kind: "virtual_terminal" | "billing";
  /** Plays Payme's side of the Merchant API against that endpoint. */
  readonly billing: MerchantCaller | undefined;
  /** Where they are, if somewhere. */
  readonly endpoint: string | undefined;
  readonly notifyUrl: string | undefined;
  readonly money: MoneyTotals;
}

/** A card that was given to a cashbox, without the token that pays. */
export interface MockCard {
  /** A short name of its token. */
  readonly id: string;
  readonly merchantId: string;
  /** Masked. */
  readonly number: string;
  /** `MMYY`. */
  readonly expire: string;
  readonly recurrent: boolean;
  readonly verified: boolean;
  readonly customer?: string | undefined;
  readonly createdAt: number;
}

/** What a caller sees of a cashbox. Its money is looked up when it is asked for. */
export function viewOfCashbox(cashbox: Cashbox, money: MoneyBook): MockCashbox {
  const { merchantId, key, name, kind, billing, endpoint, notifyUrl } = cashbox;
  return {
    merchantId,
    key,
    name,
    kind,
    billing,
    endpoint,
    notifyUrl,
    get money() {
      return money.totals(merchantId);
    },
  };
}

/** What a caller sees of a card: nothing that pays. */
export function viewOfCard(merchantId: string, card: CardToken): MockCard {
  const { id, recurrent, verified, customer, createdAt, accepted } = card;
  return { id, merchantId, number: accepted.masked, expire: accepted.expire, recurrent, verified, customer, createdAt };
}
