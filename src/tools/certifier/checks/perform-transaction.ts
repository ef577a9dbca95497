import type { Check } from "../check";
import {
  expectCode,
  expectMilliseconds,
  expectResult,
  expectSame,
  fail,
  isUnanswered,
  reached,
  show,
  skip,
} from "../expect";
import { PAYME } from "../sources";
import { manyPerforms, performAgainstCancel } from "../stories/at-once";
import { performed, performedAfterRefund } from "../stories/confirmed";
import { afterCancelled } from "../stories/unconfirmed";

const method = "PerformTransaction";

/** The money is taken: this call alone means paid. */
export const performChecks: readonly Check[] = [
  {
    id: "perform.state",
    method,
    rule: "a created transaction is performed: a result with state 2",
    sandbox: "PerformTransaction",
    source: PAYME.perform,
    mend: "Answer `{ transaction, perform_time, state: 2 }`.",
    async run(run) {
      expectResult((await performed(run)).perform, { state: 2 });
    },
  },
  {
    id: "perform.milliseconds",
    method,
    rule: "perform_time is a whole number of milliseconds",
    source: PAYME.types,
    mend: "Answer milliseconds, 13 digits (in a 64-bit column): seconds times 1000.",
    async run(run) {
      expectMilliseconds((await performed(run)).perform, "perform_time");
    },
  },
  {
    id: "perform.transaction",
    method,
    rule: "`transaction` is the same as in Create",
    source: PAYME.perform,
    mend: "Answer the id that you stored at Create.",
    async run(run) {
      const { create, perform } = await performed(run);
      reached(perform);
      expectResult(perform, { transaction: reached(create).transaction });
    },
  },
  {
    id: "perform.repeat",
    method,
    rule: "the same call again is answered as at first, perform_time included",
    sandbox: "Повторный вызов метода PerformTransaction",
    source: PAYME.sandbox,
    mend: "In state 2 answer from what you stored; fulfil nothing.",
    async run(run) {
      const { perform, repeat } = await performed(run);
      reached(perform);
      expectSame(perform, repeat);
    },
  },
  {
    id: "perform.at-once",
    method,
    rule: "sixteen equal calls at the same moment are answered alike",
    source: `${PAYME.sandbox} (a repeated call is answered as the first)`,
    mend: "Guard the change: UPDATE … SET state = 2 WHERE id = … AND state = 1 RETURNING; who gets no row answers from the stored one.",
    async run(run) {
      const { performs } = await manyPerforms(run);
      const first = performs.find(({ result }) => result !== undefined) ?? skip("no transaction was performed");
      for (const other of performs) expectSame(first, other);
    },
  },
  {
    id: "perform.once",
    method,
    rule: "an order is fulfilled once, however often and however parallel Perform comes",
    source: `${PAYME.sandbox} (each call is sent twice; a published library fulfilled one payment up to eight times)`,
    mend: "Fulfil in the database transaction that moves the state from 1 to 2, and only where it moved.",
    async run(run) {
      const { credited } = run;
      if (credited === undefined) skip("it cannot be seen from outside; give `credited` to certify()");
      const [one, many] = [await performed(run), await manyPerforms(run)];
      reached(one.perform);
      if (many.performs.every(isUnanswered)) skip("no Perform of sixteen was answered: see http.status");
      for (const { order, call } of [
        { order: one.order, call: one.repeat },
        { order: many.order, call: many.check },
      ]) {
        const count = await credited(order);
        if (count !== 1 && !run.isAccumulative) fail("fulfilled once", call, `fulfilled ${count} times`);
      }
    },
  },
  {
    id: "perform.against-cancel",
    method,
    rule: "of Perform and Cancel at the same moment one wins, and CheckTransaction says which",
    source: `${PAYME.perform}; ${PAYME.cancel}`,
    mend: "Guard both changes by the state they start from.",
    async run(run) {
      const { performs, cancels, check } = await performAgainstCancel(run);
      const { state, perform_time: performTime } = reached(check);
      const isPaid = performs.some(({ result }) => result !== undefined);
      const saysPaid = state === 2 || state === -2 || isTime(performTime);
      const expected = isPaid ? "paid, as Perform was answered" : "not paid, since Perform was refused";
      if (saysPaid !== isPaid) fail(expected, check, `state ${show(state)}, perform_time ${show(performTime)}`);
      const other = cancels.find(({ result }) => result !== undefined && result.state !== state);
      if (other !== undefined) fail(`state ${show(state)}, as CheckTransaction says`, other);
    },
  },
  {
    id: "perform.unknown",
    method,
    rule: "an unknown transaction is answered with -31003",
    source: PAYME.errors,
    mend: "Answer -31003 where you do not have Payme's id.",
    async run(run) {
      expectCode(await run.call(method, { id: "000000000000000000000000" }), -31003);
    },
  },
  {
    id: "perform.cancelled",
    method,
    rule: "a cancelled transaction cannot be performed: -31008",
    source: PAYME.perform,
    mend: "In states -1 and -2 answer -31008, and change nothing.",
    async run(run) {
      expectCode((await afterCancelled(run)).perform, -31008);
    },
  },
  {
    id: "perform.refunded",
    method,
    rule: "a refunded transaction cannot be performed again: -31008",
    source: PAYME.perform,
    mend: "Perform in state 1 only; in state -2 answer -31008, and fulfil nothing.",
    async run(run) {
      expectCode((await performedAfterRefund(run)).performAgain, -31008);
    },
  },
];

function isTime(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}
