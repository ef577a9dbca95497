import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type ParseWebhookOptions, parseWebhook } from "../../src/entry/gateway";
import { PaymeConfigError, PaymeSignatureError, PaymeValidationError } from "../../src/kit/errors";
import type { Exchange } from "../../src/protocol/exchange";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const secret = "your_secret_key";
const pay = { id: "64f8a1b2c3d4e5f6a7b8c9d0", cheque_id: "cheque123", amount: 5_000_000, paid_at: 1_642_234_567 };
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

function parse(body: string | object, options: Partial<ParseWebhookOptions> = {}) {
  const signed = signTestWebhook({ secret, body });
  return parseWebhook(signed.body, signed.headers, { secret, ...options });
}

const parsePaid = (changes: object) => parse({ method: "receipts.pay", params: { ...pay, ...changes } });

describe("a notification that our books cannot hold is refused: with", () => {
  it.each([
    ["a time after the year 9999", { paid_at: LAST_MS + 1 }],
    ["a time before 1970", { paid_at: -1 }],
    ["an id with U+0000", { id: "a\u0000b" }],
    ["an id with a line break", { id: "a\nb" }],
    ["an id with half a surrogate pair", { id: "a\ud800" }],
    ["an id of 129 characters", { id: "a".repeat(129) }],
    ["a cheque id that is an object", { cheque_id: {} }],
    ["a cheque id with U+0000", { cheque_id: "\u0000" }],
  ])("%s", (_name, changes) => {
    expect(() => parsePaid(changes)).toThrow(PaymeValidationError);
  });

  it("a cancellation with a time after the year 9999", () => {
    expect(() => parse({ method: "receipts.cancel", params: { id: "a", cancelled_at: LAST_MS + 1 } })).toThrow(
      "params.cancelled_at",
    );
  });

  it("bytes that are no UTF-8, although their signature is right", () => {
    const bytes = Buffer.from(JSON.stringify({ method: "receipts.pay", params: { ...pay, note: "\u00e9" } }), "latin1");
    const signature = createHmac("sha256", secret).update(bytes).digest("hex");
    const attempt = () => parseWebhook(bytes, { "x-auth-signature": signature }, { secret });
    expect(attempt).toThrow("not UTF-8");
    expect(attempt).not.toThrow(PaymeSignatureError);
  });
});

describe("a notification is not refused for", () => {
  it.each([
    ["the last time of the calendar", { paid_at: LAST_MS }, { paidAt: LAST_MS }],
    ["the last second that is a second", { paid_at: 99_999_999_999 }, { paidAt: 99_999_999_999_000 }],
    ["the first ms that is a ms", { paid_at: 100_000_000_000 }, { paidAt: 100_000_000_000 }],
    ["a second with a fraction", { paid_at: 1.5 }, { paidAt: 1_500 }],
    ["time 0", { paid_at: 0 }, { paidAt: 0 }],
    ["an id of 128 characters", { id: "a".repeat(128) }, { transactionId: "a".repeat(128) }],
    ["an id in other letters", { id: "чек-ў 🎉" }, { transactionId: "чек-ў 🎉" }],
    ["an empty cheque id", { cheque_id: "" }, { chequeId: null }],
    ["no cheque id", { cheque_id: undefined }, { chequeId: null }],
    ["a cheque id that is a number", { cheque_id: 42 }, { chequeId: "42" }],
    ["the largest amount", { amount: Number.MAX_SAFE_INTEGER }, { amount: Number.MAX_SAFE_INTEGER }],
  ])("%s", (_name, changes, expected) => {
    expect(parsePaid(changes)).toMatchObject({ type: "payment.paid", ...expected });
  });

  it("an amount that Python wrote as 5000000.0", () => {
    expect(parse('{"method":"receipts.pay","params":{"id":"a","amount":5000000.0}}')).toMatchObject({
      amount: 5_000_000,
    });
  });

  it.each([
    ["no params", '{"method":"ping"}'],
    ["params that are a list", '{"method":"ping","params":[1]}'],
  ])("an unknown method with %s: it is an unknown event", (_name, body) => {
    expect(parse(body)).toEqual({ type: "unknown", method: "ping", params: {}, raw: JSON.parse(body) });
  });

  it("a member called __proto__, which changes no other", () => {
    const body = `{"method":"receipts.pay","params":{"id":"a","amount":1,"__proto__":{"amount":2}},"__proto__":{"method":"x"}}`;
    expect(parse(body)).toMatchObject({ type: "payment.paid", amount: 1 });
  });

  it("a repeated member: the last one counts, as in Python and JSON.parse", () => {
    expect(parse('{"method":"receipts.pay","params":{"id":"a","amount":1,"amount":2}}')).toMatchObject({ amount: 2 });
  });
});

describe("headers", () => {
  const { body, headers } = signTestWebhook({ secret });
  const signature = headers["X-Auth-Signature"];

  it("are read from any implementation's Headers, which need not be this realm's class", () => {
    const foreign = { get: (name: string) => (name.toLowerCase() === "x-auth-signature" ? signature : null) };
    expect(parseWebhook(body, foreign, { secret }).type).toBe("payment.paid");
    expect(() => parseWebhook(body, { get: () => null }, { secret })).toThrow("no X-Auth-Signature");
  });

  it("that came twice are refused from Headers too", () => {
    const twice = new Headers([
      ["X-Auth-Signature", signature],
      ["X-Auth-Signature", signature],
    ]);
    expect(() => parseWebhook(body, twice, { secret })).toThrow(PaymeSignatureError);
  });
});

describe("onExchange", () => {
  it("is called for a refused notification with its code and without its body", () => {
    const exchanges: Exchange[] = [];
    const onExchange = (exchange: Exchange) => exchanges.push(exchange);
    const forged = () => parseWebhook('{"planted":"secret"}', {}, { secret, onExchange });
    expect(forged).toThrow(PaymeSignatureError);
    expect(() => parse("[]", { onExchange })).toThrow(PaymeValidationError);
    expect(exchanges).toMatchObject([
      { direction: "in", code: "SIGNATURE_INVALID", request: null },
      { direction: "in", code: "VALIDATION_FAILED", request: null },
    ]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no disk for 8600495473316478");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no disk for 8600495473316478"))],
  ])("that %s is logged, masked, and costs nobody the payment", async (_name, onExchange) => {
    const errors: unknown[] = [];
    const logger = { info() {}, warn() {}, error: (...said: unknown[]) => errors.push(said) };
    expect(parse({ method: "receipts.pay", params: pay }, { onExchange, logger }).type).toBe("payment.paid");
    await new Promise(setImmediate);
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain("no disk for 860049******6478");
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("expected a throw");
}

it("no error says the secret, the signature or the body", () => {
  const signature = "ab".repeat(32);
  for (const given of [signature, `${signature}ff`, undefined]) {
    const refusal = thrownBy(() =>
      parseWebhook('{"planted":"body"}', { "x-auth-signature": given }, { secret: "planted-secret" }),
    );
    expect(refusal).toBeInstanceOf(PaymeSignatureError);
    const said = `${String(refusal)} ${JSON.stringify(refusal)} ${Reflect.get(Object(refusal), "stack")}`;
    expect(said).not.toMatch(/planted"|planted-secret|abab/);
  }
});

it("a secret that is not set is a PaymeConfigError, also for callers without types", () => {
  const { body, headers } = signTestWebhook({ secret });
  for (const unset of [undefined, null, "", [], [undefined], [secret, ""]]) {
    expect(() => Reflect.apply(parseWebhook, undefined, [body, headers, { secret: unset }])).toThrow(PaymeConfigError);
  }
});
