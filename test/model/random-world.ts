import { createPayments, createWorker, type PaymentStatistics, type Payments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { fetchMerchant } from "../../src/entry/fetch";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { type WebhookEvent, webhookEvent } from "../../src/gateway/webhook-event";
import type { Sleep } from "../../src/kit/clock";
import type { EventRow, PaymentRow, PaymentTotals } from "../../src/ledger";
import { ReceiptState } from "../../src/protocol/states";
import { asFetch } from "../../src/testing/mock/as-fetch";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import type { FaultRule } from "../../src/testing/mock/faults";
import type { MerchantCaller } from "../../src/testing/mock/merchant/caller";
import { createMockCore } from "../../src/testing/mock/mock-core";
import type { MoneyMovement } from "../../src/testing/mock/money-book";
import { EMPTY_CARD } from "../faults/world";
import { KEY, TEST_KEY } from "../merchant/shop";
import { API_CARD, START, verifiedToken } from "../mock/kit";
import { createCharges } from "./charges";
import type { Goods, Stock } from "./goods";
import { lookAt, refundUnfulfilled } from "./person";
import { type Planted, plantedClient, plantedPayments, plantedStorage } from "./planted-faults";
import type { Life, Step } from "./random-life";
import type { Stories, Told } from "./story-judge";
import { CHARGED, createHooks, FIRST, isCharged, WARES } from "./wares";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Payme's default for tests; the declined card has nothing on it. A hold on HUMO does not end by itself. */
const EMPTY = { number: EMPTY_CARD.number, expire: "0399" };
const HUMO = { number: "9860123456789012", expire: "1230" };
/** The cards that are charged: tokens of the same one twice. */
const CARDS = [API_CARD, API_CARD, HUMO, EMPTY];
const WAITS = [MINUTE, 11 * MINUTE, HOUR, 6 * HOUR, 13 * HOUR, DAY] as const;
/** What a clock of ours is set to, beside the right time. */
const SKEWS = [0, 3 * MINUTE, -3 * MINUTE, HOUR, -HOUR, 26 * HOUR] as const;
/** A life ends before the age of 7 days, so that one review of days finds all that it left. */
const LONGEST_MS = 5.5 * DAY;
type Rest = readonly [ms: number, reviews?: "review"];
/**
 * The time until all has come to rest, in steps. First everything that is asked about ends, then a review finds the rest, and
 * what that has found ends, too: a refund that never ends is told of after two days.
 */
const REST: readonly Rest[] = [
  [MINUTE],
  [10 * MINUTE],
  [HOUR],
  [6 * HOUR],
  [6 * HOUR],
  [18 * HOUR],
  [18 * HOUR],
  [6 * HOUR],
  [5 * DAY, "review"],
  [6 * HOUR],
  [2 * DAY],
  [6 * HOUR],
];
/** The weeks after: a person is told of a hold after 27 days, and it ends after 30. */
const WEEKS: readonly Rest[] = [[7 * DAY], [10 * DAY], [2 * DAY]];
/** The last review finds what was done meanwhile. */
const END: readonly Rest[] = [[34 * DAY, "review"], [6 * HOUR], [2 * DAY], [6 * HOUR]];
const silent = { info() {}, warn() {}, error() {} };
/** Codes come from Payme only: the answers of the endpoint under test are its own. */
const FAULTS: Readonly<Record<Step["fault"], readonly FaultRule[]>> = {
  none: [],
  "lost before": [{ kind: "drop_before" }],
  "lost after": [{ kind: "drop_after" }],
  twice: [{ kind: "duplicate" }],
  "-31601": [{ kind: "rpc_error", code: -31601, method: "receipts.*" }],
  "-31602": [{ kind: "rpc_error", code: -31602, method: "receipts.*" }],
  "-32400": [{ kind: "rpc_error", code: -32400, method: "receipts.*" }],
  "-32400, done later": doneLater(-32400),
  "-31622, done later": doneLater(-31622),
};
/** Errors that no caller should ever see. */
const BUGS = ["TypeError", "RangeError", "ReferenceError", "PaymeStorageError"];

/** The facts that a judge looks at. */
export interface Evidence {
  readonly movements: readonly MoneyMovement[];
  readonly receipts: readonly {
    readonly id: string;
    readonly state: number;
    readonly amount: number;
    /** Its own id, and that of the Merchant transaction that pays it. */
    readonly paymeIds: readonly string[];
    /** The shop agreed to the refund that Payme's Cancel told of: for the shop it is over. */
    readonly isReturnAgreed: boolean;
    /** Of a payment, and Payme has not notified of its end. A receipt whose creation lost its answer is one once it was found. */
    readonly isWatched: boolean;
    /** Nothing but `charge` pays for such things. */
    readonly isCharged: boolean;
  }[];
  /** Transactions that came without a receipt, as Payme has them. */
  readonly transactions: readonly {
    readonly id: string;
    readonly state: number;
    readonly amount: number;
    /** False: of the shop's own endpoint, which is not in the payments' sums. */
    readonly isOfPayment: boolean;
  }[];
  readonly goods: readonly Goods[];
  /** Also those that were resolved. */
  readonly incidents: readonly EventRow[];
  /** Of all days. */
  readonly totals: readonly PaymentTotals[];
  readonly statistics: PaymentStatistics;
  /** Held money has come to its end, or to a person. */
  readonly isLivedOn: boolean;
  /** Receipts that were debited after `charge` had said that nothing will be taken. */
  readonly debitedAfterDecline: readonly string[];
  readonly bugs: readonly string[];
  /** What the books and their stories say. */
  readonly stories: Stories;
}

/** Counts what happened in all worlds. */
export type Tally = (what: string) => void;

/** Lives a life on a stock, lets the world come to rest, and returns what is to be judged. */
export async function live<Tx>(
  stock: Stock<Tx>,
  name: string,
  life: Life,
  { planted, tally = () => {} }: { readonly planted?: Planted | undefined; readonly tally?: Tally | undefined } = {},
): Promise<Evidence> {
  const world = await openWorld(stock, name, life, planted, tally);
  // As a worker does at its start.
  await world.review();
  let running: Promise<unknown>[] = [];
  for (const step of life.steps) {
    if (!step.together) {
      await Promise.all(running);
      running = [];
      world.calm();
    }
    running.push(world.take(step));
  }
  await Promise.all(running);
  return world.rest();
}

/** Waits until it is stopped: the worker's times run in a world only as the world lets them. */
const untilStopped: Sleep = (_ms, signal) =>
  new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));

