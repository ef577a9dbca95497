import { createPayments, type DailyClose } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { fetchMerchant } from "../../src/entry/fetch";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { type WebhookEvent, webhookEvent } from "../../src/gateway/webhook-event";
import { som } from "../../src/kit/money";
import type { EventRow } from "../../src/ledger";
import { asFetch } from "../../src/testing/mock/as-fetch";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import type { FaultRule } from "../../src/testing/mock/faults";
import type { MerchantCaller } from "../../src/testing/mock/merchant/caller";
import { createMockCore } from "../../src/testing/mock/mock-core";
import type { MoneyMovement } from "../../src/testing/mock/money-book";
import { EMPTY_CARD } from "../faults/world";
import { KEY, TEST_KEY } from "../merchant/shop";
import { CARD, START, verifiedToken } from "../mock/kit";
import type { Goods, Stock } from "./goods";
import { type Planted, plantedClient, plantedStorage } from "./planted-faults";
import type { Life, Step } from "./random-life";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TASHKENT_MS = 5 * HOUR;
/** Payme's default for tests; the declined card has nothing on it. */
const EMPTY = { number: EMPTY_CARD.number, expire: "03/99" };
const WAITS = [MINUTE, 11 * MINUTE, HOUR, 6 * HOUR, 13 * HOUR, DAY] as const;
/** A life is shorter than the days between the ages of 14 and 30, so that one review of days finds all that it left. */
const LONGEST_MS = 13 * DAY;
/**
 * The time until all has come to rest, in steps. First everything that is asked about ends, then a review finds the rest, and
 * what that has found ends, too: a refund that never ends is told of after two days.
 */
const REST: readonly (readonly [ms: number, reviews?: "review"])[] = [
  [MINUTE],
  [10 * MINUTE],
  [HOUR],
  ...Array.from({ length: 9 }, () => [6 * HOUR] as const),
  [8 * DAY, "review"],
  [6 * HOUR],
  [6 * HOUR],
  [2 * DAY],
  [6 * HOUR],
];
/** Two orders that are there once, and a tariff that anybody can buy. */
const WARES = [
  { kind: "order", reference: "order:1", amount: som(50_000) },
  { kind: "order", reference: "order:2", amount: som(60_000) },
  { kind: "tariff", reference: "tariff:1", amount: som(70_000) },
] as const;
const silent = { info() {}, warn() {}, error() {} };
/** Codes come from Payme only: the answers of the endpoint under test are its own. */
const FAULTS: Readonly<Record<Step["fault"], FaultRule | undefined>> = {
  none: undefined,
  "lost before": { kind: "drop_before" },
  "lost after": { kind: "drop_after" },
  twice: { kind: "duplicate" },
  "-31601": { kind: "rpc_error", code: -31601, method: "receipts.*" },
  "-31602": { kind: "rpc_error", code: -31602, method: "receipts.*" },
  "-32400": { kind: "rpc_error", code: -32400, method: "receipts.*" },
  "-32400, done later": { kind: "rpc_error", code: -32400, method: "receipts.*", doneAfterMs: 3 * MINUTE },
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
  readonly openIncidents: readonly EventRow[];
  /** The closed ones, too. */
  readonly incidents: readonly EventRow[];
  /** Of all days on which anything happened. */
  readonly closes: readonly DailyClose[];
  readonly bugs: readonly string[];
}

