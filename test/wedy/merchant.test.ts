import { createMerchantApi, memoryStorage } from "payme-kit";
import { expect, it } from "vitest";
import { checkoutLinks } from "../../examples/express-wedy/src/merchant";
import { openShop } from "./shop";

const KEY = "test-key-of-36-characters-0123456789";
const headers = { Authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };

/** A Wedy server that Payme can call. */
async function openMerchantShop() {
  const shop = await openShop({
    checkoutLink: checkoutLinks("65a0b0000000000000000001", "test"),
    merchantOf: (tariffs) =>
      createMerchantApi({ ...tariffs.payments.asOrders(), key: "live".padEnd(36, "x"), testKey: KEY }),
  });
  const call = (method: string, params: object, as = headers) =>
    shop.request("POST", "/payme/merchant", { token: null, headers: as, json: { method, params, id: 1 } });
  return { ...shop, call };
}

it("a tariff is bought by its checkout link, paid by Payme's calls, and active", async () => {
  const shop = await openMerchantShop();
  const json = { user_id: "user123", tariff_id: 1, amount: 10_000 };
  const { body } = await shop.request("POST", "/payme/create-payment", { json });
  const data = Object(body.data);
  expect(data.checkout_url).toMatch(/^https:\/\/test\.paycom\.uz\/bT0/);
  const link = Buffer.from(data.checkout_url.split("uz/")[1], "base64").toString();
  expect(link).toBe(`m=65a0b0000000000000000001;ac.order_id=${data.payment_id};a=1000000`);

  const account = { order_id: data.payment_id };
  const create = { id: "merchant-1", time: Date.now(), amount: 1_000_000, account };
  expect((await shop.call("CheckPerformTransaction", { amount: 1_000_000, account })).body).toMatchObject({
    result: { allow: true },
  });
  expect((await shop.call("CreateTransaction", create)).body).toMatchObject({ result: { state: 1 } });
  for (let n = 0; n < 2; n += 1) {
    expect((await shop.call("PerformTransaction", { id: "merchant-1" })).body).toMatchObject({ result: { state: 2 } });
  }
  expect((await shop.request("GET", "/users/me")).body).toMatchObject({ tariff_id: 1 });
  expect((await shop.request("GET", "/payme/check-status/merchant-1")).body).toMatchObject({
    status: "PAID",
    amount: 1_000_000,
  });

  const cancelled = await shop.request("POST", "/payme/cancel-payment/merchant-1", { token: shop.adminToken });
  expect(cancelled).toMatchObject({ status: 409, body: { data: { error_code: "PAYME_API_ERROR" } } });
  expect((await shop.call("CancelTransaction", { id: "merchant-1", reason: 5 })).body).toMatchObject({
    result: { state: -2 },
  });
  expect((await shop.request("GET", "/users/me")).body).toMatchObject({ tariff_id: null });
});

it("the endpoint answers 200 to everything, and lets nobody in without the key", async () => {
  const shop = await openMerchantShop();
  for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
    expect(await shop.request(method, "/payme/merchant", { token: null })).toMatchObject({
      status: 200,
      body: { error: { code: -32300 } },
    });
  }
  const wrong = { Authorization: "Basic UGF5Y29tOm5v" };
  expect(await shop.call("CheckTransaction", { id: "x" }, wrong)).toMatchObject({
    status: 200,
    body: { error: { code: -32504 } },
  });
  const big = { token: null, headers, body: "x".repeat(1_000_000) };
  expect(await shop.request("POST", "/payme/merchant", big)).toMatchObject({
    status: 200,
    body: { error: { code: -32600 } },
  });
});

it("create-payment gives no checkout link where the server has no Merchant API key", async () => {
  const shop = await openShop({ storage: memoryStorage() });
  const json = { user_id: "user123", tariff_id: 1, amount: 10_000 };
  const { status, body } = await shop.request("POST", "/payme/create-payment", { json });
  expect({ status, body }).toMatchObject({ status: 200, body: { data: { payment_id: expect.any(String) } } });
  expect(body.data).not.toHaveProperty("checkout_url");
});
