import type { MerchantAnswer, MerchantNoAnswer, MerchantRefusal } from "./answer";
import type { StatementPeriod } from "./compare-books";
import type { Disagreement } from "./disagreement";
import type { MockTransaction } from "./merchant-book";
import type { MerchantLineOptions } from "./merchant-line";

/** The outcome of a payment through a merchant's endpoint, or the step that it reached. */
export type MerchantPayment =
  /** From `begin`: the merchant has reserved it, and it is not paid. */
  | { readonly outcome: "begun"; readonly transaction: MockTransaction }
  | { readonly outcome: "paid"; readonly transaction: MockTransaction }
  /** The card was declined after Create: the transaction was cancelled with reason 2. */
  | { readonly outcome: "cancelled"; readonly transaction: MockTransaction }
  /**
   * The merchant refused. -32400: its endpoint does not work. -31623 (Payme's own code): its result is impossible.
   * `transaction` says how far it came.
   */
  | (MerchantRefusal & { readonly transaction?: MockTransaction | undefined })
  /** A call got no answer to any attempt: a person at Payme clears it up (`settle`). */
  | (MerchantNoAnswer & { readonly transaction?: MockTransaction | undefined });

/** An order to be paid. */
export interface MerchantOrder {
  /** The account's fields. Payme sends what the payer or the link gave: texts. */
  readonly account: Readonly<Record<string, string | number>>;
  /** In tiyin. A plain number: a wrong amount is sent, too. */
  readonly amount: number;
  /** Payme's id of the transaction. Default: a new one. */
  readonly id?: string | undefined;
  /** When Payme makes it. Default: now. */
  readonly time?: number | undefined;
}

/** Options of `mock.merchant` and of a cashbox's `billing`: the endpoint that the mock calls, and how. */
export interface MerchantCallerOptions extends MerchantLineOptions {
  /** Each Create, Perform and Cancel that succeeds is sent a second time, and the answers are compared. Default true. */
  readonly sendTwice?: boolean | undefined;
}

/** Options of {@link MerchantCaller.pay}. */
export interface MerchantPayOptions {
  /** `declined`: the card is declined after Create, and Payme cancels with reason 2. Default `accepted`. */
  readonly card?: "accepted" | "declined" | undefined;
}

/** Payme's side of the Merchant API, against one endpoint. Made by `mock.merchant`. */
export interface MerchantCaller {
  /** Check → Create → the card is charged → Perform. */
  pay(order: MerchantOrder & MerchantPayOptions): Promise<MerchantPayment>;
  /** Check → Create; then the payer leaves. */
  begin(order: MerchantOrder): Promise<MerchantPayment>;
  check(order: Pick<MerchantOrder, "account" | "amount">): Promise<MerchantAnswer>;
  /** Returns the answer, and Payme's id of the transaction. */
  create(order: MerchantOrder): Promise<MerchantAnswer & { readonly id: string }>;
  perform(id: string): Promise<MerchantAnswer>;
  /** Default reason: 3 before Perform (as in the sandbox), 5 (a refund) after it; a repeat has the first one's reason. */
  cancel(id: string, options?: { reason?: number | undefined }): Promise<MerchantAnswer>;
  /** Asks for the transaction's state. An answer that differs from Payme's books is a disagreement. */
  checkTransaction(id: string): Promise<MerchantAnswer>;
  /** Default: from Payme's oldest transaction with this merchant to now. */
  statement(period?: Partial<StatementPeriod>): Promise<MerchantAnswer>;
  /** Default data: an accepted receipt of the tax service. */
  setFiscalData(id: string, type: "PERFORM" | "CANCEL", data?: object): Promise<MerchantAnswer>;
  /** Sets another key at the merchant. Once the merchant answers, all further calls use it. */
  changePassword(password: string): Promise<MerchantAnswer>;
  /**
   * Ends transactions whose 12 hours are over by the mock's clock, and returns them. Payme cancels them with reason 4.
   * With `leaveToMerchant` it makes no call, and leaves out transactions whose Perform or Cancel has no answer yet.
   */
  expire(options?: { leaveToMerchant?: boolean | undefined }): Promise<MockTransaction[]>;
  /**
   * Clears up calls without an answer, as a person at Payme does: repeats each Perform and Cancel; asks about each Create,
   * and cancels what it made.
   */
  settle(): Promise<void>;
  transaction(id: string): MockTransaction | undefined;
  /** In the order of creation. */
  transactions(): MockTransaction[];
  /** Disagreements that calls have shown, oldest first. */
  readonly disagreements: readonly Disagreement[];
  /** Asks for the statement, and returns its differences from Payme's books. Empty: they agree. */
  compare(period?: Partial<StatementPeriod>): Promise<Disagreement[]>;
}
