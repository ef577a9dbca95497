import type { BinaryLike, KeyObject } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifySignature } from "../../src/entry/gateway";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const counted = vi.hoisted(() => ({ hmacs: 0 }));

vi.mock("node:crypto", async (original) => {
  const real = await original<typeof import("node:crypto")>();
  const createHmac = (algorithm: string, key: BinaryLike | KeyObject) => {
    counted.hmacs += 1;
    return real.createHmac(algorithm, key);
  };
  return { ...real, createHmac };
});

const STYLES = ["raw", "canonical", "sorted"] as const;
const secret = "a-secret-of-the-gateway";
const notification = (style: (typeof STYLES)[number]) => {
  const { body, headers } = signTestWebhook({ secret, style, body: '{ "method": "receipts.pay", "amount": 1.50 }' });
  return { body, signature: headers["X-Auth-Signature"] };
};

/** The answer, and how many HMACs it took. */
function verify(body: string | object, signature: string, secrets: string | string[] = secret) {
  counted.hmacs = 0;
  return [verifySignature(body, signature, secrets), counted.hmacs];
}

describe("the HMACs of a notification", () => {
  const sent = Object.fromEntries(STYLES.map((style) => [style, notification(style)]));
  const settle = (style: string) => verify(sent[style]?.body ?? "", sent[style]?.signature ?? "");

  beforeEach(() => void settle("raw"));
  afterEach(() => void settle("raw"));

  it.each(STYLES)("are one from the second on, where the gateway signs %s", (style) => {
    const { body, signature } = notification(style);
    expect(verify(body, signature)).toEqual([true, STYLES.indexOf(style) + 1]);
    for (let n = 0; n < 3; n += 1) expect(verify(body, signature)).toEqual([true, 1]);
  });

  it("are three for a wrong signature, whatever was right before: nothing is left untried", () => {
    for (const before of STYLES) {
      settle(before);
      for (const style of STYLES) {
        const { body, signature } = notification(style);
        const wrong = signature.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
        expect(verify(body, wrong), `${before}, then ${style}`).toEqual([false, 3]);
      }
    }
  });

  it("never decide: each style is right after each other one, with one secret of several and from an object", () => {
    for (const first of STYLES) {
      for (const second of STYLES) {
        const { body, signature } = notification(second);
        settle(first);
        expect(verify(body, signature)[0], `${first}, then ${second}`).toBe(true);
        settle(first);
        expect(verify(body, signature, ["another", secret])[0]).toBe(true);
        expect(verify(body, signature, "another")[0]).toBe(false);
      }
      settle(first);
      const sorted = signTestWebhook({ secret, style: "sorted", body: { b: 1, a: [2] } });
      expect(verify({ b: 1, a: [2] }, sorted.headers["X-Auth-Signature"])[0]).toBe(true);
    }
  });

  it("are one for bytes that are no JSON, whatever was right before", () => {
    for (const before of STYLES) {
      settle(before);
      const signature = signTestWebhook({ secret, body: "{ no JSON" }).headers["X-Auth-Signature"];
      expect(verify("{ no JSON", signature)).toEqual([true, 1]);
      settle(before);
      expect(verify("{ no JSON", "0".repeat(64))).toEqual([false, 1]);
    }
  });
});
