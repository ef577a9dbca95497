import { describe, expect, it } from "vitest";
import { createOutbox } from "../../src/entry";
import { PaymeConfigError, PaymeValidationError } from "../../src/kit/errors";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { gate, message, NOW, openOutbox, outboxOn, SCOPE, sleepByHand } from "./kit";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** On a busy machine. */
const PATIENT = { timeout: 10_000 };
const fails = () => {
  throw new Error("the bot is down");
};

describe("adding", () => {
  it("in a transaction delivers what was added where it commits, and nothing where it is rolled back", async () => {
    const { outbox, storage, told, drain } = openOutbox();
    const rolledBack = storage.transaction(async (tx) => {
      await outbox.add(message("order-1"), tx);
      throw new Error("rolled back");
    });
    await expect(rolledBack).rejects.toThrow("rolled back");
    await storage.transaction((tx) => outbox.add(message("order-1", { amount: 5 }), tx));
    await drain();
    expect(told).toEqual([
      { id: expect.any(Number), kind: "order.paid", subject: "order-1", data: { amount: 5 }, at: NOW, attempt: 1 },
    ]);
  });

  it("delivers nothing before the transaction has committed", async () => {
    const { outbox, storage, told } = openOutbox();
    const [added, commit] = [gate(), gate()];
    const transaction = storage.transaction(async (tx) => {
      await outbox.add(message("order-1"), tx);
      added.open();
      await commit.opened;
    });
    await added.opened;
    const running = outbox.runOnce();
    expect(told).toEqual([]);
    commit.open();
    await transaction;
    expect(await running).toMatchObject({ delivered: 1 });
  });

  it("for a later time delivers then, not before", async () => {
    const { outbox, add, pass } = openOutbox();
    await add({ ...message("order-1"), deliverAt: NOW + HOUR });
    pass(HOUR - 1);
    expect(await outbox.runOnce()).toMatchObject({ claimed: 0 });
    pass(1);
    expect(await outbox.runOnce()).toMatchObject({ delivered: 1 });
  });
});

describe("delivering", () => {
  it("happens once for each message, in order for those of one subject", async () => {
    const { add, told, drain, outbox } = openOutbox();
    await add(...[1, 2, 3].flatMap((data) => [message("a", data), message("b", data)]));
    await drain();
    for (const subject of ["a", "b"]) {
      expect(told.filter((each) => each.subject === subject).map(({ data }) => data)).toEqual([1, 2, 3]);
    }
    expect(await outbox.runOnce()).toEqual({ claimed: 0, delivered: 0, retried: 0, parked: 0, lost: 0 });
  });

  it("takes at most a batch at a time", async () => {
    const { outbox, add } = openOutbox({ batchSize: 2 });
    await add(message("a"), message("b"), message("c"));
    expect(await outbox.runOnce()).toMatchObject({ claimed: 2 });
    expect(await outbox.runOnce()).toMatchObject({ claimed: 1 });
  });

  it("leaves another cashbox's and another mode's messages alone", async () => {
    const { storage, add } = openOutbox();
    await add(message("a"));
    expect(await outboxOn(storage, { cashbox: "second" }).outbox.runOnce()).toMatchObject({ claimed: 0 });
    expect(await outboxOn(storage, { mode: "test" }).outbox.runOnce()).toMatchObject({ claimed: 0 });
  });

  it("leaves the payments' own events alone: they are not messages", async () => {
    const { storage, outbox } = openOutbox();
    await storage.appendEvents([{ ...SCOPE, kind: "payment.paid", subject: "p", at: NOW }]);
    expect(await outbox.runOnce()).toMatchObject({ claimed: 0 });
  });
});

