import { describe, expect, it } from "vitest";
import { createOutbox, type OutboxEvent } from "../../src/entry";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { message, NOW, openOutbox, outboxOn, SCOPE } from "./kit";

const SECOND = 1_000;
const fails = () => {
  throw new Error("the bot is down");
};

/** What was logged, with its fields. */
function listening() {
  const lines: object[] = [];
  const note = (text: string, fields?: object) => void lines.push({ text, ...fields });
  return { lines, logger: { info: note, warn: note, error: note } };
}

describe("a message that was not delivered", () => {
  it.each([
    [0, 5 * SECOND, 10 * SECOND],
    [0.5, 4.5 * SECOND, 9 * SECOND],
    [1, 4 * SECOND, 8 * SECOND],
  ])("comes again earlier by chance, by a fifth at most (chance %d)", async (chance, first, second) => {
    const { outbox, add, pass } = openOutbox({ random: () => chance, deliver: fails });
    await add(message("order-1"));
    await outbox.runOnce();
    for (const delay of [first, second]) {
      pass(delay - 1);
      expect(await outbox.runOnce()).toMatchObject({ claimed: 0 });
      pass(1);
      expect(await outbox.runOnce()).toMatchObject({ claimed: 1, retried: 1 });
    }
  });

  it("is logged with what it was, and what was thrown", async () => {
    const { lines, logger } = listening();
    const { outbox, add } = openOutbox({ deliver: fails, logger, maxAttempts: 1 });
    await add(message("order-1"));
    await outbox.runOnce();
    const about = { id: expect.any(Number), kind: "order.paid" };
    expect(lines).toEqual([
      {
        text: "a message was not delivered",
        ...about,
        attempt: 1,
        stack: expect.stringContaining("the bot is down"),
      },
      { text: "a message was parked: no attempt delivered it", ...about, attempts: 1 },
    ]);
  });

  it.each([
    ["delivered", () => {}, 12],
    ["tried again", fails, 12],
    ["parked", fails, 1],
  ])(
    "here, since another worker took it over, is lost, not %s, and nobody is told",
    async (_end, deliver, maxAttempts) => {
      const events: OutboxEvent[] = [];
      const storage = memoryStorage();
      const { outbox, add, logged } = outboxOn(storage, {
        maxAttempts,
        onEvent: (event) => events.push(event),
        async deliver() {
          // Its lease is over: another worker has it.
          await storage.claimEvents(SCOPE, {
            now: NOW + 61 * SECOND,
            leaseUntil: NOW + 99 * SECOND,
            token: "other",
            limit: 1,
          });
          deliver();
        },
      });
      await add(message("order-1"));
      expect(await outbox.runOnce()).toEqual({ claimed: 1, delivered: 0, retried: 0, parked: 0, lost: 1 });
      expect(events).toEqual([]);
      expect(await outbox.parked()).toEqual([]);
      expect(logged.join()).not.toContain("parked");
      expect((await storage.listEvents(SCOPE, { limit: 9 })).map(({ kind }) => kind)).toEqual(["order.paid"]);
    },
  );
});

describe("a listener", () => {
  it("is told of each end", async () => {
    const events: OutboxEvent[] = [];
    let down = true;
    const { outbox, add, pass } = openOutbox({
      maxAttempts: 2,
      onEvent: (event) => events.push(event),
      deliver: ({ subject }) => (down || subject === "order-2") && fails(),
    });
    await add(message("order-1"), message("order-2"));
    await outbox.runOnce();
    down = false;
    pass(5 * SECOND);
    await outbox.runOnce();
    const event = { ...SCOPE, message: "order.paid" };
    const [first, second] = [events[0]?.messageId, events[1]?.messageId];
    expect(first).not.toBe(second);
    expect(events).toEqual([
      { ...event, kind: "outbox.retried", at: NOW, messageId: first, attempt: 1 },
      { ...event, kind: "outbox.retried", at: NOW, messageId: second, attempt: 1 },
      { ...event, kind: "outbox.delivered", at: NOW + 5 * SECOND, messageId: first, attempt: 2 },
      { ...event, kind: "outbox.parked", at: NOW + 5 * SECOND, messageId: second, attempt: 2 },
    ]);
  });
});

describe("a requeue", () => {
  it.each([
    [undefined, []],
    [
      { by: "ali", press: "p-1" },
      [{ kind: "admin.requeue", subject: "order-1", at: NOW, data: { by: "ali", press: "p-1" } }],
    ],
  ])("asked by %j is kept as %j", async (asked, kept) => {
    const { outbox, add, storage } = openOutbox({ deliver: fails, maxAttempts: 1 });
    await add(message("order-1"));
    await outbox.runOnce();
    const id = (await outbox.parked())[0]?.id ?? 0;
    await outbox.requeue(id, asked);
    const rows = await storage.listEvents(SCOPE, { kinds: ["admin.requeue"], limit: 9 });
    expect(rows).toMatchObject(kept.map((row) => ({ ...row, data: { ...row.data, message: id } })));
    expect(rows).toHaveLength(kept.length);
  });
});

it("a lease that would end before the attempt is refused, with why", () => {
  const options = { storage: memoryStorage(), deliver: fails, timeoutMs: 5, leaseMs: 5 };
  expect(() => createOutbox(options)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("another worker takes a message") }),
  );
});
