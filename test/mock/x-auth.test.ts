import { describe, expect, it } from "vitest";
import { signPayload } from "../../src/gateway/signature";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { API_CARD, apiRequest, openMock } from "./kit";

const denied = (data: string) => ({ error: { code: -32504, message: "Access denied.", data } });

describe("X-Auth", () => {
  const { mock, call } = openMock();
  const { merchantId: id, key } = mock;

  it.each([
    ["no header", null, "invalid_authorization_header"],
    ["another cashbox's id", "65a0b0000000000000000009", "invalid_id"],
    ["another cashbox's id with the key", `65a0b0000000000000000009:${key}`, "invalid_id"],
    ["Base64, as for the Merchant API", btoa(`Paycom:${id}:${key}`), "invalid_id"],
    ["Basic in front", `Basic ${btoa(`Paycom:${key}`)}`, "invalid_id"],
    ["nothing in it", "", "invalid_id"],
    ["a wrong key", `${id}:not-the-key`, "invalid_key"],
    ["an empty key", `${id}:`, "invalid_key"],
    ["the key with something after it", `${id}:${key}x`, "invalid_key"],
    ["the id alone", id, "invalid_key"],
    ["a signature of nothing", `${id}:${"0".repeat(64)}`, "invalid_key"],
  ])("receipts with %s: -32504", async (_name, xAuth, data) => {
    const params = { amount: 100, account: {} };
    expect(await call("receipts.create", params, { xAuth })).toMatchObject(denied(data));
    expect(mock.receipts()).toEqual([]);
  });

  it("is judged before the method is looked up, so that a stranger learns nothing", async () => {
    expect(await call("no.such_method", {}, { xAuth: `${id}:wrong` })).toMatchObject(denied("invalid_key"));
  });

  it("Payme's scheme: the id and the key", async () => {
    expect(await call("receipts.get_all", {}, { xAuth: `${id}:${key}` })).toEqual({ jsonrpc: "2.0", result: [] });
  });

  it("a key may have colons in it", async () => {
    const key = "with:colons:and?&@#%";
    const other = createMockPayme({ key });
    const body = '{"method":"receipts.get_all","params":{}}';
    expect(await (await other.fetch(apiRequest(other, body))).json()).toHaveProperty("result");
  });

  it("the guide's scheme: the id and a signature of the body", async () => {
    const body = '{"method": "receipts.get_all", "params": {}}';
    const request = apiRequest(mock, body, `${id}:${signPayload(body, key)}`);
    expect(await (await mock.fetch(request)).json()).toHaveProperty("result", []);
  });

  it("a signature is right for its own body only", async () => {
    const signature = signPayload('{"method":"receipts.check","params":{"id":"a"}}', key);
    expect(await call("receipts.check", { id: "b" }, { xAuth: `${id}:${signature}` })).toMatchObject(
      denied("invalid_key"),
    );
  });

  it("a signature made with another secret is refused", async () => {
    const body = '{"method":"receipts.get_all","params":{}}';
    const request = apiRequest(mock, body, `${id}:${signPayload(body, "another")}`);
    expect(await (await mock.fetch(request)).json()).toMatchObject(denied("invalid_key"));
  });

  it.each(["cards.check", "cards.remove", "cards.get_verify_code", "cards.verify"])(
    "%s may be called from a page, with the id alone",
    async (method) => {
      const token = `${"a".repeat(24)}_b`;
      const answer = await call(method, { token, code: "666666" }, { xAuth: id });
      expect(answer).toMatchObject({ error: { code: -31400 } });
    },
  );

  it("cards.create may be called from a page, with the id alone", async () => {
    expect(await call("cards.create", { card: API_CARD }, { xAuth: id })).toHaveProperty("result.card.token");
  });

  it("a mock without a key, which any signature could pass, is not made", () => {
    expect(() => createMockPayme({ key: "" })).toThrow(/key/);
    expect(() => createMockPayme({ notify: { url: "http://127.0.0.1:1", secret: "" } })).toThrow(/secret/);
  });
});
