import type { PaymentRow, Storage } from "../../src/ledger";
import { som } from "../../src/money";
import { createPayments, type Payments } from "../../src/payments";
import { CARD } from "../mock/kit";
import { moneyOf } from "./money-judge";
import type { World } from "./world";

/** What is done with a payment; `pay` is its payer, at Payme's page. */
export type PaymentStep = "create" | "pay" | "check" | "cancel" | "reconcile";

/** What a shop does with one payment, and what it comes to in the end. */
export interface PaymentStory {
  readonly name: string;
  readonly steps: readonly PaymentStep[];
  readonly end: "PAID" | "CANCELLED";
}

export const PAYMENT_STORIES: readonly PaymentStory[] = [
  { name: "create, paid, then check", steps: ["create", "pay", "check"], end: "PAID" },
  { name: "create, paid, then reconcile", steps: ["create", "pay", "reconcile"], end: "PAID" },
  { name: "create, then cancel", steps: ["create", "cancel"], end: "CANCELLED" },
  { name: "create, paid, check, then cancel", steps: ["create", "pay", "check", "cancel"], end: "CANCELLED" },
];

/** A shop that keeps its books in a storage, and what it gave for which payment. */
export interface Shop {
  readonly payments: Payments;
  readonly given: Map<string, number>;
}

const REFERENCE = "order:4417";
const AMOUNT = som(12_500);
const MOST_ATTEMPTS = 5;
const PAUSE_MS = 3 * 60_000;
const REST_MS = 60 * 60_000;
/** How often a shop reconciles after all: until the last question that is due within hours. */
const LAST_RUNS = 8;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** A shop on a storage, in a world. */
export async function openShop<Tx>({ client, now, sleep }: World, storage: Storage<Tx>): Promise<Shop> {
  await storage.migrate();
  const given = new Map<string, number>();
  const give = (id: string, by: number) => void given.set(id, (given.get(id) ?? 0) + by);
  const payments = createPayments<Tx>({
    storage,
    client,
    now,
    sleep,
    logger: silent,
    onPaid: ({ id }) => give(id, 1),
    onRefunded: ({ id }) => give(id, -1),
  });
  return { payments, given };
}

/** One creation of the payment. */
export type Creation = (shop: Shop, attempt: number) => Promise<{ readonly id: string }>;

/** What the documentation tells: the same reference again. */
export const sameReference: Creation = ({ payments }) =>
  payments.create({ reference: REFERENCE, amount: AMOUNT, once: true });

/** Plays a story to its end, and tells what went wrong by Payme's books: empty where all is right. */
export async function playPayment(story: PaymentStory, world: World, shop: Shop, create: Creation): Promise<string[]> {
  const { payments } = shop;
  const { mock } = world;
  const problems: string[] = [];
  const ids = new Set<string>();
  let id = "";
  for (const step of story.steps) {
    if (step === "pay") await payAtThePage();
    else await persist(step);
  }
  await world.allArrives();
  for (let run = 0; run < LAST_RUNS; run += 1) {
    world.pass(REST_MS);
    await payments.reconcile();
  }
  return [...problems, ...(await problemsOfTheEnd())];

  async function payAtThePage(): Promise<void> {
    const receiptId = (await payments.find(id))?.transactionId;
    if (receiptId == null) return void problems.push("there was no receipt to pay");
    await mock.pay(receiptId, { card: CARD });
  }

  async function attempt(step: Exclude<PaymentStep, "pay">, made: number): Promise<boolean> {
    if (step === "create") {
      id = (await create(shop, made)).id;
      ids.add(id);
      return true;
    }
    if (step === "check") return (await payments.check(id)).status === "PAID";
    if (step === "cancel") return (await payments.cancel(id)).payment.status === "CANCELLED";
    await payments.reconcile();
    return (await payments.find(id))?.status === "PAID";
  }

  async function persist(step: Exclude<PaymentStep, "pay">): Promise<void> {
    for (let made = 0; made < MOST_ATTEMPTS; made += 1) {
      const isDone = await attempt(step, made).catch(() => false);
      const row = await payments.find(id);
      const untruth = row === undefined ? undefined : untruthOfRow(world, row);
      if (untruth !== undefined) problems.push(`after ${step}: ${untruth}`);
      await world.afterAttempt();
      world.pass(PAUSE_MS);
      if (isDone) return;
    }
    problems.push(`${step} never came to its end`);
  }

  async function problemsOfTheEnd(): Promise<string[]> {
    const row = await payments.find(id);
    const { taken, takes } = moneyOf(
      mock,
      mock.receipts().map(({ _id }) => _id),
    );
    const isPaid = story.end === "PAID";
    const booked = [...shop.given.values()].reduce((sum, count) => sum + count, 0);
    return [
      row?.status === story.end ? "" : `in the end the books say ${row?.status}, not ${story.end}`,
      ids.size > 1 ? `${ids.size} payments were made of one` : "",
      takes > 1 ? `money was taken ${takes} times` : "",
      taken === (isPaid ? AMOUNT : 0) ? "" : `in the end ${taken} is taken`,
      booked === (isPaid ? 1 : 0) ? "" : `in the end it is given ${booked} times`,
    ].filter((problem) => problem !== "");
  }
}

/** What the books say of a payment that Payme's do not bear out; undefined where nothing is. */
function untruthOfRow({ mock }: World, { status, transactionId, cancelRequestedAt }: PaymentRow): string | undefined {
  const state = transactionId === null ? undefined : mock.receipt(transactionId)?.state;
  const isCancelled = state === 21 || state === 50;
  // A refund whose answer was lost is a wish that stands: nobody takes it for paid for good.
  if (status === "PAID" && state !== 4 && cancelRequestedAt === null)
    return `booked as paid: the receipt is in ${state}`;
  if (status === "CANCELLED" && !isCancelled) return `booked as cancelled: the receipt is in ${state}`;
  return undefined;
}
