import { expect, it } from "vitest";
import { openShop, paid, refusal } from "./shop";

const form = (fields: Record<string, string>) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
};

it("the list of tariffs has pages, of all or of the active ones", async () => {
  const { request, adminToken } = await openShop();
  await request("DELETE", "/tariffs/2", { token: adminToken });
  expect((await request("GET", "/tariffs")).body).toEqual({
    total: 3,
    tariffs: [
      { id: 1, name: "Start", price: 10_000, duration_days: 7, is_active: true },
      { id: 2, name: "Premium Plan", price: 50_000, duration_days: 30, is_active: false },
      { id: 3, name: "Business", price: 150_000, duration_days: 90, is_active: true },
    ],
    page: 1,
    size: 10,
  });
  const second = (await request("GET", "/tariffs?skip=1&limit=1&active_only=true")).body;
  expect(second).toMatchObject({ total: 2, tariffs: [{ id: 3 }], page: 2, size: 1 });
});

it("a query parameter without a value is ignored by the list", async () => {
  const { request } = await openShop();
  const { body } = await request("GET", "/tariffs?skip=&limit=&active_only=");
  expect(body).toMatchObject({ total: 3, page: 1, size: 10 });
});

it.each(["skip=-1", "skip=x", "limit=0", "limit=101", "limit=1e2", "active_only=maybe", "skip=1&skip=2"])(
  "are not listed for ?%s",
  async (query) => {
    const { request } = await openShop();
    expect(await request("GET", `/tariffs?${query}`)).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  },
);

it("a tariff is created from a multipart form, a urlencoded form and JSON", async () => {
  const { request, adminToken: token } = await openShop();
  const fields = { name: "Test Tariff", price: "1000", duration_days: "7" };
  const answers = [
    await request("POST", "/tariffs", { token, body: form(fields) }),
    await request("POST", "/tariffs", { token, body: new URLSearchParams({ ...fields, is_active: "true" }) }),
    await request("POST", "/tariffs", { token, json: { name: "Test Tariff", price: 1000, duration_days: 7 } }),
  ];
  for (const [index, { status, body }] of answers.entries()) {
    expect(status).toBe(200);
    const tariff = { id: 4 + index, name: "Test Tariff", price: 1000, duration_days: 7, is_active: true };
    expect(body).toEqual({ message: "Tariff created successfully", tariff });
  }
});

it.each([
  ["no name", { name: undefined }],
  ["a blank name", { name: "  " }],
  ["a name that is a number", { name: 5 }],
  ["a name that is too long", { name: "x".repeat(201) }],
  ["a name with a control character", { name: "a\u0000b" }],
  ["half of a character", { name: "a\ud800" }],
  ["a price that is text", { price: "1000" }],
  ["no price", { price: 0 }],
  ["a negative price", { price: -1 }],
  ["a price in tiyin", { price: 0.5 }],
  ["a price that is not exact", { price: 90_071_992_547_410 }],
  ["a huge price", { price: 1e300 }],
  ["no days", { duration_days: 0 }],
  ["too many days", { duration_days: 36_501 }],
  ["a flag that is text", { is_active: "yes" }],
  ["null", { price: null }],
])("are not made with %s", async (_case, wrong) => {
  const { request, adminToken: token } = await openShop();
  const json = { name: "Test", price: 1000, duration_days: 7, ...wrong };
  expect(await request("POST", "/tariffs", { token, json })).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  expect((await request("GET", "/tariffs")).body.total).toBe(3);
});

it.each(["1e3", "0x10", "1 000", "-5", "99999999999999999999", "", "1000.0"])(
  "are not made with the price %j of a form",
  async (price) => {
    const { request, adminToken: token } = await openShop();
    const answer = await request("POST", "/tariffs", {
      token,
      body: form({ name: "Test", price, duration_days: "7" }),
    });
    expect(answer).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  },
);

it("the name of a tariff is kept as it was given", async () => {
  const { request, adminToken: token } = await openShop();
  for (const name of [
    `'; DROP TABLE tariff; --`,
    `<script>alert(1)</script>`,
    "Тариф «Премиум» 🚀",
    "javascript:alert(1)",
  ]) {
    const { body } = await request("POST", "/tariffs", { token, body: form({ name, price: "1", duration_days: "1" }) });
    expect(body).toMatchObject({ tariff: { name } });
  }
  expect((await request("GET", "/tariffs")).body.total).toBe(7);
});

it("an update changes the given fields, and no earlier payment", async () => {
  const { request, adminToken: token, buy, notify, mock } = await openShop();
  const id = await buy(1);
  const { body } = await request("PUT", "/tariffs/1", { token, body: form({ price: "20000" }) });
  const tariff = { id: 1, name: "Start", price: 20_000, duration_days: 7, is_active: true };
  expect(body).toEqual({ message: "Tariff updated successfully", tariff });
  expect((await request("GET", "/tariffs/1")).body).toEqual(tariff);
  await mock.pay(id, { card: { number: "8600123456789012", expire: "03/99" } });
  expect((await notify(paid(id, 1_000_000))).status).toBe(200);
  expect((await request("GET", `/payme/check-status/${id}`)).body).toMatchObject({ status: "PAID", amount: 1_000_000 });
});

