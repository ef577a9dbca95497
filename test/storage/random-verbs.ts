import * as fc from "fast-check";
import { tiyin } from "../../src/kit/money";
import type {
  Cursor,
  EventRow,
  IncidentClosing,
  NewEvent,
  PaymentChange,
  Scope,
  Storage,
  Verbs,
} from "../../src/ledger";
import { paymentRow, transactionRow } from "../ledger/rows";

/** A call of a verb; what it brings, made comparable between storages. */
export interface Step {
  readonly name: string;
  run(verbs: Verbs): Promise<unknown>;
  toString(): string;
}

const scopes: readonly Scope[] = [
  { cashbox: "default", mode: "test" },
  { cashbox: "second", mode: "live" },
  { cashbox: "third", mode: "test" },
];
const scope = fc.constantFrom(...scopes);
const few = fc.integer({ min: 0, max: 3 });
const time = fc.integer({ min: 1, max: 20 });
const limit = fc.integer({ min: 1, max: 5 });
const amount = fc.constantFrom(tiyin(1), tiyin(2));
const reference = fc.option(fc.constantFrom("a", "b"));

/** Payment ids are unique over all scopes, receipts and Payme ids over all payments, as they are at Payme. */
const idIn = ({ cashbox }: Scope, n: number) => `${cashbox}-${n}`;

/** Ids of events count from wherever a database likes: only their order is compared. */
const withoutId = ({ id: _id, ...event }: EventRow) => event;

/** Which rows a claim takes is the contract's, in which order they come is not. */
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

function step<Params>(
  name: string,
  params: fc.Arbitrary<Params>,
  run: (verbs: Verbs, params: Params) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return params.map((given) => ({
    name,
    run: (verbs) => run(verbs, given),
    toString: () => `${name}(${JSON.stringify(given)})`,
  }));
}

const addPayment = step(
  "addPayment",
  fc.record({
    scope,
    n: few,
    reference,
    amount,
    time,
    status: fc.constantFrom("PENDING", "PENDING", "PENDING", "FAILED"),
    free: fc.option(time, { nil: undefined }),
    most: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    kind: fc.constantFrom("order", "order", "subscription"),
    userId: fc.constantFrom("user-1", "user-1", "user-2", ""),
    nextCheckAt: fc.option(time),
  }),
  (verbs, { scope, n, time, free, most, ...row }) =>
    verbs.addPayment(paymentRow({ ...scope, ...row, id: idIn(scope, n), createdAt: time, updatedAt: time }), {
      freeReferenceBefore: free,
      mostOpen: most,
    }),
);

const arrows: readonly Pick<PaymentChange, "from" | "to">[] = [
  { from: ["PENDING", "FAILED"], to: "PAID" },
  { from: ["PENDING"], to: "PAID" },
  { from: ["PENDING"], to: "FAILED" },
  { from: ["PENDING"], to: "CANCELLED" },
  { from: ["PAID"], to: "CANCELLED" },
];

const changePayment = step(
  "changePayment",
  fc.record({
    scope,
    n: few,
    arrow: fc.constantFrom(...arrows),
    payer: fc.constantFrom(0, 1),
    change: fc.record(
      {
        amount,
        paidAt: time,
        chequeId: fc.constantFrom("cheque-1", "cheque-2"),
        webhookReceivedAt: time,
        errorCode: fc.constant("-31630"),
        errorMessage: fc.constant("no"),
        nextCheckAt: fc.option(time),
      },
      { requiredKeys: [] },
    ),
    at: time,
  }),
  (verbs, { scope, n, arrow, payer, change, at }) => {
    const paidBy =
      arrow.to === "PAID" ? ({ paidBy: `payme-${idIn(scope, n)}-${payer}`, paidSource: "gateway" } as const) : {};
    return verbs.changePayment(scope, idIn(scope, n), { ...arrow, ...change, ...paidBy, at });
  },
);

const attachReceipt = step(
  "attachReceipt",
  fc.record({ scope, n: few, receipt: fc.constantFrom(0, 1), at: time, nextCheckAt: time }),
  (verbs, { scope, n, receipt, ...times }) => {
    const id = idIn(scope, n);
    const attachment = { transactionId: `receipt-${id}-${receipt}`, chequeId: "cheque", payUrl: "https://pay.example" };
    return verbs.attachReceipt(scope, id, { ...attachment, ...times });
  },
);

