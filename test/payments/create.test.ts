import { describe, expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import {
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";
import { accountValue } from "../../src/protocol/receipt";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { paymentRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const order = { reference: "order:197", amount: som(50_000), description: "Order 197" };

/** Payme makes two receipts, and the payment gets the first one while it waits for the second. */
function makeTwo(shop: ReturnType<typeof createShop>): void {
  const { create } = shop.client.receipts;
  shop.client.receipts.create = async (params) => {
    const [first, second] = [await create(params), await create(params)];
    const report = { paymeId: first._id, amount: order.amount, paidAt: shop.now(), source: "gateway" } as const;
    await shop.payments.recordPaid(report);
    return second;
  };
}

describe("create", () => {
  it("refuses an amount of nothing before anything is written or sent", async () => {
    const shop = createShop();
    await expect(shop.payments.create({ amount: tiyin(0) })).rejects.toBeInstanceOf(PaymeValidationError);
    expect(shop.mock.receipts()).toEqual([]);
    expect((await shop.payments.statistics()).total).toBe(0);
  });

  it("gives a receipt and where to pay it", async () => {
    const shop = createShop();
    const created = await shop.payments.create(order);
    const receipt = await shop.client.receipts.get(created.transactionId ?? "");
    expect(receipt).toMatchObject({ amount: 5_000_000, state: 0 });
    expect(created.payUrl).toBe(shop.client.receiptUrl(receipt));
    expect(created.chequeId).toBe(receipt._id);
    expect(created).toMatchObject({ reused: false, payment: { status: "PENDING", reference: "order:197" } });
    expect(await shop.story(created.id)).toEqual(["payment.created"]);
  });

  it("keeps the cheque id where Payme's receipt has one, as text", async () => {
    const shop = createShop();
    const { receipts } = shop.client;
    const make = receipts.create;
    receipts.create = async (params) => ({ ...(await make(params)), cheque_id: 4417 });
    const created = await shop.payments.create(order);
    expect(created.chequeId).toBe("4417");
    expect(await shop.payments.find(created.id)).toMatchObject({ chequeId: "4417" });
  });

  it("puts our payment id into the account and at the end of the description", async () => {
    const shop = createShop();
    const created = await shop.payments.create(order);
    const receipt = await shop.client.receipts.get(created.transactionId ?? "");
    expect(accountValue(receipt, "order_id")).toBe(created.id);
    expect(receipt.description).toBe(`Order 197 ${created.id}`);
  });

  it("is one payment for a double click, twenty times at once", async () => {
    const shop = createShop();
    const all = await Promise.all(Array.from({ length: 20 }, () => shop.payments.create(order)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(new Set(all.map(({ payUrl }) => payUrl)).size).toBe(1);
    expect(all.filter(({ reused }) => !reused)).toHaveLength(1);
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it("gives a second caller no pay link where the payment is closed while the first makes its receipt", async () => {
    const shop = createShop();
    const { receipts } = shop.client;
    const make = receipts.create;
    let second: Promise<unknown> = Promise.resolve();
    receipts.create = async (params) => {
      second = shop.payments.create(order);
      second.catch(() => {});
      const receipt = await make(params);
      await shop.payments.cancel((await shop.payments.findByReference("order:197"))?.id ?? "");
      return receipt;
    };
    await expect(shop.payments.create(order)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(second).rejects.toMatchObject({ code: "CONFLICT" });
    // The row has the link of the cancelled receipt: it is the status that counts.
    expect(await shop.payments.findByReference("order:197")).toMatchObject({ payUrl: expect.stringContaining("http") });
  });

  it("refuses the same reference with another amount while the first is open", async () => {
    const shop = createShop();
    const first = await shop.payments.create(order);
    const other = shop.payments.create({ ...order, amount: som(60_000) });
    await expect(other).rejects.toMatchObject({ name: "PaymeValidationError", code: "CONFLICT" });
    await shop.payments.cancel(first.id);
    expect((await shop.payments.create({ ...order, amount: som(60_000) })).reused).toBe(false);
  });

  it("makes room for a new payment once the open one is older than referenceTtlMs", async () => {
    const shop = createShop();
    const first = await shop.payments.create({ ...order, referenceTtlMs: 600_000 });
    shop.pass(600_000);
    expect((await shop.payments.create({ ...order, referenceTtlMs: 600_000 })).id).toBe(first.id);
    shop.pass(1);
    expect((await shop.payments.create({ ...order, referenceTtlMs: 600_000 })).id).not.toBe(first.id);
  });

  it("answers a paid reference with its payment where `once` is set, and makes a new one where it is not", async () => {
    const shop = createShop();
    const first = await shop.payments.create({ ...order, once: true });
    await shop.payments.recordPaid({
      paymeId: first.transactionId ?? "",
      amount: order.amount,
      paidAt: shop.now(),
      source: "gateway",
    });
    const again = await shop.payments.create({ ...order, amount: som(60_000), once: true });
    expect(again).toMatchObject({ id: first.id, reused: true, payment: { status: "PAID" } });
    await shop.payments.refund(first.id);
    expect(await shop.payments.create({ ...order, once: true })).toMatchObject({ id: first.id, reused: true });
    expect((await shop.payments.create(order)).id).not.toBe(first.id);
  });

  it("leaves a refused creation FAILED with Payme's code and text", async () => {
    const shop = createShop();
    shop.mock.faults.add({
      method: "receipts.create",
      kind: "rpc_error",
      code: -31611,
      message: "Сумма мала",
      times: 1,
    });
    await expect(shop.payments.create(order)).rejects.toBeInstanceOf(PaymeAPIError);
    const failed = await shop.payments.findByReference("order:197");
    expect(failed).toMatchObject({
      status: "FAILED",
      errorCode: "-31611",
      errorMessage: "Сумма мала",
      nextCheckAt: null,
    });
    expect(await shop.story(failed?.id ?? "")).toEqual(["payment.created", "payment.failed"]);
    expect((await shop.payments.create(order)).reused).toBe(false);
  });

  it("leaves an unanswered creation FAILED with outcome_unknown, to be looked for", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    const lost = shop.payments.create(order);
    await expect(lost).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
    await expect(lost).rejects.toMatchObject({ settledBy: "receipts.get_all" });
    const failed = await shop.payments.findByReference("order:197");
    expect(failed).toMatchObject({ status: "FAILED", errorCode: "outcome_unknown", transactionId: null });
    expect(failed?.nextCheckAt).toBeGreaterThan(shop.now());
  });

  it("never repeats a creation by itself", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after" });
    await expect(shop.payments.create(order)).rejects.toThrow();
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it("takes over from a process that died before it asked Payme", async () => {
    const shop = createShop();
    const abandoned = paymentRow({ id: "abandoned", reference: "order:197", createdAt: shop.now() });
    await shop.storage.addPayment(abandoned);
    shop.pass(120_000);
    const created = await shop.payments.create(order);
    expect(created).toMatchObject({ reused: false, payment: { status: "PENDING" } });
    expect(await shop.payments.find("abandoned")).toMatchObject({
      status: "FAILED",
      errorCode: "outcome_unknown",
      errorMessage: "the call that was making this payment did not finish",
    });
  });

  it("takes over from a process that died before it kept Payme's answer, with the same receipt", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ id: "abandoned", reference: "order:197", createdAt: shop.now() }));
    const receipt = await shop.client.receipts.create({ amount: order.amount, account: { order_id: "abandoned" } });
    shop.pass(120_000);
    expect(await shop.payments.create(order)).toMatchObject({
      id: "abandoned",
      transactionId: receipt._id,
      chequeId: receipt._id,
      payUrl: shop.client.receiptUrl(receipt),
      reused: true,
    });
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it("takes over twice at once, and it is one payment with the receipt that was found", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ id: "abandoned", reference: "order:197", createdAt: shop.now() }));
    const { _id } = await shop.client.receipts.create({ amount: order.amount, account: { order_id: "abandoned" } });
    shop.pass(120_000);
    const both = await Promise.all([shop.payments.create(order), shop.payments.create(order)]);
    const found = { id: "abandoned", transactionId: _id, reused: true, payment: { status: "PENDING" } };
    expect(both).toMatchObject([found, found]);
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it.each([-9, 9])(
    "finds the receipt of the process that died where Payme's clock is %i minutes ahead",
    async (ahead) => {
      const start = createShop().now();
      const shop = createShop({ mock: { now: () => start + ahead * 60_000 } });
      await shop.storage.addPayment(paymentRow({ id: "abandoned", reference: "order:197", createdAt: start }));
      await shop.client.receipts.create({ amount: order.amount, account: { order_id: "abandoned" } });
      shop.pass(120_000);
      expect(await shop.payments.create(order)).toMatchObject({ id: "abandoned", reused: true });
    },
  );

  it.each(["gateway", "receipt", "merchant"] as const)(
    "gives an empty link for what was paid by %s and never had a page",
    async (paidSource) => {
      const shop = createShop();
      const paid = { status: "PAID", paidAt: shop.now(), paidBy: "elsewhere", paidSource } as const;
      await shop.storage.addPayment(paymentRow({ reference: "order:197", amount: order.amount, ...paid }));
      const again = await shop.payments.create({ ...order, once: true });
      expect(again).toMatchObject({ id: "payment-1", payUrl: "", transactionId: null, chequeId: null, reused: true });
      expect(shop.mock.receipts()).toHaveLength(0);
    },
  );

  it("and looks on for the receipt of the process that died, where Payme lists it only later", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ id: "abandoned", reference: "order:197", createdAt: shop.now() }));
    const receipt = await shop.client.receipts.create({ amount: order.amount, account: { order_id: "abandoned" } });
    const { receipts } = shop.client;
    const list = receipts.getAll;
    receipts.getAll = async () => ({ receipts: [], unread: [] });
    shop.pass(120_000);
    const created = await shop.payments.create(order);
    expect(created).toMatchObject({ reused: false });
    receipts.getAll = list;
    await shop.mock.pay(receipt._id, { card });
    shop.pass(60_000);
    await shop.payments.reconcile();
    const found = { status: "PAID", transactionId: receipt._id, paidBy: receipt._id };
    expect(await shop.payments.find("abandoned")).toMatchObject(found);
    expect(shop.delivery("abandoned")).toMatchObject({ delivered: 1 });
    expect(await shop.payments.find(created.id)).toMatchObject({ status: "PENDING" });
  });

  it("without a client gives the link that payUrl makes, and without either says what is missing", async () => {
    const storage = memoryStorage();
    const linked = createPayments({ storage, payUrl: ({ id }) => `https://checkout.paycom.uz/${id}` });
    const created = await linked.create(order);
    expect(created).toMatchObject({ transactionId: null, payUrl: `https://checkout.paycom.uz/${created.id}` });
    await expect(createPayments({ storage }).create(order)).rejects.toBeInstanceOf(PaymeConfigError);
  });

  it("notes a creation once, with no user where none is given; the description is then our payment id", async () => {
    const shop = createShop();
    const wanted = { reference: "order:1", amount: order.amount };
    const { id, payment, transactionId } = await shop.payments.create(wanted);
    expect(payment).toMatchObject({ userId: "" });
    expect(await shop.client.receipts.get(transactionId ?? "")).toMatchObject({ description: id });
    expect(await shop.payments.create(wanted)).toMatchObject({ id, reused: true });
    expect(await shop.story(id)).toEqual(["payment.created"]);
  });

  it("rounds no amount where the cashbox does not, and lets no wrong one through where it does", async () => {
    const plain = createShop();
    expect(await plain.payments.create({ amount: tiyin(150) })).toMatchObject({ payment: { amount: 150 } });
    const rounding = createShop({ payments: { roundsToSom: true } });
    expect(await rounding.payments.create({ amount: tiyin(150) })).toMatchObject({ payment: { amount: 200 } });
    const wrong = JSON.parse('{ "amount": 1.5 }');
    await expect(rounding.payments.create(wrong)).rejects.toThrow(/whole number of tiyin/);
  });

  it("refuses an empty reference: it would be the same payment for everything", async () => {
    await expect(createShop().payments.create({ ...order, reference: "" })).rejects.toThrow(/give it a text/);
  });

  it.each([
    ["kind", { kind: "gift" }],
    ["amount", { amount: som(60_000) }],
    ["hold", { hold: true }],
  ])("says that the payment of the reference has another %s", async (other, change) => {
    const shop = createShop();
    await shop.payments.create(order);
    await expect(shop.payments.create({ ...order, ...change })).rejects.toThrow(`has another ${other}`);
  });

  it("says so where the storage fails, and asks Payme for nothing", async () => {
    const shop = createShop();
    shop.storage.transaction = async () => {
      throw new Error("the database is gone");
    };
    await expect(shop.payments.create(order)).rejects.toThrow("the database is gone");
    expect(shop.mock.receipts()).toEqual([]);
  });

  it("is looked for a minute later where it died while Payme was asked", async () => {
    const shop = createShop();
    let during: unknown;
    const { create } = shop.client.receipts;
    shop.client.receipts.create = async (params) => {
      during = await shop.payments.findByReference("order:197");
      return create(params);
    };
    await shop.payments.create(order);
    expect(during).toMatchObject({ nextCheckAt: shop.now() + 60_000, payUrl: null });
  });

  it("cancels its receipt where the payment got another one meanwhile", async () => {
    const shop = createShop();
    makeTwo(shop);
    const { transactionId } = await shop.payments.create(order);
    const [first, second] = shop.mock.receipts();
    expect(transactionId).toBe(first?._id);
    expect(second?.state).toBe(50);
  });

  it.each([
    ["Payme refused", new PaymeAPIError("no"), "API_REFUSED"],
    ["the client broke", new Error("a bug"), null],
  ])("and where that cannot be cancelled goes on, and the log has it: %s", async (_why, error, code) => {
    const shop = createShop();
    makeTwo(shop);
    shop.client.receipts.cancel = async () => {
      throw error;
    };
    const { transactionId } = await shop.payments.create(order);
    const [first, second] = shop.mock.receipts();
    expect(transactionId).toBe(first?._id);
    expect(shop.lines.map((line) => JSON.parse(line))).toContainEqual({
      message: "a superfluous receipt could not be cancelled",
      transaction_id: second?._id,
      code,
    });
  });

  it("takes no second receipt that carries the id of a payment with a receipt", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create(order);
    const second = await shop.client.receipts.create({ amount: order.amount, account: { order_id: id } });
    const report = { paymeId: second._id, amount: order.amount, paidAt: shop.now(), source: "gateway" } as const;
    expect(await shop.payments.recordPaid(report)).toMatchObject({ incident: "unknown_transaction" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", transactionId });
  });

  it.each([
    ["not_reached", new PaymeConnectionError("refused")],
    ["VALIDATION_FAILED", new PaymeValidationError("wrong")],
    ["error", new Error("a bug")],
  ])("that sent nothing is FAILED with %s, noted once, and nothing is looked for", async (errorCode, error) => {
    const shop = createShop();
    shop.client.receipts.create = async () => {
      throw error;
    };
    await expect(shop.payments.create(order)).rejects.toBe(error);
    const failed = await shop.payments.findByReference("order:197");
    expect(failed).toMatchObject({ status: "FAILED", errorCode, nextCheckAt: null });
    const events = await shop.storage.listEvents(scope, { subject: failed?.id ?? "", limit: 9 });
    expect(events.map(({ kind, data }) => [kind, data])).toEqual([
      ["payment.created", { amount: order.amount }],
      ["payment.failed", { amount: order.amount, errorCode }],
    ]);
  });

  it("that fails after another call has called it failed is noted once", async () => {
    const shop = createShop();
    shop.client.receipts.create = async () => {
      shop.pass(3 * 60_000);
      await shop.payments.reconcile();
      throw new PaymeConnectionError("refused");
    };
    await expect(shop.payments.create(order)).rejects.toBeInstanceOf(PaymeConnectionError);
    const failed = await shop.payments.findByReference("order:197");
    expect(await shop.story(failed?.id ?? "")).toEqual(["payment.created", "payment.failed"]);
  });

  it("fails for a second caller as for the first, with Payme's code", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31611, message: "x", times: 1 });
    const calls = await Promise.allSettled([shop.payments.create(order), shop.payments.create(order)]);
    expect(calls).toMatchObject(
      calls.map(() => ({ status: "rejected", reason: { errorCode: "-31611", message: "x" } })),
    );
  });

  it.each([
    ["-31611", "x", { code: "API_REFUSED", errorCode: "-31611", message: "x" }],
    ["400", "x", { code: "API_REFUSED", errorCode: "400", message: "x" }],
    ["-31611", undefined, { code: "API_REFUSED", errorCode: "-31611", message: "Payme refused" }],
    ["http 400", "x", { code: "CONNECTION_FAILED" }],
    ["400 http", "x", { code: "CONNECTION_FAILED" }],
  ])(
    "fails for a second caller where the first left the code %s and the text %s",
    async (errorCode, errorMessage, end) => {
      const shop = createShop();
      const id = "of-another-process";
      await shop.storage.addPayment(paymentRow({ id, reference: "order:197", createdAt: shop.now() }));
      const second = shop.payments.create(order);
      const failure = { from: ["PENDING"], to: "FAILED", at: shop.now(), errorCode, errorMessage } as const;
      await shop.storage.changePayment(scope, id, failure);
      await expect(second).rejects.toMatchObject(end);
    },
  );

  it("fails for a second caller where the payment of the first cannot be found any more", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ reference: "order:197", createdAt: shop.now() }));
    shop.storage.findPayment = async () => undefined;
    await expect(shop.payments.create(order)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    expect(shop.mock.receipts()).toEqual([]);
  });

  it("fails for a second caller also where Payme's answer to the first was lost, and leaves it to try again", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    const [first, second] = await Promise.allSettled([shop.payments.create(order), shop.payments.create(order)]);
    expect(first).toMatchObject({ reason: { code: "OUTCOME_UNKNOWN" } });
    expect(second).toMatchObject({ reason: { code: "CONNECTION_FAILED", hint: expect.stringContaining("Try again") } });
  });

  it("keeps data, user and kind with the payment, as copies", async () => {
    const shop = createShop();
    const data = { days: [30] };
    const { id } = await shop.payments.create({ ...order, userId: "user-1", kind: "ticket", data });
    data.days.push(60);
    expect(await shop.storage.findPayment(scope, { id })).toMatchObject({
      userId: "user-1",
      kind: "ticket",
      data: { days: [30] },
    });
  });
});

