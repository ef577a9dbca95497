import type { ReadVerbs, Verbs } from "./storage";

/**
 * The verbs outside a transaction: reads go to `reads`, each write runs in a transaction of its own through `write`.
 * For writers of adapters.
 */
export function autocommit(reads: ReadVerbs, write: <R>(work: (verbs: Verbs) => Promise<R>) => Promise<R>): Verbs {
  return {
    findTransaction: (scope, paymeId) => reads.findTransaction(scope, paymeId),
    findLiveByOrder: (scope, orderKey) => reads.findLiveByOrder(scope, orderKey),
    listTransactions: (scope, range) => reads.listTransactions(scope, range),
    listExpired: (scope, range) => reads.listExpired(scope, range),
    findPayment: (scope, key) => reads.findPayment(scope, key),
    listPending: (scope, range) => reads.listPending(scope, range),
    paymentStatistics: (scope, filter) => reads.paymentStatistics(scope, filter),
    listEvents: (scope, query) => reads.listEvents(scope, query),
    addTransaction: (row) => write((verbs) => verbs.addTransaction(row)),
    changeTransaction: (scope, paymeId, change) => write((verbs) => verbs.changeTransaction(scope, paymeId, change)),
    saveFiscalData: (scope, paymeId, type, data) => write((verbs) => verbs.saveFiscalData(scope, paymeId, type, data)),
    addPayment: (row, options) => write((verbs) => verbs.addPayment(row, options)),
    changePayment: (scope, id, change) => write((verbs) => verbs.changePayment(scope, id, change)),
    attachReceipt: (scope, id, receipt) => write((verbs) => verbs.attachReceipt(scope, id, receipt)),
    requestCancel: (scope, id, at) => write((verbs) => verbs.requestCancel(scope, id, at)),
    withdrawCancel: (scope, id, at) => write((verbs) => verbs.withdrawCancel(scope, id, at)),
    noteNotification: (scope, id, note) => write((verbs) => verbs.noteNotification(scope, id, note)),
    scheduleCheck: (scope, id, schedule) => write((verbs) => verbs.scheduleCheck(scope, id, schedule)),
    claimDuePayments: (scope, claim) => write((verbs) => verbs.claimDuePayments(scope, claim)),
    appendEvents: (events) => write((verbs) => verbs.appendEvents(events)),
    claimEvents: (scope, claim) => write((verbs) => verbs.claimEvents(scope, claim)),
    closeEvent: (scope, id, result) => write((verbs) => verbs.closeEvent(scope, id, result)),
  };
}