const onPayment = fc.record({ scope, n: few, at: time, nextCheckAt: time });
const paymentSteps = [
  addPayment,
  changePayment,
  attachReceipt,
  step("requestCancel", onPayment, (verbs, { scope, n, ...times }) =>
    verbs.requestCancel(scope, idIn(scope, n), { ...times, from: n % 2 === 0 ? ["PENDING", "FAILED"] : ["PAID"] }),
  ),
  step("claimCharge", onPayment, (verbs, { scope, n, at, nextCheckAt }) =>
    verbs.claimCharge(scope, idIn(scope, n), { at, until: nextCheckAt }),
  ),
  step("releaseCharge", onPayment, (verbs, { scope, n, ...times }) =>
    verbs.releaseCharge(scope, idIn(scope, n), { ...times, until: times.nextCheckAt }),
  ),
  step("withdrawCancel", onPayment, (verbs, { scope, n, ...times }) =>
    verbs.withdrawCancel(scope, idIn(scope, n), times),
  ),
  step("noteNotification", onPayment, (verbs, { scope, n, at, nextCheckAt }) =>
    verbs.noteNotification(scope, idIn(scope, n), { at, chequeId: nextCheckAt > 10 ? "cheque-3" : undefined }),
  ),
  step("scheduleCheck", onPayment, (verbs, { scope, n, ...times }) =>
    verbs.scheduleCheck(scope, idIn(scope, n), {
      ...times,
      held: times.at > 10,
      heldAt: times.at > 20 ? times.at : undefined,
    }),
  ),
  step(
    "claimDuePayments",
    fc.record({ scope, now: time, leaseUntil: time, limit }),
    async (verbs, { scope, ...claim }) => [...(await verbs.claimDuePayments(scope, claim))].sort(byId),
  ),
  step(
    "findPayment",
    fc.record({ scope, n: few, reference: fc.constantFrom("a", "b") }),
    async (verbs, { scope, n, reference }) => [
      await verbs.findPayment(scope, { id: idIn(scope, n) }),
      await verbs.findPayment(scope, { paymeId: `receipt-${idIn(scope, n)}-0` }),
      await verbs.findPayment(scope, { paymeId: `payme-${idIn(scope, n)}-0` }),
      await verbs.findPayment(scope, { reference }),
    ],
  ),
];

const paymeId = fc.constantFrom("payme-1", "payme-2", "payme-3");
const state = fc.constantFrom(1 as const, 2 as const, -1 as const, -2 as const);
/** Undefined: the cashbox alone. */
const orderSpace = fc.constantFrom(undefined, undefined, "shared", "second");
const transactionSteps = [
  step(
    "addTransaction",
    fc.record({
      scope,
      paymeId,
      reference: fc.constantFrom("order-1", "order-2"),
      referenceType: fc.constantFrom("number", "bigint", "string"),
      source: fc.constantFrom("merchant" as const, "merchant" as const, "receipt" as const),
      oneTime: fc.constantFrom(true, true, false),
      orderSpace,
      state: fc.constantFrom(1 as const, 1 as const, -1 as const),
      time,
    }),
    (verbs, { scope, time, orderSpace, ...row }) => {
      const space = orderSpace === undefined ? {} : { orderSpace };
      return verbs.addTransaction(transactionRow({ ...scope, ...row, ...space, time, createTime: time }));
    },
  ),
  step(
    "changeTransaction",
    fc.record({ scope, paymeId, from: state, to: state, at: time, reason: fc.option(few), notBefore: fc.option(time) }),
    // Back to life is no change that there is: only onwards.
    async (verbs, { scope, paymeId, from, to, notBefore, ...change }) =>
      to === 1
        ? "none"
        : verbs.changeTransaction(scope, paymeId, {
            ...change,
            from,
            to: from === 1 && to === -2 ? -1 : to,
            notBefore: notBefore ?? undefined,
          }),
  ),
  step("moveOrders", fc.record({ scope, orderSpace }), (verbs, { scope, orderSpace = scope.cashbox }) =>
    verbs.moveOrders(scope, orderSpace),
  ),
  step("saveFiscalData", fc.record({ scope, paymeId, n: few }), (verbs, { scope, paymeId, n }) =>
    verbs.saveFiscalData(scope, paymeId, n > 1 ? "PERFORM" : "CANCEL", { n }),
  ),
];

const subject = fc.constantFrom("a", "b");
const newEvent = fc
  .record({
    scope,
    kind: fc.constantFrom("payment.paid", "double_payment", "amount_mismatch", "effect_failed"),
    subject,
    paymeId: fc.constantFrom(undefined, null, "", "payme-1", "payme-2"),
    at: time,
    data: fc.jsonValue(),
    deliverAt: fc.option(time, { nil: undefined }),
  })
  .map(({ scope, ...event }): NewEvent => ({ ...scope, ...event }));

const kinds = fc.subarray(["double_payment", "amount_mismatch", "effect_failed"] as const);
const closing = fc
  .record({
    scope,
    subject,
    paymeId: fc.constantFrom("", "payme-1", "payme-2"),
    kinds,
    kindsOfOthers: fc.option(kinds, { nil: undefined }),
    by: subject,
    note: subject,
    at: time,
  })
  .map(({ scope, ...each }): IncidentClosing => ({ ...scope, ...each }));

