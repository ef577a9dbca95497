import { describe, expect, it } from "vitest";
import { createPaymeClient } from "../../src/entry/client";
import { isPaymeError } from "../../src/kit/errors";
import { methods } from "../../src/testing/mock/methods";
import { cards, paidReceipt, receipts } from "../client/samples";
import { CALLS, callAlone } from "./calls";

const cancelled = { meta: { source: "subscribe", owner: "65a0b0000000000000000001", source_cancel: "subscribe" } };

/** The example answers of docs/protocol/subscribe-api.md, section 9, and what the client gives of each. */
const ANSWERS: Readonly<Record<string, readonly (readonly [result: unknown, given: unknown])[]>> = {
  "cards.create": [[{ card: cards.created }, cards.created]],
  "cards.get_verify_code": [
    [
      { sent: true, phone: "99891*****07", wait: 60_000 },
      { sent: true, phone: "99891*****07", wait: 60_000 },
    ],
  ],
  "cards.verify": [[{ card: cards.verified }, { verify: true }]],
  "cards.check": [[{ card: cards.verified }, { verify: true }]],
  "cards.remove": [[{ success: true }, { success: true }]],
  "receipts.create": [[{ receipt: receipts.created }, receipts.created]],
  "receipts.pay": [
    [{ receipt: paidReceipt }, { state: 4 }],
    [{ receipt: { ...paidReceipt, state: 5, pay_time: 0 } }, { state: 5, pay_time: 0 }],
  ],
  "receipts.confirm_hold": [[{ receipt: paidReceipt }, { state: 4 }]],
  "receipts.send": [[{ success: true }, { success: true }]],
  "receipts.cancel": [
    [{ receipt: { ...paidReceipt, ...cancelled, state: 21 } }, { state: 21, ...cancelled }],
    [{ receipt: { ...receipts.created, ...cancelled, state: 50, cancel_time: 1_705_034_300_512 } }, { state: 50 }],
  ],
  "receipts.check": [[{ state: 4 }, { state: 4 }]],
  "receipts.get": [[{ receipt: paidReceipt }, { state: 4 }]],
  "receipts.get_all": [[[receipts.listed], { receipts: [{ state: 4 }], unread: [] }]],
  "receipts.set_fiscal_data": [
    [{ success: true }, { success: true }],
    [{ receipt: { _id: "65a0c1d2e3f4a5b6c7d8e9f0", create_time: 1, pay_time: 2 } }, { success: true }],
  ],
};
const cases = Object.entries(ANSWERS).flatMap(([method, answers]) =>
  answers.map(([result, given]) => ({ method, result, given })),
);

/** A client that gets this text, whatever it asks. */
const hearing = (text: string) =>
  createPaymeClient({
    merchantId: "65a0b0000000000000000001",
    key: "key",
    retries: 0,
    fetch: async () => new Response(text),
  });

/** With members that nobody documented, at every depth. */
function withUnknownMembers(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withUnknownMembers);
  const members = Object.entries(value).map(([name, member]) => [name, withUnknownMembers(member)]);
  return { ...Object.fromEntries(members), new_in_2027: { deep: [1, null, "x"] }, cheque: null };
}

/** All that a receipt and a card may lack. */
const NEEDED = ["_id", "state", "amount", "token", "number", "expire", "recurrent", "verify", "sent", "phone", "wait"];
function onlyNeeded(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(onlyNeeded);
  const kept = Object.entries(value).filter(
    ([name]) => ["receipt", "card", "success"].includes(name) || NEEDED.includes(name),
  );
  return Object.fromEntries(kept.map(([name, member]) => [name, onlyNeeded(member)]));
}

describe("HTTP 503", () => {
  const client = createPaymeClient({
    merchantId: "65a0b0000000000000000001",
    key: "key",
    retries: 0,
    fetch: async () => new Response("<html>", { status: 503 }),
  });
  const isRead = (method: string) =>
    ["cards.check", "receipts.check", "receipts.get", "receipts.get_all"].includes(method);

  it.each(Object.keys(CALLS))(
    "to %s refuses nothing: a write is settled by asking, and the key is not blamed",
    async (method) => {
      const error = await callAlone(client, method).catch((thrown: unknown) => thrown);
      if (!isPaymeError(error)) throw new Error("expected a failure");
      expect(error.code).toBe(isRead(method) ? "CONNECTION_FAILED" : "OUTCOME_UNKNOWN");
      expect(error.hint ?? "").not.toMatch(/merchantId|key/);
      if (!isRead(method))
        expect(error).toMatchObject({
          method,
          settledBy: expect.stringMatching(/^(receipts|cards)\./),
          hint: expect.any(String),
        });
    },
  );
});

describe("every example answer", () => {
  it("is of a method of this table, and each method has one", () => {
    expect(Object.keys(ANSWERS).sort()).toEqual(Object.keys(CALLS).sort());
    expect(Object.keys(ANSWERS).sort()).toEqual([...methods.keys()].sort());
  });

  describe.each([
    ["the id of the call", { jsonrpc: "2.0", id: 1 }],
    ["an id of null", { jsonrpc: "2.0", id: null }],
    ["no id", { jsonrpc: "2.0" }],
    ["another id", { jsonrpc: "2.0", id: 9 }],
    ["an id that is text, and no version", { id: "abc" }],
    ["an error of null beside it", { id: 1, error: null }],
  ])("with %s", (_name, envelope) => {
    it.each(cases)("of $method is read", async ({ method, result, given }) => {
      const answer = await callAlone(hearing(JSON.stringify({ ...envelope, result })), method);
      expect(answer).toMatchObject(Object(given));
    });
  });

  it.each(cases)("of $method is read with members that nobody documented", async ({ method, result, given }) => {
    const client = hearing(JSON.stringify({ result: withUnknownMembers(result) }));
    expect(await callAlone(client, method)).toMatchObject(Object(given));
  });

  it.each(cases)("of $method is read without the members that may be missing", async ({ method, result, given }) => {
    const answer = await callAlone(hearing(JSON.stringify({ result: onlyNeeded(result) })), method);
    expect(answer).toMatchObject(Object(onlyNeeded(given)));
  });

  it.each(cases)("of $method without what decides is no answer", async ({ method }) => {
    // These say only that it was done, and a refusal would be an error.
    const isLoose = ["cards.get_verify_code", "cards.remove", "receipts.send", "receipts.set_fiscal_data"].includes(
      method,
    );
    const asked = callAlone(hearing(JSON.stringify({ result: { receipt: {}, card: {} } })), method);
    if (isLoose) expect(await asked).not.toBeInstanceOf(Error);
    else
      await expect(asked).rejects.toMatchObject({
        code: expect.stringMatching(/^(OUTCOME_UNKNOWN|CONNECTION_FAILED)$/),
      });
  });
});
