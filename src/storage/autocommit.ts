import type { ReadVerbs, Verbs } from "../ledger/storage";

/** Runs work with verbs of one kind. */
export type RunWith<V> = <R>(work: (verbs: V) => Promise<R>) => Promise<R>;

/**
 * Returns the verbs outside a transaction: reads run through `read`, writes through `write`, each in its own transaction. For
 * writers of adapters.
 */
export function autocommit(read: RunWith<ReadVerbs>, write: RunWith<Verbs>): Verbs {
  return {
    findTransaction: (scope, paymeId) => read((verbs) => verbs.findTransaction(scope, paymeId)),
    findTransactions: (scope, paymeIds) => read((verbs) => verbs.findTransactions(scope, paymeIds)),
    findLiveByOrder: (scope, reference, orderSpace, last) =>
      read((verbs) => verbs.findLiveByOrder(scope, reference, orderSpace, last)),
    listTransactions: (scope, range) => read((verbs) => verbs.listTransactions(scope, range)),
    listExpired: (scope, range) => read((verbs) => verbs.listExpired(scope, range)),
    findPayment: (scope, key) => read((verbs) => verbs.findPayment(scope, key)),
    listPending: (scope, range) => read((verbs) => verbs.listPending(scope, range)),
    listPaid: (scope, range) => read((verbs) => verbs.listPaid(scope, range)),
    listDue: (scope, range) => read((verbs) => verbs.listDue(scope, range)),
    paymentStatistics: (scope, filter) => read((verbs) => verbs.paymentStatistics(scope, filter)),
    searchPayments: (scope, search) => read((verbs) => verbs.searchPayments(scope, search)),
    paymentDays: (scope, period) => read((verbs) => verbs.paymentDays(scope, period)),
    paymentTotals: (scope, period) => read((verbs) => verbs.paymentTotals(scope, period)),
    listEvents: (scope, query) => read((verbs) => verbs.listEvents(scope, query)),
    addTransaction: (row) => write((verbs) => verbs.addTransaction(row)),
    changeTransaction: (scope, paymeId, change) => write((verbs) => verbs.changeTransaction(scope, paymeId, change)),
    moveOrders: (scope, orderSpace) => write((verbs) => verbs.moveOrders(scope, orderSpace)),
    saveFiscalData: (scope, paymeId, type, data) => write((verbs) => verbs.saveFiscalData(scope, paymeId, type, data)),
    addPayment: (row, options) => write((verbs) => verbs.addPayment(row, options)),
    changePayment: (scope, id, change) => write((verbs) => verbs.changePayment(scope, id, change)),
    attachReceipt: (scope, id, receipt) => write((verbs) => verbs.attachReceipt(scope, id, receipt)),
    requestCancel: (scope, id, request) => write((verbs) => verbs.requestCancel(scope, id, request)),
    withdrawCancel: (scope, id, withdrawal) => write((verbs) => verbs.withdrawCancel(scope, id, withdrawal)),
    claimCharge: (scope, id, claim) => write((verbs) => verbs.claimCharge(scope, id, claim)),
    releaseCharge: (scope, id, release) => write((verbs) => verbs.releaseCharge(scope, id, release)),
    noteNotification: (scope, id, note) => write((verbs) => verbs.noteNotification(scope, id, note)),
    scheduleCheck: (scope, id, schedule) => write((verbs) => verbs.scheduleCheck(scope, id, schedule)),
    claimDuePayments: (scope, claim) => write((verbs) => verbs.claimDuePayments(scope, claim)),
    appendEvents: (events, closing) => write((verbs) => verbs.appendEvents(events, closing)),
    claimEvents: (scope, claim) => write((verbs) => verbs.claimEvents(scope, claim)),
    closeEvent: (scope, id, result) => write((verbs) => verbs.closeEvent(scope, id, result)),
  };
}
