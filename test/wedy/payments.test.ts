import { expect, it } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { cancelled, JWT_SECRET, openShop, paid, refusal, UZCARD } from "./shop";

const order = { user_id: "user123", tariff_id: 2, amount: 50_000, description: "Premium Tariff" };
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

it("a created payment is answered as the guide prints it", async () => {
  const { request } = await openShop();
  const { status, body } = await request("POST", "/payme/create-payment", { json: order });
  expect(status).toBe(200);
  expect(body).toEqual({
    success: true,
    transaction_id: expect.stringMatching(/^[0-9a-f]{24}$/),
    cheque_id: expect.any(String),
    pay_url: expect.stringContaining(String(body.transaction_id)),
    data: {
      payment_id: expect.any(String),
      transaction_id: body.transaction_id,
      cheque_id: body.cheque_id,
      user_id: "user123",
      tariff_id: 2,
      amount: 5_000_000,
      status: "PENDING",
      created_at: expect.stringMatching(TIME),
      paid_at: null,
      payme_error_code: null,
      payme_error_message: null,
    },
  });
});

it("the 21st open payment of a user is refused, in words for the payer; the same click again is not", async () => {
  const { request, mock } = await openShop();
  const buy = (key: number, language = "en") =>
    request("POST", "/payme/create-payment", {
      json: order,
      headers: { "Idempotency-Key": `click-${key}`, "Accept-Language": language },
    });
  const made = await Promise.all(Array.from({ length: 20 }, (_, n) => buy(n)));
  expect(made.map(({ status }) => status)).toEqual(Array(20).fill(200));
  const refused = await buy(20, "ru");
  expect(refused).toMatchObject(refusal(409, "VALIDATION_ERROR"));
  expect(refused.body.error).toBe(
    "У вас слишком много неоплаченных платежей. Оплатите один из них или попробуйте завтра",
  );
  expect(await buy(20, "uz")).toMatchObject({ body: { message: expect.stringContaining("To‘lanmagan") } });
  expect(await request("POST", "/tariffs/2/purchase")).toMatchObject(refusal(409, "VALIDATION_ERROR"));
  expect(mock.receipts()).toHaveLength(20);
  expect((await buy(7)).body.transaction_id).toBe(made[7]?.body.transaction_id);
});

it.each([
  ["no body", undefined],
  ["a list", []],
  ["null", null],
  ["no user", { ...order, user_id: undefined }],
  ["a user that is no whole number", { ...order, user_id: 1.5 }],
  ["a user that is too long", { ...order, user_id: "u".repeat(201) }],
  ["no tariff", { ...order, tariff_id: undefined }],
  ["a tariff that is text", { ...order, tariff_id: "2" }],
  ["a tariff beyond all ids", { ...order, tariff_id: 2 ** 40 }],
  ["an amount that is text", { ...order, amount: "50000" }],
  ["another amount than the price", { ...order, amount: 49_999 }],
  ["the price in tiyin", { ...order, amount: 5_000_000 }],
  ["a broken amount", { ...order, amount: 50_000.5 }],
  ["a huge amount", { ...order, amount: 1e300 }],
  ["a description that is an object", { ...order, description: {} }],
  ["a description that is too long", { ...order, description: "d".repeat(501) }],
])("is not made of %s", async (_case, json) => {
  const { request } = await openShop();
  const answer = await request("POST", "/payme/create-payment", { json });
  expect(answer).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  expect(answer.body.error).toBe(answer.body.message);
});

it("a user creates payments for himself only, an admin for anybody", async () => {
  const { request, adminToken } = await openShop();
  const json = { ...order, user_id: "someone-else" };
  expect(await request("POST", "/payme/create-payment", { json })).toMatchObject(refusal(403, "FORBIDDEN"));
  const made = await request("POST", "/payme/create-payment", { json, token: adminToken });
  expect(made.body).toMatchObject({ success: true, data: { user_id: "someone-else" } });
});

it("a payment of an unknown tariff is refused", async () => {
  const { request } = await openShop();
  const answer = await request("POST", "/payme/create-payment", { json: { ...order, tariff_id: 99 } });
  expect(answer).toMatchObject(refusal(404, "NOT_FOUND"));
});

it("twenty calls with one idempotency key at once make one payment", async () => {
  const { buy, tariffs } = await openShop();
  const headers = { "Idempotency-Key": "click-1" };
  const ids = await Promise.all(Array.from({ length: 20 }, () => buy(1, { headers })));
  expect(new Set(ids).size).toBe(1);
  expect((await tariffs.payments.statistics()).total).toBe(1);
});

it("another idempotency key makes another payment; a double click without a key does not", async () => {
  const { buy } = await openShop();
  const [one, same, other] = [await buy(1), await buy(1), await buy(1, { headers: { "Idempotency-Key": "other" } })];
  expect(same).toBe(one);
  expect(other).not.toBe(one);
});

it("the same purchase ten minutes later makes a new payment", async () => {
  let now = Date.now();
  const { buy } = await openShop({ now: () => now });
  const one = await buy(1);
  now += 599_000;
  expect(await buy(1)).toBe(one);
  now += 2_000;
  expect(await buy(1)).not.toBe(one);
});

it("an idempotency key is refused for another purchase than its first", async () => {
  const { request, buy } = await openShop();
  const headers = { "Idempotency-Key": "click-1" };
  await buy(1, { headers });
  expect(await request("POST", "/tariffs/2/purchase", { headers })).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  const tooLong = { "Idempotency-Key": "k".repeat(201) };
  expect(await request("POST", "/tariffs/2/purchase", { headers: tooLong })).toMatchObject(
    refusal(400, "VALIDATION_ERROR"),
  );
});

