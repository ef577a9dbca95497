import { createHmac, timingSafeEqual } from "node:crypto";
import { parseWebhook } from "payme-kit";
import { signTestWebhook } from "payme-kit/testing";
import { compare, print } from "./compare";

const secret = "a-secret-of-the-gateway";
const params = { id: "64f8a1b2c3d4e5f6a7b8c9d0", cheque_id: "cheque123", amount: 5_000_000, paid_at: 1_642_234_567 };

/** Verifying and parsing a notification, beside node:crypto's HMAC, timingSafeEqual and JSON.parse. */
export async function benchVerifyAndParse(): Promise<void> {
  const body = { method: "receipts.pay", params };
  for (const { style, wanted } of [
    { style: "raw", wanted: ">= 0.75" },
    { style: "canonical", wanted: ">= 0.45" },
  ] as const) {
    const signed = signTestWebhook({ secret, body: JSON.stringify(body, null, 2), style });
    const raw = Buffer.from(signed.body);
    const signature = Object.values(signed.headers).find((value) => /^[0-9a-f]{64}$/.test(value)) ?? "";
    const headers = { "x-auth-signature": signature };
    const floor = (times: number) => {
      for (let n = 0; n < times; n += 1) {
        const expected = createHmac("sha256", secret).update(raw).digest();
        if (timingSafeEqual(expected, Buffer.from(signature, "hex")) !== (style === "raw"))
          throw new Error("signature");
        JSON.parse(raw.toString("utf8"));
      }
    };
    const ours = (times: number) => {
      for (let n = 0; n < times; n += 1) parseWebhook(raw, headers, { secret });
    };
    print(`verify and parse, signed ${style}`, wanted, await compare(floor, ours));
  }
}
