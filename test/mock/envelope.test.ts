import { describe, expect, it } from "vitest";
import { apiRequest, createReceipt, openMock } from "./kit";

const API = "https://checkout.paycom.uz/api";

describe("the envelope", () => {
  it.each([
    ["cut off", '{"method":"receipts.check"'],
    ["empty", ""],
    ["HTML", "<html></html>"],
  ])("a body that is %s is -32700", async (_name, body) => {
    const { mock } = openMock();
    const response = await mock.fetch(apiRequest(mock, body));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: { code: -32700 } });
  });

  it.each([
    ["a list", "[]"],
    ["a number", "5"],
    ["null", "null"],
    ["without a method", '{"params":{}}'],
    ["with a method that is a number", '{"method":5,"params":{}}'],
    ["with parameters that are a list", '{"method":"receipts.check","params":[]}'],
    ["with parameters that are text", '{"method":"receipts.check","params":"id"}'],
    ["nested without end", `{"method":"receipts.create","params":{"detail":${"[".repeat(5_000)}${"]".repeat(5_000)}}}`],
  ])("a request that is %s is -32600", async (_name, body) => {
    const { mock } = openMock();
    const response = await mock.fetch(apiRequest(mock, body));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: { code: -32600 } });
    expect(mock.receipts()).toEqual([]);
  });

  it("a request that is no POST is -32300, with HTTP 200", async () => {
    const { mock } = openMock();
    const response = await mock.fetch(API);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: { code: -32300 } });
  });

  it("a method that it does not know is -32601, and named in data", async () => {
    const { call } = openMock();
    expect(await call("receipts.refund_a_little")).toMatchObject({
      error: { code: -32601, message: expect.any(String), data: "receipts.refund_a_little" },
    });
  });

  it("the names of JavaScript's own members are no methods", async () => {
    const { call } = openMock();
    expect(await call("constructor")).toMatchObject({ error: { code: -32601 } });
    expect(await call("__proto__")).toMatchObject({ error: { code: -32601 } });
  });

  it.each([7, 0, "a-uuid", null])("echoes the id %j", async (id) => {
    const { mock, call } = openMock();
    const receipt = await createReceipt(mock);
    expect(await call("receipts.check", { id: receipt._id }, { id })).toEqual({
      jsonrpc: "2.0",
      id,
      result: { state: 0 },
    });
    expect(await call("receipts.check", { id: "nobody" }, { id })).toMatchObject({ id, error: { code: -31602 } });
  });

  it("a request without an id is answered without one", async () => {
    const { mock, call } = openMock();
    const receipt = await createReceipt(mock);
    expect(await call("receipts.check", { id: receipt._id })).not.toHaveProperty("id");
    expect(await call("receipts.check", {})).not.toHaveProperty("id");
  });

  it("takes /api with a slash at its end, any host, and no content type", async () => {
    const { mock } = openMock();
    const headers = { "X-Auth": `${mock.merchantId}:${mock.key}` };
    const body = new TextEncoder().encode('{"method":"receipts.get_all","params":{}}');
    const response = await mock.fetch("http://127.0.0.1:8001/api/", { method: "POST", body, headers });
    expect(await response.json()).toEqual({ jsonrpc: "2.0", result: [] });
  });

  it("answers 404 to an address that is neither the API nor a receipt's page", async () => {
    const { mock } = openMock();
    expect((await mock.fetch("https://checkout.paycom.uz/")).status).toBe(404);
    expect((await mock.fetch("https://checkout.paycom.uz/api/v2")).status).toBe(404);
  });
});
