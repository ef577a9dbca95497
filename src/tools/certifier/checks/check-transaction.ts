import type { Answer } from "../caller";
import type { Check } from "../check";
import { expectCode, expectResult, fail, reached, show, skip, warn } from "../expect";
import { PAYME } from "../sources";
import { performed, refunded } from "../stories/confirmed";
import { cancelled, created, createdAgain } from "../stories/unconfirmed";

const method = "CheckTransaction";

const MEMBERS = ["create_time", "perform_time", "cancel_time", "transaction", "state", "reason"];

/** What became of a transaction. */
export const checkTransactionChecks: readonly Check[] = [
  {
    id: "check.members",
    method,
    rule: "all six members are always there: create_time, perform_time, cancel_time, transaction, state, reason",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Answer all six; a time that is not yet is 0, a reason that is not is null.",
    async run(run) {
      const { check } = await createdAgain(run);
      const result = expectResult(check);
      const missing = MEMBERS.filter((member) => !(member in result));
      if (missing.length > 0) fail("six members", check, `no ${missing.join(", ")}`);
    },
  },
  {
    id: "check.created",
    method,
    rule: "a created transaction: state 1, perform_time 0, cancel_time 0, reason null",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Answer 0 for a time that is not yet, and null for the reason.",
    async run(run) {
      const { check } = await createdAgain(run);
      expectNoTimes(check, ["perform_time", "cancel_time"]);
      expectResult(check, { state: 1, reason: null });
    },
  },
  {
    id: "check.create-time",
    method,
    rule: "create_time and transaction are what Create answered",
    source: `${PAYME.sandbox} (endpoints failed there that answered another time)`,
    mend: "Store create_time at Create and answer it from there.",
    async run(run) {
      const { check } = await createdAgain(run);
      const { create_time, transaction } = reached((await created(run)).create);
      reached(check);
      expectResult(check, { create_time, transaction });
    },
  },
  {
    id: "check.create-time-kept",
    method,
    rule: "create_time and transaction stay what Create answered, whatever becomes of it",
    source: `${PAYME.checkTransaction} (an integration kept one time for all)`,
    mend: "Three columns for the three times; write create_time at Create only.",
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
    method,
    rule: "a performed transaction: state 2, and perform_time as Perform answered it",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Store perform_time in the change from 1 to 2 and answer it from there.",
    async run(run) {
      const { check, perform } = await performed(run);
      const { perform_time } = reached(perform);
      expectNoTimes(check, ["cancel_time"]);
      expectResult(check, { state: 2, perform_time, reason: null });
    },
  },
  {
    id: "check.cancelled",
    method,
    rule: "a cancelled transaction: state -1, cancel_time as Cancel answered it, the reason that Payme sent",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Store cancel_time and reason in the change to -1 and answer them from there.",
    async run(run) {
      const { cancel, repeat, check } = await cancelled(run);
      const { state, cancel_time } = reached(cancel);
      // What a repeat made anew is told by cancel.repeat and cancel.reason-kept.
      const isKept = repeat.result?.cancel_time === cancel_time;
      const { reason } = expectResult(check, { state, ...(isKept ? { cancel_time } : {}) });
      if (reason !== 3 && reason !== 10) fail("reason 3", check);
      expectNoTimes(check, ["perform_time"]);
    },
  },
  {
    id: "check.refunded",
    method,
    rule: "a refunded transaction: its state, cancel_time as Cancel answered it, the reason that Payme sent",
    sandbox: "CheckTransaction",
    source: PAYME.checkTransaction,
    mend: "Store cancel_time and reason in the change to -2 and answer them from there.",
    async run(run) {
      const { cancel, repeat, otherReason, check } = await refunded(run);
      const { state, cancel_time } = cancel.result ?? skip("the refund was refused");
      // What a repeat made anew is told by cancel.refund-repeat and cancel.refund-reason-kept.
      const isKept = [repeat, otherReason].every(({ result }) => result?.cancel_time === cancel_time);
      const { reason } = expectResult(check, { state, ...(isKept ? { cancel_time } : {}) });
      if (reason !== 5 && reason !== 10) fail("reason 5", check);
    },
  },
  {
    id: "check.perform-time-kept",
    method,
    rule: "a refunded transaction keeps its perform_time",
    source: `${PAYME.sandbox} (endpoints failed there that set it to 0)`,
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
    id: "check.unknown",
    method,
    rule: "an unknown transaction is answered with -31003",
    source: PAYME.errors,
    mend: "Answer -31003 where you do not have Payme's id.",
    async run(run) {
      expectCode(await run.call(method, { id: "000000000000000000000000" }), -31003);
    },
  },
];

/** Times that are not yet: 0. Payme's own PHP template answers null. */
function expectNoTimes(check: Answer, members: readonly string[]): void {
  const result = reached(check);
  for (const member of members) {
    if (result[member] === null) warn(`${member} 0`, check, show(null));
    expectResult(check, { [member]: 0 });
  }
}
