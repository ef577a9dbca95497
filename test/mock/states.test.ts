import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tiyin } from "../../src/kit/money";
import type { TestCard } from "../../src/testing/mock/cards";
import type { MockChoices } from "../../src/testing/mock/choices";
import type { FaultRule } from "../../src/testing/mock/faults";
import { openBilling } from "./billing-kit";
import { CARD, createReceipt, openMock, verifiedToken } from "./kit";
import { PRICE } from "./merchant-kit";

const DAY_MS = 24 * 3_600_000;

/**
 * Section 3 of the Subscribe API: where a receipt may stand after one step of anybody's, by where it stood before. Independent of the code.
 * Source: developer.help.paycom.uz, "Состояния чека", and the transitions seen in captures. What is passed inside of one step is skipped:
 * with billing 1, 2 and 3 are over when its answer comes, and who pays and cancels at once finds 21.
 */
const NEXT: Readonly<Record<number, readonly number[]>> = {
  // "создан": paid, held or cancelled, or on the way there. A refused attempt leaves it open, which Payme does not say.
  0: [0, 1, 2, 3, 30, 4, 6, 5, 50, 21],
  // "первичные проверки", "списание", "закрытие транзакции": what Payme has begun comes to 4, and may be refunded at once.
  1: [1, 4, 21],
  2: [2, 4, 21],
  3: [3, 4, 21],
  // "в очереди на закрытие транзакции в биллинге": 50 where the merchant refuses after all, and the payer gets his money back.
  30: [30, 4, 21, 50],
  // "захолдирован": confirmed (30: the merchant is silent), or let go.
  5: [5, 4, 30, 21, 50],
  // "поступила команда на холдирование": 5, and whatever becomes of that in the same step.
  6: [6, 5, 4, 21, 50],
  // "оплачен": only ever refunded.
  4: [4, 21],
  // "в очереди на отмену": cancelled; or paid as before, where the merchant says so once it answers.
  21: [21, 50, 4],
  50: [50],
};

const CHOICES = fc.record({
  payAnswers: fc.constantFrom(null, 1 as const, 2 as const, 3 as const, 30 as const),
  cancelledHold: fc.constantFrom("cancelled" as const, "queued" as const),
  oneSidedHold: fc.constantFrom("payment" as const, "hold" as const),
  repeatedCancel: fc.constantFrom("receipt" as const, "refuse" as const),
  repeatedConfirm: fc.constantFrom("receipt" as const, "refuse" as const),
  unpaidLifetimeMs: fc.constantFrom(null, 3_600_000),
  accountFields: fc.constantFrom("as_sent" as const, "with_transaction" as const),
  sendsFiscalData: fc.boolean(),
  rotatesToken: fc.boolean(),
}) satisfies fc.Arbitrary<Partial<MockChoices>>;

type Bench = ReturnType<typeof openBilling> & { tokens: string[]; steps: number; trouble?: "lost" | "refused" };
type Step = (bench: Bench, id: string) => Promise<unknown> | unknown;

const STEPS: Readonly<Record<string, Step>> = {
  create: (bench, id) =>
    bench.steps % 2 === 0 ? bench.receipt({ account: { order_id: 1 + (bench.steps % 10) } }) : id,
  createHold: (bench) => bench.receipt({ account: { order_id: 1 + (bench.steps % 10) }, hold: true }),
  payByToken: ({ call, tokens }, id) => call("receipts.pay", { id, token: tokens[0] }),
  payByOtherToken: ({ call, tokens }, id) => call("receipts.pay", { id, token: tokens[1] }),
  payOnce: ({ call, tokens }, id) => call("receipts.pay", { id, token: tokens[2] }),
  hold: ({ call, tokens }, id) => call("receipts.pay", { id, token: tokens[0], hold: true }),
  payOnPage: ({ mock }, id) => mock.pay(id, { card: CARD }),
  payHumo: ({ mock }, id) => mock.pay(id, { card: { number: "9860123456789012", expire: "12/39" } }),
  payDeclined: ({ mock }, id) => mock.pay(id, { card: { number: "8600143417770323", expire: "03/99" } }),
  payTwiceAtOnce: ({ mock, call, tokens }, id) =>
    Promise.all([call("receipts.pay", { id, token: tokens[0] }), mock.pay(id, { card: CARD })]),
  payAndCancelAtOnce: ({ mock }, id) => Promise.all([mock.pay(id, { card: CARD }), refusable(mock.cancel(id))]),
  cancelByCall: ({ call }, id) => call("receipts.cancel", { id }),
  cancelInCabinet: ({ mock }, id) => refusable(mock.cancel(id)),
  confirmByCall: ({ call }, id) => call("receipts.confirm_hold", { id }),
  confirmInCabinet: ({ mock }, id) => refusable(mock.confirmHold(id)),
  confirmAndCancelAtOnce: ({ mock }, id) => Promise.all([refusable(mock.confirmHold(id)), refusable(mock.cancel(id))]),
  expire: ({ mock }, id) => refusable(mock.expire(id)),
  verify: ({ call, tokens }) => call("cards.verify", { token: tokens[0], code: "666666" }),
  check: ({ call }, id) => call("receipts.check", { id }),
  settle: ({ mock }) => mock.settle(),
  waitLittle: ({ pass }) => pass(4_000),
  waitLong: ({ pass }) => pass(60_000),
  waitADay: ({ pass }) => pass(DAY_MS),
  waitAMonth: ({ pass }) => pass(31 * DAY_MS),
  loseAnswer: (bench) => oneKind(bench, "lost", { kind: "drop_after", times: 1 }),
  loseCall: ({ mock }) => mock.faults.add({ kind: "drop_before", times: 1 }),
  refuseAtMerchant: (bench) =>
    oneKind(bench, "refused", { method: "*Transaction", kind: "rpc_error", code: -31008, times: 1 }),
  repeatCall: ({ mock }) => mock.faults.add({ kind: "duplicate", times: 1 }),
};

