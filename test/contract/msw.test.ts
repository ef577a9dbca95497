import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createPaymeClient } from "../../src/entry/client";
import { createCardClient } from "../../src/entry/client/browser";
import { som } from "../../src/kit/money";
import { mockPaymeHandlers } from "../../src/testing/msw";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { API_CARD } from "../mock/kit";

const mock = createMockPayme();
const server = setupServer(...mockPaymeHandlers(mock));
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => mock.reset());
afterAll(() => server.close());

const { merchantId, key } = mock;

async function verifiedCard(): Promise<string> {
  const page = createCardClient({ merchantId, mode: "test" });
  const { token } = await page.create({ ...API_CARD, save: true });
  await page.getVerifyCode(token);
  return (await page.verify({ token, code: "666666" })).token;
}

describe("through MSW, at Payme's own address, with the global fetch", () => {
  it.each(["key", "signature"] as const)(
    "a card is verified, charged, held, captured and removed (%s)",
    async (auth) => {
      const client = createPaymeClient({ merchantId, key, auth, mode: "test", sleep: async () => {} });
      const token = await verifiedCard();
      const receiptOf = async (hold: boolean) =>
        (await client.receipts.create({ amount: som(50_000), account: { order_id: 197 }, hold }))._id;
      expect(await client.pay({ receiptId: await receiptOf(false), token })).toMatchObject({ status: "paid" });
      const held = await client.hold({ receiptId: await receiptOf(true), token });
      expect(held.status).toBe("held");
      expect(await client.capture(held.receiptId)).toMatchObject({ status: "paid" });
      expect(await client.cards.remove(token)).toEqual({ success: true });
      const declined = await client.pay({ receiptId: await receiptOf(false), token });
      expect(declined).toMatchObject({ status: "declined", reason: "card" });
      expect(mock.cashboxes[0]?.money).toEqual({ held: 0, taken: 10_000_000, returned: 0 });
    },
  );

  it("a charge whose answer is lost is settled: the money is taken once", async () => {
    const client = createPaymeClient({ merchantId, key, mode: "test", sleep: async () => {} });
    const token = await verifiedCard();
    mock.faults.add({ method: "receipts.pay", kind: "drop_after", times: 1 });
    const { _id: receiptId } = await client.receipts.create({ amount: som(50_000), account: { order_id: 197 } });
    expect(await client.pay({ receiptId, token })).toMatchObject({ status: "paid", state: 4 });
    expect(mock.movements.map(({ kind }) => kind)).toEqual(["take"]);
  });
});