const eventSteps = [
  step(
    "appendEvents",
    fc.record({ events: fc.array(newEvent, { maxLength: 3 }), closing: fc.option(closing, { nil: undefined }) }),
    async (verbs, { events, closing }) => (await verbs.appendEvents(events, closing)).map(withoutId),
  ),
  step(
    "claimEvents",
    fc.record({ scope, now: time, leaseUntil: time, token: fc.constantFrom("x", "y"), limit }),
    async (verbs, { scope, ...claim }) => (await verbs.claimEvents(scope, claim)).map(withoutId),
  ),
  step(
    "closeEvent",
    fc.record({
      scope,
      nth: few,
      result: fc.oneof(
        fc.record({
          result: fc.constantFrom("delivered" as const, "parked" as const),
          token: fc.constantFrom("x", "y"),
          at: time,
        }),
        fc.record({
          result: fc.constant("retry" as const),
          token: fc.constantFrom("x", "y"),
          at: time,
          deliverAt: time,
        }),
        fc.record({ result: fc.constant("resolved" as const), by: subject, note: subject, at: time }),
        fc.record({ result: fc.constant("requeued" as const), deliverAt: time }),
      ),
    }),
    async (verbs, { scope, nth, result }) => {
      const event = (await verbs.listEvents(scope, { limit: 9 }))[nth];
      const ended = await verbs.closeEvent(scope, event?.id ?? 0, result);
      return ended.outcome === "not_found" ? ended : { ...ended, row: withoutId(ended.row) };
    },
  ),
  step(
    "listEvents",
    fc.record({
      scope,
      subject: fc.option(subject, { nil: undefined }),
      open: fc.boolean(),
      parked: fc.boolean(),
      limit,
      kinds: fc.constantFrom(undefined, [], ["payment.paid"], ["double_payment"]),
    }),
    async (verbs, { scope, ...query }) => (await verbs.listEvents(scope, query)).map(withoutId),
  ),
];

/** Any verb that changes or finds something, with any arguments that a caller may give. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(...paymentSteps, ...transactionSteps, ...eventSteps);

/** Everything that a storage holds, as its reading verbs tell it, in pages. */
export async function everything(storage: Storage<unknown>): Promise<unknown> {
  const all: unknown[] = [];
  for (const each of scopes) {
    for (let n = 0; n < 4; n += 1) all.push(await storage.findPayment(each, { id: idIn(each, n) }));
    all.push(await storage.paymentStatistics(each), await storage.paymentStatistics(each, { from: 3, to: 15 }));
    all.push(await storage.paymentTotals(each, { from: 3, to: 15 }));
    all.push(await storage.paymentDays(each, { from: 3, to: 15 }));
    for (const text of ["a", "order-1", idIn(each, 1)]) {
      all.push(await storage.searchPayments(each, { text, limit: 3 }));
      all.push((await storage.listEvents(each, { subject: [text, idIn(each, 2)], limit: 99 })).map(withoutId));
    }
    all.push(
      await storage.findTransactions(
        each,
        [1, 2, 2].map((n) => idIn(each, n)),
      ),
    );
    all.push(await storage.listExpired(each, { before: 15, limit: 2 }));
    all.push((await storage.listEvents(each, { limit: 99 })).map(withoutId));
    all.push((await storage.listEvents(each, { due: 9, limit: 99 })).map(withoutId));
    for (const reference of ["order-1", "order-2"]) {
      all.push(
        await storage.findLiveByOrder(each, reference),
        await storage.findLiveByOrder(each, reference, "shared"),
      );
    }
    all.push(
      await inPages(
        (after) => storage.listPending(each, { before: 15, after, limit: 2 }),
        (row) => ({ time: row.createdAt, id: row.id }),
      ),
      await inPages(
        (after) => storage.listPaid(each, { from: 3, to: 15, after, limit: 2 }),
        (row) => ({ time: row.paidAt ?? 0, id: row.id }),
      ),
      await inPages(
        (after) => storage.listDue(each, { before: 15, after, limit: 2 }),
        (row) => ({ time: row.nextCheckAt ?? 0, id: row.id }),
      ),
      await inPages(
        (after) => storage.listTransactions(each, { from: 3, to: 18, after, limit: 2 }),
        (row) => ({ time: row.time, id: row.paymeId }),
      ),
    );
  }
  return all;
}

async function inPages<Row>(
  page: (after: Cursor | undefined) => Promise<Row[]>,
  cursorOf: (row: Row) => Cursor,
): Promise<Row[]> {
  const all: Row[] = [];
  let after: Cursor | undefined;
  for (let turned = 0; turned < 20; turned += 1) {
    const rows = await page(after);
    const last = rows.at(-1);
    if (last === undefined) break;
    all.push(...rows);
    after = cursorOf(last);
  }
  return all;
}
