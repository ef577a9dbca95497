import { beforeEach, describe, expect, it } from "vitest";
import { type Incident, idsOf, paymentOf, stackOf, type Told, tellWritten } from "../../src/ledger/incident";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { scope } from "./rows";

describe("what was written is told after its commit", () => {
  let lines: [level: string, message: string, fields: unknown][] = [];
  let incidents: Incident[] = [];
  const at = (level: string) => (message: string, fields?: object) => lines.push([level, message, fields]);
  const told: Told = {
    logger: { info: at("info"), warn: at("warn"), error: at("error") },
    now: () => 9,
    onIncident: (incident) => incidents.push(incident),
    subjectsArePayments: true,
  };
  const event = {
    ...scope,
    kind: "paid_elsewhere",
    subject: "payment-1",
    paymeId: "payme-1",
    at: 1,
    data: { amount: 5 },
  };
  const ids = { kind: "paid_elsewhere", payment_id: "payment-1", transaction_id: "payme-1" };

  beforeEach(() => {
    [lines, incidents] = [[], []];
  });

  it("an incident to the log and to onIncident", async () => {
    tellWritten(told, await memoryStorage().appendEvents([event]));
    expect(lines).toEqual([["error", "incident: paid_elsewhere", ids]]);
    expect(incidents).toEqual([event]);
  });

  it("one that was closed to the log only, with who closed it and without the note", async () => {
    const storage = memoryStorage();
    await storage.appendEvents([event]);
    const closing = { ...scope, subject: "payment-1", paymeId: "payme-1", by: "ali", note: "private", at: 2 };
    tellWritten(told, await storage.appendEvents([], { ...closing, kinds: ["paid_elsewhere"] }));
    expect(lines).toEqual([["info", "incident closed: paid_elsewhere", { ...ids, by: "ali" }]]);
    expect(incidents).toEqual([]);
  });

  it("a story, and an incident of no Payme id, to neither", async () => {
    const other = [
      { ...event, kind: "payment.paid" },
      { ...event, paymeId: null },
    ];
    tellWritten(told, await memoryStorage().appendEvents(other));
    expect([lines, incidents]).toEqual([[], []]);
  });

  it("an onIncident that throws is logged, and the next incident is told", async () => {
    const failing: Told = {
      ...told,
      onIncident(incident) {
        incidents.push(incident);
        throw new Error("no network");
      },
    };
    tellWritten(failing, await memoryStorage().appendEvents([event, { ...event, paymeId: "payme-2" }]));
    expect(incidents.map(({ paymeId }) => paymeId)).toEqual(["payme-1", "payme-2"]);
    const thrown = lines.filter(([, message]) => message === "onIncident threw");
    expect(thrown).toHaveLength(2);
    expect(thrown[0]?.[2]).toEqual({ stack: expect.stringContaining("no network") });
  });

  it("nobody need listen", async () => {
    tellWritten({ ...told, onIncident: undefined }, await memoryStorage().appendEvents([event]));
    expect(lines).toHaveLength(1);
  });
});

describe("the payment that is named in the log", () => {
  it.each([
    [true, "payment-1", "payment-1"],
    // Where no payment is known, the subject is Payme's id.
    [true, "payme-1", undefined],
    // A shop's own reference may be a phone number.
    [false, "payment-1", undefined],
    [undefined, "payment-1", undefined],
  ])("subjectsArePayments %s, subject %s: %s", (subjectsArePayments, subject, payment) => {
    const told: Told = { logger: console, now: () => 1, subjectsArePayments };
    expect(paymentOf(told, { subject, paymeId: "payme-1" })).toBe(payment);
    expect(idsOf(told, { subject, paymeId: "payme-1" })).toEqual({ payment_id: payment, transaction_id: "payme-1" });
  });
});

it("a thrown value is logged with where it came from, or as its text", () => {
  const error = new Error("gone");
  expect(stackOf(error)).toMatch(/Error: gone\n +at /);
  delete error.stack;
  expect(stackOf(error)).toBe("gone");
  expect(stackOf("a word")).toBe("a word");
});
