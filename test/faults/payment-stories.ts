import { createPayments, type Payments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { isPaymeError } from "../../src/kit/errors";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import type { PaymentRow, Storage } from "../../src/ledger";
import { CARD, verifiedToken } from "../mock/kit";
import { moneyOf } from "./money-judge";
import type { World } from "./world";

/** A shop with payments of ours, in a world whose network fails. */
export interface Shop {
  readonly world: World;
  readonly payments: Payments;
  /** The same books over a network that never fails: for what was before. */
  readonly before: Payments;
  readonly storage: Storage<unknown>;
  readonly incidents: string[];
  /** The payment that all is about, once there is one. */
  paymentId: string | undefined;
  /** The payer's card, where it was saved. */
  token?: string | undefined;
}

const AMOUNT = som(50_000);
const REFERENCE = "order:197";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const silent: Logger = { info() {}, warn() {}, error() {} };

/** One thing that a shop wants of `payments`, and what it comes to however the network fails. */
export interface PaymentStory {
  readonly name: string;
  /** What reaches Payme where nothing fails. */
  readonly calls: readonly string[];
  /** The same with a Payme that takes its time, where that differs. */
  readonly slowCalls?: readonly string[] | undefined;
  /** How the payment ends; none: as Payme's books say, whichever way. */
  readonly end?: PaymentRow["status"] | undefined;
  /** A caller that gives up after its first error, and leaves the rest to `reconcile`. */
  readonly once?: boolean | undefined;
  prepare?(shop: Shop): Promise<unknown>;
  /** One attempt. */
  act(shop: Shop): Promise<unknown>;
  /** What somebody else does after the first attempt. */
  meanwhile?(shop: Shop): Promise<unknown>;
}

const make = async (shop: Shop) => {
  const { id } = await shop.before.create({ amount: AMOUNT, reference: REFERENCE });
  shop.paymentId = id;
  return id;
};
const receiptOf = async (shop: Shop) => (await shop.before.find(shop.paymentId ?? ""))?.transactionId ?? "";
const payerPays = async (shop: Shop) => {
  const outcome = await shop.world.mock.pay(await receiptOf(shop), { card: CARD });
  // Where Payme takes its time, the payer waits.
  shop.world.pass(MINUTE_MS);
  return outcome;
};
const makePaid = async (shop: Shop) => {
  await make(shop);
  await payerPays(shop);
};
const makeSettled = async (shop: Shop) => {
  await makePaid(shop);
  await shop.before.check(shop.paymentId ?? "");
};
const cancel = ({ payments, paymentId }: Shop) => payments.cancel(paymentId ?? "");
const refund = ({ payments, paymentId }: Shop) => payments.refund(paymentId ?? "");
const reconcile = async ({ payments, world }: Shop) => {
  world.pass(HOUR_MS);
  // It counts its errors and throws none: an attempt with errors is one that failed.
  if ((await payments.reconcile()).errors > 0) throw new Error("errors");
};
const create = async (shop: Shop) => {
  const { id } = await shop.payments.create({ amount: AMOUNT, reference: REFERENCE });
  shop.paymentId = id;
};

const [CREATE, CHECK, GET] = ["receipts.create", "receipts.check", "receipts.get"] as const;
const [CANCEL, LIST] = ["receipts.cancel", "receipts.get_all"] as const;

export const PAYMENT_STORIES: readonly PaymentStory[] = [
  {
    name: "create, and the payer pays",
    calls: [CREATE],
    end: "PAID",
    async act(shop) {
      await create(shop);
      await payerPays(shop);
    },
  },
  { name: "create, and nobody pays", calls: [CREATE], end: "CANCELLED", act: create },
  {
    name: "check of what the payer paid",
    calls: [CHECK, GET],
    end: "PAID",
    prepare: makePaid,
    act: ({ payments, paymentId }) => payments.check(paymentId ?? ""),
  },
  {
    name: "charge of a payment's receipt, then check",
    calls: [CHECK, "receipts.pay", CHECK, GET],
    end: "PAID",
    async prepare(shop) {
      await make(shop);
      shop.token = await verifiedToken(shop.world.mock);
    },
    async act(shop) {
      const { world, payments, token = "", paymentId = "" } = shop;
      const receiptId = await receiptOf(shop);
      const { status } = await world.client.pay({ token, receiptId, settleMs: 2_000 });
      await payments.check(paymentId);
      if (status !== "paid") throw new Error(status);
    },
  },
  {
    name: "a charge of a reference",
    calls: [CREATE, CHECK, "receipts.pay", GET],
    slowCalls: [CREATE, CHECK, "receipts.pay", CHECK, GET],
    end: "PAID",
    async prepare(shop) {
      shop.token = await verifiedToken(shop.world.mock);
    },
    async act(shop) {
      const { payments, token = "" } = shop;
      const outcome = await payments.charge({ reference: REFERENCE, amount: AMOUNT, token, settleMs: 2_000 });
      shop.paymentId = outcome.payment.id;
      if (outcome.status !== "paid") throw new Error(outcome.status);
    },
  },
  { name: "refund of a paid one", calls: [CANCEL], end: "CANCELLED", prepare: makeSettled, act: refund },
  { name: "refund of a paid one, tried once", calls: [CANCEL], prepare: makeSettled, act: refund, once: true },
  { name: "cancel of an unpaid one", calls: [CHECK, CANCEL], end: "CANCELLED", prepare: make, act: cancel },
  { name: "cancel of an unpaid one, tried once", calls: [CHECK, CANCEL], prepare: make, act: cancel, once: true },
  {
    name: "cancel of one that was paid unheard: it stays paid",
    calls: [CHECK, GET],
    end: "PAID",
    prepare: makePaid,
    async act(shop) {
      const error = await cancel(shop).catch((failure: unknown) => failure);
      if (!isPaymeError(error)) throw new Error("cancelled");
      if (error.code !== "CONFLICT") throw error;
    },
  },
  {
    name: "cancel of an unpaid one, and the payer pays meanwhile",
    calls: [CHECK, CANCEL],
    prepare: make,
    act: cancel,
    meanwhile: payerPays,
  },
  { name: "reconcile of what the payer paid", calls: [CHECK, GET], end: "PAID", prepare: makePaid, act: reconcile },
  {
    name: "reconcile of what was refunded in the cabinet",
    calls: [CHECK, GET],
    async prepare(shop) {
      await makePaid(shop);
      await shop.world.mock.cancel(await receiptOf(shop));
    },
    act: reconcile,
  },
  {
    name: "reconcile of one that nobody paid in time",
    calls: [CHECK, CANCEL],
    async prepare(shop) {
      await make(shop);
      shop.world.pass(24 * HOUR_MS);
    },
    act: reconcile,
  },
  {
    name: "reconcile of one that is paid at the last moment",
    calls: [CHECK, CANCEL],
    async prepare(shop) {
      await make(shop);
      shop.world.pass(24 * HOUR_MS);
    },
    act: reconcile,
    meanwhile: payerPays,
  },
  {
    name: "reconcile of one whose creation was never answered, and that the payer paid",
    calls: [LIST, CHECK, GET],
    end: "PAID",
    async prepare(shop) {
      const { mock } = shop.world;
      mock.faults.add({ kind: "drop_after", times: 1 });
      await make(shop).catch(() => {});
      mock.faults.clear();
      shop.paymentId = (await shop.before.findByReference(REFERENCE))?.id;
      await mock.pay(mock.receipts().at(-1)?._id ?? "", { card: CARD });
      shop.world.pass(MINUTE_MS);
    },
    act: reconcile,
  },
];

export function openShop(world: World, storage: Storage<unknown>): Shop {
  const { mock, now, sleep } = world;
  const incidents: string[] = [];
  let ids = 0;
  const options = {
    storage,
    now,
    sleep,
    logger: silent,
    onPaid: () => true,
    onIncident: ({ kind }: { kind: string }) => void incidents.push(kind),
    onRefunded: () => true,
    newId: () => {
      ids += 1;
      return `payment-${ids}`;
    },
  };
  const { merchantId, key } = mock;
  const calm = createPaymeClient({ merchantId, key, mode: "test", fetch: mock.fetch, sleep, now });
  return {
    world,
    storage,
    incidents,
    paymentId: undefined,
    payments: createPayments({ ...options, client: world.client }),
    before: createPayments({ ...options, client: calm }),
  };
}

const MOST_ATTEMPTS = 5;
/** `reconcile` as a timer calls it: often enough for every payment's next question. */
const ROUNDS_MS = [5 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 18 * HOUR_MS, HOUR_MS, 6 * HOUR_MS];

/** Plays a story to its end, and tells where Payme's books and ours differ: empty where they agree. */
export async function playPayments(
  story: PaymentStory,
  shop: Shop,
  end: (shop: Shop) => Promise<void> = reconcileToTheEnd,
): Promise<string[]> {
  const { world } = shop;
  await story.prepare?.(shop);
  const problems: string[] = [];
  for (let made = 0; made < MOST_ATTEMPTS; made += 1) {
    const failure = await story.act(shop).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure !== undefined && !isPaymeError(failure) && !isOwn(failure)) problems.push(`threw ${String(failure)}`);
    if (made === 0) await story.meanwhile?.(shop);
    await world.afterAttempt();
    if (failure === undefined || story.once === true) break;
    world.pass(MINUTE_MS);
  }
  await end(shop);
  return [...problems, ...(await problemsOfTheBooks(story, shop))];
}

