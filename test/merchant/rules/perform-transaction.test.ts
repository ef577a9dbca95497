import { expect, it } from "vitest";
import { fetchMerchant } from "../../../src/entry/fetch";
import { som } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, paid, reserved } from "./on-each-storage";

onEachStorage("PerformTransaction", (open) => {
  it.each([
    ["an unknown transaction", { id: "x" }, refusal(-31003)],
    ["no id", {}, refusal(-32600, "id")],
    ["an id that is a number", { id: 5 }, refusal(-32600, "id")],
  ])("refuses %s", async (_name, params, expected) => {
    const shop = await open();
    expect(await shop.twice("PerformTransaction", params)).toEqual(expected);
  });

  it("refuses a cancelled transaction with -31008, a refunded one too", async () => {
    const shop = await reserved(await open());
    await shop.call("CancelTransaction", { id: "a", reason: 3 });
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.order()).toMatchObject({ status: "new", fulfilled: 0 });
    const refunded = await paid(await open());
    await refunded.call("CancelTransaction", { id: "a", reason: 5 });
    expect(await refunded.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await refunded.order()).toMatchObject({ status: "refunded", fulfilled: 1, takenBack: 1 });
  });

  it("fulfils once, and answers a repeat later with the same bytes", async () => {
    const shop = await reserved(await open());
    shop.pass(60_000);
    const performed = await shop.twice("PerformTransaction", { id: "a" });
    expect(performed).toEqual({ result: { transaction: "our-1", perform_time: shop.now(), state: 2 }, id: 7 });
    shop.pass(13 * HOUR);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(performed);
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
  });

  it("is the only call that fulfils: neither a payer who comes back nor any other call means paid", async () => {
    const shop = await reserved(await open());
    const returned = await fetchMerchant(shop.merchant)(
      new Request("https://shop.example/payme?transaction=a&state=2"),
    );
    expect(await returned.json()).toMatchObject({ error: { code: -32300 } });
    await shop.twice("CheckPerformTransaction", shop.create("a"));
    await shop.twice("CreateTransaction", shop.create("a"));
    await shop.twice("CheckTransaction", { id: "a" });
    await shop.twice("GetStatement", { from: 0, to: shop.now() });
    const fiscal_data = { status_code: 0, message: "accepted" };
    await shop.twice("SetFiscalData", { id: "a", type: "PERFORM", fiscal_data });
    expect(await shop.order()).toMatchObject({ status: "reserved", fulfilled: 0 });
    await shop.twice("PerformTransaction", { id: "a" });
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
  });

  it("fulfils once for 16 at once, which all get the same bytes", async () => {
    const shop = await reserved(await open());
    const answers = await Promise.all(Array.from({ length: 16 }, () => shop.send("PerformTransaction", { id: "a" })));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"state":2');
    expect(await shop.order()).toMatchObject({ fulfilled: 1 });
  });

  it("tells the hook what was paid: Payme's id, the account typed, the amount, the times, that it is real money", async () => {
    const seen: unknown[] = [];
    const shop = await open({ onPaid: (transaction) => seen.push(transaction) > 0 });
    await shop.call("CreateTransaction", shop.create("a", { account: { order_id: "1" } }));
    shop.pass(1_000);
    await shop.call("PerformTransaction", { id: "a" });
    expect(seen).toEqual([
      {
        id: "a",
        account: { order_id: 1 },
        amount: 5_000_000,
        reference: 1,
        test: false,
        time: shop.now() - 1_000,
        performTime: shop.now(),
        cancelTime: 0,
        reason: null,
      },
    ]);
  });

  it("answers -31008 when the hook answers false; the transaction is as it was, and one incident tells a person", async () => {
    const shop = await reserved(await open({ onPaid: async () => false }));
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1, perform_time: 0 } });
    const scope = { cashbox: "default", mode: "live" } as const;
    expect(await shop.storage.listEvents(scope, { kinds: ["paid_elsewhere"], limit: 9 })).toMatchObject([
      { subject: "1", paymeId: "a", data: { money: "refused", amount: 5_000_000, source: "merchant" } },
    ]);
  });

  it("refuses a second transaction for a paid order, whatever the shop says", async () => {
    const shop = await paid(await open({ find: ({ order_id }) => ({ reference: order_id, amount: som(50_000) }) }));
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      expect(await shop.twice(method, shop.create("b"))).toEqual(refusal(-31099, "order_id"));
    }
    shop.pass(400 * 24 * HOUR);
    expect(await shop.twice("CreateTransaction", shop.create("c"))).toEqual(refusal(-31099, "order_id"));
  });
});
