import { mistake as allowFalse } from "./allow-false";
import { mistake as amountBeforeAccount } from "./amount-before-account";
import { mistake as amountInSom } from "./amount-in-som";
import { mistake as anotherLogin } from "./another-login";
import { mistake as anyAccount } from "./any-account";
import { mistake as anyKey } from "./any-key";
import { mistake as anyKeyOfTheSandbox } from "./any-key-of-the-sandbox";
import { mistake as anyLogin } from "./any-login";
import { mistake as busyIsSystemError } from "./busy-is-system-error";
import { mistake as cancelAsMinusTwo } from "./cancel-as-minus-two";
import { mistake as cancelLosesThePayment } from "./cancel-loses-the-payment";
import { mistake as cancelOverwrites } from "./cancel-overwrites";
import { mistake as checkOfCreated } from "./check-of-created";
import { mistake as checkWithOwnTime } from "./check-with-own-time";
import { mistake as checkWithoutReason } from "./check-without-reason";
import { mistake as checkWithoutTimes } from "./check-without-times";
import { mistake as createTimeMadeAnew } from "./create-time-made-anew";
import { mistake as createWithoutState } from "./create-without-state";
import { mistake as createWithoutTransaction } from "./create-without-transaction";
import { mistake as createsAtOnce } from "./creates-at-once";
import { mistake as createsCancelled } from "./creates-cancelled";
import { mistake as createsPerformed } from "./creates-performed";
import { mistake as detailDiscountAsObject } from "./detail-discount-as-object";
import { mistake as detailIncomplete } from "./detail-incomplete";
import { mistake as detailOutside } from "./detail-outside";
import { mistake as detailWithFractions } from "./detail-with-fractions";
import { mistake as doubleCredit } from "./double-credit";
import { mistake as fiscalCrash } from "./fiscal-crash";
import { mistake as fiscalRefundRefused } from "./fiscal-refund-refused";
import { mistake as fiscalRefused } from "./fiscal-refused";
import { mistake as getIs404 } from "./get-is-404";
import { mistake as http400ForRefusals } from "./http-400-for-refusals";
import { mistake as http401 } from "./http-401";
import { mistake as keyAsSubstring } from "./key-as-substring";
import { mistake as keyOfTheSandboxTest } from "./key-of-the-sandbox-test";
import { mistake as keyPrefix } from "./key-prefix";
import { mistake as lessThanThePrice } from "./less-than-the-price";
import { mistake as messageAsText } from "./message-as-text";
import { mistake as methodBeforeKey } from "./method-before-key";
import { mistake as methodOfObject } from "./method-of-object";
import { mistake as missingFieldAsSystemError } from "./missing-field-as-system-error";
import type { Mistake } from "./mistake";
import { mistake as needsJsonrpc } from "./needs-jsonrpc";
import { mistake as noData } from "./no-data";
import { mistake as noTimeout } from "./no-timeout";
import { mistake as oldKeyLives } from "./old-key-lives";
import { mistake as oneTimeForAll } from "./one-time-for-all";
import { mistake as orderLostByCancel } from "./order-lost-by-cancel";
import { mistake as overForEver } from "./over-for-ever";
import { mistake as pagesForErrors } from "./pages-for-errors";
import { mistake as paidOrderPayableAgain } from "./paid-order-payable-again";
import { mistake as parseErrorAsSystemError } from "./parse-error-as-system-error";
import { mistake as paymeIdAsTransaction } from "./payme-id-as-transaction";
import { mistake as performTimeLost } from "./perform-time-lost";
import { mistake as performTimeMadeAnew } from "./perform-time-made-anew";
import { mistake as performWithoutState } from "./perform-without-state";
import { mistake as performsCancelled } from "./performs-cancelled";
import { mistake as performsRefunded } from "./performs-refunded";
import { mistake as readsJsonOnly } from "./reads-json-only";
import { mistake as redirect } from "./redirect";
import { mistake as refundAsMinusOne } from "./refund-as-minus-one";
import { mistake as refundOverwrites } from "./refund-overwrites";
import { mistake as refusedRefundChanges } from "./refused-refund-changes";
import { mistake as repeatIsBusy } from "./repeat-is-busy";
import { mistake as resultWithError } from "./result-with-error";
import { mistake as secondCancelRefused } from "./second-cancel-refused";
import { mistake as secondsForMilliseconds } from "./seconds-for-milliseconds";
import { mistake as statementAccountAsText } from "./statement-account-as-text";
import { mistake as statementByEitherTime } from "./statement-by-either-time";
import { mistake as statementByOwnTime } from "./statement-by-own-time";
import { mistake as statementDescending } from "./statement-descending";
import { mistake as statementEmptyIsError } from "./statement-empty-is-error";
import { mistake as statementInSom } from "./statement-in-som";
import { mistake as statementMissing } from "./statement-missing";
import { mistake as statementOnlyPaid } from "./statement-only-paid";
import { mistake as statementTwice } from "./statement-twice";
import { mistake as statementWithoutEnd } from "./statement-without-end";
import { mistake as statementWithoutId } from "./statement-without-id";
import { mistake as timeoutWithoutCancelTime } from "./timeout-without-cancel-time";
import { mistake as timeoutWithoutReason } from "./timeout-without-reason";
import { mistake as transactionIdAsId } from "./transaction-id-as-id";
import { mistake as twelveHoursOfItsOwn } from "./twelve-hours-of-its-own";
import { mistake as twelveMinutes } from "./twelve-minutes";
import { mistake as twoLiveTransactions } from "./two-live-transactions";
import { mistake as unknownOrderAsAmount } from "./unknown-order-as-amount";
import { mistake as unknownTransactionAsAccount } from "./unknown-transaction-as-account";
import { mistake as wrongKeyWithHeader } from "./wrong-key-with-header";

