import { ONE_TIME } from "../account-kind";
import type { Answer } from "../caller";
import { checksOf } from "../check";
import { expectResult, expectSame, isUnanswered, reached, skip, warn } from "../expect";
import { OTHER_REASON } from "../run";
import { PAYME } from "../sources";
import { manyRefunds } from "../stories/at-once";
import { expectKept, oldCancelledAgain } from "../stories/old-transaction";
import { cancelled, created, refunded } from "../stories/sandbox";
import { millisecondsCheck, unknownTransactionCheck } from "./common";

/** The checks of CancelTransaction. */
export const cancelChecks = checksOf("CancelTransaction", [
  {
    id: "cancel.created",
    rule: "a created transaction is cancelled: a result with state -1",
    sandbox: "CancelTransaction",
    source: PAYME.cancel,
    mend: "Answer `{ transaction, cancel_time, state: -1 }`, and free the order.",
    run: async (run) => expectResult((await cancelled(run)).cancel, { state: -1 }),
  },
  millisecondsCheck("cancel.milliseconds", "cancel_time", async (run) => (await cancelled(run)).cancel),
  {
    id: "cancel.transaction",
    rule: "`transaction` is the same as in Create",
    source: PAYME.cancel,
    mend: "Answer the id that you stored at Create.",
    async run(run) {
      const { cancel } = await cancelled(run);
      reached(cancel);
      expectResult(cancel, { transaction: reached((await created(run)).create).transaction });
    },
  },
  {
    id: "cancel.repeat",
    rule: "the same call gets the same answer, cancel_time included",
    sandbox: "Повторный вызов метода CancelTransaction",
    source: PAYME.sandbox,
    mend: "In states -1 and -2, answer the stored values; do not overwrite reason and cancel_time.",
    async run(run) {
      const { cancel, repeat } = await cancelled(run);
      reached(cancel);
      expectSame(cancel, repeat);
    },
  },
  {
    id: "cancel.reason-kept",
    rule: "a second Cancel with another reason does not change the answer or the stored reason",
    source: `${PAYME.cancel} (Payme's own Java template overwrites it)`,
    mend: "Store reason and cancel_time once, in the change from state 1 or 2.",
    async run(run) {
      const { cancel, repeat, otherReason, check } = await cancelled(run);
      if (repeat.result === undefined) skip("a repeated Cancel is refused: see cancel.repeat");
      expectReasonKept({ cancel, repeat, otherReason, check }, 3);
    },
  },
  {
    id: "cancel.performed",
    rule: "a performed transaction is refunded: a result with state -2",
    sandbox: "CancelTransaction",
    source: `${PAYME.cancel} (-31007 where the goods are delivered and a refund is impossible)`,
    mend: "Answer `{ transaction, cancel_time, state: -2 }`, or answer -31007 and change nothing.",
    async run(run) {
      const { cancel, perform } = await refunded(run);
      reached(perform);
      if (cancel.error?.code === -31007) warn("state -2, unless a refund of this order is impossible", cancel);
      expectResult(cancel, { state: -2 });
    },
  },
  {
    id: "cancel.refused-changes-nothing",
    rule: "a refund that is refused with -31007 leaves the transaction performed",
    source: PAYME.cancel,
    mend: "Refuse before you change anything.",
    async run(run) {
      const { cancel, check } = await refunded(run);
      if (cancel.error === undefined) skip("the refund was not refused");
      expectResult(check, { state: 2, reason: null });
    },
  },
  {
    id: "cancel.refund-repeat",
    rule: "a repeated refund gets the same answer",
    sandbox: "Повторный вызов метода CancelTransaction",
    source: PAYME.sandbox,
    mend: "In state -2, answer the stored values.",
    async run(run) {
      const { cancel, repeat } = await refunded(run);
      if (cancel.result === undefined) skip("the refund was refused");
      expectSame(cancel, repeat);
    },
  },
  {
    id: "cancel.refund-reason-kept",
    rule: "a second refund with another reason does not change the answer or the stored reason",
    source: `${PAYME.cancel} (Payme's own Java template overwrites it)`,
    mend: "Store reason and cancel_time once, in the change from state 1 or 2.",
    async run(run) {
      const { cancel, repeat, otherReason, check } = await refunded(run);
      if (cancel.result === undefined) skip("the refund was refused");
      if (repeat.result === undefined) skip("a repeated refund is refused: see cancel.refund-repeat");
      expectReasonKept({ cancel, repeat, otherReason, check }, 5);
    },
  },
  {
    id: "cancel.at-once",
    rule: "sixteen equal refunds at the same moment get the same answer",
    source: `${PAYME.sandbox} (a repeated call gets the first answer)`,
    mend: "Guard the change: UPDATE … SET state = -2 WHERE id = … AND state = 2 RETURNING; without a row, answer the stored one.",
    async run(run) {
      const { cancels, check } = await manyRefunds(run);
      if ([...cancels, check].some(isUnanswered)) skip("a call was not answered: see http.status");
      const first = cancels.find(({ result }) => result !== undefined) ?? skip("the refund was refused");
      const alone = await refunded(run);
      const time = reached(alone.cancel).cancel_time;
      if (alone.repeat.result?.cancel_time !== time) skip("see cancel.refund-repeat");
      for (const other of cancels) expectSame(first, other);
      if (alone.check.result?.cancel_time !== time) skip("see check.refunded");
      const { state, cancel_time } = reached(first);
      expectResult(check, { state, cancel_time });
    },
  },
  {
    id: "cancel.order-kept",
    kinds: ONE_TIME,
    rule: "a repeated Cancel of an old transaction does not free the order that a new one holds, or has paid",
    source: `${PAYME.sandbox} (each call is sent twice; that a repeat frees no order is not stated)`,
    mend: "Free the order only in the change from state 1 or 2, and only where this transaction holds it.",
    run: async (run) => expectKept(run, await oldCancelledAgain(run)),
  },
  unknownTransactionCheck("cancel.unknown", "CancelTransaction", { reason: 3 }),
]);

/** A Cancel, the same Cancel, a Cancel with another reason, and the transaction after them. */
interface Cancels {
  readonly cancel: Answer;
  readonly repeat: Answer;
  readonly otherReason: Answer;
  readonly check: Answer;
}

/** Checks only the reason where the endpoint makes a new time: another check reports the time. */
function expectReasonKept({ cancel, repeat, otherReason, check }: Cancels, reason: number): void {
  if (reached(check).reason === OTHER_REASON) expectResult(check, { reason });
  if (reached(repeat).cancel_time === reached(cancel).cancel_time) expectSame(repeat, otherReason);
}
