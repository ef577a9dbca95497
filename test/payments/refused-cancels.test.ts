import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { paymentRow } from "../ledger/rows";
import { createShop } from "./shop";

const amount = som(50_000);
const id = "payment-1";

type Shop = ReturnType<typeof createShop>;

describe("what an error of a refused call says", () => {
  it.each<[string, Parameters<typeof paymentRow>[0], (shop: Shop) => Promise<unknown>, object]>([
    [
      "a refund of what is unpaid",
      {},
      ({ payments }) => payments.refund(id),
      {
        code: "CONFLICT",
        message: "the payment is not paid: it is PENDING",
        hint: "Use cancel for what is unpaid. Where the payer says that it is paid, use check first.",
      },
    ],
    [
      "a cancel of what is paid",
      { status: "PAID", paidBy: "r1", paidSource: "receipt", paidAt: 1 },
      ({ payments }) => payments.cancel(id),
      {
        code: "CONFLICT",
        message: "the payment is paid: it is not cancelled, and no money is given back",
        hint: "Use refund where the money is to be given back.",
      },
    ],
    [
      "a refund of what a Merchant transaction paid",
      { status: "PAID", paidBy: "m1", paidSource: "merchant", paidAt: 1 },
      ({ payments }) => payments.refund(id),
      {
        code: "CONFLICT",
        message: "a payment made through the Merchant API is refunded in the Payme cabinet",
        hint: "Refund it there: Payme will then call CancelTransaction.",
      },
    ],
    [
      "a cancel of what is charged just now",
      { chargeUntil: Date.UTC(2100, 0, 1) },
      ({ payments }) => payments.cancel(id),
      {
        code: "CONFLICT",
        message: "the payment is being charged: nothing was changed",
        hint: "Try again in a few minutes. Then it is paid, or it can be cancelled.",
      },
    ],
  ])("%s", async (_name, row, call, error) => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), ...row }));
    await expect(call(shop)).rejects.toMatchObject(error);
    expect(shop.mock.exchanges).toEqual([]);
  });

  it("a cancel that Payme answers with an open receipt", async () => {
    const shop = createShop();
    const { id: open } = await shop.payments.create({ amount });
    shop.client.receipts.cancel = shop.client.receipts.get;
    await expect(shop.payments.cancel(open)).rejects.toMatchObject({
      code: "API_REFUSED",
      message: "Payme answered the cancel with state 0: the payment is not cancelled",
      responseData: { state: 0 },
    });
  });

  it("a cancel that Payme refuses for now", async () => {
    const shop = createShop();
    const { id: open } = await shop.payments.create({ amount });
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31002, message: "later", times: 1 });
    await expect(shop.payments.cancel(open)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      message: "receipts.cancel was refused with -31002: it may be carried out",
      hint: "The wish stands: reconcile goes on with it.",
    });
  });
});

describe("what an error of wrong options says", () => {
  const { register } = createShop().payments;
  const onPaid = () => true;

  it.each<[string, () => unknown, object]>([
    [
      "a bound that is none",
      () => createShop({ payments: { maxOpenPerUser: 0 } }),
      {
        message: "createPayments: maxOpenPerUser must be a whole number above 0",
        hint: "Infinity: no bound. Leave it out for the default, 20.",
      },
    ],
    [
      "a kind that is none",
      () => register("Gift card", { onPaid }),
      {
        message: '"Gift card" cannot be a kind of payments',
        hint: "Use small letters, digits and -, e.g. gift-card.",
      },
    ],
    [
      "a second fulfiller",
      () => register("order", { onPaid }),
      {
        message: "payments of the kind order have a fulfiller already",
        hint: "Give each kind one fulfiller. Another thing to sell is another kind: create({ kind, … }).",
      },
    ],
  ])("%s", (_name, call, error) => {
    expect(call).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", ...error }));
  });
});
