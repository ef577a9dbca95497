import { describe, expect, it } from "vitest";
import { PaymeValidationError } from "../../src/kit/errors";
import { failureOf, failureOfType, receiptId } from "./kit";
import { paymeInTurn, receipt, refusal, state } from "./payme-in-turn";

const token = "65a0c100a1b2c3d4e5f60718_Qm9ndXNUb2tlbkZvckRvY3M";
const HELD = receipt(5);

describe("a hold", () => {
  it("is said when the receipt is paid, as it was when it was made", async () => {
    const { client, paramsOf } = await paymeInTurn({ "receipts.check": [state(0)], "receipts.pay": [HELD] });
    expect(await client.hold({ receiptId, token })).toEqual({ status: "held", receiptId, state: 5 });
    expect(paramsOf("receipts.pay")).toEqual([{ id: receiptId, token, hold: true }]);
  });

  it("is paid at a cashbox that does not hold: the truth is in the state", async () => {
    const { client } = await paymeInTurn({ "receipts.check": [state(0)], "receipts.pay": [receipt(4)] });
    expect((await client.hold({ receiptId, token })).status).toBe("paid");
  });

  it("waits while the command to hold is on its way (6)", async () => {
    const { client } = await paymeInTurn({
      "receipts.pay": [receipt(6)],
      "receipts.check": [state(0), state(6), state(5)],
    });
    expect(await client.hold({ receiptId, token })).toEqual({ status: "held", receiptId, state: 5 });
  });
});

