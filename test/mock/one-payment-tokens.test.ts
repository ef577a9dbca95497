import { describe, expect, it } from "vitest";
import { openBilling } from "./billing-kit";
import { createReceipt, openMock, verifiedToken } from "./kit";

describe("a token for one payment", () => {
  it("is gone once it has paid", async () => {
    const { mock, call } = openMock();
    const token = await verifiedToken(mock, { save: false });
    const { _id: id } = await createReceipt(mock);
    expect(await call("receipts.pay", { id, token })).toMatchObject({ result: { receipt: { state: 4 } } });
    expect(await call("cards.check", { token })).toMatchObject({ error: { code: -31400 } });
    expect(mock.cards()).toEqual([]);
  });

  it("pays one of two receipts that are paid at once, and both answers are right", async () => {
    const bench = openBilling();
    const token = await verifiedToken(bench.mock, { save: false });
    const ids = [(await bench.receipt())._id, (await bench.receipt({ account: { order_id: 2 } }))._id];
    const answers = await Promise.all(ids.map((id) => bench.call("receipts.pay", { id, token })));
    expect(answers).toMatchObject([{ result: { receipt: { state: 4 } } }, { error: { code: -31400 } }]);
    expect(bench.mock.receipts().map(({ state }) => state)).toEqual([4, 0]);
  });

  it("is there again where the merchant refuses, under each of its names", async () => {
    const bench = openBilling({ choices: { rotatesToken: true } });
    const old = await verifiedToken(bench.mock, { save: false });
    const { _id: refused } = await bench.receipt({ account: { order_id: 4711 } });
    expect(await bench.call("receipts.pay", { id: refused, token: old })).toMatchObject({ error: { code: -31050 } });
    expect(await bench.call("cards.check", { token: old })).toMatchObject({ result: { card: { verify: true } } });
    const { _id: id } = await bench.receipt();
    expect(await bench.call("receipts.pay", { id, token: old })).toMatchObject({ result: { receipt: { state: 4 } } });
  });
});
