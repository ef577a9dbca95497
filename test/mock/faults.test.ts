import { describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/testing/mock/faults";
import { apiRequest, CARD, createReceipt, openMock } from "./kit";

const outage = { kind: "rpc_error", code: -31001, message: "Сервер недоступен" } as const satisfies FaultRule;
const codeOf = (answer: Record<string, unknown>) => JSON.stringify(answer).match(/"code":(-?\d+)/)?.[1];
const creation = { amount: 100, account: { order_id: 1 } };

describe("a fault of the kind", () => {
  it("drop_before: the connection breaks, and nothing was done", async () => {
    const { mock, call } = openMock();
    mock.faults.add({ kind: "drop_before" });
    await expect(call("receipts.create", creation)).rejects.toMatchObject({
      name: "TypeError",
      cause: { code: "ECONNRESET" },
    });
    expect(mock.receipts()).toEqual([]);
  });

  it("drop_after: the connection breaks, and all was done", async () => {
    const { mock, call } = openMock();
    mock.faults.add({ kind: "drop_after", times: 1 });
    await expect(call("receipts.create", creation)).rejects.toThrow("fetch failed");
    expect(mock.receipts()).toHaveLength(1);
  });

  it("drop_after a payment: the money is taken, and the shop is notified", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    mock.faults.add({ method: "receipts.cancel", kind: "drop_after" });
    await mock.pay(id, { card: CARD });
    await expect(call("receipts.cancel", { id })).rejects.toThrow();
    expect(mock.receipt(id)).toMatchObject({ state: 21 });
    expect(mock.notifications.map(({ method }) => method)).toEqual(["receipts.pay", "receipts.cancel"]);
  });

  it("delay: the answer is late, and right", async () => {
    const { call, mock, slept } = openMock();
    mock.faults.add({ kind: "delay", delayMs: 45_000 });
    expect(await call("receipts.create", creation)).toHaveProperty("result.receipt._id");
    expect(slept).toEqual([45_000]);
    expect(mock.exchanges).toMatchObject([{ ms: 45_000 }]);
  });

  it("rpc_error: Payme refuses, and nothing was done", async () => {
    const { mock, call } = openMock();
    mock.faults.add({ kind: "rpc_error", code: -31622, message: "Сервис недоступен", data: "billing" });
    expect(await call("receipts.create", creation, { id: 3 })).toEqual({
      jsonrpc: "2.0",
      id: 3,
      error: { code: -31622, message: "Сервис недоступен", data: "billing" },
    });
    expect(mock.receipts()).toEqual([]);
  });

  it("http_status: an error page, and nothing was done", async () => {
    const { mock } = openMock();
    mock.faults.add({ kind: "http_status", status: 504 });
    const response = await mock.fetch(
      apiRequest(mock, JSON.stringify({ method: "receipts.create", params: creation })),
    );
    expect(response.status).toBe(504);
    expect(await response.text()).toContain("<html>");
    expect(mock.receipts()).toEqual([]);
  });

  it.each([undefined, "", '{"result":', '{"jsonrpc":"2.0","result":null}'])(
    "malformed (%j): an answer that is none, and all was done",
    async (body) => {
      const { mock } = openMock();
      mock.faults.add({ kind: "malformed", body });
      const request = apiRequest(mock, JSON.stringify({ method: "receipts.create", params: creation }));
      const response = await mock.fetch(request);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(body ?? "<html>502 Bad Gateway</html>");
      expect(mock.receipts()).toHaveLength(1);
    },
  );
});

describe("a fault strikes", () => {
  async function codes(
    rule: { times?: number; callNumber?: number; probability?: number },
    calls: number,
  ): Promise<(string | undefined)[]> {
    const { mock, call } = openMock();
    mock.faults.add({ ...outage, ...rule });
    const answers = [];
    for (let made = 0; made < calls; made += 1) answers.push(codeOf(await call("receipts.get_all")));
    return answers;
  }

  it("at every call, where nothing else is said", async () => {
    expect(await codes({}, 3)).toEqual(["-31001", "-31001", "-31001"]);
  });

  it("as many times as `times` says", async () => {
    expect(await codes({ times: 2 }, 3)).toEqual(["-31001", "-31001", undefined]);
    expect(await codes({ times: 0 }, 1)).toEqual([undefined]);
  });

  it("at the n-th call", async () => {
    expect(await codes({ callNumber: 2 }, 3)).toEqual([undefined, "-31001", undefined]);
  });

  it("as often as `probability` says", async () => {
    expect(await codes({ probability: 0 }, 20)).toEqual(Array(20).fill(undefined));
    expect(await codes({ probability: 1 }, 20)).toEqual(Array(20).fill("-31001"));
    const failed = (await codes({ probability: 0.3 }, 400)).filter((code) => code !== undefined).length;
    expect(failed).toBeGreaterThan(80);
    expect(failed).toBeLessThan(160);
  });
});

