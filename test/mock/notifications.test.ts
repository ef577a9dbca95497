import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { parseWebhook } from "../../src/entry/gateway";
import { verifySignature } from "../../src/gateway/signature";
import { CARD, createReceipt, openMock, START } from "./kit";

interface Delivery {
  method: string | undefined;
  signature: string | null;
  type: string | null;
  body: string;
}

/** A shop that answers each delivery as it is told; 200 when it was told no more. */
function shop(statuses: number[] = []) {
  const deliveries: Delivery[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method, headers } = request;
    deliveries.push({
      method,
      signature: headers.get("x-auth-signature"),
      type: headers.get("content-type"),
      body: await request.text(),
    });
    const status = statuses.shift() ?? 200;
    if (status === 0) throw new TypeError("fetch failed");
    return new Response('{"result":"ok"}', { status });
  };
  return { deliveries, notify: { url: "http://shop.invalid/payme/webhook", secret: "the-secret", fetch } };
}

describe("a notification", () => {
  it("of a payment has the guide's form, and a signature of its very bytes", async () => {
    const { deliveries, notify } = shop();
    const { mock } = openMock({ notify });
    const { _id: id, cheque_id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    await mock.flush();
    expect(deliveries).toHaveLength(1);
    const { method, signature, type, body = "" } = deliveries[0] ?? {};
    expect([method, type]).toEqual(["POST", "application/json"]);
    expect(JSON.parse(body)).toEqual({
      method: "receipts.pay",
      params: { id, cheque_id, amount: 1_250_000, paid_at: START / 1000 },
    });
    expect(verifySignature(body, signature, "the-secret")).toBe(true);
    expect(verifySignature(body.replace("1250000", "1250001"), signature, "the-secret")).toBe(false);
    expect(verifySignature(body, signature, mock.key)).toBe(false);
  });

  it("of a cancellation, too", async () => {
    const { deliveries, notify } = shop();
    const { mock, pass } = openMock({ notify });
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    pass(5_000);
    await mock.cancel(id);
    await mock.flush();
    const { body = "", signature } = deliveries[1] ?? {};
    expect(parseWebhook(body, { "x-auth-signature": signature ?? "" }, { secret: "the-secret" })).toMatchObject({
      type: "payment.cancelled",
      transactionId: id,
      amount: 1_250_000,
      cancelledAt: START + 5_000,
    });
  });

  it("is sent when a token pays, as when a person does", async () => {
    const { deliveries, notify } = shop();
    const { mock } = openMock({ notify });
    const { _id: id } = await createReceipt(mock);
    await mock.cancel(id);
    await mock.flush();
    expect(deliveries.map(({ body }) => JSON.parse(body).method)).toEqual(["receipts.cancel"]);
  });

  it("is signed with the mock's key where no secret is given", async () => {
    const { deliveries, notify } = shop();
    const { mock } = openMock({ notify: { url: notify.url, fetch: notify.fetch } });
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    await mock.flush();
    expect(verifySignature(deliveries[0]?.body ?? "", deliveries[0]?.signature, mock.key)).toBe(true);
  });

  it("is not sent for what did not happen: a decline, a second payment, a second cancel", async () => {
    const { deliveries, notify } = shop();
    const { mock, call } = openMock({ notify });
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: { ...CARD, expire: "01/25" } });
    await mock.pay(id, { card: CARD });
    await mock.pay(id, { card: CARD });
    await mock.cancel(id);
    await call("receipts.cancel", { id });
    await mock.flush();
    expect(deliveries.map(({ body }) => JSON.parse(body).method)).toEqual(["receipts.pay", "receipts.cancel"]);
  });

  it("is kept to look at where there is nobody to notify", async () => {
    const { mock } = openMock();
    const { _id: receiptId } = await createReceipt(mock);
    await mock.pay(receiptId, { card: CARD });
    await mock.flush();
    expect(mock.notifications).toMatchObject([{ method: "receipts.pay", receiptId, attempts: [] }]);
  });
});

describe("a notification that was not answered with 200", () => {
  it("is repeated with the same bytes until it is", async () => {
    const { deliveries, notify } = shop([500, 0, 404, 200]);
    const { mock, slept } = openMock({ notify });
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    await mock.flush();
    expect(mock.notifications).toMatchObject([{ attempts: [500, null, 404, 200] }]);
    expect(slept).toEqual([1_000, 5_000, 15_000]);
    expect(new Set(deliveries.map(({ body, signature }) => `${body} ${signature}`)).size).toBe(1);
  });

  it.each([201, 204, 302, 400, 503])("is repeated after %i", async (status) => {
    const { notify } = shop([status === 204 ? 202 : status]);
    const { mock } = openMock({ notify });
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    await mock.flush();
    expect(mock.notifications[0]?.attempts).toHaveLength(2);
  });

  it("is given up after the last repeat", async () => {
    const { deliveries, notify } = shop(Array(10).fill(500));
    const { mock } = openMock({ notify: { ...notify, repeatAfterMs: [10, 20] } });
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    await mock.flush();
    expect(deliveries).toHaveLength(3);
  });

  it("is not repeated any more after a reset", async () => {
    const { deliveries, notify } = shop(Array(10).fill(500));
    const { mock } = openMock({
      notify,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    });
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    await expect.poll(() => deliveries.length).toBe(1);
    mock.reset();
    await mock.flush();
    expect(deliveries).toHaveLength(1);
  });
});

describe("redeliver", () => {
  it("sends a receipt's last notification again, byte for byte", async () => {
    const { deliveries, notify } = shop();
    const { mock } = openMock({ notify });
    const { _id: id } = await createReceipt(mock);
    const { _id: other } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    await mock.pay(other, { card: CARD });
    await mock.flush();
    expect(await mock.redeliver(id)).toMatchObject({ receiptId: id, attempts: [200, 200] });
    expect(deliveries).toHaveLength(3);
    expect(deliveries[2]).toEqual(deliveries[0]);
  });

  it("has nothing to send for a receipt of which nothing was told", async () => {
    const { deliveries, notify } = shop();
    const { mock } = openMock({ notify });
    expect(await mock.redeliver((await createReceipt(mock))._id)).toBeUndefined();
    expect(deliveries).toEqual([]);
  });
});

describe("over HTTP", () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function listen(answer: (path: string | undefined) => number | "never") {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(`${request.method} ${request.url}`);
      const status = answer(request.url);
      if (status === "never") return;
      response.writeHead(status, { Location: "/elsewhere" }).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return { paths, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook` };
  }

  it("a redirect is no answer: it is not followed", async () => {
    const { paths, url } = await listen((path) => (path === "/webhook" ? 302 : 200));
    const { mock } = openMock({ notify: { url, repeatAfterMs: [] } });
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    await mock.flush();
    expect(mock.notifications).toMatchObject([{ attempts: [302] }]);
    expect(paths).toEqual(["POST /webhook"]);
  });

  it("a shop that never answers does not hold it for ever", async () => {
    const { url } = await listen(() => "never");
    const { mock } = openMock({ notify: { url, repeatAfterMs: [0], timeoutMs: 100 } });
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    await mock.flush();
    expect(mock.notifications).toMatchObject([{ attempts: [null, null] }]);
  });
});