async function openWorld<Tx>(stock: Stock<Tx>, name: string, life: Life, planted: Planted | undefined, tally: Tally) {
  const hasBilling = life.road === "billing";
  let time = START;
  let booking = 0;
  let hookThrows = false;
  /** How wrong the clocks of the processes are. */
  const skews = [0, 0];
  const paymentIds: string[] = [];
  const bugs: string[] = [];
  /** Receipts whose end our books were told of. */
  const ended = new Set<string>();
  const busy = new Set<string>();
  const now = () => time;
  const pass = (ms: number) => {
    time += ms;
  };
  const sleep = async (ms: number) => {
    pass(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const line = { fetch: (request: Request) => endpointNow()(request), key: TEST_KEY, repeatAfterMs: [] };
  const { mock: core, inside } = createMockCore({
    now,
    sleep,
    cards: [...TEST_CARDS, EMPTY_CARD],
    cancelDelayMs: 30 * MINUTE,
    choices: {
      cancelEnds: life.refunds,
      payAnswers: life.isSlow ? 2 : null,
      cancelledHold: life.queuesHolds ? "queued" : "cancelled",
    },
    billing: hasBilling ? line : undefined,
  });
  // Assigned to the mock itself: a copy would read its getters once.
  const mock = Object.assign(core, { fetch: asFetch((request) => inside.answerApi(request)) });
  const tokens = new Map<object, string>();
  const charges = createCharges();
  for (const { deed, which } of life.steps) {
    const card = cardOf(which);
    if (deed === "charge" && !tokens.has(card)) tokens.set(card, await verifiedToken(mock, { card }));
  }
  const { merchantId, key, fetch } = mock;
  const hooks = createHooks({ stock, name, broken: life.broken }, () => hookThrows, tally);

  const processes = stock.storages.map((whole, number) => {
    const storage = plantedStorage(whole, planted);
    const clock = () => time + (skews[number] ?? 0);
    const books = { cashbox: name, now: clock, logger: silent };
    const options = { merchantId, key, fetch, retries: 0, now: clock, sleep, logger: silent };
    const client = plantedClient(createPaymeClient({ ...options, mode: "test" }), planted);
    const made = createPayments<Tx>({
      ...books,
      storage,
      mode: "test",
      ...(number === 1 && life.isSecondAlone ? { payUrl: () => "https://shop.example/pay" } : { client }),
      sleep,
      newId() {
        const id = `${name}-${paymentIds.length + 1}`;
        paymentIds.push(id);
        return id;
      },
      onPaid: ({ paidBy, reference }, tx) => give(tx, paidBy, reference, true),
      onRefunded: ({ paidBy, reference }, tx) => hooks.takeBack(tx, { paymeId: paidBy, reference, isUnique: true }),
    });
    const payments = plantedPayments(made, planted);
    if (number === 0) {
      payments.register("tariff", {
        onPaid: ({ paidBy, reference }, tx) => give(tx, paidBy, reference, false),
        onRefunded: ({ paidBy, reference }, tx) => hooks.takeBack(tx, { paymeId: paidBy, reference, isUnique: false }),
      });
    } else if (planted === "a kind booked by a process that does not fulfil it") {
      payments.register("tariff", { onPaid: () => true });
    }
    const merchant = createMerchantApi({
      ...payments.asOrders(),
      key: KEY,
      testKey: TEST_KEY,
      now: clock,
      logger: silent,
    });
    const jobs = { sleep: untilStopped, now: clock, random: () => 0.5, logger: silent };
    const worker = createWorker({ ...jobs, payments, merchant });
    return { payments, merchant, worker, books, endpoint: fetchMerchant(merchant) };
  });
  const processOf = (number: number) => {
    const process = processes[number];
    if (process === undefined) throw new Error(`there is no process ${number}`);
    return process;
  };
  const endpointNow = () => processOf(booking).endpoint;

  async function give(tx: Tx, paymeId: string | null, reference: string | null, isUnique: boolean): Promise<boolean> {
    if (ended.has(`${paymeId}`)) bugs.push(`given for ${paymeId} after our books were told that it ended`);
    return (await hooks.give(tx, { paymeId, reference, isUnique })) || planted === "false of onPaid ignored";
  }

  /** The shop's own endpoint, which sells the same orders without payments of ours. */
  const shop = createMerchantApi({
    ...processOf(0).books,
    storage: plantedStorage(stock.storages[0], planted),
    key: KEY,
    testKey: TEST_KEY,
    account: { order: "string" },
    find({ order }) {
      const ware = WARES.find(({ reference }) => reference === order);
      return ware === undefined ? refuse.notFound("order") : { reference: order, amount: ware.amount };
    },
    onPaid: ({ id, reference }, tx) => give(tx, id, reference, true),
    onRefunded: ({ id, reference }, tx) => hooks.takeBack(tx, { paymeId: id, reference, isUnique: true }),
  });
  const links = mock.merchant(line);
  const counter = mock.merchant({ ...line, fetch: fetchMerchant(shop) });

  /** Takes one of the transactions that came without a receipt, if no other call about it is under way. */
  async function move(which: number, states: readonly number[], act: (caller: MerchantCaller, id: string) => unknown) {
    const all = [links, counter].flatMap((caller) =>
      caller.transactions().map(({ id, state, undecided }) => ({ caller, id, state, undecided })),
    );
    const fitting = all.filter(({ id, state, undecided }) => {
      return states.includes(state) && undecided.length === 0 && !busy.has(id);
    });
    const chosen = fitting[which % Math.max(fitting.length, 1)];
    if (chosen === undefined) return undefined;
    busy.add(chosen.id);
    try {
      return await act(chosen.caller, chosen.id);
    } finally {
      busy.delete(chosen.id);
    }
  }

  async function act({ deed, which, process: number }: Step): Promise<unknown> {
    const { payments, merchant, worker } = processOf(number);
    const pick = <Thing>(things: readonly Thing[]): Thing | undefined => things[which % Math.max(things.length, 1)];
    const ware = pick(WARES) ?? FIRST;
    const receipts = mock.receipts();
    const receiptId = pick(receipts)?._id;
    const payable = receipts.filter(({ amount }) => !isCharged(amount));
    const payableId = pick(payable.filter(inState(ReceiptState.CREATED)))?._id;
    const heldId = pick(receipts.filter(inState(ReceiptState.HELD)))?._id;
    const paidId = pick(receipts.filter(inState(ReceiptState.PAID)))?._id;
    const paymentId = pick(paymentIds);
    const card = which % 3 === 2 ? HUMO : API_CARD;
    switch (deed) {
      case "create":
        return payments.create(ware);
      case "charge": {
        const charged = pick([...CHARGED, ...WARES]);
        const token = tokens.get(cardOf(which)) ?? "";
        return charged && charges.watch(charged, now, (thing) => payments.charge({ ...thing, token, settleMs: 0 }));
      }
      case "pay":
        // A payer who finds nothing to pay orders something first.
        return mock.pay(payableId ?? (await payments.create(ware)).transactionId ?? "", { card });
      case "decline":
        return payableId && mock.pay(payableId, { card: EMPTY });
      case "deliver": {
        const body = pick(mock.notifications)?.body;
        return body && deliver(number, webhookEvent(JSON.parse(body), now));
      }
      case "check":
        return paymentId && payments.check(paymentId);
      case "cancel":
        return paymentId && payments.cancel(paymentId);
      case "refund":
        if (paidId !== undefined) await payments.check(paidId);
        return payments.refund(paidId ?? paymentId ?? "");
      case "refund by hand":
        return receiptId && mock.cancel(paidId ?? receiptId);
      case "expire":
        return receiptId && mock.expire(receiptId);
      case "capture":
        return payments.capture(heldId ?? paymentId ?? "", { settleMs: 0 });
      case "release":
        return payments.release(heldId ?? paymentId ?? "");
      case "capture by hand":
        return heldId && mock.confirmHold(heldId);
      case "drop the hold":
        return heldId && mock.expire(heldId);
      case "reconcile":
        return life.hasWorker ? worker.runOnce() : payments.reconcile();
      case "review":
        return life.hasWorker ? worker.runOnce() : review(number);
      case "sweep":
        return Promise.all([merchant.sweep({ mode: "test" }), shop.sweep({ mode: "test" })]);
      case "begin": {
        const payment = await firstPending(payments, which);
        if (payment === undefined) return undefined;
        return links.begin({ account: { order_id: payment.id }, amount: payment.amount });
      }
      case "perform":
        return move(which, [1], (caller, id) => caller.perform(id));
      case "cancel transaction":
        return move(which, [1, 2], (caller, id) => caller.cancel(id));
      case "begin at the shop": {
        const order = WARES[which % 2];
        return order && counter.begin({ account: { order: order.reference }, amount: order.amount });
      }
      case "sell elsewhere": {
        const thing = pick([...WARES, ...CHARGED])?.reference;
        return stock.storages[number]?.transaction((tx) => stock.sell(tx, `${name}/${thing}`, "elsewhere"));
      }
      case "ship": {
        const thing = pick([...WARES, ...CHARGED])?.reference;
        return stock.storages[number]?.transaction((tx) => stock.ship(tx, `${name}/${thing}`));
      }
      case "a person looks": {
        const incident = pick(await payments.incidents.list());
        return incident && look(payments, incident, which).then(() => incident);
      }
      case "a person refunds":
        return refundUnfulfilled(payments, paymentIds);
      case "Payme settles":
        return settleAtPayme();
      case "clock":
        skews[number] = pick(SKEWS) ?? 0;
        return undefined;
      case "wait":
        return time < START + LONGEST_MS - DAY && pass(pick(WAITS) ?? DAY);
    }
  }

  /** A payment that a link may pay, from one of them on. */
  async function firstPending({ find }: Pick<Payments<Tx>, "find">, from: number): Promise<PaymentRow | undefined> {
    for (const [place] of paymentIds.entries()) {
      const payment = await find(paymentIds[(from + place) % paymentIds.length] ?? "");
      if (payment?.status === "PENDING" && !isCharged(payment.amount)) return payment;
    }
    return undefined;
  }

  async function deliver(number: number, event: WebhookEvent): Promise<unknown> {
    const recorded = await processOf(number).payments.recordWebhook(event);
    const { outcome } = recorded;
    // With billing Payme's Perform or Cancel decides, whatever is notified.
    if (hasBilling || event.type !== "payment.cancelled") return recorded;
    if (outcome === "applied" || outcome === "already_applied") ended.add(event.transactionId);
    return recorded;
  }

  async function review(number: number): Promise<unknown> {
    return processOf(number).payments.review({ limit: 1_000 });
  }

  async function settleAtPayme(): Promise<void> {
    if (busy.size > 0) return;
    await mock.settle();
    await links.settle();
    await counter.settle();
  }

  async function bringToRest([ms, reviews]: Rest, hasWorker = life.hasWorker): Promise<void> {
    pass(ms);
    await settleAtPayme();
    await links.expire();
    await counter.expire();
    // The process that cannot fulfil everything comes first; one that cannot ask leaves receipts to the other for a while.
    for (const { payments, merchant, worker } of life.isSecondAlone ? processes : processes.toReversed()) {
      if (hasWorker) await worker.runOnce();
      else {
        await merchant.sweep({ mode: "test" });
        await payments.reconcile();
      }
    }
    if (reviews) await review(0);
  }

  function look(payments: Payments<Tx>, incident: EventRow, which: number): Promise<void> {
    // A person may accept what came after its end.
    ended.delete(`${incident.paymeId}`);
    return lookAt(payments, mock, incident, which);
  }

  async function lookAtAll(): Promise<void> {
    const { payments } = processOf(0);
    for (const incident of await payments.incidents.list({ limit: 1_000 })) {
      // What Payme or our books refuse stays open.
      await look(payments, incident, incident.id).catch((error: unknown) => noteBug("a look", error));
    }
  }

  async function liveOn(later: NonNullable<Life["later"]>): Promise<void> {
    const started = time;
    for (const step of WEEKS) await bringToRest(step, false);
    for (const { which, afterDays } of later.toSorted((a, b) => a.afterDays - b.afterDays)) {
      pass(Math.max(0, started + 19 * DAY + afterDays * DAY - time));
      const receipts = mock.receipts().filter(({ state }) => state === ReceiptState.PAID);
      const chosen = receipts[which % Math.max(receipts.length, 1)];
      if (chosen === undefined) continue;
      tally("refund by hand, weeks later");
      await mock.cancel(chosen._id).catch(() => tally("refund by hand, weeks later: refused by the shop"));
    }
    if (life.isLookedAt) await lookAtAll();
    for (const step of END) await bringToRest(step, false);
  }

  /** Every payment, and every order of the shop's own, with its story. */
  async function readStories(totals: readonly PaymentTotals[], incidents: readonly EventRow[]): Promise<Stories> {
    const { payments } = processOf(0);
    const { storage, scope } = payments.books;
    const byMerchant = await storage.listTransactions(scope, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000 });
    const receipts = await Promise.all(mock.receipts().map(({ _id: id }) => storage.findTransaction(scope, id)));
    const rows = [...byMerchant, ...receipts.flatMap((row) => (row && row.source !== "merchant" ? [row] : []))];
    const told: Told[] = [];
    for (const id of paymentIds) {
      const payment = await storage.findPayment(scope, { id });
      const transactions = rows.filter((row) => row.reference === id);
      if (payment) told.push({ name: id, payment, transactions, story: await payments.story(id) });
    }
    const own = byMerchant.filter(({ reference }) => !paymentIds.includes(reference));
    for (const { paymeId, reference } of own) {
      const transactions = own.filter((row) => row.reference === reference);
      told.push({ name: paymeId, payment: null, transactions, story: await payments.story({ paymeId }) });
    }
    const storyOf = async ({ subject, paymeId }: EventRow) =>
      (await payments.story(subject)) ?? payments.story({ paymeId: paymeId ?? "" });
    return {
      told,
      totals,
      incidents: await Promise.all(incidents.map(async (row) => ({ row, story: await storyOf(row) }))),
    };
  }

  function noteBug(where: string, error: unknown): void {
    if (error instanceof Error && BUGS.includes(error.name)) bugs.push(`${where}: ${error.stack}`);
  }

  return {
    review: () => review(0),
    /** What was to go wrong and met no call goes away. */
    calm() {
      hookThrows = false;
      mock.faults.clear();
    },
    async take(step: Step): Promise<void> {
      hookThrows ||= step.hookThrows;
      booking = step.process;
      for (const rule of FAULTS[step.fault]) mock.faults.add({ ...rule, ...(hasBilling && AT_ONCE), times: 1 });
      try {
        const result = await act(step);
        tally(`${step.deed}: ${wordFor(result)}`);
      } catch (error) {
        tally(`${step.deed}: throws`);
        noteBug(step.deed, error);
      }
    },
    async rest(): Promise<Evidence> {
      this.calm();
      booking = 0;
      skews.fill(0);
      for (const step of REST) await bringToRest(step);
      if (life.isLookedAt) {
        await lookAtAll();
        // What a person began may be stuck: that is told after two days.
        for (const hours of [6, 24, 24, 6]) await bringToRest([hours * HOUR, "review"]);
      }
      if (life.later !== null) await liveOn(life.later);
      const { payments } = processOf(0);
      const { storage, scope } = payments.books;
      const totals = await storage.paymentTotals(scope, { from: 0, to: time + 10 * DAY });
      const known = new Set<string>();
      for (const { _id: id } of mock.receipts()) if ((await payments.find(id)) !== undefined) known.add(id);
      const incidents = await payments.incidents.list({ open: false, limit: 1_000 });
      const goods = await stock.goodsOf(name);
      for (const { kind, resolvedBy } of incidents) tally(`incident ${kind}: ${resolvedBy ?? "open"}`);
      for (const { kind } of mock.movements) tally(`money: ${kind}`);
      const { movements } = mock;
      return {
        movements,
        receipts: mock.receipts().map(({ _id: id, state, amount }) => {
          const transactionId = inside.transactionOf(id) ?? id;
          const paymeIds = [...new Set([id, transactionId])];
          const agreed = mock.billing?.transaction(transactionId)?.state ?? 0;
          const isReturnAgreed = agreed < 0 && state === ReceiptState.CANCEL_QUEUED;
          const isWatched = known.has(id) && !ended.has(id);
          return { id, state, amount, paymeIds, isReturnAgreed, isWatched, isCharged: isCharged(amount) };
        }),
        transactions: [links, counter].flatMap((caller) =>
          caller.transactions().map(({ id, state, amount }) => ({ id, state, amount, isOfPayment: caller === links })),
        ),
        goods,
        incidents,
        totals,
        statistics: await payments.statistics(),
        isLivedOn: life.later !== null,
        debitedAfterDecline: charges.debited(movements),
        bugs,
        stories: await readStories(totals, incidents),
      };
    },
  };
}

/** A refusal of what moves money, which Payme carries out all the same: each of its calls is refused once. */
function doneLater(code: number): FaultRule[] {
  const methods = ["receipts.pay", "receipts.confirm_hold", "receipts.cancel"];
  return methods.map((method) => ({ kind: "rpc_error", code, method, doneAfterMs: 3 * MINUTE }));
}

/** A billing cashbox carries out nothing later: its merchant would have to be asked. */
const AT_ONCE = { doneAfterMs: undefined };

function cardOf(which: number): typeof API_CARD {
  return CARDS[Math.floor(which / 5) % CARDS.length] ?? API_CARD;
}

function inState(state: number): (receipt: { readonly state: number }) => boolean {
  return (receipt) => receipt.state === state;
}

/** One word for what a move led to. */
function wordFor(result: unknown): string {
  for (const member of ["status", "outcome", "refund", "kind"]) {
    const word: unknown = Reflect.get(Object(result), member);
    if (typeof word === "string") return word;
  }
  return result === undefined ? "nothing" : "done";
}
