import { expect, it } from "vitest";
import { openShop, refusal } from "./shop";

/** A Payme that answers as told once it is `broken`. */
function breakable(answer: () => Promise<Response>) {
  const state = { isBroken: false };
  const fetch =
    (mock: { fetch: typeof globalThis.fetch }): typeof globalThis.fetch =>
    (input, init) =>
      state.isBroken ? answer() : mock.fetch(input, init);
  return { state, fetch };
}

const refused = async () =>
  Response.json({
    jsonrpc: "2.0",
    id: 1,
    error: { code: -31622, message: "Merchant is unavailable", data: "merchant" },
  });
const silent = async (): Promise<Response> => {
  throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
};
const garbled = async () => new Response("<html>502 Bad Gateway</html>", { status: 502 });

const failures = [
  ["refuses", refused, 502],
  ["is not reached", silent, 504],
  ["answers no JSON", garbled, 504],
] as const;

it.each(failures)("a creation that Payme %s leaves the payment FAILED", async (_case, answer, status) => {
  const { state, fetch } = breakable(answer);
  const { request, adminToken: token } = await openShop({ fetch });
  state.isBroken = true;
  expect(await request("POST", "/tariffs/1/purchase")).toMatchObject(refusal(status, "PAYME_CREATE_FAILED"));
  const json = { user_id: "user123", tariff_id: 2, amount: 50_000 };
  expect(await request("POST", "/payme/create-payment", { json })).toMatchObject(
    refusal(status, "PAYME_CREATE_FAILED"),
  );
  const { body } = await request("GET", "/payme/statistics", { token });
  expect(body).toMatchObject({
    failed_payments: 2,
    error_codes: [{ payme_error_code: expect.any(String), error_count: 2 }],
  });
  state.isBroken = false;
  expect((await request("POST", "/tariffs/1/purchase")).status).toBe(200);
});

it("a refused creation is answered with Payme's code and data", async () => {
  const { state, fetch } = breakable(refused);
  const { request } = await openShop({ fetch });
  state.isBroken = true;
  const { body } = await request("POST", "/tariffs/1/purchase");
  expect(body).toMatchObject({ data: { response_data: { code: -31622 } } });
});

it.each(failures)("another call that Payme %s is a failed call", async (_case, answer, status) => {
  const { state, fetch } = breakable(answer);
  const { request, buy, adminToken: token } = await openShop({ fetch });
  const id = await buy(1);
  state.isBroken = true;
  expect(await request("GET", `/payme/check-status/${id}`)).toMatchObject(refusal(status, "PAYME_API_ERROR"));
  const cancel = await request("POST", `/payme/cancel-payment/${id}`, { token });
  expect(cancel).toMatchObject(refusal(status, "PAYME_API_ERROR"));
  state.isBroken = false;
  expect((await request("GET", `/payme/check-status/${id}`)).status).toBe(200);
});
