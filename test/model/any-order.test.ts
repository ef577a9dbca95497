import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PaymeConnectionError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import type { PaymentRow } from "../../src/ledger";
import { accountValue } from "../../src/protocol/receipt";
import type { MockReceipt } from "../../src/testing/mock/mock-receipt";
import { verifiedToken } from "../mock/kit";
import { card, createShop, scope } from "../payments/shop";

const HOUR = 3_600_000;
const amount = som(50_000);

type Shop = ReturnType<typeof createShop>;

/** How the next call to Payme of that step goes wrong. */
const faults = ["none", "lost before", "lost after", "refused", "never reached"] as const;

const steps = [
  "create",
  "pay",
  "notify",
  "check",
  "cancel",
  "refund",
  "charge",
  "reconcile",
  "cabinet",
  "wait",
] as const;

/** A step, on one of the payments or receipts that there are by then. */
interface Step {
  readonly step: (typeof steps)[number];
  readonly which: number;
  readonly fault: (typeof faults)[number];
  /** The hook throws if it is called in this step. */
  readonly hookFails: boolean;
  /** Runs at once with the step after it. */
  readonly together: boolean;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  step: fc.constantFrom(...steps),
  which: fc.nat(3),
  fault: fc.constantFrom<Step["fault"]>("none", "none", "none", ...faults),
  hookFails: fc.boolean(),
  together: fc.boolean(),
});

type Tx = Parameters<Parameters<Shop["storage"]["transaction"]>[0]>[0];

/** What a shop gave and took back for a payment. */
interface Delivery {
  delivered: number;
  takenBack: number;
}

/** Where the shop keeps its deliveries: given the hook's handle while it writes, without one to read. */
type DeliveryBook = (shop: () => Shop, tx: Tx | undefined) => Map<string, Delivery> | ReturnType<typeof tableOf>;

const tableOf = (tx: Tx) => tx.table<Delivery>("deliveries");

/** As it should be: through the hook's handle, so that it commits with the payment. */
const inTransaction: DeliveryBook = (shop, tx) => tableOf(tx ?? shop().storage.published());

/** Broken: beside the transaction, where a rollback does not reach it. */
function beside(): DeliveryBook {
  const book = new Map<string, Delivery>();
  return () => book;
}

/** A shop whose hooks can be told to throw, after they wrote. */
function openShop(book: DeliveryBook) {
  const hooks = { fail: false };
  const none: Delivery = { delivered: 0, takenBack: 0 };
  const count = (change: Delivery) => (payment: PaymentRow, tx: Tx) => {
    const table = book(() => shop, tx);
    const { delivered, takenBack } = table.get(payment.id) ?? none;
    table.set(payment.id, {
      delivered: delivered + change.delivered,
      takenBack: takenBack + change.takenBack,
    });
    if (hooks.fail) throw new Error("the hook fails");
    return true;
  };
  const shop: Shop = createShop({
    payments: { onPaid: count({ ...none, delivered: 1 }), onRefunded: count({ ...none, takenBack: 1 }) },
  });
  return { shop, hooks, delivery: (id: string) => book(() => shop, undefined).get(id) ?? none };
}

/** Lets one call to Payme fail, and returns what takes that back if no call came. */
function arm({ shop, step }: { shop: Shop; step: Step }): () => void {
  const { receipts } = shop.client;
  switch (step.fault) {
    case "none":
      return () => {};
    case "lost before":
      return shop.mock.faults.add({ kind: "drop_before", times: 1 });
    case "lost after":
      return shop.mock.faults.add({ kind: "drop_after", times: 1 });
    case "refused":
      return shop.mock.faults.add({ kind: "rpc_error", code: -31601, message: "no", times: 1 });
    case "never reached": {
      const { create, cancel, check, get, getAll } = receipts;
      const unreachable = async () => {
        throw new PaymeConnectionError("never reached");
      };
      Object.assign(receipts, { create: unreachable, cancel: unreachable, check: unreachable });
      Object.assign(receipts, { get: unreachable, getAll: unreachable });
      return () => Object.assign(receipts, { create, cancel, check, get, getAll });
    }
  }
}

async function take({ shop, step, token }: { shop: Shop; step: Step; token: string }): Promise<unknown> {
  const { payments, mock } = shop;
  const receipts = mock.receipts();
  const receipt = receipts[step.which % Math.max(receipts.length, 1)];
  const known = shop.storage.published().table<PaymentRow>("payme_payment").filter();
  const payment = known[step.which % Math.max(known.length, 1)];
  switch (step.step) {
    case "create":
      return payments.create({ reference: `order:${step.which % 2}`, amount });
    case "pay":
      return receipt && mock.pay(receipt._id, { card });
    case "notify":
      return receipt && notify(shop, receipt);
    case "check":
      return payment && payments.check(payment.id);
    case "cancel":
      return payment && payments.cancel(payment.id);
    case "refund":
      return payment && payments.refund(payment.id);
    case "charge":
      return payments.charge({ reference: `order:${step.which % 2}`, amount, token, settleMs: 0 });
    case "reconcile":
      return payments.reconcile();
    case "cabinet":
      return receipt && mock.cancel(receipt._id);
    case "wait":
      return shop.pass(60_000 * 10 ** step.which);
  }
}

