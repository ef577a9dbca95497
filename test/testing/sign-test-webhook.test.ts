import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalJson, parseWebhook } from "../../src/entry/gateway";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const secret = "your_secret_key";
const hmac = (text: string) => createHmac("sha256", secret).update(text).digest("hex");

describe("signTestWebhook", () => {
  it("gives the guide's example, ready to send, where no body is given", () => {
    const { body, headers } = signTestWebhook({ secret });
    expect(headers["Content-Type"]).toBe("application/json");
    expect(parseWebhook(body, headers, { secret })).toMatchObject({
      type: "payment.paid",
      transactionId: "64f8a1b2c3d4e5f6a7b8c9d0",
      chequeId: "cheque123",
      amount: 5_000_000,
      paidAt: 1_642_234_567_000,
    });
  });

  it("signs as given text that it never rewrites, also text that is no JSON", () => {
    for (const text of ['{ "b": 1.0,\n "a": "ў" }', "{", ""]) {
      expect(signTestWebhook({ secret, body: text }).body).toBe(text);
      expect(signTestWebhook({ secret, body: text }).headers["X-Auth-Signature"]).toBe(hmac(text));
    }
  });

  const text = '{ "b": 1.0, "signature": "x", "a": { "d": "ў", "c": 2 } }';

  it.each([
    { style: "raw", signed: text },
    { style: "canonical", signed: '{"b":1.0,"a":{"d":"\\u045e","c":2}}' },
    { style: "sorted", signed: '{"a":{"c":2,"d":"\\u045e"},"b":1.0}' },
  ] as const)("signs the $style text and sends the body as it is", ({ style, signed }) => {
    const { body, headers } = signTestWebhook({ secret, body: text, style });
    expect(body).toBe(text);
    expect(headers["X-Auth-Signature"]).toBe(hmac(signed));
  });

  it("writes an object as its JSON", () => {
    const { body } = signTestWebhook({ secret, body: { method: "receipts.cancel", params: { id: "a" } } });
    expect(body).toBe(canonicalJson('{"method":"receipts.cancel","params":{"id":"a"}}'));
  });
});
