/** The end of a queued refund: see {@link MockChoices.cancelEnds}. */
export type RefundEnd = 50 | 4 | "never";

/**
 * Points that Payme's documents leave open, or answer in two ways. The mock takes the likelier answer; the option `choices` of
 * {@link createMockPayme} chooses another. `DEFAULT_CHOICES` has the defaults.
 *
 * Source: public documents and implementations of the Subscribe API.
 */
export interface MockChoices {
  /** `cards.verify` returns another token, and the old one still works. Payme's documents show another, clients keep the old. Default false. */
  readonly rotatesToken: boolean;
  /** `cards.check` and `cards.remove` need the key, as most pages say. Default false: in practice the id alone is accepted. */
  readonly cardsNeedKey: boolean;
  /** The cashbox refuses `save: true` with -31610, as one did. Default false. */
  readonly refusesSave: boolean;
  /** `cards.verify` before a code was sent is refused with -31101. Default false, so that a test may skip the SMS. */
  readonly needsSentCode: boolean;
  /** How long an SMS code is valid, and the value of `wait`. Default 60,000 ms. */
  readonly codeLifetimeMs: number;
  /** How many wrong codes are allowed before -31102. Default 3. */
  readonly codeAttempts: number;
  /** A second `cards.get_verify_code` within `wait`: sent again (default), or refused with -31110. */
  readonly earlyResend: "send" | "refuse";
  /** How long an unverified token lives; null (default): without end. */
  readonly unverifiedTokenLifetimeMs: number | null;
  /** Payme GO codes, each with the number of its test card. Default none: -31400. */
  readonly goCodes: Readonly<Record<string, string>>;
  /**
   * The state in the answer of `receipts.pay` at a virtual terminal while Payme is still at work; for a hold it is then 6. null
   * (default): the final state. With billing the answer always waits for the merchant.
   */
  readonly payAnswers: 1 | 2 | 3 | 30 | null;
  /** How long Payme is then at work. Default 5,000 ms. */
  readonly workMs: number;
  /** `receipts.pay` answers with `id` null, as the official sample does. Default false. */
  readonly payAnswersNullId: boolean;
  /** Messages of errors: one text (default; seen in captures), or an object of ru, uz, en (seen by some clients). */
  readonly messages: "text" | "languages";
  /** `receipts.get_all` with a count over 50: -32602 (default), or 50 receipts. */
  readonly countOverMaximum: "refuse" | "clamp";
  /** `receipts.get_all` answers with whole card numbers, as the official sample does. Default false. */
  readonly wholeCardNumbersInLists: boolean;
  /** The account in a virtual terminal's answers: as sent (default), with a field `transaction` added, or only that field. */
  readonly accountFields: "as_sent" | "with_transaction" | "transaction_only";
  /** A cancelled hold: 50 at once (default), or 21 first. */
  readonly cancelledHold: "cancelled" | "queued";
  /**
   * How a queued refund ends after `cancelDelayMs`: 50, the money is back (default); 4, it is paid again; or never. A list: the
   * first refund, the second one, and so on; the last entry is that of all others.
   */
  readonly cancelEnds: RefundEnd | readonly [RefundEnd, ...RefundEnd[]];
  /** `hold` in `receipts.create` or `receipts.pay` alone: an ordinary payment (default), or a hold. */
  readonly oneSidedHold: "payment" | "hold";
  /** A second cancel: the receipt as it is (default), or -31602. */
  readonly repeatedCancel: "receipt" | "refuse";
  /** A second confirmation of a hold: -31602 (default), or the receipt as it is. */
  readonly repeatedConfirm: "receipt" | "refuse";
  /** How long an unpaid receipt lives before it is cancelled; null (default): without end. */
  readonly unpaidLifetimeMs: number | null;
  /** The answer of `receipts.set_fiscal_data`: `{ success: true }` (default), or the receipt. */
  readonly fiscalDataAnswer: "success" | "receipt";
  /** The smallest and largest amount in tiyin: -31611, -31612. Default none. */
  readonly minimumTiyin: number | null;
  readonly maximumTiyin: number | null;
  /** The merchant is blocked: `receipts.create` and `receipts.pay` are refused with -31601. Default false. */
  readonly isBlocked: boolean;
  /** A cashbox with billing also asks CheckPerformTransaction when a receipt is created. Default false: the documents name only the payment. */
  readonly checksAtCreate: boolean;
  /** A cashbox with billing sends SetFiscalData when a receipt is paid, and when it is cancelled. Default false: it is optional for merchants. */
  readonly sendsFiscalData: boolean;
}

/** The default choices. */
export const DEFAULT_CHOICES: MockChoices = {
  rotatesToken: false,
  cardsNeedKey: false,
  refusesSave: false,
  needsSentCode: false,
  codeLifetimeMs: 60_000,
  codeAttempts: 3,
  earlyResend: "send",
  unverifiedTokenLifetimeMs: null,
  goCodes: {},
  payAnswers: null,
  workMs: 5_000,
  payAnswersNullId: false,
  messages: "text",
  countOverMaximum: "refuse",
  wholeCardNumbersInLists: false,
  accountFields: "as_sent",
  cancelledHold: "cancelled",
  cancelEnds: 50,
  oneSidedHold: "payment",
  repeatedCancel: "receipt",
  repeatedConfirm: "refuse",
  unpaidLifetimeMs: null,
  fiscalDataAnswer: "success",
  minimumTiyin: null,
  maximumTiyin: null,
  isBlocked: false,
  checksAtCreate: false,
  sendsFiscalData: false,
};
