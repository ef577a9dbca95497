import { describe, expect, it } from "vitest";
import { parseWebhook } from "../../src/entry/gateway";
import { PaymeSignatureError, PaymeValidationError } from "../../src/kit/errors";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const secret = "your_secret_key";
const params = { id: "64f8a1b2c3d4e5f6a7b8c9d0", amount: 5_000_000 };

function parse(body: string | object) {
  const signed = signTestWebhook({ secret, body });
  return parseWebhook(signed.body, signed.headers, { secret });
}

describe("a notification with a JSON-RPC id", () => {
  it.each([1, 0, "1", "", false, {}])("%j: receipts.cancel is refused, and the hint says what it is", (id) => {
    const attempt = () => parse({ id, method: "receipts.cancel", params });
    expect(attempt).toThrow(PaymeValidationError);
    expect(attempt).not.toThrow(PaymeSignatureError);
    expect(attempt).toThrow("is a call to Payme, not a notification");
    expect(attempt).toThrow(expect.objectContaining({ hint: expect.stringContaining("has no id") }));
  });

  it.each([1, 0, "1", ""])("%j: receipts.pay says that it has one", (id) => {
    expect(parse({ id, method: "receipts.pay", params })).toMatchObject({ type: "payment.paid", hasCallId: true });
  });

  it("that is null, or none, is a notification", () => {
    for (const id of [null, undefined]) {
      expect(parse({ id, method: "receipts.cancel", params })).toMatchObject({ type: "payment.cancelled" });
      expect(parse({ id, method: "receipts.pay", params })).toMatchObject({ hasCallId: false });
    }
    expect(parse({ jsonrpc: "2.0", method: "receipts.cancel", params })).toMatchObject({ type: "payment.cancelled" });
  });

  it("in another place, of another spelling, or twice: the last one counts, as in the signed text", () => {
    const withMembers = (members: string) =>
      `{${members}"method":"receipts.cancel","params":${JSON.stringify(params)}}`;
    expect(() => parse(withMembers('"i\\u0064":7,'))).toThrow(PaymeValidationError);
    expect(() => parse(withMembers('"id":null,"id":7,'))).toThrow(PaymeValidationError);
    expect(parse(withMembers('"ID":7,'))).toMatchObject({ type: "payment.cancelled" });
  });

  it("without an amount, as our own receipts.pay is, is refused", () => {
    expect(() => parse({ id: 1, method: "receipts.pay", params: { id: params.id, token: "t" } })).toThrow(
      "params.amount",
    );
  });
});
