import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MerchantCaller } from "../../src/testing/mock/merchant/caller";
import { START } from "./kit";
import { openMarket, order } from "./merchant-kit";

const HOUR_MS = 3_600_000;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

type Market = ReturnType<typeof openMarket>;
type Action = (market: Market) => Promise<unknown>;

const orderId = fc.integer({ min: 1, max: 3 });
/** Any transaction of the run, by the remainder of its place; none yet: one that nobody has. */
const someId = fc.nat(99).map((place) => (caller: MerchantCaller) => {
  const all = caller.transactions();
  return all[place % Math.max(1, all.length)]?.id ?? "no-such-transaction";
});

const action: fc.Arbitrary<Action> = fc.oneof(
  orderId.map(
    (id): Action =>
      ({ caller }) =>
        caller.pay(order(id)),
  ),
  orderId.map(
    (id): Action =>
      ({ caller }) =>
        caller.pay({ ...order(id), card: "declined" }),
  ),
  orderId.map(
    (id): Action =>
      ({ caller }) =>
        caller.begin(order(id)),
  ),
  orderId.map(
    (id): Action =>
      ({ caller }) =>
        caller.create(order(id)),
  ),
  someId.map(
    (of): Action =>
      ({ caller }) =>
        caller.perform(of(caller)),
  ),
  fc.tuple(someId, fc.constantFrom(2, 3, 5)).map(
    ([of, reason]): Action =>
      ({ caller }) =>
        caller.cancel(of(caller), { reason }),
  ),
  someId.map(
    (of): Action =>
      ({ caller }) =>
        caller.checkTransaction(of(caller)),
  ),
  fc.constantFrom(1_000, HOUR_MS, 13 * HOUR_MS).map(
    (ms): Action =>
      async ({ pass }) =>
        pass(ms),
  ),
  fc.boolean().map(
    (leaveToMerchant): Action =>
      ({ caller }) =>
        caller.expire({ leaveToMerchant }),
  ),
  fc.constant<Action>(({ shop }) => shop.merchant.sweep()),
  fc.constant<Action>(({ caller }) => caller.settle()),
);

/** What goes wrong on the way: an eighth of all calls, before or after the effect, or with a refusal of the mock's. */
const FAULTS = [
  { kind: "drop_before" },
  { kind: "drop_after" },
  { kind: "http_status", status: 502 },
  { kind: "malformed" },
  { kind: "rpc_error", code: -32400 },
] as const;

function openFaulty(seed: number, falsify?: (response: Response) => Promise<Response>): Market {
  const market = openMarket({ repeatAfterMs: [100] }, { mock: { seed }, falsify });
  for (const fault of FAULTS) market.mock.faults.add({ ...fault, probability: 0.04 });
  return market;
}

/** Everything answered at last, and Payme told how each transaction stands. */
async function comeToRest({ mock, caller, shop }: Market): Promise<void> {
  mock.faults.clear();
  await caller.settle();
  await shop.merchant.sweep();
  for (const { id } of caller.transactions()) await caller.checkTransaction(id);
}

/** What both books must say of each transaction, in the statement's order. */
function paymesBooks(caller: MerchantCaller) {
  return caller
    .transactions()
    .filter(({ state }) => state !== 0)
    .map(({ id, time, amount, account, createTime, performTime, cancelTime, transaction, state, reason }) => ({
      ...{ id, time, amount, account, create_time: createTime, perform_time: performTime, cancel_time: cancelTime },
      ...{ transaction, state, reason, receivers: null },
    }))
    .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
}

async function merchantsBooks(caller: MerchantCaller): Promise<unknown> {
  const statement = await caller.statement();
  return statement.outcome === "result" ? statement.result.transactions : statement;
}

/** What runs have met, so that a run that meets nothing is noticed. */
interface Seen {
  lost: number;
  readonly ends: Set<number>;
}

const steps = fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { maxLength: 12 });

/** After any steps, several at once, and once all is answered, both books agree and what was paid is fulfilled. */
function booksAgree(open: (seed: number) => Market, seen: Seen) {
  return fc.asyncProperty(steps, fc.nat(), async (run, seed) => {
    const market = open(seed);
    const { caller, mock, shop } = market;
    for (const atOnce of run) await Promise.all(atOnce.map((each) => each(market)));
    seen.lost += mock.exchanges.filter(({ code }) => code === "dropped").length;
    await comeToRest(market);
    expect(await merchantsBooks(caller)).toEqual(paymesBooks(caller));
    expect(await caller.compare()).toEqual([]);
    expect(caller.disagreements).toEqual([]);
    const transactions = caller.transactions();
    for (const { state } of transactions) seen.ends.add(state);
    const count = (what: (each: (typeof transactions)[number]) => boolean) => transactions.filter(what).length;
    const orders = await Promise.all([1, 2, 3].map((id) => shop.order(id)));
    const sum = (of: "fulfilled" | "takenBack") => orders.reduce((total, each) => total + (each?.[of] ?? 0), 0);
    expect(sum("fulfilled")).toBe(count(({ performTime }) => performTime > 0));
    expect(sum("takenBack")).toBe(count(({ state }) => state === -2));
  });
}

describe(`after random runs with faults (seed ${SEED})`, () => {
  it("both books have the same ids, amounts, states, reasons and times, and what was paid is fulfilled", async () => {
    const seen: Seen = { lost: 0, ends: new Set() };
    await fc.assert(
      booksAgree((seed) => openFaulty(seed), seen),
      { seed: SEED, numRuns: Number(process.env.RUNS ?? 300) },
    );
    // The runs have been where it hurts.
    expect(seen.lost).toBeGreaterThan(100);
    expect([...seen.ends].sort()).toEqual(expect.arrayContaining([-1, -2, 1, 2]));
  });

  it.each([
    [
      "each answer has a time of its own",
      /"(create|perform|cancel)_time":\d{13}/g,
      (n: number) => `"$1_time":${START + n}`,
    ],
    ["a reason is another", /"reason":\d/g, () => '"reason":10'],
    ["a refund is a cancel", /"state":-2/g, () => '"state":-1'],
  ])("a merchant of which %s is found out", async (_mistake, right, wrong) => {
    let answers = 0;
    const openFalse = (seed: number) =>
      openFaulty(seed, async (response) => {
        answers += 1;
        return new Response((await response.text()).replace(right, wrong(answers)));
      });
    const found = await fc.check(booksAgree(openFalse, { lost: 0, ends: new Set() }), { seed: SEED, numRuns: 300 });
    expect(found.failed).toBe(true);
  });
});
