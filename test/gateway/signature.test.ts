import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signatureAuth, signPayload, verifySignature } from "../../src/entry/gateway";
import { PaymeConfigError, PaymeValidationError } from "../../src/kit/errors";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";
import vectors from "../vectors/signature.json";

describe("signPayload", () => {
  it.each(vectors)("signs the canonical form: $name", ({ body, secret, signature }) => {
    expect(signPayload(body, secret)).toBe(signature);
  });

  it("signs an object as its JSON", () => {
    const body = { method: "receipts.get", params: { id: "a", note: "Toʻlov" } };
    expect(signPayload(body, "s")).toBe(signPayload(JSON.stringify(body, null, 4), "s"));
  });

  it("refuses an empty secret and a body that is no JSON", () => {
    expect(() => signPayload("{}", "")).toThrow(PaymeConfigError);
    expect(() => signPayload("{", "s")).toThrow(PaymeValidationError);
  });
});

describe("verifySignature", () => {
  it.each(vectors)("takes the canonical and the raw signature: $name", ({ body, secret, signature, bodySignature }) => {
    expect(verifySignature(body, signature, secret)).toBe(true);
    expect(verifySignature(Buffer.from(body), bodySignature, secret)).toBe(true);
    expect(verifySignature(new Uint8Array(Buffer.from(body)), signature.toUpperCase(), ["other", secret])).toBe(true);
    expect(verifySignature(body, signature, `${secret} `)).toBe(false);
  });

  it("takes the canonical form with sorted keys", () => {
    const { body, headers } = signTestWebhook({
      secret: "s",
      body: '{ "b": 1.0, "a": {"d":1,"c":2} }',
      style: "sorted",
    });
    expect(verifySignature(body, headers["X-Auth-Signature"], "s")).toBe(true);
  });

  it("takes an object, as second best", () => {
    const body = { method: "receipts.pay", params: { id: "a" }, signature: "left out" };
    expect(verifySignature(body, signPayload(body, "s"), "s")).toBe(true);
  });

  it.each([
    undefined,
    null,
    "",
    "00",
    5,
    {},
    [],
    "g".repeat(64),
    "0".repeat(63),
    "0".repeat(65),
    `${"0".repeat(64)}\n`,
  ])("is false for the signature %j, and never throws", (signature) => {
    expect(verifySignature("{}", signature, "s")).toBe(false);
  });

  it("compares only raw bytes where they are no UTF-8 or no JSON", () => {
    for (const bytes of [Uint8Array.from([0xff, 0xfe, 0x22]), Buffer.from("{"), Buffer.from("[".repeat(100_000))]) {
      const { createHmac } = process.getBuiltinModule("node:crypto");
      const right = createHmac("sha256", "s").update(bytes).digest("hex");
      expect(verifySignature(bytes, right, "s")).toBe(true);
      expect(verifySignature(bytes, "0".repeat(64), "s")).toBe(false);
    }
  });

  it("never throws for an object that is no JSON", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(verifySignature(circle, "0".repeat(64), "s")).toBe(false);
    expect(verifySignature({ big: 1n }, "0".repeat(64), "s")).toBe(false);
  });

  it("is false with an empty secret, with none, and with what is no text", () => {
    const { body } = signTestWebhook({ secret: "s" });
    const unsigned = process.getBuiltinModule("node:crypto").createHmac("sha256", "").update(body).digest("hex");
    for (const secrets of ["", [], [""], undefined, [undefined], null]) {
      expect(Reflect.apply(verifySignature, undefined, [body, unsigned, secrets])).toBe(false);
    }
  });

  it("fails for any bit that is flipped in the body or in the signature", () => {
    const { body, headers } = signTestWebhook({ secret: "s" });
    const signature = headers["X-Auth-Signature"];
    fc.assert(
      fc.property(fc.nat(body.length * 8 - 1), (bit) => {
        const bytes = Buffer.from(body);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return !verifySignature(bytes, signature, "s");
      }),
    );
    fc.assert(
      fc.property(fc.nat(255), (bit) => {
        const bytes = Buffer.from(signature, "hex");
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return !verifySignature(body, bytes.toString("hex"), "s");
      }),
    );
  });
});

describe("signatureAuth", () => {
  it("sends the canonical text and signs it", () => {
    const { body, header } = signatureAuth({ merchantId: "65a0", key: "s" }).prepare('{ "a": "ў" }');
    expect(body).toBe('{"a":"\\u045e"}');
    expect(header).toBe(`65a0:${signPayload(body, "s")}`);
  });
});