describe("a fault can be limited to", () => {
  it.each([
    ["receipts.check", true],
    ["receipts.*", true],
    ["*", true],
    ["*.check", true],
    ["receipts.c*k", true],
    ["receipts", false],
    ["receipts.chec", false],
    ["receipts.get*", false],
    ["receipts?check", false],
    ["receiptsXcheck", false],
    ["cards.*", false],
    ["", false],
  ])("the pattern %j and receipts.check: %s", async (method, hits) => {
    const { mock, call } = openMock();
    mock.faults.add({ ...outage, method });
    expect(codeOf(await call("receipts.check", { id: "0".repeat(24) }))).toBe(hits ? "-31001" : "-31602");
  });

  it("a receipt's id", async () => {
    const { mock, call } = openMock();
    const [one, other] = [await createReceipt(mock), await createReceipt(mock)];
    mock.faults.add({ ...outage, id: one._id });
    expect(codeOf(await call("receipts.check", { id: one._id }))).toBe("-31001");
    expect(codeOf(await call("receipts.check", { id: other._id }))).toBeUndefined();
  });

  it("an amount, and account values as text or number", async () => {
    const { mock, call } = openMock();
    mock.faults.add({ ...outage, amount: 300 });
    mock.faults.add({ ...outage, code: -31002, account: { order_id: 7, shop: "a" } });
    const create = async (amount: number, account: object) =>
      codeOf(await call("receipts.create", { amount, account }));
    expect(await create(300, {})).toBe("-31001");
    expect(await create(301, { order_id: "7", shop: "a" })).toBe("-31002");
    expect(await create(301, { order_id: 7, shop: "a", more: 1 })).toBe("-31002");
    expect(await create(301, { order_id: 7, shop: "b" })).toBeUndefined();
    expect(await create(301, { order_id: 7 })).toBeUndefined();
  });

  it("calls of the API: it does not touch what a payer does on the page", async () => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    mock.faults.add(outage);
    expect(await mock.pay(id, { card: CARD })).toMatchObject({ outcome: "paid" });
  });
});

describe("several faults", () => {
  it("the first that matches decides; when its times are over, the next one does", async () => {
    const { mock, call } = openMock();
    mock.faults.add({ ...outage, code: -1, times: 1 });
    mock.faults.add({ ...outage, code: -2 });
    expect(codeOf(await call("receipts.get_all"))).toBe("-1");
    expect(codeOf(await call("receipts.get_all"))).toBe("-2");
  });

  it("each counts all calls that it matches, also those that another fault took", async () => {
    const { mock, call } = openMock();
    mock.faults.add({ ...outage, code: -1, times: 1 });
    mock.faults.add({ ...outage, code: -2, callNumber: 2 });
    const codes = [];
    for (const _call of [1, 2, 3]) codes.push(codeOf(await call("receipts.get_all")));
    expect(codes).toEqual(["-1", "-2", undefined]);
  });

  it("one is taken away by what add gave, all by clear", async () => {
    const { mock, call } = openMock();
    const takeAway = mock.faults.add({ ...outage, code: -1 });
    mock.faults.add({ ...outage, code: -2 });
    takeAway();
    expect(codeOf(await call("receipts.get_all"))).toBe("-2");
    mock.faults.clear();
    expect(codeOf(await call("receipts.get_all"))).toBeUndefined();
  });
});

describe("a caller that gives up", () => {
  it("gets its own reason at once; what it asked for is done all the same", async () => {
    let wake: () => void = () => undefined;
    const { mock } = openMock({
      sleep: () =>
        new Promise((resolve) => {
          wake = resolve;
        }),
    });
    mock.faults.add({ kind: "delay", delayMs: 60_000 });
    const patience = new AbortController();
    const asked = mock.fetch("https://checkout.paycom.uz/api", {
      method: "POST",
      headers: { "X-Auth": `${mock.merchantId}:${mock.key}` },
      body: JSON.stringify({ method: "receipts.create", params: creation }),
      signal: patience.signal,
    });
    await new Promise((resolve) => setImmediate(resolve));
    patience.abort(new Error("no more patience"));
    await expect(asked).rejects.toThrow("no more patience");
    expect(mock.receipts()).toEqual([]);
    wake();
    await expect.poll(() => mock.receipts().length).toBe(1);
  });

  it("before it asks, asks nothing", async () => {
    const { mock } = openMock();
    const signal = AbortSignal.abort(new Error("too late"));
    const body = JSON.stringify({ method: "receipts.create", params: creation });
    const headers = { "X-Auth": `${mock.merchantId}:${mock.key}` };
    const asked = mock.fetch("https://checkout.paycom.uz/api", { method: "POST", headers, body, signal });
    await expect(asked).rejects.toThrow("too late");
    expect(mock.receipts()).toEqual([]);
  });
});