/** What stories throw themselves: an attempt that came to nothing. */
function isOwn(error: unknown): boolean {
  return error instanceof Error && ["errors", "unknown", "declined", "pending", "cancelled"].includes(error.message);
}

async function reconcileToTheEnd({ world, payments }: Shop): Promise<void> {
  // The network is still as it was at first: a caller that tried once has left it so.
  await payments.reconcile();
  await world.heal();
  for (const ms of ROUNDS_MS) {
    world.pass(ms);
    await payments.reconcile();
  }
  await world.allArrives();
  world.pass(HOUR_MS);
  await payments.reconcile();
}

async function problemsOfTheBooks(story: PaymentStory, shop: Shop): Promise<string[]> {
  const { world, before, storage, incidents } = shop;
  const { mock } = world;
  const receipts = mock.receipts();
  const problems = incidents.map((kind) => `incident ${kind}`);
  let paidHere = 0;
  for (const { _id: id, state } of receipts) {
    const payment = await before.find(id);
    if (payment?.status === "PAID" && payment.paidBy === id) paidHere += payment.amount;
    if (state === 4 && payment?.status !== "PAID") problems.push(`paid at Payme, ${payment?.status} here`);
    if (state !== 4 && payment?.status === "PAID") problems.push(`PAID here, ${state} at Payme`);
    if (state === 0 && payment !== undefined) problems.push(`${payment.status} here, and its receipt can be paid`);
    if (payment !== undefined) problems.push(...(await problemsOfTheStory(storage, payment)));
  }
  const { taken, takes, held } = moneyOf(
    mock,
    receipts.map(({ _id }) => _id),
  );
  if (takes > 1) problems.push(`money was taken ${takes} times`);
  if (taken !== paidHere || held !== 0)
    problems.push(`Payme has ${taken} and holds ${held}, our books say ${paidHere}`);
  const payment = await before.findByReference(REFERENCE);
  if (story.end !== undefined && payment?.status !== story.end) {
    problems.push(`ended as ${payment?.status} (${payment?.errorCode}), not as ${story.end}`);
  }
  return problems;
}

/** Hooks run once, and as often as the books say: their events commit with them. */
async function problemsOfTheStory(storage: Storage<unknown>, payment: PaymentRow): Promise<string[]> {
  const events = await storage.listEvents(payment, { subject: payment.id, limit: 100 });
  const count = (kind: string) => events.filter((event) => event.kind === kind).length;
  const [paid, refunded] = [count("payment.paid"), count("payment.refunded")];
  if (payment.status === "PAID")
    return paid === 1 && refunded === 0 ? [] : [`PAID: onPaid ${paid}, onRefunded ${refunded}`];
  return paid === refunded && paid <= 1 ? [] : [`${payment.status}: onPaid ${paid}, onRefunded ${refunded}`];
}
