import { roundUpToSom, type Tiyin } from "../../../kit/money";
import { PRICED } from "../account-kind";
import { checksOf } from "../check";
import { expectAccountCode, expectCode, fail, isAccountCode, skip, warn } from "../expect";
import type { JsonObject } from "../json";
import type { CertifiedOrder, Run } from "../run";
import { PAYME } from "../sources";
import { freshOrder } from "../stories/sandbox";
import { malformedLike, tooLargeLike, unknownLike } from "../values";

/** The sandbox's «Неверные данные», on a new order. */
export const wrongDataChecks = checksOf("CheckPerformTransaction", [
  {
    id: "check-perform.wrong-amount",
    kinds: PRICED,
    rule: "an amount other than the order's is refused with -31001",
    sandbox: "Неверная сумма",
    source: PAYME.sandbox,
    mend: "Compare whole tiyin: the order's price in som times 100.",
    async run(run) {
      const order = await freshOrder(run);
      for (const amount of wrongAmounts(order.amount)) expectCode(await run.checkPerform({ ...order, amount }), -31001);
    },
  },
  {
    id: "check-perform.rounded-amount",
    kinds: PRICED,
    rule: "an amount with tiyin is allowed rounded up to whole som, too: a cashbox may round («Округлять до сумов»)",
    source: `${PAYME.checkPerform} (the cashbox option is on business.help.paycom.uz; that Check has the rounded amount is assumed)`,
    mend: "Price in whole som, or leave that option of the cashbox off; with payme-kit: `roundsToSom: true`.",
    async run(run) {
      const order = await freshOrder(run);
      const amount = roundUpToSom(order.amount);
      if (amount === order.amount) return;
      const answer = await run.checkPerform({ ...order, amount });
      if (answer.result === undefined) warn("a result, where the cashbox rounds", answer);
    },
  },
  {
    id: "create.wrong-amount",
    method: "CreateTransaction",
    kinds: PRICED,
    rule: "an amount other than the order's is refused with -31001",
    sandbox: "Неверная сумма",
    source: PAYME.sandbox,
    mend: "Check the amount in Create as in CheckPerformTransaction.",
    async run(run) {
      const order = await freshOrder(run);
      for (const amount of wrongAmounts(order.amount)) {
        expectCode(await run.tryCreate({ ...run.wanted(order), amount }), -31001);
      }
    },
  },
  {
    id: "check-perform.unknown-account",
    rule: "an unknown account is refused with a code from -31099 to -31050, and data names its field",
    sandbox: "Несуществующий счёт",
    source: PAYME.sandbox,
    mend: 'Answer -31050 with `data: "<the field>"`.',
    async run(run) {
      const order = await freshOrder(run);
      const answer = await run.checkPerform({ ...order, account: run.unknownAccount(order) });
      expectAccountCode(answer);
      const field = run.namedFor(run.fieldOf(order));
      const { data } = answer.error ?? {};
      // answer.data reports a missing name.
      if (typeof data !== "string" || data === field) return;
      // Where two fields together name nothing, either may be to blame.
      if (run.furtherFieldsOf(order).includes(data)) warn(`data: "${field}"`, answer);
      fail(`data: "${field}"`, answer);
    },
  },
  {
    id: "create.unknown-account",
    method: "CreateTransaction",
    rule: "an unknown account is refused with a code from -31099 to -31050",
    sandbox: "Несуществующий счёт",
    source: PAYME.sandbox,
    mend: "Check the account in Create as in CheckPerformTransaction.",
    async run(run) {
      const order = await freshOrder(run);
      expectAccountCode(await run.tryCreate({ ...run.wanted(order), account: run.unknownAccount(order) }));
    },
  },
  {
    id: "check-perform.account-before-amount",
    rule: "an unknown account with a wrong amount is refused for the account, not with -31001",
    sandbox: "Несуществующий счёт",
    source: `${PAYME.sandbox} (endpoints that looked at the amount first failed there)`,
    mend: "Find the account first, then compare the amount.",
    async run(run) {
      const order = await freshOrder(run);
      const answer = await run.checkPerform({ amount: order.amount + 1, account: run.unknownAccount(order) });
      if (answer.error?.code === -31001) fail("an error from -31099 to -31050", answer);
      if (answer.error === undefined) skip("the unknown account was not refused: see check-perform.unknown-account");
    },
  },
  {
    id: "check-perform.malformed-account",
    rule: "an account without its field, or with a malformed value, is refused with a code from -31099 to -31050",
    source: `${PAYME.errors} (integrations answered -32400 to a missing field or an id that is not a UUID)`,
    mend: "Check the form of the account's fields before you ask the database; -31050 names the first wrong one.",
    async run(run) {
      const order = await freshOrder(run);
      const field = run.fieldOf(order);
      for (const account of malformedLike(order.account, field)) {
        expectAccountCode(await run.checkPerform({ ...order, account }));
      }
      const nested = await run.checkPerform({ ...order, account: { ...order.account, [field]: { a: 1 } } });
      if (nested.error?.code !== -32600) expectAccountCode(nested);
    },
  },
  {
    id: "create.malformed-account",
    method: "CreateTransaction",
    rule: "an account without its field, or with a malformed value, is refused with a code from -31099 to -31050",
    source: `${PAYME.errors} (integrations answered -32400 to a missing field or an id that is not a UUID)`,
    mend: "Read the account in Create as in CheckPerformTransaction.",
    async run(run) {
      const order = await freshOrder(run);
      for (const account of malformedLike(order.account, run.fieldOf(order))) {
        expectAccountCode(await run.tryCreate({ ...run.wanted(order), account }));
      }
    },
  },
  {
    id: "create.every-field",
    method: "CreateTransaction",
    rule: "each further field of the account counts: a missing, unknown or malformed value is refused for the account",
    source: `${PAYME.errors} (integrations read only the first field: money for one branch was booked to another)`,
    mend: "Look for the account by all of its fields. A field that decides nothing, such as a comment: name it in `freeFields`.",
    async run(run) {
      const order = await freshOrder(run);
      const fields = run.furtherFieldsOf(order);
      if (fields.length === 0) skip("the account has one field");
      for (const field of fields) {
        for (const account of [unknownLike(order.account, field), ...malformedLike(order.account, field)]) {
          await refusesAccount(run, order, account, MAY_CHANGE_THE_PRICE);
        }
      }
    },
  },
  {
    id: "create.large-number",
    method: "CreateTransaction",
    rule: "a number that is too large for the database's column is refused for the account, without a system error",
    source: `${PAYME.errors} (a phone number in a 32-bit column was a system error: Payme asks again and again)`,
    mend: "Check the range of the number before you ask the database, or use a 64-bit column or text.",
    async run(run) {
      const order = await freshOrder(run);
      const further = run.furtherFieldsOf(order);
      const numbers = [run.fieldOf(order), ...further].filter((each) => tooLargeLike(order.account, each).length > 0);
      if (numbers.length === 0) skip("no field of the account is a whole number");
      let seen = 0;
      for (const field of numbers) {
        // Where an unknown value is accepted too, other checks report it.
        const unknown = await run.checkPerform({ ...order, account: unknownLike(order.account, field) });
        const tolerated = further.includes(field) ? MAY_CHANGE_THE_PRICE : [];
        if (!isAccountCode(unknown.error?.code) && !tolerated.includes(Number(unknown.error?.code))) continue;
        seen += 1;
        for (const account of tooLargeLike(order.account, field)) await refusesAccount(run, order, account, tolerated);
      }
      if (seen === 0) skip("an unknown account is not refused: see check-perform.unknown-account");
    },
  },
]);

/** A field such as a number of months decides the price: another amount is then a right reason, too. */
const MAY_CHANGE_THE_PRICE = [-31001];

/** Expects that Check and Create refuse the account. */
async function refusesAccount(
  run: Run,
  order: CertifiedOrder,
  account: JsonObject,
  tolerated: readonly number[] = [],
): Promise<void> {
  const check = await run.checkPerform({ ...order, account });
  const create = await run.tryCreate({ ...run.wanted(order), account });
  for (const answer of [check, create]) {
    if (!tolerated.includes(Number(answer.error?.code))) expectAccountCode(answer);
  }
}

/** The sandbox's amounts, and the amounts from a confusion of som and tiyin. */
function wrongAmounts(amount: Tiyin): readonly number[] {
  const candidates: number[] = [
    amount + 1,
    amount - 1,
    amount * 100,
    3,
    77,
    ...(amount % 100 === 0 ? [amount / 100] : []),
  ];
  // Where the cashbox rounds, the rounded amount is right: see check-perform.rounded-amount.
  const right = [amount, roundUpToSom(amount)];
  return candidates.filter((candidate) => !right.some((each) => each === candidate) && candidate > 0);
}