describe("a message that is not delivered", () => {
  it.each([
    ["throws", fails],
    ["rejects", async () => fails()],
  ])(
    "because deliver %s comes again later, each time after a longer while, with the same id",
    async (_how, deliver) => {
      const ids: number[] = [];
      const { outbox, add, pass, logged } = openOutbox({
        deliver: ({ id }) => {
          ids.push(id);
          return deliver();
        },
      });
      await add(message("order-1"));
      for (const delay of [5 * SECOND, 10 * SECOND, 20 * SECOND]) {
        expect(await outbox.runOnce()).toMatchObject({ claimed: 1, retried: 1 });
        pass(delay - 1);
        expect(await outbox.runOnce()).toMatchObject({ claimed: 0 });
        pass(1);
      }
      expect(new Set(ids).size).toBe(1);
      expect(logged).toContain("a message was not delivered");
    },
  );

  it("holds back the later ones of its subject, and no others", async () => {
    const told: unknown[] = [];
    const { outbox, add, pass } = openOutbox({
      deliver: ({ subject, data, attempt }) => (data === 1 && attempt === 1 ? fails() : told.push([subject, data])),
    });
    await add(message("a", 1), message("a", 2), message("b", 3));
    await outbox.runOnce();
    await outbox.runOnce();
    expect(told).toEqual([["b", 3]]);
    pass(5 * SECOND);
    await outbox.runOnce();
    await outbox.runOnce();
    expect(told).toEqual([
      ["b", 3],
      ["a", 1],
      ["a", 2],
    ]);
  });

  it("within its time is aborted and comes again, also where deliver ignores its signal", async () => {
    const signals: AbortSignal[] = [];
    const { outbox, add } = openOutbox({
      timeoutMs: 5,
      leaseMs: 1_000,
      deliver: (_message, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    await add(message("order-1"));
    expect(await outbox.runOnce()).toMatchObject({ claimed: 1, retried: 1 });
    expect(signals.map(({ aborted, reason }) => [aborted, reason.name])).toEqual([[true, "TimeoutError"]]);
  });

  it("is parked after the last attempt: a person is told, the later ones go on", async () => {
    const { storage, outbox, add, pass, logged } = openOutbox({
      maxAttempts: 3,
      deliver: ({ data }) => (data === 1 ? fails() : undefined),
    });
    await add(message("order-1", 1), message("order-1", 2));
    for (const parked of [0, 0, 1]) {
      expect(await outbox.runOnce()).toMatchObject({ claimed: 1, parked });
      pass(HOUR);
    }
    expect(await outbox.runOnce()).toMatchObject({ delivered: 1 });
    const [incident] = await storage.listEvents(SCOPE, { open: true, limit: 9 });
    const [parked] = await outbox.parked();
    expect(parked).toMatchObject({ subject: "order-1", data: 1, attempt: 3 });
    expect(incident).toMatchObject({
      kind: "message_parked",
      subject: "order-1",
      data: { id: parked?.id, kind: "order.paid", attempts: 3 },
    });
    expect(logged).toContain("a message was parked: no attempt delivered it");
  });

  it("and is parked can be requeued by a person, once", async () => {
    let isDown = true;
    const { outbox, add } = openOutbox({ maxAttempts: 1, deliver: () => (isDown ? fails() : undefined) });
    await add(message("order-1"));
    await outbox.runOnce();
    const [parked] = await outbox.parked();
    isDown = false;
    await outbox.requeue(parked?.id ?? 0);
    expect(await outbox.parked()).toEqual([]);
    expect(await outbox.runOnce()).toMatchObject({ delivered: 1 });
    await expect(outbox.requeue(parked?.id ?? 0)).rejects.toThrow(PaymeValidationError);
    await expect(outbox.requeue(4_711)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("because it ends the process each time is parked after the last attempt", async () => {
    const { storage, outbox, add, now, pass, told } = openOutbox({ maxAttempts: 2 });
    await add(message("order-1"));
    for (const token of ["died-1", "died-2"]) {
      await storage.claimEvents(SCOPE, { now: now(), leaseUntil: now() + 1, token, limit: 9 });
      pass(1);
    }
    expect(await outbox.runOnce()).toMatchObject({ claimed: 1, parked: 1 });
    expect(told).toEqual([]);
  });
});

describe("workers", () => {
  it("that die leave their message to another, once the lease is over", async () => {
    const { storage, outbox, add, now, pass, told } = openOutbox({ timeoutMs: 10, leaseMs: 60 * SECOND });
    await add(message("order-1"));
    await storage.claimEvents(SCOPE, { now: now(), leaseUntil: now() + 60 * SECOND, token: "died", limit: 9 });
    pass(60 * SECOND - 1);
    expect(await outbox.runOnce()).toMatchObject({ claimed: 0 });
    pass(1);
    expect(await outbox.runOnce()).toMatchObject({ delivered: 1 });
    expect(told).toMatchObject([{ attempt: 2 }]);
  });

  it("whose message was taken over meanwhile say so, and change nothing", async () => {
    const { storage, outbox, add, now } = openOutbox({
      // So slow that its lease has ended, by the books.
      deliver: () =>
        storage.claimEvents(SCOPE, { now: NOW + HOUR, leaseUntil: NOW + 2 * HOUR, token: "quick", limit: 9 }),
    });
    await add(message("order-1"));
    expect(await outbox.runOnce()).toMatchObject({ claimed: 1, delivered: 0, lost: 1 });
    expect(await storage.listEvents(SCOPE, { limit: 9 })).toMatchObject([
      { leaseToken: "quick", deliveredAt: null, deliverAt: now() },
    ]);
  });
});

describe("a running outbox", () => {
  it("delivers what is added, and stops once nothing is in hand", async () => {
    const storage = memoryStorage();
    const [begun, end] = [gate(), gate()];
    let done = 0;
    const outbox = createOutbox({
      storage,
      pollMs: 1,
      async deliver() {
        begun.open();
        await end.opened;
        done += 1;
      },
    });
    outbox.start();
    outbox.start();
    await storage.transaction((tx) => outbox.add(message("a"), tx));
    await begun.opened;
    const stopping = outbox.stop();
    expect(done).toBe(0);
    end.open();
    await stopping;
    expect(done).toBe(1);
    await storage.transaction((tx) => outbox.add(message("b"), tx));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(done).toBe(1);
    outbox.start();
    await expect.poll(() => done, PATIENT).toBe(2);
    await outbox.stop();
  });

  it("that is stopped at once aborts what is in hand, and that is due again", async () => {
    const { storage, outbox, add } = openOutbox({ pollMs: 1, deliver: () => new Promise(() => {}) });
    await add(message("order-1"));
    outbox.start();
    await expect.poll(async () => (await storage.listEvents(SCOPE, { limit: 1 }))[0]?.leaseToken, PATIENT).toBeTruthy();
    await outbox.stop({ graceMs: 0 });
    expect(await storage.listEvents(SCOPE, { limit: 9 })).toMatchObject([
      { deliverAt: NOW, leaseToken: null, parkedAt: null },
    ]);
  });

  it("that is stopped at once aborts nothing that was delivered before", async () => {
    const signals: AbortSignal[] = [];
    const { outbox, add } = openOutbox({
      pollMs: 1,
      deliver({ subject }, { signal }) {
        signals.push(signal);
        return subject === "quick" ? undefined : new Promise(() => {});
      },
    });
    await add(message("quick"), message("slow"));
    outbox.start();
    await expect.poll(() => signals.length, PATIENT).toBe(2);
    await outbox.stop({ graceMs: 0 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });

  it("that was stopped at once and is started again delivers what was aborted", async () => {
    const begun = gate();
    let hangs = true;
    const told: number[] = [];
    const { outbox, add } = openOutbox({
      pollMs: 1,
      deliver({ attempt }) {
        begun.open();
        if (hangs) return new Promise(() => {});
        return void told.push(attempt);
      },
    });
    await add(message("order-1"));
    outbox.start();
    await begun.opened;
    await outbox.stop({ graceMs: 0 });
    hangs = false;
    outbox.start();
    await expect.poll(() => told, PATIENT).toEqual([2]);
    await outbox.stop();
  });

  it("goes on with other subjects while a delivery hangs, which keeps one place of the batch", async () => {
    const end = gate();
    const { outbox, add, told } = openOutbox({
      pollMs: 1,
      batchSize: 2,
      deliver(each) {
        if (each.subject === "slow") return end.opened;
        return void told.push(each);
      },
    });
    const subjects = ["a", "b", "c", "d", "e"];
    await add(message("slow"), message("slow", "behind"), ...subjects.map((subject) => message(subject)));
    outbox.start();
    await expect.poll(() => told.map(({ subject }) => subject).sort(), PATIENT).toEqual(subjects);
    end.open();
    await outbox.stop();
  });

  it("stops only when nothing is in hand, also where the storage could not write down the end of another message", async () => {
    const storage = memoryStorage();
    const [begun, end] = [gate(), gate()];
    const told: string[] = [];
    const { outbox, add } = outboxOn(
      {
        ...storage,
        async closeEvent(...args) {
          if (!told.includes("slow")) throw new Error("the database is away");
          return storage.closeEvent(...args);
        },
      },
      {
        pollMs: 1,
        async deliver({ subject }) {
          if (subject === "slow") {
            begun.open();
            await end.opened;
          }
          told.push(subject);
        },
      },
    );
    await add(message("quick"), message("slow"));
    outbox.start();
    await begun.opened;
    await expect.poll(() => told, PATIENT).toEqual(["quick"]);
    let isStopped = false;
    const stopping = outbox.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isStopped).toBe(false);
    end.open();
    await stopping;
    expect(told).toEqual(["quick", "slow"]);
  });

  it("goes on after the storage has failed", async () => {
    const storage = memoryStorage();
    let failures = 3;
    const { outbox, add, told, logged } = outboxOn(
      {
        ...storage,
        claimEvents: async (...args) => {
          failures -= 1;
          if (failures >= 0) throw new Error("the database is away");
          return storage.claimEvents(...args);
        },
      },
      { pollMs: 1 },
    );
    await add(message("order-1"));
    outbox.start();
    await expect.poll(() => told.length, PATIENT).toBe(1);
    await outbox.stop();
    expect(logged.filter((line) => line.startsWith("the outbox could not work"))).toHaveLength(3);
  });

  it("has at most a batch in hand, and takes the next message when a place is free", async () => {
    const ends: (() => void)[] = [];
    const { sleep, waits } = sleepByHand();
    const { outbox, add } = openOutbox({
      batchSize: 2,
      pollMs: 7,
      sleep,
      deliver: () => new Promise<void>((resolve) => void ends.push(resolve)),
    });
    await add(...["a", "b", "c", "d", "e"].map((subject) => message(subject)));
    /** The worker's waits, as often as it has found its hands full. */
    const polls = () => waits.filter(({ ms }) => ms === 7);
    outbox.start();
    for (let poll = 1; poll <= 4; poll += 1) {
      await expect.poll(() => polls().length, PATIENT).toBe(poll);
      expect(ends).toHaveLength(2);
      polls().at(-1)?.end();
    }
    ends[0]?.();
    await expect.poll(() => ends.length, PATIENT).toBe(3);
    const stopping = outbox.stop();
    for (const end of ends) end();
    await stopping;
    expect(ends).toHaveLength(3);
  });

  it("goes from a delivered batch to the next without a wait, and waits pollMs only where nothing is due", async () => {
    const { sleep, waits } = sleepByHand();
    const { outbox, add, told } = openOutbox({ batchSize: 2, pollMs: 7, sleep });
    await add(...["a", "b", "c", "d", "e"].map((subject) => message(subject)));
    outbox.start();
    await expect.poll(() => told.length, PATIENT).toBe(5);
    await expect.poll(() => waits.filter(({ ms, signal }) => ms === 7 && !signal?.aborted), PATIENT).toHaveLength(1);
    await add(message("f"));
    waits.at(-1)?.end();
    await expect.poll(() => told.length, PATIENT).toBe(6);
    await outbox.stop();
  });

  it("waits twice as long after each failure of the storage, 60 times pollMs at most, and pollMs again once it works", async () => {
    const storage = memoryStorage();
    const { sleep, waits } = sleepByHand();
    let isAway = true;
    const claimEvents: typeof storage.claimEvents = async (...args) => {
      if (isAway) throw new Error("the database is away");
      return storage.claimEvents(...args);
    };
    const { outbox } = outboxOn({ ...storage, claimEvents }, { pollMs: 10, sleep });
    outbox.start();
    for (const [index, ms] of [20, 40, 80, 160, 320, 600, 600, 10].entries()) {
      await expect.poll(() => waits.length, PATIENT).toBe(index + 1);
      expect(waits[index]?.ms).toBe(ms);
      isAway = index < 6;
      waits[index]?.end();
    }
    await outbox.stop();
  });

  it("waits its time after a failure of the storage, also where a delivery ends meanwhile", async () => {
    const storage = memoryStorage();
    const { sleep, waits } = sleepByHand();
    const [begun, end] = [gate(), gate()];
    let isAway = false;
    let claims = 0;
    const claimEvents: typeof storage.claimEvents = async (...args) => {
      claims += 1;
      if (isAway) throw new Error("the database is away");
      return storage.claimEvents(...args);
    };
    const deliver = () => {
      begun.open();
      return end.opened;
    };
    const { outbox, add } = outboxOn({ ...storage, claimEvents }, { pollMs: 10, sleep, deliver });
    const waitsOf = (ms: number) => waits.filter((wait) => wait.ms === ms);
    await add(message("slow"));
    outbox.start();
    await begun.opened;
    await expect.poll(() => waitsOf(10).length, PATIENT).toBe(1);
    isAway = true;
    waitsOf(10)[0]?.end();
    await expect.poll(() => waitsOf(20).length, PATIENT).toBe(1);
    end.open();
    const [row] = await storage.listEvents(SCOPE, { limit: 1 });
    expect(row?.deliveredAt).toBeNull();
    const isDelivered = async () => (await storage.listEvents(SCOPE, { limit: 1 }))[0]?.deliveredAt !== null;
    await expect.poll(isDelivered, PATIENT).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(claims).toBe(2);
    await outbox.stop();
  });

  it("ends a wait when it is stopped, and leaves no timer behind", async () => {
    const { sleep, waits, isOver } = sleepByHand();
    const { outbox, add, told } = openOutbox({ pollMs: 7, timeoutMs: 500, sleep });
    await add(message("order-1"));
    outbox.start();
    await expect.poll(() => told.length, PATIENT).toBe(1);
    await expect.poll(() => waits.filter(({ ms }) => ms === 7).length, PATIENT).toBeGreaterThan(0);
    await outbox.stop({ graceMs: 9_000 });
    expect(isOver()).toBe(true);
    expect(new Set(waits.map(({ ms }) => ms))).toEqual(new Set([7, 500, 9_000]));
  });

  it("that is stopped waits timeoutMs for what is in hand, unless it is told another time", async () => {
    for (const [options, ms] of [
      [{}, 500],
      [{ graceMs: 20 }, 20],
    ] as const) {
      const { sleep, waits } = sleepByHand();
      const begun = gate();
      const { outbox, add } = openOutbox({
        ...{ pollMs: 7, timeoutMs: 500, leaseMs: 1_000, sleep },
        deliver: () => {
          begun.open();
          return new Promise(() => {});
        },
      });
      await add(message("order-1"));
      outbox.start();
      await begun.opened;
      const before = waits.length;
      const stopping = outbox.stop(options);
      const grace = waits.slice(before).find((wait) => wait.ms === ms);
      expect(grace?.signal?.aborted).toBe(false);
      grace?.end();
      await stopping;
    }
  });

  it("that is stopped twice, or was never started, delivers nothing", async () => {
    const { outbox, add, told } = openOutbox({ pollMs: 1 });
    await outbox.stop();
    outbox.start();
    await Promise.all([outbox.stop(), outbox.stop()]);
    await add(message("order-1"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual([]);
  });
});

describe("options that cannot work", () => {
  it.each([
    [{ timeoutMs: 10, leaseMs: 10 }, /leaseMs must be more than timeoutMs/],
    [{ batchSize: 0 }, /batchSize must be more than 0/],
    [{ maxAttempts: Number.NaN }, /maxAttempts must be more than 0/],
    [{ pollMs: -1 }, /pollMs must be more than 0/],
  ])("%j are refused", (options, message) => {
    expect(() => openOutbox(options)).toThrow(PaymeConfigError);
    expect(() => openOutbox(options)).toThrow(message);
  });
});
