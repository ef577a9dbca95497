import { tiyin } from "../../../kit/money";
import { equal, includes } from "../check";
import {
  cancelling,
  column,
  FULL_PAYMENT,
  FULL_TRANSACTION,
  MOST,
  newEvent,
  paying,
  paymentRow,
  performing,
  SCOPE,
  transactionRow,
} from "../rows";
import { rule, type SuiteCase } from "../under-test";

/** The limits of 32-bit integers, signed and unsigned, and of doubles in text or REAL. */
const EDGES = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 2, Number.MAX_SAFE_INTEGER] as const;

/** The last time that fits into a TIMESTAMP column and a date in text. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const MOMENTS = [1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, LAST_MOMENT] as const;

/** The extremes of what the parsers of the wire let through: any safe integer. */
const REASONS = [-2_147_483_649, Number.MIN_SAFE_INTEGER, -1, ...EDGES] as const;

/** Amounts, times and reasons of 64 bits are stored, compared and returned exactly. */
export const wideIntegers: readonly SuiteCase[] = [
  rule("amounts are exact up to the largest", async ({ storage }) => {
    for (const [index, edge] of EDGES.entries()) {
      const [id, amount] = [`payment-${index}`, tiyin(edge)];
      const payment = paymentRow({ id, amount });
      const transaction = transactionRow({
        paymeId: id,
        reference: id,
        amount,
        receivers: [{ id: "a", amount }],
      });
      equal((await storage.addPayment(payment)).row, payment, `a payment of ${edge}, in the outcome`);
      equal(await storage.findPayment(SCOPE, { id }), payment, `a payment of ${edge}`);
      await storage.addTransaction(transaction);
      equal(await storage.findTransaction(SCOPE, id), transaction, `a transaction of ${edge}`);
    }
  }),
  rule("times are exact up to the last possible one", async ({ storage }) => {
    for (const [index, at] of MOMENTS.entries()) {
      const [id, paymeId] = [`payment-${index}`, `payme-${index}`];
      const payment = paymentRow({
        ...FULL_PAYMENT,
        ...timesOf(at),
        id,
        transactionId: null,
        paidBy: null,
        reference: null,
      });
      const transaction = { time: at, createTime: at, performTime: at, cancelTime: at };
      await storage.addPayment(payment);
      await storage.addTransaction({ ...FULL_TRANSACTION, ...transaction, paymeId });
      equal(await storage.findPayment(SCOPE, { id }), payment, `a payment at ${at}`);
      includes(await storage.findTransaction(SCOPE, paymeId), transaction, `a transaction at ${at}`);
      const [event] = await storage.appendEvents([newEvent({ subject: id, at, deliverAt: at, data: { at } })]);
      includes(event, { at, deliverAt: at, data: { at } }, `an event at ${at}`);
    }
  }),
  rule("a cancel keeps the reason that Payme sent, whatever integer it is", async ({ storage }) => {
    for (const [index, reason] of REASONS.entries()) {
      const [stored, cancelled] = [`stored-${index}`, `cancelled-${index}`];
      for (const paymeId of [stored, cancelled]) {
        const own = paymeId === stored ? { reason } : {};
        await storage.addTransaction(transactionRow({ paymeId, reference: paymeId, ...own }));
      }
      includes(
        await storage.changeTransaction(SCOPE, cancelled, cancelling({ reason })),
        { outcome: "applied" },
        "the cancel",
      );
      for (const paymeId of [stored, cancelled])
        includes(await storage.findTransaction(SCOPE, paymeId), { reason }, `a reason of ${reason}`);
    }
  }),
  rule("guards compare exactly: one tiyin or one millisecond makes a difference", async ({ storage }) => {
    await storage.addPayment(paymentRow({ amount: MOST }));
    const less = await storage.changePayment(SCOPE, "payment-1", paying({ amount: tiyin(MOST - 1) }));
    equal(less.outcome, "conflict", "a tiyin less");
    equal((await storage.changePayment(SCOPE, "payment-1", paying({ amount: MOST }))).outcome, "applied", "all of it");
    await storage.addTransaction(transactionRow({ time: MOST - 1 }));
    const late = await storage.changeTransaction(SCOPE, "payme-1", performing({ notBefore: MOST }));
    equal(late.outcome, "conflict", "a millisecond too old");
    const inTime = await storage.changeTransaction(SCOPE, "payme-1", performing({ notBefore: MOST - 1 }));
    equal(inTime.outcome, "applied", "just in time");
  }),
  rule("ranges, cursors and leases accept the largest times", async ({ storage }) => {
    for (const [index, time] of [MOST - 2, MOST - 1, MOST].entries()) {
      await storage.addTransaction(transactionRow({ paymeId: `payme-${index}`, reference: `order-${index}`, time }));
    }
    const after = { time: MOST - 2, id: "payme-0" };
    const listed = await storage.listTransactions(SCOPE, { from: MOST - 2, to: MOST, after, limit: 9 });
    equal(column(listed, "time"), [MOST - 1, MOST], "after the first");
    await storage.addPayment(paymentRow({ nextCheckAt: MOST - 1 }));
    await storage.appendEvents([newEvent({ deliverAt: MOST - 1 })]);
    const claim = (now: number) => ({ now, leaseUntil: MOST, token: "mine", limit: 9 });
    equal((await storage.claimDuePayments(SCOPE, claim(MOST - 2))).length, 0, "a check before it is due");
    includes((await storage.claimDuePayments(SCOPE, claim(MOST - 1)))[0], { nextCheckAt: MOST }, "a check that is due");
    equal((await storage.claimEvents(SCOPE, claim(MOST - 2))).length, 0, "a message before it is due");
    includes((await storage.claimEvents(SCOPE, claim(MOST - 1)))[0], { leaseUntil: MOST }, "a message that is due");
  }),
  {
    title: "the database itself holds every digit",
    needs: "witness",
    async run({ storage, witness }) {
      await storage.addPayment(paymentRow({ amount: MOST }));
      equal(await witness?.payment("payment-1"), { status: "PENDING", amount: String(MOST) }, "the row");
    },
  },
];

/** Every time of a payment. */
function timesOf(at: number) {
  return {
    createdAt: at,
    updatedAt: at,
    paidAt: at,
    cancelledAt: at,
    webhookReceivedAt: at,
    cancelRequestedAt: at,
    nextCheckAt: at,
    chargeUntil: at,
  };
}