it("an update without fields, or with wrong ones, is refused", async () => {
  const { request, adminToken: token } = await openShop();
  for (const json of [{}, { price: "x" }, { price: 0 }, [], null, "text"]) {
    const answer = await request("PUT", "/tariffs/1", { token, json });
    expect(answer, JSON.stringify(json)).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  }
});

it("a tariff that is switched off, also twice, is not sold", async () => {
  const { request, adminToken: token } = await openShop();
  for (let i = 0; i < 2; i += 1) {
    const { status, body } = await request("DELETE", "/tariffs/1", { token });
    expect({ status, body }).toMatchObject({ status: 200, body: { tariff: { id: 1, is_active: false } } });
  }
  expect(await request("POST", "/tariffs/1/purchase")).toMatchObject(refusal(400, "VALIDATION_ERROR"));
});

it.each(["0", "4", "-1", "abc", "1.5", "99999999999999999999", "1%20OR%201=1", "%00"])(
  "%s is no tariff's id",
  async (id) => {
    const { request, adminToken: token } = await openShop();
    const json = { price: 5 };
    expect(await request("GET", `/tariffs/${id}`)).toMatchObject(refusal(404, "NOT_FOUND"));
    expect(await request("PUT", `/tariffs/${id}`, { token, json })).toMatchObject(refusal(404, "NOT_FOUND"));
    expect(await request("DELETE", `/tariffs/${id}`, { token })).toMatchObject(refusal(404, "NOT_FOUND"));
    expect(await request("POST", `/tariffs/${id}/purchase`)).toMatchObject(refusal(404, "NOT_FOUND"));
  },
);

it("a purchase is answered as the guide prints it", async () => {
  const { request } = await openShop();
  const { status, body } = await request("POST", "/tariffs/2/purchase");
  expect(status).toBe(200);
  expect(body).toEqual({
    success: true,
    message: "Payment created successfully. Please complete the payment using the provided URL.",
    tariff: { id: 2, name: "Premium Plan", price: 50_000, duration_days: 30, is_active: true },
    payment_url: expect.stringMatching(/^https?:\/\//),
    transaction_id: expect.stringMatching(/^[0-9a-f]{24}$/),
  });
  expect(body.payment_url).toContain(String(body.transaction_id));
});

it("a cheaper tariff than the running one is not sold; a dearer one starts at once", async () => {
  const { request, buy, notify } = await openShop();
  await notify(paid(await buy(2), 5_000_000));
  expect(await request("POST", "/tariffs/1/purchase")).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  await notify(paid(await buy(3), 15_000_000));
  expect((await request("GET", "/users/me")).body).toMatchObject({ tariff_id: 3, tariff: { name: "Business" } });
});

it("are sold by calendar months, too; days stay for who knows only them", async () => {
  const { request, adminToken: token } = await openShop();
  const fields = { name: "Quarter", price: "120000", duration_months: "3" };
  const made = await request("POST", "/tariffs", { token, body: form(fields) });
  const tariff = { id: 4, name: "Quarter", price: 120_000, duration_days: 90, duration_months: 3, is_active: true };
  expect(made.body).toEqual({ message: "Tariff created successfully", tariff });
  const both = await request("POST", "/tariffs", { token, body: form({ ...fields, duration_days: "90" }) });
  expect(both).toMatchObject(refusal(400, "VALIDATION_ERROR"));
  const changed = await request("PUT", "/tariffs/4", { token, json: { duration_days: 7 } });
  expect(changed.body.tariff).toEqual({ ...tariff, duration_days: 7, duration_months: undefined });
});

it("are given by an admin, once, with who and why", async () => {
  const shop = await openShop();
  const { request, adminToken: token } = shop;
  const until = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 10 * 86_400_000).toISOString();
  const json = { user_id: "user123", until, note: "paid in cash" };
  const end = `${until.slice(0, 19)}Z`;
  for (const outcome of ["applied", "already_applied"]) {
    const given = await request("POST", "/tariffs/2/grant", { token, json });
    expect(given.body).toEqual({ success: true, outcome, tariff_id: 2, tariff_expires_at: end });
  }
  expect((await request("GET", "/users/me")).body).toMatchObject({ tariff_id: 2, tariff_expires_at: end });
  const days = { user_id: "user123", days: 5, note: "sorry" };
  expect(await request("POST", "/tariffs/2/grant", { token, json: days })).toMatchObject({ status: 400 });
  const of = { ...days, payment_id: "nobody" };
  expect(await request("POST", "/tariffs/2/grant", { token, json: of })).toMatchObject({ status: 400 });
  expect(await request("POST", "/tariffs/99/grant", { token, json })).toMatchObject({ status: 404 });
  expect(await request("POST", "/tariffs/2/grant", { json })).toMatchObject({ status: 403 });
});
