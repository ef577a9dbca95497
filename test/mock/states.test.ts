import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CARD, createReceipt, openMock, verifiedToken } from "./kit";

/** Section 3 of the protocol, without holds: from a state to those that may be seen next; 21 after 0 where both were done at once. */
const NEXT: Readonly<Record<number, readonly number[]>> = {
  0: [0, 4, 21, 50],
  4: [4, 21, 50],
  21: [21, 50],
  50: [50],
};

type Bench = ReturnType<typeof openMock> & { token: string };
type Step = (bench: Bench, id: string) => Promise<unknown> | unknown;

const steps: Readonly<Record<string, Step>> = {
  payOnPage: ({ mock }, id) => mock.pay(id, { card: CARD }),
  payByToken: ({ call, token }, id) => call("receipts.pay", { id, token }),
  payTwiceAtOnce: ({ mock, call, token }, id) =>
    Promise.all([mock.pay(id, { card: CARD }), call("receipts.pay", { id, token })]),
  cancelByCall: ({ call }, id) => call("receipts.cancel", { id }),
  cancelInCabinet: ({ mock }, id) => mock.cancel(id),
  payAndCancelAtOnce: ({ mock }, id) => Promise.all([mock.pay(id, { card: CARD }), mock.cancel(id)]),
  waitLittle: ({ pass }) => pass(20_000),
  waitLong: ({ pass }) => pass(60_000),
  loseAnswer: ({ mock }) => mock.faults.add({ kind: "drop_after", times: 1 }),
};

/** A step whose answer may be lost. */
async function take(step: string, bench: Bench, id: string): Promise<void> {
  await Promise.resolve(steps[step]?.(bench, id)).catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
  });
}

describe("states, whatever is done in whatever order", () => {
  it("move along the arrows; a receipt is paid at most once; its times do not run back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(1)), { maxLength: 30 }),
        async (run) => {
          const opened = openMock({ cancelDelayMs: 60_000 });
          const bench: Bench = { ...opened, token: await verifiedToken(opened.mock) };
          const ids = [(await createReceipt(bench.mock))._id, (await createReceipt(bench.mock))._id];
          for (const [step, which] of run) {
            const before = bench.mock.receipts();
            await take(step, bench, ids[which] ?? "");
            bench.mock.receipts().forEach((after, index) => {
              const was = before[index];
              expect(NEXT[was?.state ?? -1]).toContain(after.state);
              if (was?.pay_time !== 0) expect(after.pay_time).toBe(was?.pay_time);
              if (was?.cancel_time !== 0) expect(after.cancel_time).toBe(was?.cancel_time);
              expect(after.pay_time === 0).toBe(after.card === null);
              if (after.state === 4 || after.state === 21) expect(after.pay_time).toBeGreaterThan(0);
              if (after.cancel_time > 0) expect(after.cancel_time).toBeGreaterThanOrEqual(after.pay_time);
              expect(after.amount).toBe(was?.amount);
            });
          }
          for (const id of ids) {
            const told = bench.mock.notifications
              .filter(({ receiptId }) => receiptId === id)
              .map(({ method }) => method);
            const isPaid = bench.mock.receipt(id)?.pay_time !== 0;
            expect(told.filter((method) => method === "receipts.pay")).toHaveLength(isPaid ? 1 : 0);
            expect(told.filter((method) => method === "receipts.cancel").length).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("20 attempts to pay at once: one pays", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    const token = await verifiedToken(mock);
    const page = Array.from({ length: 10 }, () => mock.pay(id, { card: CARD }));
    const api = Array.from({ length: 10 }, () => call("receipts.pay", { id, token }));
    const paid = (await Promise.all(page)).filter(({ outcome }) => outcome === "paid").length;
    const answered = (await Promise.all(api)).filter((answer) => "result" in answer).length;
    expect(paid + answered).toBe(1);
    expect(mock.notifications).toHaveLength(1);
  });
});
