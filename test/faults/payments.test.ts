import { describe, expect, it } from "vitest";
import { memoryStorage } from "../../src/ledger";
import { som } from "../../src/money";
import { sqliteStorage } from "../../src/storage/sqlite";
import { CARD } from "../mock/kit";
import { FAULTS, type Fault, type FaultPlan, tellPlan } from "./fault-kinds";
import {
  type Creation,
  openShop,
  PAYMENT_STORIES,
  type PaymentStory,
  playPayment,
  type Shop,
  sameReference,
} from "./payment-stories";
import { openWorld, type World } from "./world";

type Storing = "memory" | "SQLite";

/** Plays a story in a world whose network fails as planned, on books that are closed afterwards. */
async function playOn(storing: Storing, story: PaymentStory, create: Creation, plan?: FaultPlan) {
  const world = openWorld(plan);
  const play = async (shop: Shop) => playPayment(story, world, shop, create);
  const problems = await (storing === "memory" ? onMemory(world, play) : onSqlite(world, play));
  return { world, problems };
}

async function onMemory(world: World, play: (shop: Shop) => Promise<string[]>): Promise<string[]> {
  const storage = memoryStorage();
  try {
    return await play(await openShop(world, storage));
  } finally {
    await storage.close();
  }
}

async function onSqlite(world: World, play: (shop: Shop) => Promise<string[]>): Promise<string[]> {
  const storage = sqliteStorage({ file: ":memory:" });
  try {
    return await play(await openShop(world, storage));
  } finally {
    await storage.close();
  }
}

/** True where Payme's word is that there is no such receipt: the payment is FAILED, by the rule that has its own test below. */
const isAskedInVain = ({ name }: Fault, method: string) =>
  name.includes("-31602") && (method === "receipts.check" || method === "receipts.get");

/** What goes wrong where a fault hits each call of a story in turn, once and until the network heals. */
async function problemsWith(storing: Storing, story: PaymentStory, fault: Fault, create: Creation): Promise<string[]> {
  const { world, problems } = await playOn(storing, story, sameReference);
  expect(problems).toEqual([]);
  const wrong: string[] = [];
  for (const [index, method] of world.calls.entries()) {
    if (isAskedInVain(fault, method)) continue;
    for (const lasts of [false, true]) {
      const plan = { fault, call: index + 1, lasts };
      const played = await playOn(storing, story, create, plan);
      if (!played.world.hasStruck()) played.problems.push("the fault never happened");
      wrong.push(...played.problems.map((problem) => `${tellPlan(plan, world.calls)}: ${problem}`));
    }
  }
  return wrong;
}

describe.each(["memory", "SQLite"] as const)("payments on %s", (storing) => {
  const faults = FAULTS.filter(({ isAlike }) => isAlike !== true);

  describe.each(PAYMENT_STORIES)("$name", (story) => {
    it.each(faults)("any call $name: money once at most, the books true, the end right", async (fault) => {
      expect(await problemsWith(storing, story, fault, sameReference)).toEqual([]);
    });
  });
});

describe("a careless shop is caught", () => {
  it("one that takes a payment for paid as soon as it is made", async () => {
    const [story] = PAYMENT_STORIES;
    const fault = FAULTS.find(({ name }) => name === "done, and the answer dropped");
    if (story === undefined || fault === undefined) throw new Error("no such story or fault");
    const trusting: Creation = async (shop, attempt) => {
      const { id } = await sameReference(shop, attempt);
      const paymeId = (await shop.payments.find(id))?.transactionId ?? "";
      await shop.payments.recordPaid({ paymeId, amount: som(12_500), paidAt: 1, source: "receipt" });
      return { id };
    };
    const problems = await problemsWith("memory", story, fault, trusting);
    expect(problems.join("\n")).toContain("after create: booked as paid: the receipt is in 0");
  });
});

describe("-31602 to a question", () => {
  it("fails the payment, and a report of its money still makes it paid", async () => {
    const world = openWorld();
    const { payments, given } = await openShop(world, memoryStorage());
    const { id, transactionId } = await payments.create({ amount: som(12_500) });
    if (transactionId === null) throw new Error("no receipt");
    await world.mock.pay(transactionId, { card: CARD });
    world.mock.faults.add({ kind: "rpc_error", code: -31602, times: 1 });
    expect((await payments.check(id)).status).toBe("FAILED");
    await payments.recordPaid({ paymeId: transactionId, amount: som(12_500), paidAt: world.now(), source: "gateway" });
    expect((await payments.find(id))?.status).toBe("PAID");
    expect(given.get(id)).toBe(1);
  });
});
