import { beforeEach, describe, expect, it } from "vitest";
import { PaymeEffectError, PaymeStorageError } from "../../src/kit/errors";
import type { Logger } from "../../src/kit/logger";
import { commitChange, type GuardedChange, type Incident, type PaymentRow } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { paymentRow, scope } from "./rows";

/** A hook that does this and answers true. */
const doing = (work: (row: PaymentRow, tx: MemoryTx) => unknown) => ({
  name: "onPaid",
  async run(row: PaymentRow, tx: MemoryTx) {
    await work(row, tx);
    return true;
  },
});
const orders = (tx: MemoryTx) => tx.table<{ paid: number }>("orders");

/** Throws when it is read: a mistake of ours between the hook and the commit. */
function mistakenEvent(mistake: Error): never {
  throw mistake;
}

describe("commitChange", () => {
  let storage = memoryStorage();
  let incidents: Incident[] = [];
  let lines: string[] = [];
  let now = 1_000;

  const log = (message: string, fields?: object) => lines.push(JSON.stringify({ message, ...fields }));
  const logger: Logger = { info: log, warn: log, error: log };
  const run = (completion: Partial<GuardedChange<MemoryTx, PaymentRow>>) =>
    commitChange(
      { storage, now: () => now, logger, newId: () => "error-1", onIncident: (incident) => incidents.push(incident) },
      {
        ...scope,
        subject: "payment-1",
        paymeId: "payme-1",
        guard: (verbs) =>
          verbs.changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: now, paidBy: "payme-1" }),
        events: () => [{ ...scope, kind: "payment.paid", subject: "payment-1", at: now }],
        ...completion,
      },
    );

  beforeEach(async () => {
    [storage, incidents, lines, now] = [memoryStorage(), [], [], 1_000];
    await storage.addPayment(paymentRow({ id: "payment-1" }));
  });

  it("commits the change, the hook's rows and the events together", async () => {
    const done = await run({ hook: doing((_row, tx) => orders(tx).set("1", { paid: 1 })) });
    expect(done.outcome).toBe("applied");
    expect(orders(storage.published()).get("1")).toEqual({ paid: 1 });
    expect((await storage.listEvents(scope, { limit: 9 })).map(({ kind }) => kind)).toEqual(["payment.paid"]);
  });

  it("runs the hook once for 200 notifications at once", async () => {
    let runs = 0;
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => run({ hook: doing(() => (runs += 1)) })));
    expect(runs).toBe(1);
    expect(outcomes.filter(({ outcome }) => outcome === "applied")).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === "already_applied")).toHaveLength(199);
  });

  it("takes back a first change when the second guard misses", async () => {
    const missed = await run({
      guard: async (verbs) => {
        const first = await verbs.changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: now });
        return first.outcome === "applied" ? { outcome: "conflict", row: first.row } : first;
      },
    });
    expect(missed.outcome).toBe("conflict");
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
  });

  it("undoes everything when the hook throws, and records it in a transaction that commits", async () => {
    const failing = run({
      hook: doing((_row, tx) => {
        orders(tx).set("1", { paid: 1 });
        throw new Error("no stock");
      }),
    });
    await expect(failing).rejects.toBeInstanceOf(PaymeEffectError);
    await expect(failing).rejects.toThrow("error-1");
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING", paidBy: null });
    expect(orders(storage.published()).get("1")).toBeUndefined();
    expect(incidents).toMatchObject([{ kind: "effect_failed", paymeId: "payme-1", subject: "payment-1" }]);
    expect(lines.join()).toContain("no stock");
  });

  it.each([false, Promise.resolve(false)])(
    "takes everything back when the hook answers false, and says so",
    async (no) => {
      const refused = await run({
        hook: {
          name: "onPaid",
          run(_row, tx) {
            orders(tx).set("1", { paid: 1 });
            return no;
          },
        },
      });
      expect(refused).toMatchObject({ outcome: "refused", row: { id: "payment-1", status: "PAID" } });
      expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
      expect(orders(storage.published()).get("1")).toBeUndefined();
      expect(await storage.listEvents(scope, { limit: 9 })).toEqual([]);
    },
  );

  it.each([
    [undefined, "undefined"],
    [null, "null"],
    [1, "number"],
    [0, "number"],
    ["true", "string"],
    [{}, "object"],
    [Promise.resolve(), "undefined"],
  ])("takes %o of a hook for a mistake, undoes everything and says what to answer", async (answer, seen) => {
    const failing = run({ hook: { name: "onPaid", run: () => answer } });
    await expect(failing).rejects.toMatchObject({
      code: "EFFECT_FAILED",
      hint: expect.stringContaining("changes === 1"),
      cause: expect.objectContaining({
        message: `onPaid answered ${seen} instead of true or false`,
      }),
    });
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
    expect(incidents).toMatchObject([{ kind: "effect_failed" }]);
  });

  it("tells the incidents among its events, once and after the commit", async () => {
    const incident = { ...scope, kind: "paid_elsewhere", subject: "payment-1", paymeId: "payme-1", at: 1_000 };
    const events = () => [incident];
    expect(await run({ events })).toMatchObject({ outcome: "applied" });
    expect(await run({ events })).toMatchObject({ outcome: "already_applied" });
    expect(incidents).toMatchObject([{ kind: "paid_elsewhere", paymeId: "payme-1" }]);
    expect(lines.join()).toContain("incident: paid_elsewhere");
  });

  it("can be repeated after a hook threw, and records the incident once", async () => {
    let works = false;
    const hook = doing(() => {
      if (!works) throw new Error("not yet");
    });
    await expect(run({ hook })).rejects.toThrow();
    await expect(run({ hook })).rejects.toThrow();
    works = true;
    expect((await run({ hook })).outcome).toBe("applied");
    expect(await storage.listEvents(scope, { kinds: ["effect_failed"], limit: 9 })).toHaveLength(1);
    expect(incidents).toHaveLength(1);
  });

  it("refuses a storage call inside a hook that does not go through its handle", async () => {
    const inside = run({ hook: doing(() => storage.findPayment(scope, { id: "payment-1" })) });
    await expect(inside).rejects.toMatchObject({ cause: expect.any(PaymeStorageError) });
  });

  it("lets work that a hook did not await use the storage later", async () => {
    let later: Promise<unknown> = Promise.resolve();
    await run({
      hook: doing(() => {
        later = new Promise((resolve) => setTimeout(resolve, 5)).then(() => storage.listEvents(scope, { limit: 1 }));
      }),
    });
    expect(await later).toHaveLength(1);
  });

  it.each([
    [1_000, []],
    [1_001, ["a hook took long, and held the transaction open"]],
  ])("a hook that runs for %i ms leaves the warnings %j", async (ms, warnings) => {
    await run({ hook: doing(() => (now += ms)) });
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      warnings.map((message) => ({ message, ms, transaction_id: "payme-1" })),
    );
  });

  it("tells what was given, and not what is put right, where there are no events", async () => {
    const closes = { kinds: ["effect_failed"] } as const;
    expect(await run({ closes, events: () => [] })).toMatchObject({ outcome: "applied" });
  });

  it("leaves an error that is no hook's as it was thrown, and records nothing", async () => {
    const mistake = new Error("not the hook's");
    await expect(run({ guard: () => Promise.reject(mistake) })).rejects.toBe(mistake);
    await expect(run({ hook: doing(() => {}), events: () => [mistakenEvent(mistake)] })).rejects.toBe(mistake);
    expect([incidents, lines]).toEqual([[], []]);
  });

  it("tells the caller of the hook that threw, also where its incident cannot be recorded", async () => {
    const keepEvidence = () => Promise.reject(new Error("the database is away"));
    const hook = doing(() => {
      throw new Error("no stock");
    });
    await expect(run({ hook, keepEvidence })).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    const line = lines.find((each) => each.includes("the incident could not be recorded"));
    expect(line).toMatch(/"errorId":"error-1".*the database is away/);
    expect(incidents).toEqual([]);
  });

  it("makes a message of each new incident where an outbox wants them, and of no closed one", async () => {
    const incident = { ...scope, kind: "paid_elsewhere", subject: "payment-1", paymeId: "payme-1", at: 1_000 } as const;
    const message = { ...scope, kind: "payme.incident", subject: "incident:2", paymeId: "payme-1", deliverAt: 1_000 };
    await storage.appendEvents([{ ...incident, kind: "effect_failed" }]);
    const events = () => [incident];
    const book = { storage, now: () => now, logger, incidentMessages: true };
    const changed = await commitChange(book, {
      ...scope,
      subject: "payment-1",
      paymeId: "payme-1",
      guard: (verbs) => verbs.changePayment(scope, "payment-1", { from: ["PENDING"], to: "FAILED", at: now }),
      events,
      closes: { kinds: ["effect_failed"] },
    });
    expect(changed.outcome).toBe("applied");
    expect(await storage.listEvents(scope, { limit: 9 })).toMatchObject([
      { kind: "effect_failed", resolvedBy: "payme-kit" },
      { kind: "paid_elsewhere", resolvedAt: null },
      { ...message, data: { incident: "paid_elsewhere", incidentId: 2 } },
    ]);
  });

  it("tells a listener of a slow hook and of one that threw", async () => {
    const told: unknown[] = [];
    const book = {
      storage,
      now: () => now,
      logger,
      newId: () => "error-1",
      onEvent: (event: unknown) => told.push(event),
    };
    const change = (hook: ReturnType<typeof doing>) =>
      commitChange(book, {
        ...scope,
        subject: "payment-1",
        paymeId: "payme-1",
        hook,
        guard: (verbs) => verbs.changePayment(scope, "payment-1", { from: ["PENDING"], to: "PAID", at: now }),
        events: () => [],
      });
    await expect(change(doing(() => Promise.reject(new Error("no stock"))))).rejects.toThrow();
    await change(doing(() => (now += 1_001)));
    expect(told).toMatchObject([
      { ...scope, kind: "hook.failed", errorId: "error-1", paymeId: "payme-1", at: 1_000 },
      { kind: "incident.opened", incident: "effect_failed" },
      { ...scope, kind: "hook.slow", ms: 1_001, paymeId: "payme-1", at: 2_001 },
    ]);
  });

  it("shows nobody the change while the hook waits", async () => {
    let seen: string | undefined;
    await run({
      hook: doing(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen = storage.published().table<PaymentRow>("payme_payment").filter()[0]?.status;
      }),
    });
    expect(seen).toBe("PENDING");
  });
});
