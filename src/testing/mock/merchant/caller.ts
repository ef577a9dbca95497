import type { MerchantAnswer, MerchantMethodName, MerchantRefusal } from "./answer";
import type { MockTransaction } from "./book-entry";
import type { Period } from "./compare-books";
import type { Disagreement } from "./disagreement";
import type { MerchantLineOptions } from "./merchant-line";

/** How a payment through a merchant's endpoint ended, or how far it came. */
export type MerchantPayment =
  /** Reserved by the merchant, not paid: from `begin`. */
  | { readonly outcome: "begun"; readonly transaction: MockTransaction }
  | { readonly outcome: "paid"; readonly transaction: MockTransaction }
  /** The card was declined after Create: the transaction was cancelled with reason 2. */
  | { readonly outcome: "cancelled"; readonly transaction: MockTransaction }
  /** The merchant said no. -32400: it does not work. -31623 (Payme's own): a result that cannot be. */
  | (Omit<MerchantRefusal, "outcome"> & {
      readonly outcome: "refused";
      /** What was made of it before it was refused. */
      readonly transaction?: MockTransaction | undefined;
    })
  /** A call was not answered, in all attempts: a person at Payme looks after it (`settle`). */
  | {
      readonly outcome: "unknown";
      readonly method: MerchantMethodName;
      readonly transaction?: MockTransaction | undefined;
    };

/** What is paid for. */
export interface MerchantOrder {
  /** The account's fields. Payme sends what the payer or the link gave: texts. */
  readonly account: Readonly<Record<string, string | number>>;
  /** In tiyin. */
  readonly amount: number;
  /** Payme's id of the transaction. Default: a new one. */
  readonly id?: string | undefined;
  /** When Payme makes it. Default: now. */
  readonly time?: number | undefined;
}

/** Which endpoint Payme's side is played against, and how. */
export interface MerchantCallerOptions extends MerchantLineOptions {
  /** Each Create, Perform and Cancel that succeeds is sent a second time, and the answers compared. Default true. */
  readonly sendTwice?: boolean | undefined;
}

/** What comes of the card in {@link MerchantCaller.pay}. */
export interface PayOptions {
  /** `declined`: after Create nothing can be debited, and Payme cancels with reason 2. Default `accepted`. */
  readonly card?: "accepted" | "declined" | undefined;
}

/** Payme's side of the Merchant API, against one endpoint. Made by `mock.merchant`. */
export interface MerchantCaller {
  /** Check → Create → the card is charged → Perform. */
  pay(order: MerchantOrder & PayOptions): Promise<MerchantPayment>;
  /** Check → Create; then the payer is gone. */
  begin(order: MerchantOrder): Promise<MerchantPayment>;
  check(order: Pick<MerchantOrder, "account" | "amount">): Promise<MerchantAnswer>;
  /** Gives the answer, and the id under which Payme has the transaction. */
  create(order: MerchantOrder): Promise<MerchantAnswer & { readonly id: string }>;
  perform(id: string): Promise<MerchantAnswer>;
  /** Default reason: 3 before it was performed (as the sandbox has it), 5 (a refund) after; a repeat has that of the first. */
  cancel(id: string, options?: { reason?: number | undefined }): Promise<MerchantAnswer>;
  /** Asks how it stands; where that is not what Payme's books say, it is a disagreement. */
  checkTransaction(id: string): Promise<MerchantAnswer>;
  /** Default: from Payme's oldest transaction with this merchant to now. */
  statement(period?: Partial<Period>): Promise<MerchantAnswer>;
  /** Default data: an accepted receipt of the tax service. */
  setFiscalData(id: string, type: "PERFORM" | "CANCEL", data?: object): Promise<MerchantAnswer>;
  /** Sets another key at the merchant; once that is answered, it is the key of all further calls. */
  changePassword(password: string): Promise<MerchantAnswer>;
  /**
   * What Payme does once payers are gone for 12 hours, by the mock's clock: cancels with reason 4, or, with
   * `leaveToMerchant`, tells nobody; then a transaction whose Perform or Cancel has no answer yet is left to it. Gives the
   * transactions that ended.
   */
  expire(options?: { leaveToMerchant?: boolean | undefined }): Promise<MockTransaction[]>;
  /**
   * What a person at Payme does with calls that were not answered: repeats each Perform and Cancel; asks about each
   * Create, and cancels what it made.
   */
  settle(): Promise<void>;
  transaction(id: string): MockTransaction | undefined;
  /** In the order of creation. */
  transactions(): MockTransaction[];
  /** What was found wrong while calling, oldest first. */
  readonly disagreements: readonly Disagreement[];
  /** Asks for the statement: where it differs from Payme's books. Empty: they agree. */
  compare(period?: Partial<Period>): Promise<Disagreement[]>;
}
