import { ONE_TIME } from "../account-kind";
import { checksOf } from "../check";
import {
  expectCode,
  expectMilliseconds,
  expectResult,
  fail,
  inShort,
  isPerformed,
  isUnanswered,
  reached,
  skip,
  warn,
} from "../expect";
import { PAYME } from "../sources";
import { expectNotFulfilled } from "../stories/fulfilments";
import { expectKept, oldPerformedLate } from "../stories/old-transaction";
import { afterCancelled } from "../stories/sandbox";
import { expired, expiredAgain, nearlyTwelveHours, outlived } from "../stories/twelve-hours";

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
    id: "timeout.create",
    method: "CreateTransaction",
    rule: "a new transaction that is over 12 hours old is refused with -31008",
    source: `${TWELVE_HOURS} (that Create looks at it, too, is not stated; Payme's own PHP template means to)`,
    mend: "In Create, compare now with Payme's `time`; after 43,200,000 ms, answer -31008 and store nothing.",
    async run(run) {
      const { create } = (await outlived(run)).abandoned;
      // After a system error Payme is expected to ask again.
      const isRefused = create.error !== undefined && create.error.code !== -32400;
      if (create.result === undefined && !isRefused) fail("error -31008", create);
      if (create.error?.code !== -31008) warn("error -31008", create);
    },
  },
  {
    id: "timeout.create-again",
    method: "CreateTransaction",
    rule: "a transaction whose 12 hours are over cannot be created again: -31008",
    source: TWELVE_HOURS,
    mend: "In Create, look at the 12 hours of a known id, too; cancel it with reason 4, and answer -31008.",
    async run(run) {
      const { createAgain, perform } = await expiredAgain(run);
      if (isPerformed(perform)) skip("it was performed: see timeout.perform");
      if (isUnanswered(createAgain)) skip("Create was not answered: see http.status");
      if ((await afterCancelled(run)).create.result?.state === 1) skip("see create.cancelled-id");
      if (createAgain.result?.state === -1) warn("error -31008", createAgain);
      if (createAgain.error === undefined) fail("error -31008", createAgain);
      if (createAgain.error.code !== -31008) warn("error -31008", createAgain);
    },
  },
  {
    id: "timeout.perform",
    rule: "a transaction over 12 hours old is not performed: -31008",
    source: TWELVE_HOURS,
    mend: "In Perform, compare now with Payme's `time`; after 43,200,000 ms, cancel with reason 4 and answer -31008.",
    async run(run) {
      // An endpoint that refuses Create never performs it.
      if ((await outlived(run)).abandoned.wanted === undefined) return;
      const { late, perform } = await expired(run);
      if (perform.error === undefined) fail("error -31008", perform);
      expectCode(perform, -31008);
      expectNotFulfilled(late);
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
      if (isPerformed(perform)) skip("it was performed: see timeout.perform");
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
    kinds: ONE_TIME,
    rule: "the order of an abandoned transaction can be paid again after the 12 hours, though no call names the old one",
    source: TWELVE_HOURS,
    mend: "Let Create cancel the expired transaction that holds the order, in the same database transaction.",
    async run(run) {
      const { createAnew, createLater, createAtLast, perform } = await expired(run);
      if (isPerformed(perform)) skip("it was performed: see timeout.perform");
      if ([createAnew, createLater, createAtLast].some(isUnanswered))
        skip("a Create was not answered: see http.status");
      if (createAtLast.result === undefined) fail("a result with state 1", createAtLast);
      if (createLater.result === undefined) {
        fail(
          "a result with state 1",
          createLater,
          `${inShort(createLater)} for a minute, and a result only after Perform`,
        );
      }
      if (createAnew.result === undefined) warn("a result with state 1 at once, not only after a while", createAnew);
    },
  },
  {
    id: "timeout.order-kept",
    kinds: ONE_TIME,
    rule: "a late Perform of an expired transaction does not free the order that a new one holds",
    source: TWELVE_HOURS,
    mend: "Free the order only in the change from state 1, and only where this transaction holds it.",
    run: async (run) => expectKept(run, await oldPerformedLate(run)),
  },
]);
