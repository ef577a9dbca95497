import { describe, expect, it } from "vitest";
import {
  PaymeAPIError,
  PaymeConnectionError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import { clientAt, connect, createArguments, failureOf, failureOfType, receiptId } from "./kit";
import { paymeInTurn, type Reply, receipt, refusal, state } from "./payme-in-turn";

const token = "65a0c100a1b2c3d4e5f60718_Qm9ndXNUb2tlbkZvckRvY3M";
const order = { ...createArguments, token };
const CREATED = receipt(0);
const PAID = receipt(4, { pay_time: 1_705_034_222_015 });

describe("a charge makes a receipt, tells its id, pays it", () => {
  it("in this order, and gives paid", async () => {
    const { client, calls, paramsOf } = await paymeInTurn({ "receipts.create": [CREATED], "receipts.pay": [PAID] });
    const told: string[] = [];
    const outcome = await client.charge({
      ...order,
      description: "Order 4417",
      payer: { phone: "998911234507", ip: "203.0.113.9" },
      async onReceipt(id) {
        await Promise.resolve();
        told.push(`${id} after ${calls.join()}`);
      },
    });
    expect(outcome).toEqual({ status: "paid", receiptId, state: 4 });
    expect(told).toEqual([`${receiptId} after receipts.create`]);
    expect(calls).toEqual(["receipts.create", "receipts.pay"]);
    expect(paramsOf("receipts.create")).toEqual([{ ...createArguments, description: "Order 4417" }]);
    expect(paramsOf("receipts.pay")).toEqual([
      { id: receiptId, token, payer: { phone: "998911234507", ip: "203.0.113.9" } },
    ]);
  });

  it("pays nothing where onReceipt throws: what is not stored could not be found again", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.create": [CREATED], "receipts.pay": [PAID] });
    const charging = client.charge({
      ...order,
      onReceipt: () => Promise.reject(new Error("the database is away")),
    });
    expect(String(await failureOf(charging))).toContain("the database is away");
    expect(calls).toEqual(["receipts.create"]);
  });

  it.each([
    [4, "paid"],
    [5, "held"],
    [21, "cancelled"],
    [50, "cancelled"],
  ])("no error is no payment: state %i is %s", async (value, status) => {
    const { client } = await paymeInTurn({ "receipts.create": [CREATED], "receipts.pay": [receipt(value)] });
    expect(await client.charge(order)).toEqual({ status, receiptId, state: value });
  });

  it.each([0, 1, 2, 3, 6, 20, 30, 77])("state %i is asked for until there is an end", async (value) => {
    const { client, calls, waits } = await paymeInTurn({
      "receipts.create": [CREATED],
      "receipts.pay": [receipt(value)],
      "receipts.check": [state(2), state(30), state(4)],
    });
    expect(await client.charge(order)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls.filter((method) => method === "receipts.pay")).toHaveLength(1);
    expect(waits).toEqual([500, 750]);
  });

  it("is pending where there is no end in time", async () => {
    const { client, waits } = await paymeInTurn({
      "receipts.create": [CREATED],
      "receipts.pay": [receipt(2)],
      "receipts.check": [state(2)],
    });
    expect(await client.charge({ ...order, settleMs: 3_000 })).toEqual({ status: "pending", receiptId, state: 2 });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(3_000);
  });

  it.each([
    ["no token", { ...createArguments }],
    ["a token with a space", { ...order, token: "a b" }],
    ["no amount", { account: {}, token }],
    ["a payer that nobody knows", { ...order, payer: { shoeSize: "42" } }],
    ["a receipt id with a space", { ...order, receiptId: "a b" }],
  ])("sends nothing with %s", async (_case, params) => {
    const { client, calls } = await paymeInTurn({});
    await failureOfType(PaymeValidationError, Reflect.apply(client.charge, undefined, [params]));
    expect(calls).toEqual([]);
  });
});