/** What a gateway would say of the receipt now, if anything. */
async function notify({ payments, now }: Shop, { _id: paymeId, state, pay_time: paidAt, amount: taken }: MockReceipt) {
  if (state === 4) await payments.recordPaid({ paymeId, amount: som(taken / 100), paidAt, source: "gateway" });
  if (state === 21 || state === 50) await payments.recordCancelled({ paymeId, cancelledAt: now(), source: "gateway" });
}

/** Nothing goes wrong any more, and time enough passes for every end to be known. */
async function settleDown(shop: Shop): Promise<void> {
  shop.mock.faults.clear();
  for (let round = 0; round < 16; round += 1) {
    shop.pass(6 * HOUR);
    await shop.payments.reconcile();
  }
  // Refunds made in the cabinet are told by notification only: nobody asks about what is paid.
  for (const receipt of shop.mock.receipts()) if (receipt.state !== 4) await notify(shop, receipt);
  for (let round = 0; round < 4; round += 1) {
    shop.pass(6 * HOUR);
    await shop.payments.reconcile();
  }
}

/** What must hold of each receipt and its payment once all has settled; a sentence for each thing that does not. */
async function wrongs({ shop, delivery }: ReturnType<typeof openShop>): Promise<string[]> {
  const found: string[] = [];
  const incidents = await shop.payments.incidents.list({ limit: 1_000 });
  const hasIncident = (paymeId: string) =>
    incidents.some((each) => each.paymeId === paymeId && each.kind !== "effect_failed");
  for (const receipt of shop.mock.receipts()) {
    const payment = await shop.storage.findPayment(scope, { id: String(accountValue(receipt, "order_id")) });
    const isTaken = receipt.state === 4;
    const isPaidByIt = payment?.paidBy === receipt._id;
    if (receipt.state === 0) found.push(`receipt ${receipt._id} can still be paid: ${JSON.stringify(payment)}`);
    if (isTaken && !(isPaidByIt && payment.status === "PAID") && !hasIncident(receipt._id)) {
      found.push(`money of ${receipt._id} is nowhere in the books: ${JSON.stringify(payment)}`);
    }
    if (!isTaken && isPaidByIt && payment.status !== "CANCELLED") {
      found.push(`money of ${receipt._id} went back, and its payment is ${payment.status}`);
    }
  }
  for (const payment of shop.storage.published().table<PaymentRow>("payme_payment").filter()) {
    const { delivered, takenBack } = delivery(payment.id);
    const wanted = payment.paidBy === null ? [0, 0] : payment.status === "PAID" ? [1, 0] : [1, 1];
    if (delivered !== wanted[0] || takenBack !== wanted[1]) {
      found.push(`${payment.id} is ${payment.status}: delivered ${delivered}, taken back ${takenBack}`);
    }
    if (payment.nextCheckAt !== null) found.push(`${payment.id} is asked about for ever: ${JSON.stringify(payment)}`);
  }
  return found;
}

/** Runs the steps, lets all settle, and throws with what is wrong then. */
async function play(taken: readonly Step[], book: DeliveryBook): Promise<void> {
  const opened = openShop(book);
  const { shop, hooks } = opened;
  const token = await verifiedToken(shop.mock);
  let running: Promise<unknown>[] = [];
  let disarm: (() => void)[] = [];
  const finish = async () => {
    await Promise.allSettled(running);
    // In the opposite order, so that each puts back what it found.
    for (const each of disarm.reverse()) each();
    [running, disarm] = [[], []];
  };
  for (const step of taken) {
    hooks.fail = step.hookFails;
    disarm.push(arm({ shop, step }));
    running.push(take({ shop, step, token }));
    if (!step.together) await finish();
  }
  await finish();
  hooks.fail = false;
  await settleDown(shop);
  const found = await wrongs(opened);
  if (found.length > 0) throw new Error(found.join("\n"));
}

/** A failing run prints its seed and the fewest steps that fail. `RUNS` makes it longer. */
function playAll(numRuns: number, book: () => DeliveryBook): Promise<void> {
  const steps = fc.array(anyStep, { minLength: 3, maxLength: 25 });
  return fc.assert(
    fc.asyncProperty(steps, (taken) => play(taken, book())),
    { numRuns, includeErrorInReport: true },
  );
}

describe("whatever happens, in any order and at once", () => {
  it("all money ends in the books or before a person, each thing is given once, and nothing stays payable", async () => {
    await playAll(Number(process.env.RUNS ?? 300), () => inTransaction);
  });

  it("a shop that delivers beside the transaction fails this test", async () => {
    await expect(playAll(1_000, beside)).rejects.toThrow(/is [A-Z]+: delivered \d/);
  });
});