it("check-status answers the owner and admins, by the receipt's id and by ours", async () => {
  const { request, buy, notify, adminToken, tariffs } = await openShop();
  const id = await buy(2);
  const open = (await request("GET", `/payme/check-status/${id}`)).body;
  expect(open).toMatchObject({ success: true, status: "PENDING", amount: 5_000_000, paid_at: null });
  await notify(paid(id, 5_000_000, { paid_at: 1_705_314_600 }));
  const { id: paymentId } = (await tariffs.payments.find(id)) ?? {};
  for (const [known, token] of [
    [id, undefined],
    [paymentId, undefined],
    [id, adminToken],
  ] as const) {
    const { body } = await request("GET", `/payme/check-status/${known}`, token === undefined ? {} : { token });
    expect(body).toMatchObject({ status: "PAID", amount: 5_000_000, paid_at: "2024-01-15T10:30:00Z" });
  }
});

it("check-status hides the payment of another user", async () => {
  const { request, buy } = await openShop();
  const id = await buy(2);
  const token = await signToken({ id: "someone-else", role: "user" }, JWT_SECRET, 600);
  const theirs = await request("GET", `/payme/check-status/${id}`, { token });
  const unknown = await request("GET", "/payme/check-status/64f8a1b2c3d4e5f6a7b8c9d0", { token });
  expect(theirs).toMatchObject(refusal(404, "NOT_FOUND"));
  expect(theirs.text).toBe(unknown.text);
});

it.each(["%00", "..%2F..%2Fetc", "'%20OR%201=1", "x".repeat(5_000)])("is not found by %s", async (id) => {
  const { request } = await openShop();
  expect(await request("GET", `/payme/check-status/${id}`)).toMatchObject(refusal(404, "NOT_FOUND"));
});

it("check-status asks Payme, and finds paid what no notification told", async () => {
  const { request, buy, mock } = await openShop();
  const id = await buy(2);
  await mock.pay(id, { card: UZCARD });
  expect((await request("GET", `/payme/check-status/${id}`)).body).toMatchObject({ status: "PAID" });
  expect((await request("GET", "/users/me")).body).toMatchObject({
    tariff_id: 2,
    tariff_expires_at: expect.stringMatching(TIME),
    tariff: { name: "Premium Plan" },
  });
});

it("an open payment is cancelled, also twice, and cannot be paid then", async () => {
  const { request, buy, notify, adminToken: token, tariffs } = await openShop();
  const id = await buy(2);
  for (let i = 0; i < 2; i += 1) {
    const { status, body } = await request("POST", `/payme/cancel-payment/${id}`, { token });
    const message = "Payment cancelled successfully";
    expect({ status, body }).toEqual({ status: 200, body: { success: true, message, data: { refund: "done" } } });
  }
  expect(await notify(paid(id, 5_000_000))).toMatchObject({ status: 200, body: { result: "ok" } });
  expect((await request("GET", "/users/me")).body).toMatchObject({ tariff: null });
  expect(await tariffs.payments.incidents.list()).toMatchObject([{ kind: "paid_after_cancel" }]);
});

it("a paid payment is refunded, and its tariff taken back", async () => {
  const { request, buy, mock, notify, adminToken: token } = await openShop();
  const id = await buy(2);
  await mock.pay(id, { card: UZCARD });
  await notify(paid(id, 5_000_000));
  const { body } = await request("POST", `/payme/cancel-payment/${id}`, { token });
  expect(body).toMatchObject({ success: true, data: { refund: "queued" } });
  expect((await request("GET", "/users/me")).body).toMatchObject({ tariff_id: null });
  expect((await notify(cancelled(id))).body).toEqual({ result: "ok" });
  expect((await request("GET", `/payme/check-status/${id}`)).body).toMatchObject({ status: "CANCELLED" });
});

it("the cancel of an unknown payment is refused", async () => {
  const { request, adminToken: token } = await openShop();
  expect(await request("POST", "/payme/cancel-payment/x", { token })).toMatchObject(refusal(404, "NOT_FOUND"));
});

it("the statistics count payments as the guide's queries do", async () => {
  const { request, buy, notify, adminToken } = await openShop();
  const other = await signToken({ id: "other", role: "user" }, JWT_SECRET, 600);
  await notify(paid(await buy(1), 1_000_000));
  await notify(cancelled(await buy(2)));
  await buy(3);
  await notify(paid(await buy(3, { token: other }), 99));
  const { body } = await request("GET", "/payme/statistics", { token: adminToken });
  expect(body).toEqual({
    total_payments: 4,
    successful_payments: 1,
    success_rate: 25,
    total_webhooks: 4,
    processed_webhooks: 3,
    error_codes: [],
    pending_payments: 2,
    failed_payments: 0,
    cancelled_payments: 1,
    incidents: 1,
    queued_refunds: 0,
  });
  const theirs = await request("GET", "/payme/statistics?user_id=other", { token: adminToken });
  expect(theirs.body).toMatchObject({ total_payments: 1, successful_payments: 0, success_rate: 0 });
  const nobody = await request("GET", "/payme/statistics?user_id=nobody", { token: adminToken });
  expect(nobody.body).toMatchObject({ total_payments: 0, success_rate: 0 });
});