/**
 * A run loses answers or refuses calls, never both: a merchant that obeyed a cancel, lost its answer and then refuses the repeat says the opposite
 * of its own book, and no Payme could keep the two together.
 */
function oneKind(bench: Bench, kind: "lost" | "refused", fault: FaultRule): void {
  bench.trouble ??= kind;
  if (bench.trouble === kind) bench.mock.faults.add(fault);
}

/** What a person does may be refused; the mock itself may not fail. */
async function refusable(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== "Refusal") throw error;
  });
}

/** A call whose connection breaks is the TypeError that fetch throws; any other TypeError is a mistake of the mock. */
async function take(step: string, bench: Bench, id: string): Promise<void> {
  await Promise.resolve(STEPS[step]?.(bench, id)).catch((error: unknown) => {
    if (!(error instanceof TypeError) || error.message !== "fetch failed") throw error;
  });
  // Of two at once one may be lost while the other is under way: a step is over when both are.
  await bench.mock.flush();
}

const BALANCE = tiyin(PRICE * 4);
const CARDS: readonly TestCard[] = [
  { number: "8600495473316478", expire: "0399", hasCvv: false, balance: BALANCE },
  { number: "8600069195406311", expire: "0399", hasCvv: false },
  { number: "9860123456789012", expire: null, hasCvv: true, balance: BALANCE },
  {
    number: "8600143417770323",
    expire: "0399",
    hasCvv: false,
    behaviour: { stage: "pay", code: -32400, message: "Системная ошибка" },
  },
];

async function open(hasBilling: boolean, choices: Partial<MockChoices>): Promise<Bench> {
  const billing = openBilling({ cards: CARDS, choices, ...(hasBilling ? {} : { billing: undefined }) });
  const { mock } = billing;
  const tokens = [
    await verifiedToken(mock),
    await verifiedToken(mock, { card: { number: "8600069195406311", expire: "0399" } }),
    await verifiedToken(mock, { save: false }),
  ];
  await billing.receipt();
  await billing.receipt({ hold: true, account: { order_id: 2 } });
  return { ...billing, tokens, steps: 0 };
}

