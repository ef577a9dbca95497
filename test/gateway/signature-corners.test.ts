import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signPayload, verifySignature } from "../../src/entry/gateway";
import { PaymeValidationError } from "../../src/kit/errors";
import { growthOf, LINEAR } from "../growth";

const secret = "s3cret";
const hmac = (data: string | Uint8Array) => createHmac("sha256", secret).update(data).digest("hex");

describe("signPayload", () => {
  it("signs bytes as the JSON they hold, not as an object of numbers", () => {
    const text = '{ "b": 1.0, "a": "Toʻlov" }';
    expect(signPayload(Buffer.from(text), secret)).toBe(signPayload(text, secret));
    expect(signPayload(new TextEncoder().encode(text), secret)).toBe(signPayload(text, secret));
  });

  it("signs 1.0 in text as 1.0, and in an object as JSON.stringify writes it", () => {
    expect(signPayload('{"a":1.0}', secret)).toBe(hmac('{"a":1.0}'));
    expect(signPayload(JSON.parse('{"a":1.0}'), secret)).toBe(hmac('{"a":1}'));
  });

  it("refuses what is no JSON with an error of ours", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const body of [circle, { big: 1n }, { toJSON: () => undefined }, Uint8Array.of(0xff), "[".repeat(501), ""]) {
      expect(() => signPayload(body, secret)).toThrow(PaymeValidationError);
    }
    expect(() => Reflect.apply(signPayload, undefined, [undefined, secret])).toThrow(PaymeValidationError);
  });
});

describe("verifySignature", () => {
  it("tells the three texts apart from any other", () => {
    const body = '{ "b": 1, "signature": "x", "a": [1.50] }';
    for (const right of [body, '{"b":1,"a":[1.5]}', '{"a":[1.5],"b":1}']) {
      expect(verifySignature(body, hmac(right), secret)).toBe(true);
    }
    for (const wrong of ['{"b":1,"signature":"x","a":[1.5]}', '{"b":1,"a":[1.50]}', '{"b": 1, "a": [1.5]}', ""]) {
      expect(verifySignature(body, hmac(wrong), secret)).toBe(false);
    }
  });

  it("reads only its own part of a larger buffer", () => {
    const view = Buffer.from('garbage{"a":1}garbage').subarray(7, 14);
    expect(verifySignature(view, hmac('{"a":1}'), secret)).toBe(true);
    expect(verifySignature(new Uint8Array(view.buffer, view.byteOffset, 7), hmac('{"a":1}'), secret)).toBe(true);
  });

  it("takes a byte order mark as part of the raw bytes, and as no JSON", () => {
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"a": 1}')]);
    expect(verifySignature(marked, hmac(marked), secret)).toBe(true);
    expect(verifySignature(marked, hmac('{"a":1}'), secret)).toBe(false);
  });

  it.each([
    ["a broken sequence", [0x22, 0xc3, 0x28, 0x22], '"\\ufffd("'],
    ["a surrogate in UTF-8", [0x22, 0xed, 0xa0, 0x80, 0x22], '"\\ud800"'],
    ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22], '"/"'],
  ])("never reads %s as text", (_name, bytes, canonical) => {
    expect(verifySignature(Uint8Array.from(bytes), hmac(canonical), secret)).toBe(false);
    expect(verifySignature(Uint8Array.from(bytes), hmac(Uint8Array.from(bytes)), secret)).toBe(true);
  });

  it.each([
    ["4,301 digits", `{"a": ${"9".repeat(4301)}}`],
    ["501 levels", `${"[ ".repeat(501)}${"]".repeat(501)}`],
  ])("compares only raw bytes over Python's limits: %s", (_name, body) => {
    expect(verifySignature(body, hmac(body), secret)).toBe(true);
    expect(verifySignature(body, hmac(body.replaceAll(" ", "")), secret)).toBe(false);
  });

  it("is false, without a throw, for bodies that no caller with types would give", () => {
    for (const body of [undefined, null, 5, true, Symbol("x"), () => {}, new ArrayBuffer(2), new Proxy({}, hostile)]) {
      expect(Reflect.apply(verifySignature, undefined, [body, "0".repeat(64), secret])).toBe(false);
    }
  });

  it("tries every secret against every form", () => {
    const body = '{ "b": 1, "a": 2 }';
    for (const secrets of [
      [secret, "y"],
      ["x", secret],
      ["x", secret, "y"],
    ]) {
      expect(verifySignature(body, hmac(body), secrets)).toBe(true);
      expect(verifySignature(body, hmac('{"a":2,"b":1}'), secrets)).toBe(true);
    }
    expect(verifySignature(body, hmac(body), ["x", "y"])).toBe(false);
  });

  it("refuses a forged body in linear time, also where its keys must be sorted", () => {
    const growth = growthOf(2_000, (size) => {
      const members = Array.from({ length: size }, (_unused, index) => `"key${(index * 7919) % size}": ${index}`);
      const body = `{${members.join(", ")}}`;
      return () => expect(verifySignature(body, "0".repeat(64), secret)).toBe(false);
    });
    expect(growth).toBeLessThan(LINEAR);
  });
});

const hostile: ProxyHandler<object> = {
  get: () => {
    throw new Error("hostile");
  },
  ownKeys: () => {
    throw new Error("hostile");
  },
};