/** Well-known mistakes, one an endpoint. */
export const mistakes: readonly Mistake[] = [
  allowFalse,
  amountBeforeAccount,
  amountInSom,
  anotherLogin,
  anyAccount,
  anyKey,
  anyKeyOfTheSandbox,
  anyLogin,
  busyIsSystemError,
  cancelAsMinusTwo,
  cancelLosesThePayment,
  cancelOverwrites,
  checkOfCreated,
  checkWithOwnTime,
  checkWithoutReason,
  checkWithoutTimes,
  createTimeMadeAnew,
  createWithoutState,
  createWithoutTransaction,
  createsAtOnce,
  createsCancelled,
  createsPerformed,
  detailDiscountAsObject,
  detailIncomplete,
  detailOutside,
  detailWithFractions,
  doubleCredit,
  fiscalCrash,
  fiscalRefundRefused,
  fiscalRefused,
  getIs404,
  http400ForRefusals,
  http401,
  keyAsSubstring,
  keyOfTheSandboxTest,
  keyPrefix,
  lessThanThePrice,
  messageAsText,
  methodBeforeKey,
  methodOfObject,
  missingFieldAsSystemError,
  needsJsonrpc,
  noData,
  noTimeout,
  oldKeyLives,
  oneTimeForAll,
  orderLostByCancel,
  overForEver,
  pagesForErrors,
  paidOrderPayableAgain,
  parseErrorAsSystemError,
  paymeIdAsTransaction,
  performTimeLost,
  performTimeMadeAnew,
  performWithoutState,
  performsCancelled,
  performsRefunded,
  readsJsonOnly,
  redirect,
  refundAsMinusOne,
  refundOverwrites,
  refusedRefundChanges,
  repeatIsBusy,
  resultWithError,
  secondCancelRefused,
  secondsForMilliseconds,
  statementAccountAsText,
  statementByEitherTime,
  statementByOwnTime,
  statementDescending,
  statementEmptyIsError,
  statementInSom,
  statementMissing,
  statementOnlyPaid,
  statementTwice,
  statementWithoutEnd,
  statementWithoutId,
  timeoutWithoutCancelTime,
  timeoutWithoutReason,
  transactionIdAsId,
  twelveHoursOfItsOwn,
  twelveMinutes,
  twoLiveTransactions,
  unknownOrderAsAmount,
  unknownTransactionAsAccount,
  wrongKeyWithHeader,
];
