import { isDeepStrictEqual } from "node:util";
import { ONE_TIME, REPEATABLE } from "../account-kind";
import { checksOf } from "../check";
import { expectAccountCode, expectResult, expectSame, fail, isUnanswered, reached, show, skip, warn } from "../expect";
import type { Run } from "../run";
import { PAYME } from "../sources";
import { afterRace, manyTransactions, sameTransaction } from "../stories/at-once";
import { afterCancelled, busy, created, createdAgain, paidOrder, performed } from "../stories/sandbox";
import { otherSpellings } from "../stories/spellings";
import { millisecondsCheck } from "./common";

/** The checks of CreateTransaction. */
export const createChecks = checksOf("CreateTransaction", [
  {
    id: "create.state",
    rule: "an order that awaits payment is reserved: a result with state 1",
    sandbox: "CreateTransaction",
    source: PAYME.create,
    mend: "Answer `{ create_time, transaction, state: 1 }`.",
    run: async (run) => expectResult((await created(run)).create, { state: 1 }),
  },
  millisecondsCheck("create.milliseconds", "create_time", async (run) => (await created(run)).create),
  {
    id: "create.transaction",
    rule: "`transaction` is your id of the transaction, a string",
    source: PAYME.create,
    mend: "Answer text, even where your database has a number.",
    async run(run) {
      const { create } = await created(run);
      const { transaction } = reached(create);
      // Payme's own Java template answers a number.
      if (typeof transaction === "number") warn("transaction: a string", create, show(transaction));
      if (typeof transaction !== "string" || transaction === "")
        fail("transaction: a string", create, show(transaction));
    },
  },
  {
    id: "create.repeat",
    rule: "the same call gets the same answer, create_time included",
    sandbox: "Повторный вызов метода CreateTransaction",
    source: PAYME.sandbox,
    mend: "Look for Payme's id first, and answer the stored values; never read the clock for a known id.",
    async run(run) {
      const { create, repeat } = await createdAgain(run);
      expectSame(create, repeat);
    },
  },
  {
    id: "create.repeat-late",
    rule: "the same call gets the same answer late in a second too, where times are whole seconds",
    source: `${PAYME.sandbox} (Payme's own PHP template rounds a time in one place and truncates it in another)`,
    mend: "Store the time of the answer in milliseconds, and answer the stored time.",
    async run(run) {
      const { create, repeat } = await createdAgain(run);
      if (!isDeepStrictEqual(create.result, repeat.result)) skip("see create.repeat");
      const { createAnew, createAnewAgain } = await afterCancelled(run);
      reached(createAnew);
      expectSame(createAnew, createAnewAgain);
    },
  },
  {
    id: "create.busy-order",
    kinds: ONE_TIME,
    rule: "a second transaction for a held order is refused with a code from -31099 to -31050",
    sandbox: "CreateTransaction",
    source: `${PAYME.sandbox} (the docs say -31008; Payme's own modules, and endpoints that passed, answer -31050 to -31099)`,
    mend: "Allow one live transaction per order, by a rule of the database; answer -31099 with the field in data.",
    run: async (run) => expectAccountCode((await busy(run)).create, [-31008]),
  },
  {
    id: "create.amount-before-busy",
    kinds: ONE_TIME,
    rule: "a wrong amount for a held order is refused with -31001: check the amount before the state of the order",
    source: `${PAYME.sandbox} (an endpoint that looked at the state first failed there)`,
    mend: "Check in this order: account, amount, state of the order.",
    async run(run) {
      const { wrongAmount } = await busy(run);
      if (wrongAmount.result === undefined && wrongAmount.error?.code !== -31001) warn("error -31001", wrongAmount);
      if (wrongAmount.result !== undefined) skip("a wrong amount is not refused: see create.wrong-amount");
    },
  },
  {
    id: "create.other-amount",
    rule: "a known id with another amount is refused",
    source: `${PAYME.create} (not stated there: the amount and account of a transaction cannot change)`,
    mend: "Compare amount and account with the stored values; answer -31008 where they differ.",
    async run(run) {
      const { sameIdOtherAmount } = await busy(run);
      if (sameIdOtherAmount.result !== undefined) warn("an error, e.g. -31008", sameIdOtherAmount);
    },
  },
  {
    id: "create.cancelled-id",
    rule: "a cancelled transaction cannot be created again: -31008",
    source: PAYME.create,
    mend: "Answer -31008 for a known id in a state other than 1.",
    async run(run) {
      const { create } = await afterCancelled(run);
      if (create.error === undefined && create.result?.state === -1) warn("error -31008", create);
      if (create.error === undefined) fail("error -31008", create);
      if (create.error.code !== -31008) warn("error -31008", create);
    },
  },
  {
    id: "create.performed-id",
    rule: "a performed transaction cannot be created again: -31008",
    source: `${PAYME.create} (Payme's own templates; others answer the stored state 2)`,
    mend: "Answer -31008 for a known id in a state other than 1.",
    async run(run) {
      const { createAgain } = await paidOrder(run);
      if (createAgain.result?.state === 2) warn("error -31008", createAgain);
      if (createAgain.error === undefined) fail("error -31008", createAgain);
      if (createAgain.error.code !== -31008) warn("error -31008", createAgain);
    },
  },
  {
    id: "create.after-cancel",
    rule: "after a Cancel, a new transaction may take the order: the payer tries another card",
    source: `${PAYME.create} (integrations refused every second attempt of a payer)`,
    mend: "Count only transactions in states 1 and 2, and make the order payable again after a Cancel.",
    run: async (run) => expectResult((await afterCancelled(run)).createAnew),
  },
  {
    id: "create.paid-order",
    kinds: ONE_TIME,
    rule: "another transaction for a paid order is refused",
    source: PAYME.create,
    mend: "A performed transaction holds its order permanently; answer -31099 to -31050.",
    run: async (run) => expectAccountCode((await paidOrder(run)).create, [-31008]),
  },
  {
    id: "create.at-once",
    kinds: ONE_TIME,
    rule: "of sixteen transactions for one order at the same moment, one is created",
    source: `${PAYME.create} (a shop fulfilled one order twice)`,
    mend: "Use a unique index on the order for states 1 and 2; a read before the write lets several through.",
    async run(run) {
      const { winners, tries } = await manyTransactions(run);
      const [first, second] = winners;
      if (second !== undefined)
        fail("one transaction created", second.create, `${winners.length} of ${tries.length} created`);
      if (first === undefined) await expectPayable(run);
    },
  },
  {
    id: "create.race-winner",
    kinds: ONE_TIME,
    rule: "the transaction that was created of sixteen is kept: CheckTransaction shows it in state 1",
    source: `${PAYME.create} (a refused call removed, or overwrote, the row of the one that was accepted)`,
    mend: "Let a refused Create change nothing: INSERT, and no REPLACE, upsert or clean-up by the order.",
    async run(run) {
      const { winners } = await afterRace(run);
      if (winners.length === 0) skip("no transaction was created: see create.at-once");
      const single = await createdAgain(run);
      // The checks of CheckTransaction report what one shows without a race, too.
      if (single.check.result?.state !== 1) skip("see check.created");
      for (const { check } of winners) if (!isUnanswered(check)) expectResult(check, { state: 1 });
    },
  },
  {
    id: "create.other-spelling",
    kinds: ONE_TIME,
    rule: "a held order cannot be taken by another spelling of its account (0197, +197, ' 197', capitals), or with another value of a free field",
    source: `${PAYME.create} (a database took two spellings for one order, and the order was paid twice)`,
    mend: "Hold the order by its own id from your database, not by the text of the account.",
    async run(run) {
      const taken = await otherSpellings(run);
      if (taken === undefined) return;
      const { other, performs, fulfilled } = taken;
      const { account } = other.wanted;
      const expected = `an error from -31099 to -31050 for ${show(account)}`;
      if (other.isSameOrder) fail(expected, other.create);
      if (!performs.every(({ result }) => result?.state === 2)) warn(expected, other.create);
      if (fulfilled === undefined)
        warn(expected, other.create, `both are paid; \`credited\` would show whether it is one order`);
      if (fulfilled > 1) fail(expected, other.create, `both are paid, and the order was fulfilled ${fulfilled} times`);
      warn(expected, other.create, `both are paid, and the order was fulfilled ${fulfilled} times`);
    },
  },
  {
    id: "create.same-at-once",
    rule: "sixteen equal calls at the same moment get the same answer",
    source: `${PAYME.sandbox} (a repeated call gets the first answer)`,
    mend: "Use a unique index on Payme's id; the second call answers the stored row.",
    async run(run) {
      const { creates } = await sameTransaction(run);
      const first = creates.find(({ result }) => result !== undefined) ?? skip("no transaction was created");
      for (const other of creates) expectSame(first, other);
    },
  },
  {
    id: "create.second-open",
    kinds: REPEATABLE,
    rule: "a balance accepts another transaction while one is open",
    source: `${PAYME.sandbox} (накопительный счёт)`,
    mend: "Let a transaction hold only a one-time account.",
    run: async (run) => expectResult((await busy(run)).create, { state: 1 }),
  },
  {
    id: "create.after-paid",
    kinds: REPEATABLE,
    rule: "a paid balance can be paid again",
    source: `${PAYME.sandbox} (накопительный счёт)`,
    mend: "Let a payment close only a one-time account.",
    async run(run) {
      reached((await performed(run)).perform);
      expectResult((await paidOrder(run)).create, { state: 1 });
    },
  },
]);

/** No transaction was created: the order cannot be paid, which other checks report, or the race refused all. */
async function expectPayable(run: Run): Promise<void> {
  const { order, tries } = await manyTransactions(run);
  const alone = await run.create(run.wanted(order));
  const [first] = tries;
  if (alone.result === undefined || first === undefined) skip("the order accepts no transaction at all");
  fail("one transaction created", first.create, "none of sixteen created, but a single one was");
}
