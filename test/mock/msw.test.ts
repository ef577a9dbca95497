import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createPaymeClient } from "../../src/entry/client";
import { som } from "../../src/kit/money";
import { mockPaymeHandlers } from "../../src/testing/msw";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";

const mock = createMockPayme();
const server = setupServer(
  ...mockPaymeHandlers(mock),
  http.get("https://elsewhere.uz/", () => HttpResponse.text("elsewhere")),
);

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => mock.reset());
afterAll(() => server.close());

const HOSTS = ["https://checkout.paycom.uz", "https://checkout.test.paycom.uz", "https://test.paycom.uz"];

function post(host: string, method: string, params: object, signal?: AbortSignal) {
  return fetch(`${host}/api`, {
    method: "POST",
    headers: { "X-Auth": `${mock.merchantId}:${mock.key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ id: 1, method, params }),
    ...(signal === undefined ? {} : { signal }),
  });
}

describe("MSW handlers", () => {
  it.each(HOSTS)("answer the API and the page at %s, through the global fetch", async (host) => {
    const made = await post(host, "receipts.create", { amount: 100, account: { order_id: 1 } });
    expect(await made.json()).toMatchObject({ id: 1, result: { receipt: { state: 0 } } });
    const page = await fetch(`${host}/${mock.receipts()[0]?._id}`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  });

  it.each([
    { mode: "test", auth: "key" },
    { mode: "test", auth: "signature" },
    { mode: "live", auth: "key" },
    { mode: "live", auth: "signature" },
  ] as const)("answer our client as it stands: %j", async (options) => {
    const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, retries: 0, ...options });
    const { _id: id } = await client.receipts.create({ amount: som(1_000), account: { order_id: 1 } });
    await mock.pay(id, { card: { number: "8600 4954 7331 6478", expire: "03/99" } });
    expect(await client.receipts.get(id)).toMatchObject({ state: 4, amount: 100_000 });
    expect(mock.exchanges.at(-1)).toMatchObject({ method: "receipts.get", code: null });
  });

  it.each(["drop_before", "drop_after"] as const)("%s is a network error", async (kind) => {
    mock.faults.add({ kind });
    await expect(post(HOSTS[0] ?? "", "receipts.create", { amount: 100, account: {} })).rejects.toThrow(TypeError);
    expect(mock.receipts()).toHaveLength(kind === "drop_after" ? 1 : 0);
  });

  it("let a caller give up", async () => {
    mock.faults.add({ kind: "delay", delayMs: 200 });
    const asked = post(HOSTS[0] ?? "", "receipts.get_all", {}, AbortSignal.timeout(20));
    await expect(asked).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("leave other hosts alone", async () => {
    expect(await (await fetch("https://elsewhere.uz/")).text()).toBe("elsewhere");
  });

  it("answer at the hosts that are named", async () => {
    server.use(...mockPaymeHandlers(mock, { hosts: ["https://payme.staging.example"] }));
    const answer = await post("https://payme.staging.example", "receipts.get_all", {});
    expect(await answer.json()).toEqual({ jsonrpc: "2.0", id: 1, result: [] });
    server.resetHandlers();
  });
});