/** The money of each receipt, and of all, as far as it can be told from the movements alone. */
function proveMoney({ mock }: Bench): void {
  const receipts = mock.receipts();
  for (const { _id, amount, state } of receipts) {
    const own = mock.movements.filter(({ receiptId }) => receiptId === _id);
    const kinds = own.map(({ kind }) => kind).join(" ");
    // Taken, held and given back once at most, and only in these orders.
    expect(kinds).toMatch(/^(?:|take|take return|hold|hold release|hold capture|hold capture return)$/);
    expect(own.every((movement) => movement.amount === amount && movement.card === own[0]?.card)).toBe(true);
    const isWithMerchant = /(?:take|capture)$/.test(kinds);
    if (state === 0) expect(kinds).toBe("");
    if (state === 4 || state === 3 || state === 30) expect(isWithMerchant).toBe(true);
    if (state === 5 || state === 6) expect(kinds).toBe("hold");
    if (state === 50) expect(kinds).toMatch(/^(?:|.*return|.*release)$/);
  }
  const byCard = new Map<string, number>();
  for (const { card, kind, amount } of mock.movements) {
    const change = kind === "take" || kind === "hold" ? -amount : kind === "capture" ? 0 : amount;
    byCard.set(card, (byCard.get(card) ?? 0) + change);
    expect(
      (byCard.get(card) ?? 0) + (card.startsWith("860006") ? Number.POSITIVE_INFINITY : BALANCE),
    ).toBeGreaterThanOrEqual(0);
  }
  const ofCards = [...byCard.values()].reduce((sum, each) => sum + each, 0);
  const ofCashboxes = mock.cashboxes.reduce(
    (sum, { money: { held, taken, returned } }) => sum + held + taken - returned,
    0,
  );
  expect(ofCashboxes + ofCards).toBe(0);
  for (const { money } of mock.cashboxes) {
    const { held, taken, returned } = money;
    expect(Math.min(held, taken - returned)).toBeGreaterThanOrEqual(0);
  }
}

function proveStates({ mock }: Bench, before: ReturnType<Bench["mock"]["receipts"]>): void {
  const after = mock.receipts();
  before.forEach((was, index) => {
    const is = after[index];
    if (is === undefined) throw new Error("a receipt is gone");
    expect(NEXT[was.state]).toContain(is.state);
    expect([is._id, is.amount, is.cheque_id]).toEqual([was._id, was.amount, was.cheque_id]);
    if (was.pay_time !== 0) expect(is.pay_time).toBe(was.pay_time);
    if (was.cancel_time !== 0) expect(is.cancel_time).toBe(was.cancel_time);
    if (is.state === 4) expect(is.pay_time).toBeGreaterThan(0);
    if (is.state === 50) expect(is.cancel_time).toBeGreaterThan(0);
    else expect(is.cancel_time).toBe(0);
    if (is.cancel_time > 0) expect(is.cancel_time).toBeGreaterThanOrEqual(is.pay_time);
  });
}

/** Each end is told once. */
function proveNews({ mock }: Bench): void {
  for (const { _id, pay_time, state } of mock.receipts()) {
    const told = mock.notifications.filter(({ receiptId }) => receiptId === _id).map(({ method }) => method);
    const news = [...(pay_time > 0 ? ["receipts.pay"] : []), ...(state === 50 ? ["receipts.cancel"] : [])];
    expect(state === 21 ? told.filter((method) => method !== "receipts.cancel") : told).toEqual(news);
  }
}

/** The merchant's books and Payme's are one, once all is settled. */
async function proveBooks(bench: Bench): Promise<void> {
  bench.mock.faults.clear();
  await bench.mock.settle();
  expect(await bench.mock.billing?.compare()).toEqual([]);
  for (let order = 1; order <= 10; order += 1) {
    const sold = (await bench.shop.order(order)) ?? { fulfilled: 0, takenBack: 0 };
    const { length: paid } = bench.mock
      .receipts()
      .filter(({ account, state }) => account[0]?.value === String(order) && state === 4);
    expect(sold.fulfilled - sold.takenBack).toBe(paid);
  }
}

describe.each([
  ["a virtual terminal", false],
  ["a cashbox with billing", true],
])("%s, whatever is done in whatever order", (_name, hasBilling) => {
  it("receipts change state only as the protocol allows, and the money follows", { timeout: 120_000 }, async () => {
    const runs = fc.array(fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(3)), { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(runs, CHOICES, async (run, choices) => {
        const bench = await open(hasBilling, choices);
        for (const [step, which] of run) {
          const before = bench.mock.receipts();
          await take(step, bench, before.at(-1 - (which % before.length))?._id ?? "");
          bench.steps += 1;
          proveStates(bench, before);
          proveMoney(bench);
          proveNews(bench);
        }
        if (hasBilling) await proveBooks(bench);
      }),
      { numRuns: Number(process.env.STATES_RUNS ?? 100) },
    );
  });
});

describe("a receipt", () => {
  it("is paid once by 20 attempts at once", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    const token = await verifiedToken(mock);
    const page = Array.from({ length: 10 }, () => mock.pay(id, { card: CARD }));
    const api = Array.from({ length: 10 }, () => call("receipts.pay", { id, token }));
    const paid = (await Promise.all(page)).filter(({ outcome }) => outcome === "paid").length;
    const answered = (await Promise.all(api)).filter((answer) => "result" in answer).length;
    expect(paid + answered).toBe(1);
    expect(mock.notifications).toHaveLength(1);
  });
});
