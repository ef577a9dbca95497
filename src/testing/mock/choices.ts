/**
 * What Payme's documents leave open, or say in two ways: the mock takes the likelier, and each can be chosen otherwise. Give
 * those that you want to try to `choices` of {@link createMockPayme}; `DEFAULT_CHOICES` are the others.
 *
 * Source of each: the open questions of the Subscribe API, as far as public documents and implementations tell.
 */
export interface MockChoices {
  /** `cards.verify` gives another token than it was given, and the old one stays good. Docs show another, clients keep the old. Default false. */
  readonly rotatesToken: boolean;
  /** `cards.check` and `cards.remove` need the key, as most pages say. Default false: the id alone has been seen to do. */
  readonly cardsNeedKey: boolean;
  /** The cashbox refuses `save: true` with -31610, as one did. Default false. */
  readonly refusesSave: boolean;
  /** A code must have been sent before `cards.verify`: else -31101. Default false, so that a test may skip the SMS. */
  readonly needsSentCode: boolean;
  /** How long an SMS code is good, and what `wait` says. Default 60,000 ms. */
  readonly codeLifetimeMs: number;
  /** How many wrong codes before -31102. Default 3. */
  readonly codeAttempts: number;
  /** A second `cards.get_verify_code` within `wait`: sent again (default), or refused with -31110. */
  readonly earlyResend: "send" | "refuse";
  /** How long a token lives that nobody verifies; null (default): for ever. */
  readonly unverifiedTokenLifetimeMs: number | null;
  /** Payme GO codes, each with the number of the test card that it stands for. Default none: -31400. */
  readonly goCodes: Readonly<Record<string, string>>;
  /**
   * The state with which `receipts.pay` of a virtual terminal answers while Payme is still at work, a hold with 6; null (default): it answers
   * with the end. With billing the answer waits for the merchant, as ever.
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
  /** `receipts.get_all` gives whole card numbers, as the official sample does. Default false. */
  readonly wholeCardNumbersInLists: boolean;
  /** A virtual terminal's account in answers: as it was sent (default), with a field `transaction` added, or replaced by it. */
  readonly accountFields: "as_sent" | "with_transaction" | "transaction_only";
  /** A receipt that holds money and is cancelled: 50 at once (default), or 21 first. */
  readonly cancelledHold: "cancelled" | "queued";
  /** `hold` said to create or to pay alone: an ordinary payment (default), or a hold. */
  readonly oneSidedHold: "payment" | "hold";
  /** A receipt that is cancelled again: the receipt as it is (default), or -31602. */
  readonly repeatedCancel: "receipt" | "refuse";
  /** A hold that is confirmed again: -31602 (default), or the receipt as it is. */
  readonly repeatedConfirm: "receipt" | "refuse";
  /** How long an unpaid receipt lives before it is cancelled; null (default): for ever. */
  readonly unpaidLifetimeMs: number | null;
  /** What `receipts.set_fiscal_data` answers: `{ success: true }` (default), or the receipt. */
  readonly fiscalDataAnswer: "success" | "receipt";
  /** The smallest and largest amount in tiyin: -31611, -31612. Default none. */
  readonly minimumTiyin: number | null;
  readonly maximumTiyin: number | null;
  /** The merchant is blocked: `receipts.create` and `receipts.pay` are refused with -31601. Default false. */
  readonly isBlocked: boolean;
  /** A cashbox with billing asks CheckPerformTransaction when a receipt is created, too. Default false: the documents name the payment only. */
  readonly checksAtCreate: boolean;
  /** A cashbox with billing sends SetFiscalData once a receipt is paid, and once it is cancelled. Default false: it is optional for merchants. */
  readonly sendsFiscalData: boolean;
}

/** What the mock does unless it is told otherwise. */
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