describe("create, once more for the same reference", () => {
  it("writes one event, and says which call made the payment", async () => {
    const shop = createShop();
    const [first, second] = [await shop.payments.create(order), await shop.payments.create(order)];
    expect([first.reused, second.reused, second.id]).toEqual([false, true, first.id]);
    // Not of the payment that the second call would have made, either.
    const events = await shop.storage.listEvents(scope, { limit: 9 });
    expect(events.map(({ kind, subject }) => [kind, subject])).toEqual([["payment.created", first.id]]);
  });

  it("is the same payment for as long as it is open, however old it is", async () => {
    const shop = createShop();
    const first = await shop.payments.create(order);
    shop.pass(60 * 60_000);
    const asked = shop.mock.exchanges.length;
    expect(await shop.payments.create(order)).toMatchObject({ id: first.id, payUrl: first.payUrl, reused: true });
    expect(shop.mock.exchanges).toHaveLength(asked);
  });

  it("without a client too", async () => {
    const shop = createShop({
      payments: { client: undefined, mode: "test", payUrl: ({ id }) => `https://example.uz/${id}` },
    });
    const first = await shop.payments.create(order);
    expect(first).toMatchObject({ reused: false, payUrl: `https://example.uz/${first.id}` });
    expect(await shop.payments.create(order)).toMatchObject({ id: first.id, reused: true });
  });

  it("`once` without a reference is a new payment each time", async () => {
    const shop = createShop();
    const first = await shop.payments.create({ amount: order.amount, once: true });
    await shop.mock.pay(first.transactionId ?? "", { card });
    await shop.payments.check(first.id);
    expect((await shop.payments.create({ amount: order.amount, once: true })).id).not.toBe(first.id);
  });
});

