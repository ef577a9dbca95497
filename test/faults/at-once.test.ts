import { describe, expect, it } from "vitest";
import { createPaymeClient, type PayOutcome } from "../../src/entry/client";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import { createReceipt, openMock, verifiedToken } from "../mock/kit";
import { makeAndPay, orderOf } from "./charge-stories";
import { moneyOf, type Step, untruthOf } from "./money-judge";
import { CONTRARY } from "./world";

const { amount: AMOUNT } = orderOf("4417");

/** A mock whose answers come back in an order that a seed decides, and a client of it. */
async function open(seed: number, choices = {}) {
  const { mock, pass, now } = openMock({ choices });
  let dice = seed;
  const someTurns = async () => {
    dice = (dice * 48_271) % 2_147_483_647;
    for (let turns = dice % 4; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const jittered: typeof fetch = async (input, init) => {
    await someTurns();
    const response = await mock.fetch(input, init);
    await someTurns();
    return response;
  };
  const { merchantId, key } = mock;
  const sleep = async (ms: number) => pass(ms);
  const client = createPaymeClient({ merchantId, key, mode: "test", fetch: jittered, sleep, now });
  const token = await verifiedToken(mock);
  const { _id: receiptId } = await createReceipt(mock, { hold: true });
  const order = { token, receiptId, settleMs: 0 };
  return { mock, client, receiptId, order, pass };
}

/** What is untrue of the outcomes once all is still, one step being undone by no other. */
function untruths(mock: MockPayme, outcomes: readonly (readonly [Step, PayOutcome])[]): string[] {
  return outcomes.flatMap(([step, outcome]) => untruthOf(mock, step, outcome) ?? []);
}

const SEEDS = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
const PAYMES = [
  ["as documented", {}],
  ["as different as the documents allow", CONTRARY],
] as const;

describe.each(PAYMES)("at once, with a Payme %s", (_payme, choices) => {
  it.each(SEEDS)("two charges with one receipt take the money once, and both say so (seed %i)", async (seed) => {
    const { mock, client, receiptId, order } = await open(seed, choices);
    const outcomes = await Promise.all([client.pay(order), client.pay(order)]);
    const ends = await Promise.all(outcomes.map(() => client.waitUntilPaid(receiptId)));
    expect(ends.map(({ status }) => status)).toEqual(["paid", "paid"]);
    expect(outcomes.filter(({ status }) => status === "declined" || status === "cancelled")).toEqual([]);
    expect(
      untruths(
        mock,
        outcomes.map((outcome) => ["charge", outcome] as const),
      ),
    ).toEqual([]);
    expect(moneyOf(mock, [receiptId])).toMatchObject({ takes: 1, debits: 1, taken: AMOUNT });
  });

  it.each(SEEDS)("ten captures take the money once, and all say so (seed %i)", async (seed) => {
    const { mock, client, receiptId, order } = await open(seed, choices);
    await client.hold(order);
    await client.waitUntilPaid(receiptId);
    expect(moneyOf(mock, [receiptId])).toMatchObject({ held: AMOUNT, takes: 0 });
    const captures = Array.from({ length: 10 }, () => client.capture(receiptId));
    expect((await Promise.all(captures)).map(({ status }) => status)).toEqual(Array(10).fill("paid"));
    expect(moneyOf(mock, [receiptId])).toMatchObject({ held: 0, takes: 1, taken: AMOUNT });
  });

  it.each(SEEDS)("a charge and a release end on one side, and neither is untrue (seed %i)", async (seed) => {
    const { mock, client, receiptId, order, pass } = await open(seed, choices);
    const [charge, release] = await Promise.all([client.pay(order), client.release(receiptId)]);
    pass(3_600_000);
    const { taken, takes } = moneyOf(mock, [receiptId]);
    const state = mock.receipt(receiptId)?.state;
    expect(takes).toBeLessThanOrEqual(1);
    // A charge that was paid may have been refunded since; one that was not has taken nothing.
    if (charge.status === "declined" || charge.status === "cancelled") expect(taken).toBe(0);
    if (release.status === "cancelled") expect({ state, taken }).toEqual({ state: 50, taken: 0 });
    if (release.status === "declined" || release.status === "paid")
      expect({ state, taken }).toEqual({ state: 4, taken: AMOUNT });
    expect(["paid", "cancelled", "declined", "pending"]).toContain(charge.status);
  });

  it.each(SEEDS)("a capture and a release: the money is taken or let go, never both (seed %i)", async (seed) => {
    const { mock, client, receiptId, order, pass } = await open(seed, choices);
    await client.hold(order);
    await client.waitUntilPaid(receiptId);
    const [capture, release] = await Promise.all([client.capture(receiptId), client.release(receiptId)]);
    pass(3_600_000);
    const { taken, takes, held } = moneyOf(mock, [receiptId]);
    expect({ held, isOnce: takes <= 1 }).toEqual({ held: 0, isOnce: true });
    if (capture.status === "cancelled" || capture.status === "declined") expect(taken).toBe(0);
    if (release.status === "cancelled") expect(taken).toBe(0);
    // A release that Payme has queued gives the money back later, also where it was captured first.
    const isLetGo = mock.receipt(receiptId)?.state === 50;
    if (release.status === "pending") expect(taken).toBe(isLetGo ? 0 : AMOUNT);
    else if (capture.status === "paid" && release.status !== "cancelled") expect(taken).toBe(AMOUNT);
  });
});

it("two charges without a receipt take the money twice: the receipt is what guards", async () => {
  const { mock, client, order } = await open(1);
  const anew = { ...orderOf("4417"), token: order.token, settleMs: 0 };
  await Promise.all([makeAndPay(client, anew), makeAndPay(client, anew)]);
  expect(
    moneyOf(
      mock,
      mock.receipts().map(({ _id }) => _id),
    ),
  ).toMatchObject({ takes: 2 });
});
