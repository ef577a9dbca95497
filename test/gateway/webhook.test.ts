import { describe, expect, it } from "vitest";
import { parseWebhook } from "../../src/entry/gateway";
import { PaymeSignatureError, PaymeValidationError } from "../../src/kit/errors";
import type { Exchange } from "../../src/protocol/exchange";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const secret = "your_secret_key";
const now = () => 1_700_000_000_000;
const pay = { id: "64f8a1b2c3d4e5f6a7b8c9d0", cheque_id: "cheque123", amount: 5_000_000, paid_at: 1_642_234_567 };

function parse(body: string | object, style?: "raw" | "canonical" | "sorted") {
  const signed = signTestWebhook({ secret, body, style });
  return parseWebhook(signed.body, signed.headers, { secret, now });
}

describe("parseWebhook judges the signature before anything else", () => {
  it("refuses a missing header, one of the wrong form, and a wrong one, each with its own words", () => {
    const attempt = (headers: Record<string, string>) => () => parseWebhook("not json", headers, { secret });
    expect(attempt({})).toThrow(PaymeSignatureError);
    expect(attempt({})).toThrow("no X-Auth-Signature");
    expect(attempt({ "X-Auth-Signature": "abc" })).toThrow("64 hexadecimal digits");
    expect(attempt({ "X-Auth-Signature": "0".repeat(64) })).toThrow("does not match");
  });

  it("refuses a header that came twice", () => {
    const { body, headers } = signTestWebhook({ secret });
    const twice = [headers["X-Auth-Signature"], "0".repeat(64)];
    expect(() => parseWebhook(body, { "x-auth-signature": twice }, { secret })).toThrow(PaymeSignatureError);
  });

  it("refuses a parsed body and says how to keep the raw one", () => {
    const parsed: unknown = JSON.parse(signTestWebhook({ secret }).body);
    const attempt = () => Reflect.apply(parseWebhook, undefined, [parsed, {}, { secret }]);
    expect(attempt).toThrow(PaymeValidationError);
    expect(attempt).toThrow(expect.objectContaining({ hint: expect.stringContaining("express.raw") }));
  });
});

describe("parseWebhook refuses, rightly signed,", () => {
  it.each([
    ["no JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["no method", { params: pay }],
    ["params that are an array", { method: "receipts.pay", params: [] }],
    ["no id", { method: "receipts.pay", params: { ...pay, id: undefined } }],
    ["an empty id", { method: "receipts.pay", params: { ...pay, id: "" } }],
    ["an id that is a number", { method: "receipts.pay", params: { ...pay, id: 5 } }],
    ["an amount in text", { method: "receipts.pay", params: { ...pay, amount: "5000000" } }],
    ["an amount of nothing", { method: "receipts.pay", params: { ...pay, amount: 0 } }],
    ["a negative amount", { method: "receipts.pay", params: { ...pay, amount: -1 } }],
    ["a broken amount", { method: "receipts.pay", params: { ...pay, amount: 1.5 } }],
    ["an unsafe amount", `{"method":"receipts.pay","params":{"id":"a","amount":1e300}}`],
    ["a time in text", { method: "receipts.pay", params: { ...pay, paid_at: "now" } }],
  ])("%s", (_name, body) => {
    expect(() => parse(body)).toThrow(PaymeValidationError);
  });
});

describe("parseWebhook gives", () => {
  it.each(["raw", "canonical", "sorted"] as const)("the guide's payment, signed %s", (style) => {
    expect(parse({ method: "receipts.pay", params: pay }, style)).toMatchObject({
      type: "payment.paid",
      transactionId: "64f8a1b2c3d4e5f6a7b8c9d0",
      chequeId: "cheque123",
      amount: 5_000_000,
      paidAt: 1_642_234_567_000,
    });
  });

  it("milliseconds as they are, and the time of receipt where there is none", () => {
    const at = (paid_at: number | null | undefined) => parse({ method: "receipts.pay", params: { ...pay, paid_at } });
    expect(at(1_642_234_567_123)).toMatchObject({ paidAt: 1_642_234_567_123 });
    expect(at(undefined)).toMatchObject({ paidAt: now() });
    expect(at(null)).toMatchObject({ paidAt: now() });
  });

  it("a cancellation, with or without amount and time", () => {
    expect(parse({ method: "receipts.cancel", params: { id: "a" } })).toMatchObject({
      type: "payment.cancelled",
      transactionId: "a",
      chequeId: null,
      amount: null,
      cancelledAt: now(),
    });
  });

  it("unknown methods and members as they are", () => {
    const event = parse({ method: "receipts.hold", params: { id: "a" }, more: 1 });
    expect(event).toMatchObject({ type: "unknown", method: "receipts.hold", params: { id: "a" }, raw: { more: 1 } });
  });

  it("the same from a Headers object and from any case of the name", () => {
    const { body, headers } = signTestWebhook({ secret });
    const signature = headers["X-Auth-Signature"];
    for (const given of [
      new Headers(headers),
      { "X-AUTH-SIGNATURE": signature },
      { "x-auth-signature": [signature] },
    ]) {
      expect(parseWebhook(Buffer.from(body), given, { secret: ["old", secret] }).type).toBe("payment.paid");
    }
  });
});

it("onExchange gets the notification without its secrets", () => {
  const exchanges: Exchange[] = [];
  const { body, headers } = signTestWebhook({
    secret,
    body: { method: "x", params: { token: "T", card: "8600495473316478" } },
  });
  parseWebhook(body, headers, { secret, onExchange: (exchange) => exchanges.push(exchange) });
  expect(JSON.stringify(exchanges)).not.toMatch(/"T"|8600495473316478/);
  expect(exchanges).toMatchObject([{ direction: "in", method: "x" }]);
});