/** A shop without a client, whose payments are paid by a link. */
const linkOnly = { client: undefined, payUrl: (): string => "https://example.uz" };

describe("create refuses, and sends nothing,", () => {
  it.each([
    ["a kind that is none", { kind: "A b" }, linkOnly, 'kind: "A b"'],
    ["a hold without a client", { hold: true }, linkOnly, "no money is held"],
    ["an empty reference", { reference: "" }, {}, "reference: leave it out"],
    ["nowhere to pay", {}, { client: undefined }, "there is nowhere to send the payer"],
  ])("%s", async (_title, wanted, payments, problem) => {
    const shop = createShop({ payments: { mode: "test", ...payments } });
    await expect(shop.payments.create({ amount: order.amount, ...wanted })).rejects.toThrow(problem);
    expect((await shop.payments.statistics()).total).toBe(0);
  });
});

it("the log has the receipt's id beside the payment's, as soon as it was made", async () => {
  const shop = createShop();
  const { id, transactionId } = await shop.payments.create(order);
  expect(shop.lines.map((line) => JSON.parse(line))).toContainEqual({
    message: "a receipt was made",
    payment_id: id,
    transaction_id: transactionId,
  });
});

describe("what create writes and asks for", () => {
  it.each([
    ["nothing more", {}, undefined, []],
    ["the paid payment of nothing, where `once` has no reference,", { once: true }, undefined, []],
    ["what is too old", { reference: "order:197", referenceTtlMs: 600_000 }, 600_000, []],
    ["the paid payment", { reference: "order:197", once: true }, undefined, [{ reference: "order:197", paid: true }]],
  ])("asks the storage for %s", async (_what, wanted, age, keys) => {
    const shop = createShop();
    const asked: { before: number | undefined; keys: unknown[] } = { before: 0, keys: [] };
    const { using } = shop.storage;
    shop.storage.using = (tx) => {
      const verbs = using(tx);
      return {
        ...verbs,
        addPayment(row, options) {
          asked.before = options?.freeReferenceBefore;
          return verbs.addPayment(row, options);
        },
        findPayment(within, key) {
          asked.keys.push(key);
          return verbs.findPayment(within, key);
        },
      };
    };
    await shop.payments.create({ amount: order.amount, ...wanted });
    expect(asked).toEqual({ before: age === undefined ? undefined : shop.now() - age, keys });
  });

  it.each([
    [undefined, undefined],
    [false, undefined],
    [true, true],
  ])("with hold %s asks Payme for hold %s", async (hold, asked) => {
    const shop = createShop();
    const { receipts } = shop.client;
    const make = receipts.create;
    const seen: unknown[] = [];
    receipts.create = (params) => {
      seen.push(params.hold);
      return make(params);
    };
    await shop.payments.create({ ...order, hold });
    expect(seen).toEqual([asked]);
  });

  it.each([
    [{ userId: "42" }, { amount: order.amount, userId: "42" }],
    [{}, { amount: order.amount }],
  ])("with %j has events with %j, and with the receipt's id once there is one", async (given, data) => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ ...order, ...given });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    const [made, paid] = await shop.storage.listEvents(scope, { subject: id, limit: 9 });
    expect(made).toMatchObject({ kind: "payment.created", paymeId: null });
    expect(made?.data).toEqual(data);
    expect(paid).toMatchObject({ kind: "payment.paid", paymeId: transactionId, data });
  });
});

it("a state that Payme has not published leaves the payment open, and the log says so", async () => {
  const shop = createShop();
  const { id, transactionId } = await shop.payments.create(order);
  await shop.payments.check(id);
  const message = "a receipt is in a state that Payme has not published";
  expect(shop.lines.join()).not.toContain(message);
  const { receipts } = shop.client;
  const [check, get] = [receipts.check, receipts.get];
  receipts.check = async (receiptId) => ({ ...(await check(receiptId)), state: 77 });
  receipts.get = async (receiptId) => ({ ...(await get(receiptId)), state: 77 });
  expect(await shop.payments.check(id)).toMatchObject({ status: "PENDING" });
  expect(shop.lines.map((line) => JSON.parse(line))).toContainEqual({
    message,
    transaction_id: transactionId,
    state: 77,
  });
});
