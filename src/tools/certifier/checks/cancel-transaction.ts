import type { Answer } from "../caller";
import type { Check } from "../check";
import { expectCode, expectMilliseconds, expectResult, expectSame, reached, skip, warn } from "../expect";
import { OTHER_REASON } from "../run";
import { PAYME } from "../sources";
import { refunded } from "../stories/confirmed";
import { cancelled, created } from "../stories/unconfirmed";

const method = "CancelTransaction";

/** A transaction is given up, or its money goes back. */
export const cancelChecks: readonly Check[] = [
  {
    id: "cancel.created",
    method,
    rule: "a created transaction is cancelled: a result with state -1",
    sandbox: "CancelTransaction",
    source: PAYME.cancel,
    mend: "Answer `{ transaction, cancel_time, state: -1 }`, and set the order free.",
    async run(run) {
      expectResult((await cancelled(run)).cancel, { state: -1 });
    },
  },
  {
    id: "cancel.milliseconds",
    method,
    rule: "cancel_time is a whole number of milliseconds",
    source: PAYME.types,
    mend: "Answer milliseconds, 13 digits (in a 64-bit column): seconds times 1000.",
    async run(run) {
      expectMilliseconds((await cancelled(run)).cancel, "cancel_time");
    },
  },
  {
    id: "cancel.transaction",
    method,
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
    method,
    rule: "the same call again is answered as at first, cancel_time included",
    sandbox: "Повторный вызов метода CancelTransaction",
    source: PAYME.sandbox,
    mend: "In states -1 and -2 answer from what you stored; overwrite neither reason nor cancel_time.",
    async run(run) {
      const { cancel, repeat } = await cancelled(run);
      reached(cancel);
      expectSame(cancel, repeat);
    },
  },
  {
    id: "cancel.reason-kept",
    method,
    rule: "a second Cancel with another reason changes neither the answer nor the stored reason",
    source: `${PAYME.cancel} (Payme's own Java template overwrites it)`,
    mend: "Store reason and cancel_time once: in the change from 1 or from 2.",
    async run(run) {
      const { cancel, repeat, otherReason, check } = await cancelled(run);
      if (repeat.result === undefined) skip("a repeated Cancel is refused: see cancel.repeat");
      expectReasonKept({ cancel, repeat, otherReason, check }, 3);
    },
  },
  {
    id: "cancel.performed",
    method,
    rule: "a performed transaction is refunded: a result with state -2",
    sandbox: "CancelTransaction",
    source: `${PAYME.cancel} (-31007 where the goods are delivered and nothing can be given back)`,
    mend: "Answer `{ transaction, cancel_time, state: -2 }`, or -31007 and change nothing.",
    async run(run) {
      const { cancel, perform } = await refunded(run);
      reached(perform);
      if (cancel.error?.code === -31007) warn("state -2, unless this order can never be refunded", cancel);
      expectResult(cancel, { state: -2 });
    },
  },
  {
    id: "cancel.refused-changes-nothing",
    method,
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
    method,
    rule: "a refund that comes again is answered as at first",
    sandbox: "Повторный вызов метода CancelTransaction",
    source: PAYME.sandbox,
    mend: "In state -2 answer from what you stored.",
    async run(run) {
      const { cancel, repeat } = await refunded(run);
      if (cancel.result === undefined) skip("the refund was refused");
      expectSame(cancel, repeat);
    },
  },
  {
    id: "cancel.refund-reason-kept",
    method,
    rule: "a second refund with another reason changes neither the answer nor the stored reason",
    source: `${PAYME.cancel} (Payme's own Java template overwrites it)`,
    mend: "Store reason and cancel_time once: in the change from 1 or from 2.",
    async run(run) {
      const { cancel, repeat, otherReason, check } = await refunded(run);
      if (cancel.result === undefined) skip("the refund was refused");
      if (repeat.result === undefined) skip("a repeated refund is refused: see cancel.refund-repeat");
      expectReasonKept({ cancel, repeat, otherReason, check }, 5);
    },
  },
  {
    id: "cancel.unknown",
    method,
    rule: "an unknown transaction is answered with -31003",
    source: PAYME.errors,
    mend: "Answer -31003 where you do not have Payme's id.",
    async run(run) {
      expectCode(await run.call(method, { id: "000000000000000000000000", reason: 3 }), -31003);
    },
  },
];

/** A Cancel, the same again, once more with another reason, and how the transaction stands then. */
interface Cancels {
  readonly cancel: Answer;
  readonly repeat: Answer;
  readonly otherReason: Answer;
  readonly check: Answer;
}

/** Of an endpoint that makes its time anew only the reason is asked about: a check of its own tells of the time. */
function expectReasonKept({ cancel, repeat, otherReason, check }: Cancels, reason: number): void {
  if (reached(check).reason === OTHER_REASON) expectResult(check, { reason });
  if (reached(repeat).cancel_time === reached(cancel).cancel_time) expectSame(repeat, otherReason);
}
