import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createPaymeClient } from "../../src/entry/client";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { CARD } from "../mock/kit";
import { FAULTS, type FaultPlan, tellPlan } from "./fault-kinds";
import { openShop, PAYMENT_STORIES, type PaymentStory, playPayments } from "./payment-stories";
import { CONTRARY, openWorld } from "./world";

const PAYMES = [
  { payme: "as documented", choices: {}, faults: FAULTS },
  {
    payme: "as different as the documents allow",
    choices: { ...CONTRARY, accountFields: "transaction_only" },
    faults: FAULTS.filter(({ isAlike }) => isAlike !== true),
  },
] as const;
type Choices = (typeof PAYMES)[number]["choices"];

const memory = (): Storage<unknown> => memoryStorage();

async function played(story: PaymentStory, choices: Choices, plan?: FaultPlan, storage = memory()) {
  const world = openWorld(plan, choices);
  const calls: { inStory: readonly string[] } = { inStory: [] };
  const shop = openShop(world, storage);
  const act = async (of: typeof shop) => {
    await story.act(of).finally(() => {
      calls.inStory = [...world.calls];
    });
  };
  return { problems: await playPayments({ ...story, act }, shop), calls: calls.inStory, world };
}

describe.each(PAYMES)("with a Payme $payme", ({ choices, faults }) => {
  describe.each(PAYMENT_STORIES)("$name", (story) => {
    it("where nothing fails is these calls", async () => {
      const { problems, calls } = await played(story, choices);
      // A payment that takes its time is asked about once more.
      const withoutRepeats = calls.filter((call, index) => call !== calls[index - 1]);
      const wanted = "accountFields" in choices ? (story.slowCalls ?? story.calls) : story.calls;
      expect({ problems, calls: withoutRepeats }).toEqual({ problems: [], calls: wanted });
    });

    // Money that comes in after a cancel was sent, which then arrives when all is settled: the last test is about that.
    const possible = faults.filter(({ arrives }) => story.meanwhile === undefined || arrives !== "over");

    it.each(possible)("any call $name: Payme's books and ours agree in the end", async (fault) => {
      const { calls } = await played(story, choices);
      const wrong: string[] = [];
      for (const [index] of calls.entries()) {
        for (const lasts of [false, true]) {
          const plan = { fault, call: index + 1, lasts };
          const { problems, world } = await played(story, choices, plan);
          if (!world.hasStruck()) problems.push("the fault never happened");
          wrong.push(...problems.map((problem) => `${tellPlan(plan, calls)}: ${problem}`));
        }
      }
      expect(wrong).toEqual([]);
    });
  });
});

describe("in an SQLite file as in memory", () => {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-faults-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const faults = FAULTS.filter(({ rule: { kind } }) => kind === "drop_after" || kind === "duplicate");

  it.each(PAYMENT_STORIES)("$name: the answer of any call is lost, or it is done twice", async (story) => {
    const wrong: string[] = [];
    for (const fault of faults) {
      for (const [index] of story.calls.entries()) {
        const plan = { fault, call: index + 1, lasts: false };
        const storage = sqliteStorage({ file: join(directory, `${crypto.randomUUID()}.db`) });
        await storage.migrate();
        const { problems, world } = await played(story, {}, plan, storage);
        await storage.close();
        if (!world.hasStruck()) problems.push("the fault never happened");
        wrong.push(...problems.map((problem) => `${tellPlan(plan, story.calls)}: ${problem}`));
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe("careless books are caught", () => {
  const paid = PAYMENT_STORIES.find(({ name }) => name === "reconcile of what the payer paid");
  const lost = FAULTS.find(({ rule: { kind } }) => kind === "drop_after");
  const plan = lost && { fault: lost, call: 1, lasts: true };

  it("of a shop that never reconciles", async () => {
    if (paid === undefined) throw new Error("no such story");
    const world = openWorld(plan);
    const shop = openShop(world, memory());
    expect(await playPayments({ ...paid, once: true }, shop, world.allArrives)).toEqual([
      "paid at Payme, PENDING here",
      "Payme has 5000000 and holds 0, our books say 0",
      "ended as PENDING (null), not as PAID",
    ]);
  });

  it("of a shop that takes a lost answer as paid, and one as cancelled", async () => {
    for (const [state, wrong] of [
      [4, "PAID here, 0 at Payme"],
      [50, "paid at Payme, CANCELLED here"],
    ] as const) {
      const story = PAYMENT_STORIES.find(({ name }) => name === "cancel of an unpaid one, tried once");
      if (story === undefined) throw new Error("no such story");
      const world = openWorld();
      const shop = openShop(world, memory());
      const assume = async ({ before, paymentId = "" }: typeof shop) => {
        const paymeId = (await before.find(paymentId))?.transactionId ?? "";
        const at = { paymeId, source: "gateway" } as const;
        if (state === 4)
          await before.recordPaid({
            ...at,
            amount: (await before.find(paymentId))?.amount ?? som(0),
            paidAt: world.now(),
          });
        else await before.recordCancelled({ ...at, cancelledAt: world.now() });
        if (state === 50) await world.mock.pay(paymeId, { card: CARD });
      };
      const problems = await playPayments({ ...story, act: assume }, shop, world.allArrives);
      expect(problems).toContain(wrong);
    }
  });
});

it("-31602 to a question fails the payment, and a report of its money still makes it paid", async () => {
  const world = openWorld();
  const { payments, storage } = openShop(world, memory());
  const { id, transactionId } = await payments.create({ amount: som(50_000) });
  const paymeId = transactionId ?? "";
  await world.mock.pay(paymeId, { card: CARD });
  world.mock.faults.add({ kind: "rpc_error", code: -31602, times: 1 });
  expect(await payments.check(id)).toMatchObject({ status: "FAILED" });
  const report = { paymeId, amount: som(50_000), paidAt: world.now(), source: "gateway" } as const;
  const { outcome } = await payments.recordPaid(report);
  const payment = await payments.find(id);
  if (payment === undefined) throw new Error("no payment");
  const events = await storage.listEvents(payment, { subject: id, kinds: ["payment.paid"], limit: 10 });
  expect({ outcome, status: payment.status, paid: events.length }).toEqual({
    outcome: "applied",
    status: "PAID",
    paid: 1,
  });
});

it("a cancel that arrives when all is settled, after the payer has paid: the daily close tells of it", async () => {
  const world = openWorld();
  const shop = openShop(world, memory());
  const { mock, pass } = world;
  const { id, transactionId } = await shop.payments.create({ amount: som(50_000) });
  await mock.pay(transactionId ?? "", { card: CARD });
  expect(await shop.payments.check(id)).toMatchObject({ status: "PAID" });
  const { merchantId, key } = mock;
  const late = createPaymeClient({ merchantId, key, mode: "test", fetch: mock.fetch });
  await late.receipts.cancel(transactionId ?? "");
  pass(3_600_000);
  const { differences } = await shop.payments.dailyClose("2026-01-15");
  expect(differences).toMatchObject([{ kind: "state_differs", id: transactionId }]);
});
