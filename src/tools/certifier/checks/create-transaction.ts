import { isDeepStrictEqual } from "node:util";
import type { Check } from "../check";
import {
  expectAccountCode,
  expectMilliseconds,
  expectResult,
  expectSame,
  fail,
  reached,
  show,
  skip,
  warn,
} from "../expect";
import type { Run } from "../run";
import { PAYME } from "../sources";
import { manyTransactions, sameTransaction } from "../stories/at-once";
import { paidOrder, performed } from "../stories/confirmed";
import { afterCancelled, busy, created, createdAgain } from "../stories/unconfirmed";

const method = "CreateTransaction";

/** The order is reserved for a transaction. */
export const createChecks: readonly Check[] = [
  {
    id: "create.state",
    method,
    rule: "an order that awaits payment is reserved: a result with state 1",
    sandbox: "CreateTransaction",
    source: PAYME.create,
    mend: "Answer `{ create_time, transaction, state: 1 }`.",
    async run(run) {
      expectResult((await created(run)).create, { state: 1 });
    },
  },
  {
    id: "create.milliseconds",
    method,
    rule: "create_time is a whole number of milliseconds",
    source: PAYME.types,
    mend: "Answer milliseconds, 13 digits (in a 64-bit column): seconds times 1000.",
    async run(run) {
      expectMilliseconds((await created(run)).create, "create_time");
    },
  },
  {
    id: "create.transaction",
    method,
    rule: "`transaction` is your own id of it, a string",
    source: PAYME.create,
    mend: "Answer it as text, also where it is a number in your database.",
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
    method,
    rule: "the same call again is answered as at first, create_time included",
    sandbox: "Повторный вызов метода CreateTransaction",
    source: PAYME.sandbox,
    mend: "Look for Payme's id first, and answer from what you stored at the first call; never from the clock.",
    async run(run) {
      const { create, repeat } = await createdAgain(run);
      expectSame(create, repeat);
    },
  },
  {
    id: "create.repeat-late",
    method,
    rule: "the same call again is answered as at first also late in a second, where the time is one of whole seconds",
    source: `${PAYME.sandbox} (Payme's own PHP template rounds a time in one place and cuts it off in another)`,
    mend: "Store the time that you answer, in milliseconds, and answer the stored one.",
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
    method,
    only: "one-time",
    rule: "another transaction for an order that one holds already is refused with a code from -31099 to -31050",
    sandbox: "CreateTransaction",
    source: `${PAYME.sandbox} (the docs say -31008; Payme's own modules, and endpoints that passed, answer -31050 to -31099)`,
    mend: "Let the database keep at most one live transaction per order; answer -31099 with the field in data.",
    async run(run) {
      expectAccountCode((await busy(run)).create, [-31008]);
    },
  },
  {
    id: "create.amount-before-busy",
    method,
    only: "one-time",
    rule: "a wrong amount for a busy order is refused with -31001: the amount comes before the order's state",
    source: `${PAYME.sandbox} (an endpoint failed there that looked at the state first)`,
    mend: "Ask in this order: account, amount, is the order free.",
    async run(run) {
      const { wrongAmount } = await busy(run);
      if (wrongAmount.result === undefined && wrongAmount.error?.code !== -31001) warn("error -31001", wrongAmount);
      if (wrongAmount.result !== undefined) skip("a wrong amount is not refused: see create.wrong-amount");
    },
  },
  {
    id: "create.other-amount",
    method,
    rule: "a known id with another amount is not answered as if nothing were wrong",
    source: `${PAYME.create} (not written there: what a transaction is about cannot change)`,
    mend: "Compare amount and account with what is stored; -31008 where they differ.",
    async run(run) {
      const { sameIdOtherAmount } = await busy(run);
      if (sameIdOtherAmount.result !== undefined) warn("an error, e.g. -31008", sameIdOtherAmount);
    },
  },
  {
    id: "create.cancelled-id",
    method,
    rule: "a transaction that was cancelled cannot be created again: -31008",
    source: PAYME.create,
    mend: "A known id in another state than 1 is -31008.",
    async run(run) {
      const { create } = await afterCancelled(run);
      if (create.error === undefined && create.result?.state === -1) warn("error -31008", create);
      if (create.error === undefined) fail("error -31008", create);
      if (create.error.code !== -31008) warn("error -31008", create);
    },
  },
  {
    id: "create.performed-id",
    method,
    rule: "a transaction that was performed cannot be created again: -31008",
    source: `${PAYME.create} (Payme's own templates; others answer what is stored, state 2)`,
    mend: "A known id in another state than 1 is -31008.",
    async run(run) {
      const { createAgain } = await paidOrder(run);
      if (createAgain.result?.state === 2) warn("error -31008", createAgain);
      if (createAgain.error === undefined) fail("error -31008", createAgain);
      if (createAgain.error.code !== -31008) warn("error -31008", createAgain);
    },
  },
  {
    id: "create.after-cancel",
    method,
    rule: "once a transaction was cancelled, a new one may take the order: the payer tries another card",
    source: `${PAYME.create} (integrations refused every payer's second try)`,
    mend: "Count transactions in states 1 and 2 only, and make the order payable again when one is cancelled.",
    async run(run) {
      expectResult((await afterCancelled(run)).createAnew);
    },
  },
  {
    id: "create.paid-order",
    method,
    only: "one-time",
    rule: "another transaction for an order that is paid is refused",
    source: PAYME.create,
    mend: "A performed transaction holds its order for good; answer -31099 to -31050.",
    async run(run) {
      expectAccountCode((await paidOrder(run)).create, [-31008]);
    },
  },
  {
    id: "create.at-once",
    method,
    only: "one-time",
    rule: "of sixteen transactions that want one order at the same moment, one is created",
    source: `${PAYME.create} (a shop is told twice that one order was paid)`,
    mend: "A unique index over the order for states 1 and 2; reading first and writing then lets several in.",
    async run(run) {
      const { winners, tries } = await manyTransactions(run);
      const [first, second] = winners;
      if (second !== undefined)
        fail("one transaction created", second.create, `${winners.length} of ${tries.length} created`);
      if (first === undefined) await expectPayable(run);
    },
  },
  {
    id: "create.same-at-once",
    method,
    rule: "sixteen equal calls at the same moment are answered alike",
    source: `${PAYME.sandbox} (a repeated call is answered as the first)`,
    mend: "A unique index over Payme's id; who comes second answers from the stored row.",
    async run(run) {
      const { creates } = await sameTransaction(run);
      const first = creates.find(({ result }) => result !== undefined) ?? skip("no transaction was created");
      for (const other of creates) expectSame(first, other);
    },
  },
  {
    id: "create.second-open",
    method,
    only: "accumulative",
    rule: "a balance takes another transaction while one is open",
    source: `${PAYME.sandbox} (накопительный счёт)`,
    mend: "Only one-time accounts are held by a transaction.",
    async run(run) {
      expectResult((await busy(run)).create, { state: 1 });
    },
  },
  {
    id: "create.after-paid",
    method,
    only: "accumulative",
    rule: "a balance that was paid can be paid again",
    source: `${PAYME.sandbox} (накопительный счёт)`,
    mend: "Only one-time accounts are closed by a payment.",
    async run(run) {
      reached((await performed(run)).perform);
      expectResult((await paidOrder(run)).create, { state: 1 });
    },
  },
];

/** Nobody won: either the order cannot be paid at all, which other checks tell, or all were refused in the race. */
async function expectPayable(run: Run): Promise<void> {
  const { order, tries } = await manyTransactions(run);
  const alone = await run.create(run.wanted(order));
  const [first] = tries;
  if (alone.result === undefined || first === undefined) skip("the order takes no transaction at all");
  fail("one transaction created", first.create, "none of sixteen created, then one by itself");
}
