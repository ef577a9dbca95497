import type { CreateReceiptParams, PaymeClient, PayOutcome, PayParams } from "../../src/entry/client";
import { isPaymeError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import { API_CARD, createReceipt, verifiedToken } from "../mock/kit";
import { moneyOf, receiptsOf, type Step, untruthOf } from "./money-judge";
import { EMPTY_CARD, type World } from "./world";

/** One thing to be paid, as the caller's database has it. */
export interface Thing {
  readonly orderId: string;
  readonly token: string;
  receiptId?: string | undefined;
}

/** What a caller wants, and what it comes to in the end, however the network fails. */
export interface Story {
  readonly name: string;
  /** What reaches Payme where nothing fails. */
  readonly calls: readonly string[];
  readonly steps: readonly Step[];
  readonly end: PayOutcome["status"];
  prepare(world: World): Promise<Omit<Thing, "orderId">>;
}

const AMOUNT = som(12_500);
const [CREATE, CHECK, PAY] = ["receipts.create", "receipts.check", "receipts.pay"] as const;
const empty = { number: EMPTY_CARD.number, expire: "0399" };
const emptyCard = ({ mock }: World) => verifiedToken(mock, { card: empty });

export const STORIES: readonly Story[] = [
  {
    name: "charge with a new receipt",
    calls: [CREATE, CHECK, PAY],
    steps: ["charge"],
    end: "paid",
    prepare: async ({ mock }) => ({ token: await verifiedToken(mock) }),
  },
  {
    name: "charge with a receipt that is there",
    calls: [CHECK, PAY],
    steps: ["charge"],
    end: "paid",
    prepare: async ({ mock }) => ({ token: await verifiedToken(mock), receiptId: await madeBefore(mock) }),
  },
  {
    name: "charge with a token for one payment",
    calls: [CREATE, CHECK, PAY],
    steps: ["charge"],
    end: "paid",
    prepare: async ({ mock }) => ({ token: await verifiedToken(mock, { card: API_CARD, save: false }) }),
  },
  {
    name: "charge with an empty card",
    calls: [CREATE, CHECK, PAY, CHECK],
    steps: ["charge"],
    end: "declined",
    prepare: async (world) => ({ token: await emptyCard(world) }),
  },
  {
    name: "hold, then capture",
    calls: [CREATE, CHECK, PAY, "receipts.confirm_hold"],
    steps: ["hold", "capture"],
    end: "paid",
    prepare: async ({ mock }) => ({ token: await verifiedToken(mock) }),
  },
  {
    name: "hold, then release",
    calls: [CREATE, CHECK, PAY, "receipts.cancel"],
    steps: ["hold", "release"],
    end: "cancelled",
    prepare: async ({ mock }) => ({ token: await verifiedToken(mock) }),
  },
  {
    name: "charge, then refund",
    calls: [CREATE, CHECK, PAY, "receipts.cancel"],
    steps: ["charge", "release"],
    end: "cancelled",
    prepare: async ({ mock }) => ({ token: await verifiedToken(mock) }),
  },
];

const ORDER_ID = "4417";

async function madeBefore(mock: World["mock"]): Promise<string> {
  return (await createReceipt(mock, { amount: AMOUNT, account: { order_id: ORDER_ID } }))._id;
}

/** One attempt at a step. */
export type Attempt = (world: World, thing: Thing, step: Step) => Promise<PayOutcome>;

/** The good end of each step; a caller that has it goes on. */
const GOOD: Readonly<Record<Step, PayOutcome["status"]>> = {
  charge: "paid",
  hold: "held",
  capture: "paid",
  release: "cancelled",
};

/** How long an attempt asks for its end. */
const SETTLE_MS = 2_000;

/** What `docs/saved-cards.md` tells a caller to do: the same receipt again, never a new one. */
export const asTheDocsSay: Attempt = async ({ client }, thing, step) => {
  const { orderId, token, receiptId = "" } = thing;
  if (step === "capture") return client.capture(receiptId, { settleMs: SETTLE_MS });
  if (step === "release") {
    const released = await client.release(receiptId, { settleMs: SETTLE_MS });
    // Payme has queued it: the money is back in a minute or so.
    return released.status === "pending" ? client.waitUntilPaid(receiptId, { forMs: 120_000 }) : released;
  }
  const outcome = await makeAndPay(client, {
    ...orderOf(orderId),
    hold: step === "hold" || undefined,
    token,
    receiptId: thing.receiptId,
    settleMs: SETTLE_MS,
    onReceipt(id) {
      thing.receiptId = id;
    },
  });
  return outcome.status === "pending" ? client.waitUntilPaid(outcome.receiptId, { forMs: 10_000 }) : outcome;
};

export type MakeAndPay = Omit<PayParams, "receiptId"> &
  CreateReceiptParams & { receiptId?: string | undefined; onReceipt?: ((receiptId: string) => unknown) | undefined };

/** The client's two calls, as a careful caller makes them by hand: the receipt's id is stored before it is paid. */
export async function makeAndPay(client: PaymeClient, params: MakeAndPay): Promise<PayOutcome> {
  const { receiptId: known, token, payer, settleMs, signal, onReceipt, ...receipt } = params;
  let receiptId = known;
  try {
    receiptId ??= (await client.receipts.create(receipt, { signal }))._id;
  } catch (error) {
    // A receipt that was perhaps made is not known, so nobody pays it.
    if (!isPaymeError(error)) throw error;
    return { status: "declined", receiptId: "", reason: "unavailable", error };
  }
  await onReceipt?.(receiptId);
  const pay = receipt.hold === true ? client.hold : client.pay;
  return pay({ receiptId, token, payer, settleMs, signal });
}

/** What a thing is paid with, whoever asks. */
export const orderOf = (orderId: string) => ({ amount: AMOUNT, account: { order_id: orderId } });

/** How often a caller tries: more often than the network fails. */
const MOST_ATTEMPTS = 5;
const PAUSE_MS = 60_000;

/** Plays a story to its end, and tells what went wrong by Payme's books: empty where all is right. */
export async function play(story: Story, world: World, attempt: Attempt): Promise<string[]> {
  const thing: Thing = { orderId: ORDER_ID, ...(await story.prepare(world)) };
  const problems: string[] = [];
  let last: PayOutcome["status"] | undefined;
  for (const step of story.steps) {
    last = await persist(step);
    if (last !== GOOD[step]) break;
  }
  await world.allArrives();
  world.pass(PAUSE_MS);
  if (last !== story.end) problems.push(`ended as ${last}, not as ${story.end}`);
  problems.push(...problemsOfTheEnd(story, world));
  return problems;

  async function persist(step: Step): Promise<PayOutcome["status"] | undefined> {
    let status: PayOutcome["status"] | undefined;
    for (let made = 0; made < MOST_ATTEMPTS && status !== GOOD[step]; made += 1) {
      const isCalm = world.isCalm();
      const outcome = await attempt(world, thing, step);
      status = outcome.status;
      const untruth = untruthOf(world.mock, step, outcome);
      if (untruth !== undefined) problems.push(untruth);
      await world.afterAttempt();
      world.pass(PAUSE_MS);
      // Nothing disturbed it: so it ends, for better or worse.
      if (isCalm && status === story.end) break;
    }
    return status;
  }
}

function problemsOfTheEnd({ end }: Story, { mock }: World): string[] {
  const { held, taken, takes, debits } = moneyOf(mock, receiptsOf(mock, ORDER_ID));
  const wanted = end === "paid" ? AMOUNT : 0;
  return [
    takes > 1 ? `money was taken ${takes} times` : "",
    debits > 1 ? `the card was debited ${debits} times` : "",
    taken === wanted ? "" : `in the end ${taken} is taken, not ${wanted}`,
    held === 0 ? "" : `in the end ${held} is held`,
  ].filter((problem) => problem !== "");
}
