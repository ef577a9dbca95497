import type { Answer } from "../caller";
import { checksOf } from "../check";
import { expectResult, expectSame, fail, isUnanswered, reached, show, skip, warn } from "../expect";
import { PAYME } from "../sources";
import { manyPerforms } from "../stories/at-once";
import { cancelled, created, createdAgain, performed, refunded } from "../stories/sandbox";
import { lineOf } from "../stories/statement";
import { expiredAgain } from "../stories/twelve-hours";
import { unknownTransactionCheck } from "./common";

const MEMBERS = ["create_time", "perform_time", "cancel_time", "transaction", "state", "reason"];

/** The checks of CheckTransaction. */
export const checkTransactionChecks = checksOf("CheckTransaction", [
  {
    id: "check.members",
    rule: "the answer always has six members: create_time, perform_time, cancel_time, transaction, state, reason",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Answer all six; a missing time is 0, a missing reason is null.",
    async run(run) {
      const { check } = await createdAgain(run);
      const result = expectResult(check);
      const missing = MEMBERS.filter((member) => !(member in result));
      if (missing.length > 0) fail("six members", check, `no ${missing.join(", ")}`);
    },
  },
  {
    id: "check.created",
    rule: "a created transaction: state 1, perform_time 0, cancel_time 0, reason null",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Answer 0 for a missing time, and null for the reason.",
    async run(run) {
      const { check } = await createdAgain(run);
      expectNoTimes(check, ["perform_time", "cancel_time"]);
      expectResult(check, { state: 1, reason: null });
    },
  },
  {
    id: "check.create-time",
    rule: "create_time and transaction are as in the answer of Create",
    source: `${PAYME.sandbox} (endpoints that answered another time failed there)`,
    mend: "Store create_time at Create, and answer the stored value.",
    async run(run) {
      const { check } = await createdAgain(run);
      const { create_time, transaction } = reached((await created(run)).create);
      reached(check);
      expectResult(check, { create_time, transaction });
    },
  },
  {
    id: "check.create-time-kept",
    rule: "create_time and transaction never change after Create",
    source: `${PAYME.checkTransaction} (an integration had one column for all times)`,
    mend: "Use three columns for the three times; write create_time only at Create.",
    async run(run) {
      const first = await createdAgain(run);
      const [answered, stored] = [reached(first.create), reached(first.check)];
      const isSame = stored.create_time === answered.create_time && stored.transaction === answered.transaction;
      if (!isSame) skip("see check.create-time");
      const paid = await performed(run);
      const ended = await cancelled(run);
      const { check } = await refunded(run);
      for (const [create, later] of [
        [first.create, ended.check],
        [paid.create, paid.check],
        [paid.create, check],
      ] as const) {
        const { create_time, transaction } = reached(create);
        reached(later);
        expectResult(later, { create_time, transaction });
      }
    },
  },
  {
    id: "check.performed",
    rule: "a performed transaction: state 2, and perform_time as in the answer of Perform",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Store perform_time in the change from 1 to 2, and answer the stored value.",
    async run(run) {
      const { check, perform } = await performed(run);
      const { perform_time } = reached(perform);
      expectNoTimes(check, ["cancel_time"]);
      expectResult(check, { state: 2, perform_time, reason: null });
    },
  },
  {
    id: "check.cancelled",
    rule: "a cancelled transaction: state -1, cancel_time as in the answer of Cancel, Payme's reason",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Store cancel_time and reason in the change to -1, and answer the stored values.",
    async run(run) {
      const { cancel, repeat, check } = await cancelled(run);
      const { state, cancel_time } = reached(cancel);
      // cancel.repeat and cancel.reason-kept report a time that a repeat changed.
      const isKept = repeat.result?.cancel_time === cancel_time;
      const { reason } = expectResult(check, { state, ...(isKept ? { cancel_time } : {}) });
      if (reason !== 3 && reason !== 10) fail("reason 3", check);
      expectNoTimes(check, ["perform_time"]);
    },
  },
  {
    id: "check.refunded",
    rule: "a refunded transaction: its state, cancel_time as in the answer of Cancel, Payme's reason",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Store cancel_time and reason in the change to -2, and answer the stored values.",
    async run(run) {
      const { cancel, repeat, otherReason, check } = await refunded(run);
      const { state, cancel_time } = cancel.result ?? skip("the refund was refused");
      // cancel.refund-repeat and cancel.refund-reason-kept report a time that a repeat changed.
      const isKept = [repeat, otherReason].every(({ result }) => result?.cancel_time === cancel_time);
      const { reason } = expectResult(check, { state, ...(isKept ? { cancel_time } : {}) });
      if (reason !== 5 && reason !== 10) fail("reason 5", check);
    },
  },
  {
    id: "check.perform-time-kept",
    rule: "a refunded transaction keeps its perform_time",
    source: `${PAYME.sandbox} (endpoints that set it to 0 failed there)`,
    mend: "Keep perform_time when you set cancel_time: three columns, not one.",
    async run(run) {
      const { cancel, perform, check } = await refunded(run);
      if (cancel.result === undefined) skip("the refund was refused");
      const { perform_time } = reached(perform);
      if (reached((await performed(run)).check).perform_time !== perform_time) skip("see check.performed");
      expectResult(check, { perform_time });
    },
  },
  {
    id: "check.changes-nothing",
    rule: "CheckTransaction only reads: a second one gets the same answer, and the transaction can still be performed",
    source: `${PAYME.checkTransaction} (an integration settled, or ended, what it was asked about)`,
    mend: "Answer the stored row, and write nothing.",
    async run(run) {
      const { reads, performs } = await manyPerforms(run);
      const [first, second] = reads;
      reached(first);
      if (isUnanswered(second)) skip("a CheckTransaction was not answered: see http.status");
      expectSame(first, second);
      const unread = await performed(run);
      if (unread.perform.result === undefined) skip("no transaction is performed: see perform.state");
      const [refused] = performs;
      if (refused?.error !== undefined && performs.every(({ error }) => error !== undefined)) {
        fail("a result with state 2, as without a CheckTransaction before", refused);
      }
    },
  },
  {
    id: "check.ends-nothing",
    rule: "CheckTransaction does not end an expired transaction: the statement shows the same state before and after it",
    source: `${PAYME.checkTransaction} (that it only reads is not stated)`,
    mend: "End an expired transaction in Create, Perform and Cancel, and by a job.",
    async run(run) {
      const { wanted, before, after } = await expiredAgain(run);
      const [first, second] = [before, after].map((answer) => lineOf(answer, wanted)?.state);
      if (first === undefined || second === undefined) skip("not listed at its own time: see statement.by-payme-time");
      if (first !== second) warn(`state ${show(first)}`, after, `state ${show(second)}`);
    },
  },
  unknownTransactionCheck("check.unknown", "CheckTransaction"),
]);

/** Expects 0 for these missing times. Payme's own PHP template answers null. */
function expectNoTimes(check: Answer, members: readonly string[]): void {
  const result = reached(check);
  for (const member of members) {
    if (result[member] === null) warn(`${member} 0`, check, show(null));
    expectResult(check, { [member]: 0 });
  }
}