/** Lives a life on a stock, lets the world come to rest, and returns what is to be judged. */
export async function live<Tx>(stock: Stock<Tx>, name: string, life: Life, planted?: Planted): Promise<Evidence> {
  const world = await openWorld(stock, name, life, planted);
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

async function openWorld<Tx>(stock: Stock<Tx>, name: string, life: Life, planted: Planted | undefined) {
  let time = START;
  let booking = 0;
  let hookThrows = false;
  const paymentIds: string[] = [];
  const bugs: string[] = [];
  const days = new Set<string>();
  /** Receipts whose end our books were told of. */
  const ended = new Set<string>();
  const busy = new Set<string>();
  const now = () => time;
  const pass = (ms: number) => {
    time += ms;
    days.add(new Date(time + TASHKENT_MS).toISOString().slice(0, 10));
  };
  pass(0);
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
      // With billing a refund is told by Cancel, and is over with it: nobody asks about its end.
      cancelEnds: life.road === "billing" ? 50 : life.refunds,
      payAnswers: life.isSlow ? 2 : null,
    },
    billing: life.road === "billing" ? line : undefined,
  });
  // Assigned to the mock itself: a copy would read its getters once.
  const mock = Object.assign(core, { fetch: asFetch((request) => inside.answerApi(request)) });
  const token = await verifiedToken(mock);
  const { merchantId, key, fetch } = mock;
  const client = createPaymeClient({ merchantId, key, mode: "test", fetch, retries: 0, now, sleep, logger: silent });
  const books = { cashbox: name, now, logger: silent };

  const orThrow = (answer: boolean) => {
    if (hookThrows) throw new Error("the hook throws");
    return answer;
  };
  async function give(tx: Tx, paymeId: string | null, reference: string | null): Promise<boolean> {
    if (ended.has(`${paymeId}`)) bugs.push(`given for ${paymeId} after our books were told that it ended`);
    const isOurs = reference === null || (await stock.sell(tx, `${name}/${reference}`, `${paymeId}`));
    if (isOurs) await stock.count(tx, name, { paymeId: `${paymeId}`, given: 1, takenBack: 0 });
    return orThrow(isOurs || planted === "false of onPaid ignored");
  }
  async function takeBack(tx: Tx, paymeId: string | null, reference: string | null): Promise<boolean> {
    const isOurs = reference === null || (await stock.takeBack(tx, `${name}/${reference}`, `${paymeId}`));
    if (isOurs) await stock.count(tx, name, { paymeId: `${paymeId}`, given: 0, takenBack: 1 });
    return orThrow(isOurs);
  }

  const processes = stock.storages.map((whole, number) => {
    const storage = plantedStorage(whole, planted);
    const payments = createPayments<Tx>({
      ...books,
      storage,
      client: plantedClient(client, planted),
      sleep,
      newId() {
        const id = `${name}-${paymentIds.length + 1}`;
        paymentIds.push(id);
        return id;
      },
      onPaid: ({ paidBy, reference }, tx) => give(tx, paidBy, reference),
      onRefunded: ({ paidBy, reference }, tx) => takeBack(tx, paidBy, reference),
    });
    if (number === 0) {
      payments.register("tariff", {
        onPaid: ({ paidBy }, tx) => give(tx, paidBy, null),
        onRefunded: ({ paidBy }, tx) => takeBack(tx, paidBy, null),
      });
    } else if (planted === "a kind booked by a process that does not fulfil it") {
      payments.register("tariff", { onPaid: () => true });
    }
    const merchant = createMerchantApi({ ...payments.asOrders(), key: KEY, testKey: TEST_KEY, now, logger: silent });
    return { payments, merchant, endpoint: fetchMerchant(merchant) };
  });
  const processOf = (number: number) => {
    const process = processes[number];
    if (process === undefined) throw new Error(`there is no process ${number}`);
    return process;
  };
  const endpointNow = () => processOf(booking).endpoint;

  /** The shop's own endpoint, which sells the same orders without payments of ours. */
  const shop = createMerchantApi({
    ...books,
    storage: plantedStorage(stock.storages[0], planted),
    key: KEY,
    testKey: TEST_KEY,
    account: { order: "string" },
    find({ order }) {
      const ware = WARES.find(({ reference }) => reference === order);
      return ware === undefined ? refuse.notFound("order") : { reference: order, amount: ware.amount };
    },
    onPaid: ({ id, reference }, tx) => give(tx, id, reference),
    onRefunded: ({ id, reference }, tx) => takeBack(tx, id, reference),
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
    if (chosen === undefined) return;
    busy.add(chosen.id);
    try {
      await act(chosen.caller, chosen.id);
    } finally {
      busy.delete(chosen.id);
    }
  }

  async function act({ deed, which, process: number }: Step): Promise<unknown> {
    const { payments, merchant } = processOf(number);
    const pick = <Thing>(things: readonly Thing[]): Thing | undefined => things[which % Math.max(things.length, 1)];
    const ware = WARES[which % WARES.length] ?? WARES[0];
    const receiptId = pick(mock.receipts())?._id;
    const paymentId = pick(paymentIds);
    switch (deed) {
      case "create":
        return payments.create(ware);
      case "charge":
        return payments.charge({ ...ware, token, settleMs: 0 });
      case "pay":
        return receiptId && mock.pay(receiptId, { card: CARD });
      case "decline":
        return receiptId && mock.pay(receiptId, { card: EMPTY });
      case "deliver": {
        const body = pick(mock.notifications)?.body;
        return body && deliver(number, webhookEvent(JSON.parse(body), now));
      }
      case "check":
        return paymentId && payments.check(paymentId);
      case "cancel":
        return paymentId && payments.cancel(paymentId);
      case "refund":
        return paymentId && payments.refund(paymentId);
      case "refund by hand":
        return receiptId && mock.cancel(receiptId);
      case "expire":
        return receiptId && mock.expire(receiptId);
      case "reconcile":
        return payments.reconcile();
      case "review":
        return review(number);
      case "sweep":
        return Promise.all([merchant.sweep({ mode: "test" }), shop.sweep({ mode: "test" })]);
      case "begin": {
        const payment = paymentId && (await payments.find(paymentId));
        return payment && links.begin({ account: { order_id: payment.id }, amount: payment.amount });
      }
      case "perform":
        return move(which, [1], (caller, id) => caller.perform(id));
      case "cancel transaction":
        return move(which, [1, 2], (caller, id) => caller.cancel(id));
      case "begin at the shop":
        return counter.begin({ account: { order: WARES[which % 2]?.reference ?? "" }, amount: ware.amount });
      case "sell elsewhere":
        return stock.storages[number]?.transaction((tx) => stock.sell(tx, `${name}/${ware.reference}`, "elsewhere"));
      case "ship":
        return stock.storages[number]?.transaction((tx) => stock.ship(tx, `${name}/${ware.reference}`));
      case "Payme settles":
        return settleAtPayme();
      case "wait":
        return time < START + LONGEST_MS - DAY && pass(WAITS[which] ?? DAY);
    }
  }

  async function deliver(number: number, event: WebhookEvent): Promise<void> {
    const { outcome } = await processOf(number).payments.recordWebhook(event);
    // With billing Payme's Perform or Cancel decides, whatever is notified.
    if (life.road === "billing" || event.type !== "payment.cancelled") return;
    if (outcome === "applied" || outcome === "already_applied") ended.add(event.transactionId);
  }

  async function review(number: number): Promise<unknown> {
    return planted === "review off" ? undefined : processOf(number).payments.review({ limit: 1_000 });
  }

  async function settleAtPayme(): Promise<void> {
    if (busy.size > 0) return;
    await mock.settle();
    await links.settle();
    await counter.settle();
  }

  async function bringToRest([ms, reviews]: (typeof REST)[number]): Promise<void> {
    pass(ms);
    await settleAtPayme();
    await links.expire();
    await counter.expire();
    // The process that cannot fulfil everything comes first.
    for (const { payments, merchant } of processes.toReversed()) {
      await merchant.sweep({ mode: "test" });
      await payments.reconcile();
    }
    if (reviews) await review(0);
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
      const fault = FAULTS[step.fault];
      if (fault !== undefined) mock.faults.add({ ...fault, times: 1 });
      try {
        await act(step);
      } catch (error) {
        if (error instanceof Error && BUGS.includes(error.name)) bugs.push(`${step.deed}: ${error.stack}`);
      }
    },
    async rest(): Promise<Evidence> {
      this.calm();
      booking = 0;
      for (const step of REST) await bringToRest(step);
      const { payments } = processOf(0);
      const closes: DailyClose[] = [];
      for (const day of days) closes.push(await payments.dailyClose(day));
      const openIncidents = await payments.incidents.list({ limit: 1_000 });
      const incidents = await payments.incidents.list({ open: false, limit: 1_000 });
      const goods = await stock.goodsOf(name);
      return {
        movements: mock.movements,
        receipts: mock.receipts().map(({ _id: id, state, amount }) => {
          const paymeIds = [...new Set([id, inside.transactionOf(id) ?? id])];
          return { id, state, amount, paymeIds };
        }),
        transactions: [links, counter].flatMap((caller) =>
          caller.transactions().map(({ id, state, amount }) => ({ id, state, amount, isOfPayment: caller === links })),
        ),
        goods,
        openIncidents,
        incidents,
        closes,
        bugs,
      };
    },
  };
}