describe("a refusal is a declined outcome with whose move it is", () => {
  it.each([
    [-31630, "Недостаточно средств", "funds"],
    [-31630, "Mablag‘ yetarli emas", "funds"],
    [-31630, "Карта заблокирована", "card"],
    [-31630, "Превышен лимит операций по карте", "limit"],
    [-31630, "СМС информирование не подключено", "otp"],
    [-31400, "Карта не найдена", "card"],
    [-32500, "Invalid token format.", "card"],
    [-31611, "x", "limit"],
    [-31622, "x", "merchant"],
    [-31050, { ru: "Заказ не найден" }, "merchant"],
    [-31001, { ru: "Неверная сумма" }, "merchant"],
    [-31001, "Сервер Paycom недоступен", "unavailable"],
    [-32504, "Access denied.", "merchant"],
    [-31002, "x", "unavailable"],
    [-99999, "x", "unavailable"],
  ])("%i %j is %s", async (code, message, reason) => {
    const { client } = await paymeInTurn({
      "receipts.create": [CREATED],
      "receipts.pay": [refusal(code, message)],
      "receipts.check": [state(0)],
    });
    const outcome = await client.charge(order);
    expect(outcome).toMatchObject({ status: "declined", receiptId, reason });
    expect(outcome.status === "declined" && outcome.error).toBeInstanceOf(PaymeAPIError);
  });

  it("without a receipt where creating it was refused", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.create": [refusal(-31601)] });
    expect(await client.charge(order)).toMatchObject({ status: "declined", receiptId: null, reason: "merchant" });
    expect(calls).toEqual(["receipts.create"]);
  });

  it("-31602 on a receipt that an earlier attempt paid is paid", async () => {
    const { client } = await paymeInTurn({
      "receipts.get": [CREATED],
      "receipts.pay": [refusal(-31602, "Чек не найден или оплачен")],
      "receipts.check": [state(4)],
    });
    expect(await client.charge({ ...order, receiptId })).toEqual({ status: "paid", receiptId, state: 4 });
  });

  it("refused while an earlier attempt is under way is pending, not declined", async () => {
    const { client } = await paymeInTurn({
      "receipts.get": [CREATED],
      "receipts.pay": [refusal(-31602)],
      "receipts.check": [state(2)],
    });
    expect(await client.charge({ ...order, receiptId })).toEqual({ status: "pending", receiptId, state: 2 });
  });

  it("refused, and nobody can be asked: unknown, with the refusal", async () => {
    const { client } = await paymeInTurn({
      "receipts.create": [CREATED],
      "receipts.pay": [refusal(-31602)],
      "receipts.check": ["cut"],
    });
    const outcome = await client.charge({ ...order, settleMs: 2_000 });
    expect(outcome).toMatchObject({ status: "unknown", receiptId, state: null, error: { errorCode: "-31602" } });
  });
});

describe("a lost answer is settled by asking about that receipt", () => {
  const lost = (checks: readonly Reply[]) =>
    paymeInTurn({ "receipts.create": [CREATED], "receipts.pay": ["cut"], "receipts.check": checks });

  it.each([
    [4, "paid"],
    [5, "held"],
    [21, "cancelled"],
    [50, "cancelled"],
  ])("state %i is %s", async (value, status) => {
    const { client, calls } = await lost([state(value)]);
    expect(await client.charge(order)).toEqual({ status, receiptId, state: value });
    expect(calls).toEqual(["receipts.create", "receipts.pay", "receipts.check"]);
  });

  it("asks again while it is under way, and while Payme is not reached", async () => {
    const { client, calls } = await lost([state(0), "cut", state(1), refusal(-32400), state(4)]);
    expect(await client.charge(order)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls.filter((method) => method !== "receipts.check")).toEqual(["receipts.create", "receipts.pay"]);
  });

  it("state 0 to the end is unknown: the payment may still be on its way", async () => {
    const { client, calls } = await lost([state(0)]);
    const outcome = await client.charge({ ...order, settleMs: 10_000 });
    expect(outcome).toMatchObject({ status: "unknown", receiptId, state: 0 });
    expect(outcome.status === "unknown" && outcome.error).toBeInstanceOf(PaymeOutcomeUnknownError);
    expect(calls.filter((method) => method === "receipts.pay")).toHaveLength(1);
  });

  it("is pending where it is seen under way at the end", async () => {
    const { client } = await lost([state(30)]);
    expect(await client.charge({ ...order, settleMs: 1_000 })).toEqual({ status: "pending", receiptId, state: 30 });
  });

  it("is unknown where Payme answers nothing any more", async () => {
    const { client } = await lost(["cut"]);
    expect(await client.charge({ ...order, settleMs: 1_000 })).toMatchObject({ status: "unknown", receiptId });
  });

  it("asks no longer where Payme does not let us ask", async () => {
    const { client, waits } = await lost([refusal(-32504)]);
    expect(await client.charge(order)).toMatchObject({ status: "unknown", receiptId });
    expect(waits).toEqual([]);
  });

  it("the answer to create lost: nothing was paid, and nobody will pay that receipt", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.create": ["cut"] });
    const outcome = await client.charge(order);
    expect(outcome).toMatchObject({ status: "declined", receiptId: null, reason: "unavailable" });
    expect(outcome.status === "declined" && outcome.error).toBeInstanceOf(PaymeOutcomeUnknownError);
    expect(calls).toEqual(["receipts.create"]);
  });

  it("Payme never reached is declined: no byte left", async () => {
    const closed = await connect(() => {});
    await closed.server.close();
    const outcome = await clientAt(closed.server.url).charge(order);
    expect(outcome).toMatchObject({ status: "declined", receiptId: null, reason: "unavailable" });
    expect(outcome.status === "declined" && outcome.error).toBeInstanceOf(PaymeConnectionError);
  });
});

