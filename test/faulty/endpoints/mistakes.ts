import { AMOUNT, allowsAt, type Rules } from "./reference";

/** An endpoint with one mistake, and the checks of the certifier that must tell it: these, and no others. */
export interface Mistake {
  readonly instead: Partial<Rules>;
  readonly fails: readonly string[];
}

/** Well-known mistakes by what is wrong, each with the one rule of the reference endpoint that it breaks. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  // The way in
  "the login is the id of the cashbox, not Paycom": {
    instead: { authorises: (credentials, key) => credentials === `65f0c1d2e3a4b5c6d7e8f901:${key}` },
    fails: ["auth.right-key"],
  },
  "the header of the sandbox is taken in place of the key": {
    instead: { letsIn: (request) => request.headers.has("Test-Operation") },
    fails: ["auth.sandbox-headers"],
  },
  "a call without Authorization is let in": {
    instead: { letsIn: (request) => !request.headers.has("Authorization") },
    fails: ["auth.missing"],
  },
  "any header that contains the key is let in": {
    instead: { authorises: (credentials, key) => credentials.includes(key) },
    fails: ["auth.key-part", "auth.first-colon"],
  },
  "the wrong key that the sandbox sends is let in": {
    instead: {
      authorises: (credentials, key) => credentials === `Paycom:${key}` || credentials.startsWith("Paycom:Uzcard:"),
    },
    fails: ["auth.wrong-key", "auth.before-method", "auth.sandbox-headers", "change-password.wrong-key"],
  },
  "the beginning of the key is enough": {
    instead: {
      authorises: (credentials, key) => `Paycom:${key}`.startsWith(credentials) && credentials.startsWith("Paycom:"),
    },
    fails: ["auth.key-part"],
  },
  "a caller without the key learns which methods are unknown": {
    instead: { methodBeforeKey: true },
    fails: ["auth.before-method"],
  },
  "the wrong key that the sandbox sends is let in with the sandbox's header": {
    instead: {
      letsIn: ({ headers }) =>
        headers.has("Test-Operation") &&
        atob(headers.get("Authorization")?.slice(6) ?? "").startsWith("Paycom:Uzcard:"),
    },
    fails: ["auth.sandbox-headers"],
  },
  "a caller without the key gets a system error where the body is not JSON": {
    instead: { wrongKeyAndNoJsonCode: -32400 },
    fails: ["auth.before-parsing"],
  },
  // HTTP
  "GET is left to the framework": {
    instead: { answersGet: false },
    fails: ["http.get"],
  },
  "refusals are answered with HTTP 400": {
    instead: { httpStatus: (code) => (code === undefined ? 200 : 400) },
    fails: ["http.status", "http.get"],
  },
  "a wrong key is answered with HTTP 401": {
    instead: { httpStatus: (code) => (code === -32504 ? 401 : 200) },
    fails: ["http.status"],
  },
  "a body of text/json is not parsed": {
    instead: { parses: (contentType) => contentType.startsWith("application/json") },
    fails: ["http.content-type"],
  },
  "the address redirects": {
    instead: { redirects: true },
    fails: ["http.answers"],
  },
  // JSON-RPC
  "inherited members of the object are called as methods": {
    instead: { methodOf: (methods, name) => methods[name] },
    fails: ["json-rpc.unknown-method"],
  },
  "requests without the member jsonrpc are refused": {
    instead: { needsJsonrpc: true },
    fails: ["json-rpc.no-jsonrpc"],
  },
  "an unforeseen error is answered with an HTML page": {
    instead: { needsId: false },
    fails: ["json-rpc.missing-params", "http.status"],
  },
  "a body that is not JSON is refused with a system error": {
    instead: { parseErrorCode: -32400 },
    fails: ["json-rpc.parse-error"],
  },
  // Answers
  "messages are text in one language": {
    instead: { message: (text) => text },
    fails: ["answer.message"],
  },
  "refusals do not name the field": {
    instead: { data: undefined },
    fails: ["answer.data"],
  },
  "errors carry a result as well": {
    instead: { reply: (body) => ({ result: {}, ...body }) },
    fails: ["answer.result-or-error"],
  },
  "errors carry the id of the transaction": {
    instead: { idOf: ({ id, params }) => params.id ?? id },
    fails: ["answer.id"],
  },
  // CheckPerformTransaction
  "an order that can be paid is answered with allow: false": {
    instead: { allows: { allow: false } },
    fails: ["check-perform.allow"],
  },
  "the amount is checked before the account": {
    instead: { amountFirst: true },
    fails: ["check-perform.account-before-amount"],
  },
  "the amount is compared in som": {
    instead: { isRightAmount: (amount, order) => Math.round(amount / 100) === order.amount / 100 },
    fails: ["check-perform.wrong-amount", "create.wrong-amount"],
  },
  "any account can be paid": {
    instead: { orderOf: (orders, key) => orders.get(key) ?? { amount: AMOUNT, fulfilled: 0 } },
    fails: [
      "check-perform.unknown-account",
      "create.unknown-account",
      "create.malformed-account",
      "check-perform.malformed-account",
      "check-perform.account-before-amount",
    ],
  },
  "an order that is taken is refused with a system error": {
    instead: { busyCode: -32400 },
    fails: ["check-perform.busy-order", "check-perform.paid-order", "create.busy-order", "create.paid-order"],
  },
  "an item of the fiscal detail has a discount as an object, as old docs showed it": {
    instead: { allows: allowsAt(5_000_000, { discount: { title: "Sale", price: 0 } }) },
    fails: ["check-perform.detail"],
  },
  "an item of the fiscal detail has no package code": {
    instead: {
      allows: {
        allow: true,
        detail: {
          receipt_type: 0,
          items: [{ title: "Notebook", price: 5_000_000, count: 1, code: "01234567890123456", vat_percent: 12 }],
        },
      },
    },
    fails: ["check-perform.detail"],
  },
  "the fiscal detail stands beside the result, not in it": {
    instead: { reply: (body) => ("result" in body ? { ...body, detail: { receipt_type: 0, items: [] } } : body) },
    fails: ["check-perform.detail"],
  },
  "an item of the fiscal detail has a price in som, with a fraction": {
    instead: { allows: allowsAt(49_999.5) },
    fails: ["check-perform.detail"],
  },
  "the amount is compared in som, rounded up": {
    instead: { isRightAmount: (amount, order) => Math.ceil(amount / 100) === order.amount / 100 },
    fails: ["check-perform.wrong-amount", "create.wrong-amount"],
  },
  "an account without its field is refused with a system error": {
    instead: { missingFieldCode: -32400 },
    fails: ["check-perform.malformed-account", "create.malformed-account"],
  },
  "the second field of the account is not read": {
    instead: { second: { name: "branch", isRight: () => true } },
    fails: ["create.every-field"],
  },
  "a number that fits no 32-bit column is refused with a system error": {
    instead: { tooLargeCode: -32400 },
    fails: ["create.large-number"],
  },
  "an order that is paid can be paid again": {
    instead: { holdsOrder: (row) => row.state === 1 },
    fails: ["check-perform.paid-order", "create.paid-order"],
  },
  "an unknown order is refused as a wrong amount": {
    instead: { unknownOrderCode: -31001 },
    fails: [
      "check-perform.unknown-account",
      "create.unknown-account",
      "create.malformed-account",
      "check-perform.account-before-amount",
      "check-perform.malformed-account",
    ],
  },
  // CreateTransaction
  "a repeated Create is answered with a new create_time": {
    instead: { createdAgain: (row, now) => ({ ...row, create_time: now + 1 }) },
    fails: ["create.repeat", "create.same-at-once"],
  },
  "Create is answered with state 0": {
    instead: { created: ({ create_time, transaction }) => ({ create_time, transaction, state: 0 }) },
    fails: ["create.state"],
  },
  "transactions have no id of their own": {
    instead: { transactionOf: () => "" },
    fails: ["create.transaction"],
  },
  "parallel Creates of one order are all accepted": {
    instead: { readsThenCreates: true },
    fails: ["create.at-once", "create.same-at-once"],
  },
  "the Creates that lose a race remove the row of the one that won": {
    instead: { losesWinner: true },
    fails: ["create.race-winner"],
  },
  "an order is held by the text of its account": {
    instead: { orderOf: (orders, key) => orders.get(String(Number(key))) },
    fails: ["create.other-spelling"],
  },
  "a cancelled transaction is created again": {
    instead: {
      createsAgain: () => true,
      created: ({ create_time, transaction }) => ({ create_time, transaction, state: 1 }),
    },
    fails: ["create.cancelled-id", "create.performed-id"],
  },
  "a performed transaction is created again": {
    instead: {
      createsAgain: ({ state }) => state > 0,
      created: ({ create_time, transaction }) => ({ create_time, transaction, state: 1 }),
    },
    fails: ["create.performed-id"],
  },
  "an order whose transaction was cancelled takes no new one": {
    instead: { holdsOrder: (row) => row.state !== -2 },
    fails: ["create.after-cancel"],
  },
  "a repeated Create is refused because its own transaction holds the order": {
    instead: { looksForIdFirst: false },
    fails: ["create.repeat", "create.same-at-once"],
  },
  "times are in seconds": {
    instead: { ownTime: (now) => Math.floor(now / 1000) },
    fails: ["create.milliseconds", "perform.milliseconds", "cancel.milliseconds"],
  },
  "an order takes a second transaction while the first one is open": {
    instead: { holdsOrder: (row) => row.state === 2 },
    fails: ["create.busy-order", "create.at-once"],
  },
  // PerformTransaction
  "a Cancel overwrites a Perform that came after it had read the row": {
    instead: { readsThenCancels: true },
    fails: ["perform.against-cancel"],
  },
  "parallel Performs fulfil the order twice": {
    instead: { readsThenPerforms: true },
    fails: ["perform.at-once", "perform.once"],
  },
  "an order is fulfilled at Create": {
    instead: { fulfilsAtCreate: true },
    fails: ["perform.once"],
  },
  "a cancelled transaction is fulfilled, and then refused": {
    instead: { fulfilsRefused: ({ state, reason }) => state === -1 && reason !== 4 },
    fails: ["perform.cancelled"],
  },
  "a refunded transaction is fulfilled again, and then refused": {
    instead: { fulfilsRefused: ({ state }) => state === -2 },
    fails: ["perform.refunded"],
  },
  "an expired transaction is fulfilled, and then refused": {
    instead: { fulfilsRefused: ({ reason }) => reason === 4 },
    fails: ["timeout.perform"],
  },
  "Perform and Cancel answer the id of Payme as transaction": {
    instead: {
      performed: ({ id, perform_time, state }) => ({ transaction: id, perform_time, state }),
      cancelled: ({ id, cancel_time, state }) => ({ transaction: id, cancel_time, state }),
    },
    fails: ["perform.transaction", "cancel.transaction"],
  },
  "a repeated Perform is answered with a new perform_time": {
    instead: { performedAgain: (row, now) => ({ ...row, perform_time: now + 1 }) },
    fails: ["perform.repeat", "perform.at-once"],
  },
  "Perform is answered with state 1": {
    instead: { performed: ({ transaction, perform_time }) => ({ transaction, perform_time, state: 1 }) },
    fails: ["perform.state"],
  },
  "a cancelled transaction is performed": {
    instead: { mayPerform: () => true },
    fails: ["perform.cancelled", "perform.refunded", "perform.against-cancel", "timeout.perform"],
  },
  "a refunded transaction is performed again": {
    instead: { mayPerform: ({ state }) => state === 1 || state === -2 },
    fails: ["perform.refunded"],
  },
  "an unknown transaction is refused with -31050": {
    instead: { unknownTransactionCode: -31050 },
    fails: ["perform.unknown", "cancel.unknown", "check.unknown"],
  },
  // CancelTransaction
  "Cancel of a created transaction is answered with state -2": {
    instead: { cancelled: ({ transaction, cancel_time }) => ({ transaction, cancel_time, state: -2 }) },
    fails: ["cancel.created", "check.cancelled", "perform.against-cancel"],
  },
  "a repeated Cancel overwrites reason and cancel_time": {
    instead: { cancelledAgain: (row, reason, now) => Object.assign(row, { reason, cancel_time: now }) },
    fails: ["cancel.repeat", "cancel.reason-kept", "cancel.refund-repeat", "cancel.refund-reason-kept"],
  },
  "parallel refunds each write their cancel_time": {
    instead: { readsThenRefunds: true },
    fails: ["cancel.at-once"],
  },
  "a refund ends in state -1": {
    instead: { refundState: -1 },
    fails: ["cancel.performed"],
  },
  "a repeated refund overwrites the reason": {
    instead: { cancelledAgain: (row, reason) => (row.state === -2 ? Object.assign(row, { reason }) : row) },
    fails: ["cancel.refund-reason-kept"],
  },
  "a refund that is refused changes the transaction": {
    instead: { refusesRefund: true, changesBeforeRefusing: true },
    fails: ["cancel.refused-changes-nothing"],
  },
  "a repeated Cancel is refused": {
    instead: { cancelsAgain: false },
    fails: ["cancel.repeat", "cancel.refund-repeat"],
  },
  "a repeated Cancel frees the order of another transaction": {
    instead: { freesWhenCancelledAgain: true },
    fails: ["cancel.order-kept"],
  },
  // The 12 hours
  "transactions never expire": {
    instead: { lifetimeMs: Number.POSITIVE_INFINITY },
    fails: ["timeout.perform"],
  },
  "an expired transaction holds its order for ever": {
    instead: { endsWhatIsOver: false, freesWhatIsOver: false },
    fails: ["timeout.reason", "timeout.order-free", "timeout.create-again"],
  },
  "an abandoned transaction holds its order until a call names it": {
    instead: { freesWhatIsOver: false },
    fails: ["timeout.order-free"],
  },
  "a transaction that is over 12 hours old is refused with a system error": {
    instead: { tooOldCode: -32400 },
    fails: ["timeout.create"],
  },
  "Create looks at the 12 hours of new transactions only": {
    instead: { endsWhenCreatedAgain: false },
    fails: ["timeout.create-again"],
  },
  "an expired transaction has no cancel_time": {
    instead: { timeoutTime: () => null },
    fails: ["timeout.reason"],
  },
  "an expired transaction has no reason": {
    instead: { timeoutReason: null },
    fails: ["timeout.reason"],
  },
  "the 12 hours are counted from create_time": {
    instead: { bornAt: (row) => row.create_time },
    fails: ["timeout.perform"],
  },
  "a late Perform frees the order of another transaction": {
    instead: { freesWhenPerformedLate: true },
    fails: ["timeout.order-kept"],
  },
  "transactions expire after 12 minutes": {
    instead: { lifetimeMs: 12 * 60_000 },
    fails: ["timeout.not-before"],
  },
  // CheckTransaction
  "CheckTransaction answers state 0 before Perform": {
    instead: {
      checked: ({ id, time, amount, account, ...row }) => ({ ...row, state: row.state === 1 ? 0 : row.state }),
    },
    fails: ["check.created", "statement.agrees"],
  },
  "CheckTransaction answers another create_time than Create": {
    instead: { checked: ({ id, time, amount, account, ...row }) => ({ ...row, create_time: row.create_time + 1 }) },
    fails: ["check.create-time", "statement.agrees"],
  },
  "a transaction that is asked about twice is cancelled": {
    instead: {
      reads(row, times) {
        if (times === 2 && row.state === 1) Object.assign(row, { state: -1, reason: 10, cancel_time: row.time });
      },
    },
    fails: ["check.changes-nothing"],
  },
  "CheckTransaction leaves reason out": {
    instead: { checked: ({ id, time, amount, account, reason, ...row }) => row },
    fails: [
      "check.members",
      "check.created",
      "check.performed",
      "check.cancelled",
      "check.refunded",
      "timeout.reason",
      "statement.agrees",
    ],
  },
  "CheckTransaction answers 0 for perform_time and cancel_time": {
    instead: {
      checked: ({ create_time, transaction, state, reason }) => ({
        create_time,
        perform_time: 0,
        cancel_time: 0,
        transaction,
        state,
        reason,
      }),
    },
    fails: ["check.performed", "check.cancelled", "check.refunded", "timeout.reason", "statement.agrees"],
  },
  "CheckTransaction answers the time of the last change as create_time": {
    instead: {
      checked: ({ create_time, perform_time, cancel_time, transaction, state, reason }) => ({
        create_time: cancel_time || perform_time || create_time,
        perform_time,
        cancel_time,
        transaction,
        state,
        reason,
      }),
    },
    fails: ["check.create-time-kept", "statement.agrees"],
  },
  "a refund sets perform_time to 0": {
    instead: { refundedPerformTime: () => 0 },
    fails: ["check.perform-time-kept"],
  },
  // GetStatement
  "the statement has the account as text": {
    instead: { line: (row) => ({ ...row, account: row.account.order_id }) },
    fails: ["statement.as-received"],
  },
  "the statement selects by Payme's time or by create_time, whichever fits": {
    instead: {
      isListed: (row, { from, to }) => [row.time, row.create_time].some((time) => time >= from && time <= to),
    },
    fails: ["statement.by-payme-time"],
  },
  "the statement selects by create_time": {
    instead: { isListed: (row, { from, to }) => row.create_time >= from && row.create_time <= to },
    fails: ["statement.by-payme-time"],
  },
  "the newest comes first in the statement": {
    instead: { order: (a, b) => b.time - a.time },
    fails: ["statement.ascending"],
  },
  "an empty statement is an error": {
    instead: { emptyIsAnError: true },
    fails: ["statement.empty"],
  },
  "amounts of the statement are in som": {
    instead: { line: (row) => ({ ...row, amount: row.amount / 100 }) },
    fails: ["statement.tiyin"],
  },
  "there is no GetStatement": {
    instead: { hasStatement: false },
    fails: ["statement.empty"],
  },
  "the statement lists paid transactions only": {
    instead: { isListed: (row, { from, to }) => row.state === 2 && row.time >= from && row.time <= to },
    fails: ["statement.all-states"],
  },
  "the statement lists transactions twice": {
    instead: { list: (lines) => lines.flatMap((line) => [line, line]) },
    fails: ["statement.created-only"],
  },
  "the statement leaves out the last millisecond of the period": {
    instead: { isListed: (row, { from, to }) => row.time >= from && row.time < to },
    fails: ["statement.inclusive"],
  },
  "the statement has no Payme ids": {
    instead: { line: ({ id: _, ...line }) => line },
    fails: ["statement.id"],
  },
  // SetFiscalData
  "fiscal data of an unknown receipt are answered with an HTML page": {
    instead: { unknownReceiptCode: undefined },
    fails: ["fiscal.unknown", "http.status"],
  },
  "fiscal data of a refund are answered with success: false": {
    instead: { fiscalAnswer: (type) => ({ success: type === "PERFORM" }) },
    fails: ["fiscal.success"],
  },
  "fiscal data are answered with success: false": {
    instead: { fiscalAnswer: () => ({ success: false }) },
    fails: ["fiscal.success"],
  },
  // ChangePassword
  "the old key is let in after ChangePassword": {
    instead: { keepsOldKey: true },
    fails: ["change-password.changed"],
  },
};
