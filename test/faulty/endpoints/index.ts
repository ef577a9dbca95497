import { mistake as amountBeforeAccount } from "./amount-before-account";
import { mistake as amountInSom } from "./amount-in-som";
import { mistake as anyKeyOfTheSandbox } from "./any-key-of-the-sandbox";
import { mistake as anyLogin } from "./any-login";
import { mistake as cancelOverwrites } from "./cancel-overwrites";
import { mistake as checkWithOwnTime } from "./check-with-own-time";
import { mistake as checkWithoutTimes } from "./check-without-times";
import { mistake as createTimeMadeAnew } from "./create-time-made-anew";
import { mistake as doubleCredit } from "./double-credit";
import { mistake as getIs404 } from "./get-is-404";
import { mistake as http400ForRefusals } from "./http-400-for-refusals";
import { mistake as http401 } from "./http-401";
import { mistake as keyAsSubstring } from "./key-as-substring";
import { mistake as keyPrefix } from "./key-prefix";
import { mistake as messageAsText } from "./message-as-text";
import type { Mistake } from "./mistake";
import { mistake as noData } from "./no-data";
import { mistake as noTimeout } from "./no-timeout";
import { mistake as orderLostByCancel } from "./order-lost-by-cancel";
import { mistake as paidOrderPayableAgain } from "./paid-order-payable-again";
import { mistake as parseErrorAsSystemError } from "./parse-error-as-system-error";
import { mistake as performTimeLost } from "./perform-time-lost";
import { mistake as performTimeMadeAnew } from "./perform-time-made-anew";
import { mistake as performsCancelled } from "./performs-cancelled";
import { mistake as readsJsonOnly } from "./reads-json-only";
import { mistake as refundAsMinusOne } from "./refund-as-minus-one";
import { mistake as repeatIsBusy } from "./repeat-is-busy";
import { mistake as secondsForMilliseconds } from "./seconds-for-milliseconds";
import { mistake as statementByOwnTime } from "./statement-by-own-time";
import { mistake as statementDescending } from "./statement-descending";
import { mistake as statementInSom } from "./statement-in-som";
import { mistake as statementOnlyPaid } from "./statement-only-paid";
import { mistake as statementWithoutEnd } from "./statement-without-end";
import { mistake as statementWithoutId } from "./statement-without-id";
import { mistake as timeoutWithoutReason } from "./timeout-without-reason";
import { mistake as transactionIdAsId } from "./transaction-id-as-id";
import { mistake as twelveMinutes } from "./twelve-minutes";
import { mistake as twoLiveTransactions } from "./two-live-transactions";
import { mistake as unknownOrderAsAmount } from "./unknown-order-as-amount";
import { mistake as unknownTransactionAsAccount } from "./unknown-transaction-as-account";

/** Well-known mistakes, one an endpoint. */
export const mistakes: readonly Mistake[] = [
  amountBeforeAccount,
  amountInSom,
  anyKeyOfTheSandbox,
  anyLogin,
  cancelOverwrites,
  checkWithOwnTime,
  checkWithoutTimes,
  createTimeMadeAnew,
  doubleCredit,
  getIs404,
  http400ForRefusals,
  http401,
  keyAsSubstring,
  keyPrefix,
  messageAsText,
  noData,
  noTimeout,
  orderLostByCancel,
  paidOrderPayableAgain,
  parseErrorAsSystemError,
  performTimeLost,
  performTimeMadeAnew,
  performsCancelled,
  readsJsonOnly,
  refundAsMinusOne,
  repeatIsBusy,
  secondsForMilliseconds,
  statementByOwnTime,
  statementDescending,
  statementInSom,
  statementOnlyPaid,
  statementWithoutEnd,
  statementWithoutId,
  timeoutWithoutReason,
  transactionIdAsId,
  twelveMinutes,
  twoLiveTransactions,
  unknownOrderAsAmount,
  unknownTransactionAsAccount,
];
