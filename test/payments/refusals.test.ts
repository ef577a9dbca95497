import { describe, expect, it } from "vitest";
import { som, tiyin } from "../../src/kit/money";
import { paymentRow } from "../ledger/rows";
import { createShop } from "./shop";

const amount = som(50_000);
const order = { reference: "order:197", amount };
const charge = { ...order, token: "token" };

type Shop = ReturnType<typeof createShop>;

/** A shop without a client, whose payments are paid by a link. */
const linkOnly = { client: undefined, mode: "test", payUrl: () => "https://example.uz" } as const;

const made = async (shop: Shop) => (await shop.payments.create(order)).id;

/** The other payment of a reference, or of a user, that stands in the way. */
const again = async (shop: Shop, other: object) => {
  await shop.payments.create({ ...order, userId: "user-1" });
  return shop.payments.create({ ...order, userId: "user-1", ...other });
};

const closing = async (shop: Shop) => {
  const { receipts } = shop.client;
  const make = receipts.create;
  receipts.create = async (params) => {
    await shop.payments.cancel((await shop.payments.findByReference("order:197"))?.id ?? "");
    return make(params);
  };
  return shop.payments.create(order);
};

const joining = async (shop: Shop) => {
  await shop.storage.addPayment(paymentRow({ reference: "order:197", createdAt: shop.now() }));
  return shop.payments.create(order);
};

describe("what a refusal says", () => {
  it.each([
    [
      "of nothing to pay",
      {},
      (shop: Shop) => shop.payments.create({ amount: tiyin(0) }),
      {
        code: "VALIDATION_FAILED",
        message: "amount: a payment needs a whole number of tiyin above 0",
        hint: "Use som(50_000) or tiyin(5_000_000).",
      },
    ],
    [
      "of a kind that is none",
      {},
      (shop: Shop) => shop.payments.create({ amount, kind: "A b" }),
      { code: "VALIDATION_FAILED", message: 'kind: "A b" cannot be one', hint: "Use small letters, digits and -." },
    ],
    [
      "of nowhere to pay",
      { client: undefined, mode: "test" } as const,
      (shop: Shop) => shop.payments.create({ amount }),
      {
        code: "CONFIG_INVALID",
        message: "createPayments: without a client there is nowhere to send the payer",
        hint: "Pass client, or payUrl where payments are paid by a checkout link.",
      },
    ],
    [
      "of another amount for a reference",
      {},
      (shop: Shop) => again(shop, { amount: som(60_000) }),
      {
        code: "CONFLICT",
        message: 'reference "order:197": its payment has another amount',
        hint: "Cancel that payment first, or use another reference.",
      },
    ],
    [
      "of one payment too many",
      { maxOpenPerUser: 1 },
      (shop: Shop) => again(shop, { reference: "order:198" }),
      {
        code: "TOO_MANY_OPEN",
        message: "userId: this user has 1 open payments, and may have no more",
        hint: "One of them must be paid, cancelled or run out first. Another bound: createPayments({ maxOpenPerUser }).",
      },
    ],
    [
      "of a payment that was closed meanwhile",
      {},
      closing,
      { code: "CONFLICT", message: "the payment was closed while its receipt was being made" },
    ],
    [
      "of a payment that another call is making",
      {},
      joining,
      {
        code: "CONNECTION_FAILED",
        message: "another call is making this payment, and Payme has not answered it",
        hint: "Try again: the same reference never makes two open payments.",
      },
    ],
    [
      "of a release of what is not held",
      {},
      async (shop: Shop) => shop.payments.release(await made(shop)),
      {
        code: "CONFLICT",
        message: "no money is held for the payment: it is PENDING. Nothing was sent.",
        hint: "Make it with hold: true, and let the payer pay it or use charge({ hold: true }). Use cancel for what is unpaid.",
      },
    ],
    [
      "of a charge without a client",
      linkOnly,
      (shop: Shop) => shop.payments.charge(charge),
      { code: "CONFIG_INVALID", message: "createPayments: charge needs a client" },
    ],
    [
      "of a card for a payment without a client",
      linkOnly,
      async (shop: Shop) => shop.payments.pay(await made(shop), charge),
      { code: "CONFIG_INVALID", message: "createPayments: pay needs a client" },
    ],
  ])("%s", async (_title, payments, call, refusal) => {
    await expect(call(createShop({ payments }))).rejects.toMatchObject(refusal);
  });

  it("of one payment too many has a text for the payer in three languages", async () => {
    const shop = createShop({ payments: { maxOpenPerUser: 1 } });
    await expect(again(shop, { reference: "order:198" })).rejects.toMatchObject({
      texts: {
        ru: "У вас слишком много неоплаченных платежей. Оплатите один из них или попробуйте завтра",
        uz: "To‘lanmagan to‘lovlaringiz juda ko‘p. Ulardan birini to‘lang yoki ertaga urinib ko‘ring",
        en: "You have too many unpaid payments. Pay one of them, or try again tomorrow",
      },
    });
  });
});
