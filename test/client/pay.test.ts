import { describe, expect, it } from "vitest";
import {
  PaymeAPIError,
  PaymeConnectionError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../../src/kit/errors";
import { clientAt, connect, failureOf, failureOfType, receiptId } from "./kit";
import { paymeInTurn, type Reply, receipt, refusal, state } from "./payme-in-turn";

const token = "65a0c100a1b2c3d4e5f60718_Qm9ndXNUb2tlbkZvckRvY3M";
const order = { receiptId, token };
const UNPAID = state(0);
const PAID = receipt(4, { pay_time: 1_705_034_222_015 });

describe("a receipt is paid", () => {
  it("once Payme has said that it is unpaid", async () => {
    const { client, calls, paramsOf } = await paymeInTurn({ "receipts.check": [UNPAID], "receipts.pay": [PAID] });
    const outcome = await client.pay({ ...order, payer: { phone: "998911234507", ip: "203.0.113.9" } });
    expect(outcome).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls).toEqual(["receipts.check", "receipts.pay"]);
    expect(paramsOf("receipts.pay")).toEqual([
      { id: receiptId, token, payer: { phone: "998911234507", ip: "203.0.113.9" } },
    ]);
  });

  it.each([
    [4, "paid"],
    [5, "held"],
    [50, "cancelled"],
  ])("no error is no payment: state %i is %s", async (value, status) => {
    const { client } = await paymeInTurn({ "receipts.check": [UNPAID], "receipts.pay": [receipt(value)] });
    expect(await client.pay(order)).toEqual({ status, receiptId, state: value });
  });

  it.each([0, 1, 2, 3, 6, 20, 30, 77])("state %i is asked for until there is an end", async (value) => {
    const { client, calls, waits } = await paymeInTurn({
      "receipts.pay": [receipt(value)],
      "receipts.check": [UNPAID, state(2), state(30), state(4)],
    });
    expect(await client.pay(order)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls.filter((method) => method === "receipts.pay")).toHaveLength(1);
    expect(waits).toEqual([500, 750]);
  });

  it("is pending where there is no end in time", async () => {
    const { client, waits } = await paymeInTurn({
      "receipts.pay": [receipt(2)],
      "receipts.check": [UNPAID, state(2)],
    });
    expect(await client.pay({ ...order, settleMs: 3_000 })).toEqual({ status: "pending", receiptId, state: 2 });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(3_000);
  });

  it.each([
    ["no token", { receiptId }],
    ["a token with a space", { ...order, token: "a b" }],
    ["no receipt", { token }],
    ["a payer that nobody knows", { ...order, payer: { shoeSize: "42" } }],
    ["a receipt id with a space", { ...order, receiptId: "a b" }],
  ])("sends nothing with %s", async (_case, params) => {
    const { client, calls } = await paymeInTurn({});
    await failureOfType(PaymeValidationError, Reflect.apply(client.pay, undefined, [params]));
    expect(calls).toEqual([]);
  });
});

describe("a final refusal is a declined outcome with whose move it is", () => {
  it.each([
    [-31630, "Недостаточно средств", "funds"],
    [-31630, "Mablag‘ yetarli emas", "funds"],
    [-31630, "Карта заблокирована", "card"],
    [-31630, "Превышен лимит операций по карте", "limit"],
    [-31630, "СМС информирование не подключено", "otp"],
    [-31400, "Карта не найдена", "card"],
    [-32500, "Invalid token format.", "card"],
    [-31611, "x", "limit"],
    [-31050, { ru: "Заказ не найден" }, "merchant"],
    [-31001, { ru: "Неверная сумма" }, "merchant"],
    [-31601, "x", "merchant"],
    [-31610, "x", "merchant"],
    [-32504, "Access denied.", "merchant"],
    [-32602, "x", "merchant"],
  ])("%i %j is %s", async (code, message, reason) => {
    const { client, calls, waits } = await paymeInTurn({
      "receipts.pay": [refusal(code, message)],
      "receipts.check": [UNPAID, state(0)],
    });
    const outcome = await client.pay(order);
    expect(outcome).toMatchObject({ status: "declined", receiptId, reason });
    expect(calls).toEqual(["receipts.check", "receipts.pay", "receipts.check"]);
    expect(waits).toEqual([]);
    expect(outcome.status === "declined" && outcome.error).toBeInstanceOf(PaymeAPIError);
  });

  it("-31602 on a receipt that an earlier attempt paid is paid", async () => {
    const { client } = await paymeInTurn({
      "receipts.pay": [refusal(-31602, "Чек не найден или оплачен")],
      "receipts.check": [UNPAID, state(4)],
    });
    expect(await client.pay(order)).toEqual({ status: "paid", receiptId, state: 4 });
  });

  it.each([1, 2, 3, 6, 30])("with the receipt under way (%i) is asked about, whatever the refusal", async (value) => {
    for (const code of [-31630, -31602]) {
      const { client } = await paymeInTurn({
        "receipts.pay": [refusal(code)],
        "receipts.check": [UNPAID, state(value), state(value), state(4)],
      });
      expect(await client.pay(order)).toEqual({ status: "paid", receiptId, state: 4 });
    }
  });

  it("with the receipt under way to the end is pending, not declined", async () => {
    const { client, waits } = await paymeInTurn({
      "receipts.pay": [refusal(-31630)],
      "receipts.check": [UNPAID, state(2)],
    });
    expect(await client.pay({ ...order, settleMs: 3_000 })).toEqual({ status: "pending", receiptId, state: 2 });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(3_000);
  });

  it("with the receipt paused by hand (20) is pending at once", async () => {
    const { client, waits } = await paymeInTurn({
      "receipts.pay": [refusal(-31630)],
      "receipts.check": [UNPAID, state(20)],
    });
    expect(await client.pay(order)).toEqual({ status: "pending", receiptId, state: 20 });
    expect(waits).toEqual([]);
  });

  it("refused, and nobody can be asked: unknown, with the refusal", async () => {
    const { client } = await paymeInTurn({
      "receipts.pay": [refusal(-31602)],
      "receipts.check": [UNPAID, "cut"],
    });
    const outcome = await client.pay({ ...order, settleMs: 2_000 });
    expect(outcome).toMatchObject({ status: "unknown", receiptId, state: null, error: { errorCode: "-31602" } });
  });
});

