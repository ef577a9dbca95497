import type { CardToken } from "./card-tokens";
import type { Cashbox } from "./cashbox";
import type { MerchantCaller } from "./merchant/caller";
import type { MoneyBook, MoneyTotals } from "./money-book";

/** A cashbox of a mock, as its user sees it. */
export interface MockCashbox {
  readonly merchantId: string;
  readonly key: string;
  readonly name: string;
  /** `billing`: Payme calls the merchant's endpoint for its receipts. */
  readonly kind: "virtual_terminal" | "billing";
  /** Plays Payme's side of the Merchant API against that endpoint. */
  readonly billing: MerchantCaller | undefined;
  /** The URL of that endpoint. */
  readonly endpoint: string | undefined;
  /** The URL for notifications. */
  readonly notifyUrl: string | undefined;
  readonly money: MoneyTotals;
}

/** A card in a cashbox, without its token. */
export interface MockCard {
  /** The short name of its token. */
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

/** Returns what a user may see of a cashbox. `money` is current at each read. */
export function viewOfCashbox(cashbox: Cashbox, money: MoneyBook): MockCashbox {
  const { merchantId, key, name, kind, billing, endpoint, notifyUrl } = cashbox;
  const facts = { merchantId, key, name, kind, billing, endpoint, notifyUrl };
  return {
    ...facts,
    get money() {
      return money.totals(merchantId);
    },
  };
}

/** Returns what a user may see of a card: nothing that pays. */
export function viewOfCard(merchantId: string, card: CardToken): MockCard {
  const { id, recurrent, verified, customer, createdAt, accepted } = card;
  return { id, merchantId, number: accepted.masked, expire: accepted.expire, recurrent, verified, customer, createdAt };
}
