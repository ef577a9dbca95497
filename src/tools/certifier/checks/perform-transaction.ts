import { checksOf } from "../check";
import { expectCode, expectResult, expectSame, fail, isPerformed, isUnanswered, reached, show, skip } from "../expect";
import { PAYME } from "../sources";
import { manyPerforms, performAgainstCancel } from "../stories/at-once";
import { expectNotFulfilled } from "../stories/fulfilments";
import { afterCancelled, performed, performedAfterRefund } from "../stories/sandbox";
import { millisecondsCheck, unknownTransactionCheck } from "./common";

/** The checks of PerformTransaction. Only this call means paid. */
export const performChecks = checksOf("PerformTransaction", [
  {
    id: "perform.state",
    rule: "a created transaction is performed: a result with state 2",
    sandbox: "PerformTransaction",
    source: PAYME.perform,
    mend: "Answer `{ transaction, perform_time, state: 2 }`.",
    run: async (run) => expectResult((await performed(run)).perform, { state: 2 }),
  },
  millisecondsCheck("perform.milliseconds", "perform_time", async (run) => (await performed(run)).perform),
  {
    id: "perform.transaction",
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
    rule: "the same call gets the same answer, perform_time included",
    sandbox: "Повторный вызов метода PerformTransaction",
    source: PAYME.sandbox,
    mend: "In state 2, answer the stored values and fulfil nothing.",
    async run(run) {
      const { perform, repeat } = await performed(run);
      reached(perform);
      expectSame(perform, repeat);
    },
  },
  {
    id: "perform.at-once",
    rule: "sixteen equal calls at the same moment get the same answer",
    source: `${PAYME.sandbox} (a repeated call gets the first answer)`,
    mend: "Guard the change: UPDATE … SET state = 2 WHERE id = … AND state = 1 RETURNING; without a row, answer the stored one.",
    async run(run) {
      const { performs } = await manyPerforms(run);
      const first = performs.find(({ result }) => result !== undefined) ?? skip("no transaction was performed");
      for (const other of performs) expectSame(first, other);
    },
  },
  {
    id: "perform.once",
    rule: "an order is fulfilled once, at Perform, even by repeated and simultaneous Performs",
    source: `${PAYME.sandbox} (each call is sent twice; a published library fulfilled one payment up to eight times)`,
    mend: "Fulfil in the database transaction that changes the state from 1 to 2, and only where it changed.",
    async run(run) {
      if (run.credited === undefined) skip("no answer shows this; give `credited` to certify()");
      const [one, many] = [await performed(run), await manyPerforms(run)];
      for (const { early, create } of [one, many]) {
        if (early !== undefined && early > 0)
          fail("nothing fulfilled before Perform", create, "fulfilled before Perform");
      }
      reached(one.perform);
      if (many.performs.every(isUnanswered)) skip("none of sixteen Performs was answered: see http.status");
      if (many.performs.every(({ result }) => result === undefined)) skip("no transaction was performed");
      for (const { fulfilled, call } of [
        { fulfilled: one.fulfilled, call: one.repeat },
        { fulfilled: many.fulfilled, call: many.check },
      ]) {
        if (fulfilled !== 1) fail("fulfilled once", call, `fulfilled ${fulfilled} times`);
      }
    },
  },
  {
    id: "perform.against-cancel",
    rule: "of Perform and Cancel at the same moment one wins, and CheckTransaction shows which",
    source: `${PAYME.perform}; ${PAYME.cancel}`,
    mend: "Guard both changes by the state before them.",
    async run(run) {
      const { performs, cancels, check } = await performAgainstCancel(run);
      const { state, perform_time: performTime } = reached(check);
      const isPaid = performs.some(isPerformed);
      const saysPaid = state === 2 || state === -2 || isTime(performTime);
      const expected = isPaid ? "paid, as Perform answered" : "not paid, because Perform was refused";
      if (saysPaid !== isPaid) fail(expected, check, `state ${show(state)}, perform_time ${show(performTime)}`);
      const other = cancels.find(({ result }) => result !== undefined && result.state !== state);
      if (other !== undefined) fail(`state ${show(state)}, as CheckTransaction says`, other);
    },
  },
  unknownTransactionCheck("perform.unknown", "PerformTransaction"),
  {
    id: "perform.cancelled",
    rule: "a cancelled transaction cannot be performed: -31008",
    source: PAYME.perform,
    mend: "In states -1 and -2, answer -31008 and fulfil nothing: look at the state first.",
    async run(run) {
      const { late } = await afterCancelled(run);
      expectCode(late.perform, -31008);
      expectNotFulfilled(late);
    },
  },
  {
    id: "perform.refunded",
    rule: "a refunded transaction cannot be performed again: -31008",
    source: PAYME.perform,
    mend: "Perform only in state 1; in state -2, answer -31008 and fulfil nothing.",
    async run(run) {
      const late = await performedAfterRefund(run);
      expectCode(late.perform, -31008);
      expectNotFulfilled(late);
    },
  },
]);

function isTime(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}