describe("a charge again with the receipt of an earlier attempt", () => {
  it("pays that receipt, and makes none", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.get": [CREATED], "receipts.pay": [PAID] });
    const told: string[] = [];
    const outcome = await client.charge({ ...order, receiptId, onReceipt: (id) => told.push(id) });
    expect(outcome.status).toBe("paid");
    expect(told).toEqual([receiptId]);
    expect(calls).toEqual(["receipts.get", "receipts.pay"]);
  });

  it.each([
    [4, "paid"],
    [5, "held"],
    [21, "cancelled"],
    [50, "cancelled"],
  ])("in state %i pays nothing: %s", async (value, status) => {
    const { client, calls } = await paymeInTurn({ "receipts.get": [receipt(value)] });
    expect(await client.charge({ ...order, receiptId })).toEqual({ status, receiptId, state: value });
    expect(calls).toEqual(["receipts.get"]);
  });

  it("under way: waits for its end, and pays nothing", async () => {
    const { client, calls } = await paymeInTurn({
      "receipts.get": [receipt(2)],
      "receipts.check": [state(3), state(4)],
    });
    expect(await client.charge({ ...order, receiptId })).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls).not.toContain("receipts.pay");
  });

  it("of another amount is refused before anything is paid", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.get": [CREATED] });
    const error = await failureOfType(
      PaymeValidationError,
      client.charge({ ...order, amount: som(12_501), receiptId }),
    );
    expect(error.message).toContain("1250000 tiyin");
    expect(calls).toEqual(["receipts.get"]);
  });

  it("that cannot be read is unknown", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.get": ["cut"] });
    expect(await client.charge({ ...order, receiptId })).toMatchObject({ status: "unknown", receiptId });
    expect(calls).toEqual(["receipts.get"]);
  });
});

describe("the caller's signal", () => {
  it("aborted before: nothing is sent, and its reason is thrown", async () => {
    const { client, calls } = await paymeInTurn({});
    const charging = client.charge({ ...order, signal: AbortSignal.abort(new Error("closed the page")) });
    expect(String(await failureOf(charging))).toContain("closed the page");
    expect(calls).toEqual([]);
  });

  it("aborted between create and pay: nothing is paid, and its reason is thrown", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.create": [CREATED], "receipts.pay": [PAID] });
    const page = new AbortController();
    const charging = client.charge({ ...order, signal: page.signal, onReceipt: () => page.abort(new Error("gone")) });
    expect(String(await failureOf(charging))).toContain("gone");
    expect(calls).toEqual(["receipts.create"]);
  });

  it("aborted while it asks after a lost answer: unknown", async () => {
    const page = new AbortController();
    const { client } = await paymeInTurn(
      { "receipts.create": [CREATED], "receipts.pay": ["cut"], "receipts.check": [state(0)] },
      { sleep: abortedBy(page) },
    );
    expect(await client.charge({ ...order, signal: page.signal })).toMatchObject({ status: "unknown", receiptId });
  });

  it("aborted while it waits for the end of what Payme has begun: pending, as Payme said", async () => {
    const page = new AbortController();
    const { client } = await paymeInTurn(
      { "receipts.create": [CREATED], "receipts.pay": [receipt(2)], "receipts.check": [state(2)] },
      { sleep: abortedBy(page) },
    );
    expect(await client.charge({ ...order, signal: page.signal })).toEqual({ status: "pending", receiptId, state: 2 });
  });
});

/** A wait during which the caller goes away. */
function abortedBy(page: AbortController) {
  return async (_ms: number, signal?: AbortSignal) => {
    page.abort(new Error("gone"));
    signal?.throwIfAborted();
  };
}
