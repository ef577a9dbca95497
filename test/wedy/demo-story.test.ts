import { expect, it } from "vitest";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { printedToken, start, temporaryFolder } from "./started";

/** The demo, called as its user. */
async function openDemo(env: Record<string, string> = {}) {
  const server = await start(temporaryFolder(), env);
  const token = printedToken(server.output(), "User");
  const call = async (method: string, path: string, authorization = `Bearer ${token}`) => {
    const response = await fetch(server.url + path, { method, headers: { Authorization: authorization } });
    return { http: response.status, ...Object(await response.json()) };
  };
  return { server, call };
}

/** Buys tariff 1 and pays on the mock's page; gives the id that the shop knows. */
async function buy(call: Awaited<ReturnType<typeof openDemo>>["call"]): Promise<string> {
  const { payment_url, transaction_id } = await call("POST", "/tariffs/1/purchase");
  const page = await fetch(payment_url);
  const body = new URLSearchParams({ number: "8600 1234 5678 9012", expire: "12/39", cvv: "123", action: "pay" });
  expect((await fetch(page.url, { method: "POST", body })).status).toBe(200);
  return transaction_id;
}

it("the notification sent again doubles nothing, and a refund pressed three times at once is one refund", async () => {
  const { call } = await openDemo();
  const path = `/demo/payments/${await buy(call)}`;
  const once = { http: 200, source: "gateway", recorded: 1, given: 1, refunded_at: null };
  const first = await call("GET", path);
  expect(first).toMatchObject({ ...once, notifications: 1, can: { again: true, refund: true } });
  expect(Date.parse(first.active_until)).toBeGreaterThan(Date.now() + 29 * 86_400_000);

  const again = await call("POST", `${path}/again`);
  expect(again).toMatchObject({ ...once, notifications: 2, active_until: first.active_until });

  const refunds = await Promise.all([1, 2, 3].map(() => call("POST", `${path}/refund`)));
  expect(refunds.map(({ http }) => http)).toContain(200);
  const refunded = await call("GET", path);
  expect(refunded).toMatchObject({ recorded: 1, given: 1, active_until: null, can: { refund: false } });
  expect(refunded.refunded_at).toMatch(/^\d{4}-/);
  expect(await call("GET", "/users/me")).toMatchObject({ tariff: null });
  // The last notification is now that of the refund: known, too.
  expect(await call("POST", `${path}/again`)).toMatchObject({ recorded: 1, active_until: null });
});

it("what was paid by a checkout link is refunded as in Payme's cabinet", async () => {
  const { call } = await openDemo({ PAYME_FLOW: "link" });
  const path = `/demo/payments/${await buy(call)}`;
  const story = await call("GET", path);
  expect(story).toMatchObject({ source: "merchant", recorded: 1, given: 1, can: { again: false, refund: true } });
  expect(await call("POST", `${path}/refund`)).toMatchObject({ http: 200, active_until: null, can: { refund: false } });
});

it("the demo's buttons are for the payer of a paid payment, and nobody else", async () => {
  const { call, server } = await openDemo();
  const id = await buy(call);
  const admin = `Bearer ${printedToken(server.output(), "Admin")}`;
  const forged = `Bearer ${await signToken({ id: "user123", role: "user" }, "another secret of another server 012345", 60)}`;
  for (const [method, action] of [
    ["GET", ""],
    ["POST", "/again"],
    ["POST", "/refund"],
  ] as const) {
    expect(await call(method, `/demo/payments/${id}${action}`, admin)).toMatchObject({ http: 404 });
    expect(await call(method, `/demo/payments/${id}${action}`, forged)).toMatchObject({ http: 401 });
  }
  const open = await call("POST", "/tariffs/2/purchase");
  expect(await call("POST", `/demo/payments/${open.transaction_id}/refund`)).toMatchObject({ http: 404 });
  expect(await call("GET", `/payme/check-status/${id}`)).toMatchObject({ status: "PAID" });
});
