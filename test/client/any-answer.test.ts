import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPaymeError } from "../../src/kit/errors";
import { clientAt, connect, failureOf, read, receiptId, write } from "./kit";
import { answeringText } from "./scripted-server";

/** A client whose server answers each call with this text. */
function clientHearing(text: string) {
  return clientAt("http://127.0.0.1:1", { fetch: async () => new Response(text), retries: 0 });
}

const receiptLike = fc.record(
  {
    _id: fc.oneof(fc.string(), fc.jsonValue()),
    state: fc.oneof(fc.integer(), fc.jsonValue()),
    amount: fc.oneof(fc.nat(), fc.jsonValue()),
    card: fc.oneof(fc.record({ number: fc.oneof(fc.string(), fc.jsonValue()) }), fc.jsonValue()),
    account: fc.oneof(fc.array(fc.record({ name: fc.string(), value: fc.jsonValue() })), fc.jsonValue()),
    pay_time: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const answer = fc.oneof(
  fc.jsonValue(),
  fc.record({ result: fc.jsonValue(), error: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({ result: fc.record({ receipt: receiptLike, state: fc.jsonValue() }) }),
  fc.record({ error: fc.record({ code: fc.jsonValue(), message: fc.jsonValue(), data: fc.jsonValue() }) }),
);

describe("whatever is answered", () => {
  it("ends in a receipt with id, state and amount, or in an error of ours", async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (json) => {
        const client = clientHearing(JSON.stringify(json));
        const receipt = await write(client).catch((error: unknown) => {
          if (!isPaymeError(error)) throw error;
          return undefined;
        });
        if (receipt === undefined) return;
        expect(typeof receipt._id).toBe("string");
        expect(Number.isSafeInteger(receipt.state)).toBe(true);
        expect(Number.isSafeInteger(receipt.amount)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("a million nested arrays neither overflow the stack nor take long", async () => {
    const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
    const { client } = await connect(answeringText(`{"result":{"receipt":${deep}}}`), { onExchange: () => {} });
    expect(isPaymeError(await failureOf(write(client)))).toBe(true);
    const echoed = await connect(answeringText(`{"error":{"code":-1,"data":${deep}}}`), { onExchange: () => {} });
    expect(isPaymeError(await failureOf(read(echoed.client)))).toBe(true);
  });

  it("a member named __proto__ changes no prototype", async () => {
    const receipt = `{"_id":"${receiptId}","state":0,"amount":1,"__proto__":{"polluted":true}}`;
    const answered = await clientHearing(`{"result":{"receipt":${receipt}}}`).receipts.get(receiptId);
    expect(Object.getPrototypeOf(answered)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });

  it("a member that was not answered is not there, not even as undefined", async () => {
    const client = clientHearing(`{"result":{"receipt":{"_id":"${receiptId}","state":0,"amount":1}}}`);
    expect(Object.keys(await client.receipts.get(receiptId))).toEqual(["_id", "state", "amount"]);
  });
});