describe("a refusal that is not final is a lost answer", () => {
  const LATE = [
    ...[-32400, -31001, -31002, -31100, -31620, -31624, -31625, -31700],
    ...[-31622, -31623, -31602, -31008, -39999],
  ];

  it.each(LATE)("%i: what Payme then takes is paid", async (code) => {
    const { client, calls } = await paymeInTurn({
      "receipts.pay": [refusal(code)],
      "receipts.check": [UNPAID, state(0), state(0), state(2), state(4)],
    });
    expect(await client.pay(order)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls.filter((method) => method === "receipts.pay")).toHaveLength(1);
  });

  it.each(LATE)("%i: unpaid to the end is unknown, with the receipt and the refusal", async (code) => {
    const { client, waits } = await paymeInTurn({
      "receipts.pay": [refusal(code)],
      "receipts.check": [UNPAID, state(0)],
    });
    expect(await client.pay(order)).toMatchObject({
      status: "unknown",
      receiptId,
      state: 0,
      error: { code: "API_REFUSED", errorCode: String(code) },
    });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(30_000);
  });

  it("a refusal without a code is one, too", async () => {
    const { client } = await paymeInTurn({
      "receipts.pay": [{ error: { message: "?" } }],
      "receipts.check": [UNPAID, state(0)],
    });
    expect((await client.pay(order)).status).toBe("unknown");
  });

  it("-31001 in languages that names no amount is Payme's own", async () => {
    const { client } = await paymeInTurn({
      "receipts.pay": [refusal(-31001, { ru: "Сервер недоступен", en: "The server is not available" })],
      "receipts.check": [UNPAID, state(0)],
    });
    expect((await client.pay(order)).status).toBe("unknown");
  });

  it("asks on where the questions meet such a refusal, too", async () => {
    const { client } = await paymeInTurn({
      "receipts.pay": [refusal(-32400)],
      "receipts.check": [UNPAID, refusal(-39999), refusal(-31622), state(4)],
    });
    expect(await client.pay(order)).toEqual({ status: "paid", receiptId, state: 4 });
  });
});

