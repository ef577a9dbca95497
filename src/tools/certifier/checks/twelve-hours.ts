import { checksOf } from "../check";
import { expectCode, expectMilliseconds, expectResult, fail, isUnanswered, reached, skip, warn } from "../expect";
import { PAYME } from "../sources";
import { expired, nearlyTwelveHours, outlived } from "../stories/twelve-hours";

const TWELVE_HOURS = `${PAYME.create} (12 hours, 43 200 000 ms, from its creation in Payme Business: state -1, reason 4)`;

/** The checks of the 12 hours of a transaction, from Payme's `time`. */
export const twelveHoursChecks = checksOf("PerformTransaction", [
  {
    id: "timeout.not-before",
    rule: "a transaction is created and performed at the age of 11 h 50 min: 12 hours, not 12 minutes",
    source: TWELVE_HOURS,
    mend: "Count 43,200,000 ms from Payme's `time`.",
    async run(run) {
      const { create, perform } = await nearlyTwelveHours(run);
      expectResult(create);
      if (perform !== undefined) expectResult(perform);
    },
  },
  {
    id: "timeout.perform",
    rule: "a transaction over 12 hours old is not performed: -31008",
    source: TWELVE_HOURS,
    mend: "In Perform, compare now with Payme's `time`; after 43,200,000 ms, cancel with reason 4 and answer -31008.",
    async run(run) {
      // An endpoint that refuses Create never performs it.
      const { create, wanted } = await outlived(run);
      if (create.result === undefined && create.error?.code !== -31008) warn("error -31008", create);
      if (wanted === undefined) return;
      const { perform } = await expired(run);
      if (perform.error === undefined) fail("error -31008", perform);
      expectCode(perform, -31008);
    },
  },
  {
    id: "timeout.reason",
    method: "CheckTransaction",
    rule: "an expired transaction has state -1, reason 4 and a cancel_time",
    source: TWELVE_HOURS,
    mend: "Store state, reason 4 and cancel_time together.",
    async run(run) {
      const { perform, check } = await expired(run);
      if (perform.result !== undefined) skip("it was performed: see timeout.perform");
      if (isUnanswered(perform)) skip("Perform was not answered: see http.status");
      expectResult(check, { state: -1, reason: 4, perform_time: 0 });
      const { cancel_time } = reached(check);
      // cancel.milliseconds reports seconds.
      if (typeof cancel_time !== "number" || cancel_time <= 0) expectMilliseconds(check, "cancel_time");
    },
  },
  {
    id: "timeout.order-free",
    method: "CreateTransaction",
    only: "one-time",
    rule: "the order of an expired transaction can be paid again, without a clean-up job",
    source: TWELVE_HOURS,
    mend: "Let Create cancel the expired transaction that holds the order, in the same database transaction.",
    async run(run) {
      const { createAnew, createAtLast, perform } = await expired(run);
      if (perform.result !== undefined) skip("it was performed: see timeout.perform");
      if (isUnanswered(createAnew)) skip("a Create was not answered: see http.status");
      if (createAtLast.result === undefined) fail("a result with state 1", createAtLast);
      if (createAnew.result === undefined) warn("a result with state 1 at once, not only after Perform", createAnew);
    },
  },
]);