describe("capture takes held money", () => {
  it("and gives paid", async () => {
    const { client, paramsOf } = await paymeInTurn({ "receipts.confirm_hold": [receipt(4)] });
    expect(await client.capture(receiptId)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(paramsOf("receipts.confirm_hold")).toEqual([{ id: receiptId }]);
  });

  it("answer lost, and taken: paid", async () => {
    const { client, calls } = await paymeInTurn({
      "receipts.confirm_hold": ["cut"],
      "receipts.check": [state(5), state(4)],
    });
    expect(await client.capture(receiptId)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls.filter((method) => method === "receipts.confirm_hold")).toHaveLength(1);
  });

  it("answer lost, and still held: unknown, for the capture may be on its way", async () => {
    const { client } = await paymeInTurn({ "receipts.confirm_hold": ["cut"], "receipts.check": [state(5)] });
    expect(await client.capture(receiptId, { settleMs: 2_000 })).toMatchObject({ status: "unknown", state: 5 });
  });

  it("refused because it was taken before: paid", async () => {
    const { client } = await paymeInTurn({ "receipts.confirm_hold": [refusal(-31602)], "receipts.check": [state(4)] });
    expect((await client.capture(receiptId)).status).toBe("paid");
  });

  it("refused for good and still held: declined at once", async () => {
    const { client, waits } = await paymeInTurn({
      "receipts.confirm_hold": [refusal(-31601)],
      "receipts.check": [state(5)],
    });
    expect(await client.capture(receiptId)).toMatchObject({ status: "declined", receiptId, reason: "merchant" });
    expect(waits).toEqual([]);
  });

  it.each([-31002, -31622, -31602, -39999])("refused with %i and taken later: paid", async (code) => {
    const { client } = await paymeInTurn({
      "receipts.confirm_hold": [refusal(code)],
      "receipts.check": [state(5), state(5), state(4)],
    });
    expect(await client.capture(receiptId)).toEqual({ status: "paid", receiptId, state: 4 });
  });

  it("refused by a failure inside Payme and held to the end: unknown", async () => {
    const { client } = await paymeInTurn({ "receipts.confirm_hold": [refusal(-31002)], "receipts.check": [state(5)] });
    expect(await client.capture(receiptId)).toMatchObject({ status: "unknown", receiptId, state: 5 });
  });

  it("of a hold that was let go: cancelled", async () => {
    const { client } = await paymeInTurn({ "receipts.confirm_hold": [refusal(-31602)], "receipts.check": [state(50)] });
    expect((await client.capture(receiptId)).status).toBe("cancelled");
  });
});

describe("release gives held money back", () => {
  it("state 50 is cancelled", async () => {
    const { client, paramsOf } = await paymeInTurn({ "receipts.cancel": [receipt(50)] });
    expect(await client.release(receiptId)).toEqual({ status: "cancelled", receiptId, state: 50 });
    expect(paramsOf("receipts.cancel")).toEqual([{ id: receiptId }]);
  });

  it("state 21 is no end: it asks until 50", async () => {
    const { client } = await paymeInTurn({
      "receipts.cancel": [receipt(21)],
      "receipts.check": [state(21), state(50)],
    });
    expect(await client.release(receiptId)).toEqual({ status: "cancelled", receiptId, state: 50 });
  });

  it.each([
    [21, "pending"],
    [4, "pending"],
  ])("queued, and at %i when the time is over: never cancelled", async (value, _status) => {
    const { client } = await paymeInTurn({ "receipts.cancel": [receipt(21)], "receipts.check": [state(value)] });
    expect((await client.release(receiptId)).status).not.toBe("cancelled");
  });

  it("answer lost: asked until it is cancelled, never sent twice", async () => {
    const { client, calls } = await paymeInTurn({
      "receipts.cancel": ["cut"],
      "receipts.check": [state(5), state(50)],
    });
    expect((await client.release(receiptId)).status).toBe("cancelled");
    expect(calls).toEqual(["receipts.cancel", "receipts.check", "receipts.check"]);
  });

  it("refused for good, with the receipt still paid: declined", async () => {
    const { client } = await paymeInTurn({ "receipts.cancel": [refusal(-31601)], "receipts.check": [state(4)] });
    expect(await client.release(receiptId)).toMatchObject({ status: "declined", receiptId });
  });

  it.each([-32400, -31602, -31007])("refused with %i and let go later: cancelled", async (code) => {
    const { client } = await paymeInTurn({
      "receipts.cancel": [refusal(code)],
      "receipts.check": [state(5), state(21), state(50)],
    });
    expect(await client.release(receiptId)).toEqual({ status: "cancelled", receiptId, state: 50 });
  });

  it("refused by a failure inside Payme and paid to the end: unknown", async () => {
    const { client } = await paymeInTurn({ "receipts.cancel": [refusal(-32400)], "receipts.check": [state(4)] });
    expect(await client.release(receiptId)).toMatchObject({ status: "unknown", receiptId, state: 4 });
  });
});

describe("waitUntilPaid", () => {
  it.each([
    [4, "paid"],
    [5, "held"],
    [50, "cancelled"],
  ])("ends with state %i, with longer and longer pauses", async (value, status) => {
    const { client, waits } = await paymeInTurn({
      "receipts.check": [state(0), state(0), state(1), state(2), state(value)],
    });
    expect(await client.waitUntilPaid(receiptId)).toEqual({ status, receiptId, state: value });
    expect(waits).toEqual([1_000, 1_500, 2_250, 3_375]);
  });

  it("never pauses longer than it may, and ends in time", async () => {
    const { client, waits } = await paymeInTurn({ "receipts.check": [state(0)] });
    const options = { forMs: 60_000, firstPauseMs: 4_000, longestPauseMs: 10_000 };
    expect(await client.waitUntilPaid(receiptId, options)).toEqual({ status: "pending", receiptId, state: 0 });
    expect(waits).toEqual([4_000, 6_000, 9_000, 10_000, 10_000, 10_000, 10_000, 1_000]);
  });

  it("with no time asks once", async () => {
    const { client, calls, waits } = await paymeInTurn({ "receipts.check": [state(0)] });
    expect((await client.waitUntilPaid(receiptId, { forMs: 0 })).status).toBe("pending");
    expect([calls.length, waits.length]).toEqual([1, 0]);
  });

  it("asks on while Payme is away, and is unknown at the end", async () => {
    const { client } = await paymeInTurn({ "receipts.check": ["cut", refusal(-32400), state(4)] });
    expect((await client.waitUntilPaid(receiptId)).status).toBe("paid");
    const away = await paymeInTurn({ "receipts.check": ["cut"] });
    expect(await away.client.waitUntilPaid(receiptId, { forMs: 5_000 })).toMatchObject({
      status: "unknown",
      receiptId,
    });
  });

  it("a receipt that Payme does not know is unknown at once, with the refusal", async () => {
    const { client, waits } = await paymeInTurn({ "receipts.check": [refusal(-31602)] });
    expect(await client.waitUntilPaid(receiptId)).toMatchObject({ status: "unknown", error: { reason: "receipt" } });
    expect(waits).toEqual([]);
  });

  it("rejects with the reason of its signal", async () => {
    const page = new AbortController();
    const { client } = await paymeInTurn(
      { "receipts.check": [state(0)] },
      {
        async sleep(_ms, signal) {
          page.abort(new Error("gone"));
          signal?.throwIfAborted();
        },
      },
    );
    expect(String(await failureOf(client.waitUntilPaid(receiptId, { signal: page.signal })))).toContain("gone");
  });

  it.each(["", "a b"])("refuses %j as an id", async (id) => {
    const { client } = await paymeInTurn({});
    await failureOfType(PaymeValidationError, client.waitUntilPaid(id));
    await failureOfType(PaymeValidationError, client.capture(id));
    await failureOfType(PaymeValidationError, client.release(id));
  });
});