describe("a lost answer is settled by asking about that receipt", () => {
  const lost = (checks: readonly Reply[]) =>
    paymeInTurn({ "receipts.pay": ["cut"], "receipts.check": [UNPAID, ...checks] });

  it.each([
    [4, "paid"],
    [5, "held"],
    [50, "cancelled"],
  ])("state %i is %s", async (value, status) => {
    const { client, calls } = await lost([state(value)]);
    expect(await client.pay(order)).toEqual({ status, receiptId, state: value });
    expect(calls).toEqual(["receipts.check", "receipts.pay", "receipts.check"]);
  });

  it("asks again while it is under way, and while Payme is not reached", async () => {
    const { client, calls } = await lost([state(0), "cut", state(1), refusal(-32400), state(4)]);
    expect(await client.pay(order)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls.filter((method) => method !== "receipts.check")).toEqual(["receipts.pay"]);
  });

  it("state 0 to the end is unknown: the payment may still be on its way", async () => {
    const { client, calls } = await lost([state(0)]);
    const outcome = await client.pay({ ...order, settleMs: 10_000 });
    expect(outcome).toMatchObject({ status: "unknown", receiptId, state: 0 });
    expect(outcome.status === "unknown" && outcome.error).toBeInstanceOf(PaymeOutcomeUnknownError);
    expect(calls.filter((method) => method === "receipts.pay")).toHaveLength(1);
  });

  it("is pending where it is seen under way at the end", async () => {
    const { client } = await lost([state(30)]);
    expect(await client.pay({ ...order, settleMs: 1_000 })).toEqual({ status: "pending", receiptId, state: 30 });
  });

  it("is unknown where Payme answers nothing any more", async () => {
    const { client } = await lost(["cut"]);
    expect(await client.pay({ ...order, settleMs: 1_000 })).toMatchObject({ status: "unknown", receiptId });
  });

  it("asks no longer where Payme does not let us ask", async () => {
    const { client, waits } = await lost([refusal(-32504)]);
    expect(await client.pay(order)).toMatchObject({ status: "unknown", receiptId });
    expect(waits).toEqual([]);
  });

  it("Payme never reached is unknown: an earlier attempt may have paid it", async () => {
    const closed = await connect(() => {});
    await closed.server.close();
    const outcome = await clientAt(closed.server.url).pay(order);
    expect(outcome).toMatchObject({ status: "unknown", receiptId, state: null });
    expect(outcome.status === "unknown" && outcome.error).toBeInstanceOf(PaymeConnectionError);
  });
});

describe("a receipt that an earlier attempt may have paid", () => {
  it("whose cancel is queued (21) pays nothing, and is not cancelled yet", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.check": [state(21)] });
    expect(await client.pay(order)).toEqual({ status: "pending", receiptId, state: 21 });
    expect(calls).not.toContain("receipts.pay");
  });

  it.each([
    [4, "paid"],
    [5, "held"],
    [50, "cancelled"],
  ])("in state %i pays nothing: %s", async (value, status) => {
    const { client, calls } = await paymeInTurn({ "receipts.check": [state(value)] });
    expect(await client.pay(order)).toEqual({ status, receiptId, state: value });
    expect(calls).toEqual(["receipts.check"]);
  });

  it("under way: waits for its end, and pays nothing", async () => {
    const { client, calls } = await paymeInTurn({
      "receipts.check": [state(2), state(3), state(4)],
    });
    expect(await client.pay(order)).toEqual({ status: "paid", receiptId, state: 4 });
    expect(calls).not.toContain("receipts.pay");
  });

  it("that cannot be read is unknown", async () => {
    const { client, calls } = await paymeInTurn({ "receipts.check": ["cut"] });
    expect(await client.pay(order)).toMatchObject({ status: "unknown", receiptId });
    expect(calls).toEqual(["receipts.check"]);
  });
});

describe("the caller's signal", () => {
  it("aborted before: nothing is sent, and its reason is thrown", async () => {
    const { client, calls } = await paymeInTurn({});
    const charging = client.pay({ ...order, signal: AbortSignal.abort(new Error("closed the page")) });
    expect(String(await failureOf(charging))).toContain("closed the page");
    expect(calls).toEqual([]);
  });

  it("aborted before it is paid: nothing is paid, and its reason is thrown", async () => {
    const page = new AbortController();
    const { client, calls } = await paymeInTurn({ "receipts.check": [UNPAID] });
    const { check } = client.receipts;
    client.receipts.check = async (id, options) => {
      const answer = await check(id, options);
      page.abort(new Error("gone"));
      return answer;
    };
    expect(String(await failureOf(client.pay({ ...order, signal: page.signal })))).toContain("gone");
    expect(calls).toEqual(["receipts.check"]);
  });

  it("aborted while it asks after a lost answer: unknown", async () => {
    const page = new AbortController();
    const { client } = await paymeInTurn(
      { "receipts.pay": ["cut"], "receipts.check": [UNPAID, state(0)] },
      { sleep: abortedBy(page) },
    );
    expect(await client.pay({ ...order, signal: page.signal })).toMatchObject({ status: "unknown", receiptId });
  });

  it("aborted while it waits for the end of what Payme has begun: pending, as Payme said", async () => {
    const page = new AbortController();
    const { client } = await paymeInTurn(
      { "receipts.pay": [receipt(2)], "receipts.check": [UNPAID, state(2)] },
      { sleep: abortedBy(page) },
    );
    expect(await client.pay({ ...order, signal: page.signal })).toEqual({ status: "pending", receiptId, state: 2 });
  });
});

/** A wait during which the caller goes away. */
function abortedBy(page: AbortController) {
  return async (_ms: number, signal?: AbortSignal) => {
    page.abort(new Error("gone"));
    signal?.throwIfAborted();
  };
}
