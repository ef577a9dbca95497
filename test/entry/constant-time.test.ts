import { createHmac, timingSafeEqual } from "node:crypto";
import { beforeEach, expect, it, vi } from "vitest";
import { parseWebhook } from "../../src/entry/gateway";
import { createMerchantApi, memoryStorage, refuse } from "../../src/entry/index";

vi.mock("node:crypto", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:crypto")>();
  return { ...original, timingSafeEqual: vi.fn(original.timingSafeEqual) };
});

beforeEach(() => {
  vi.mocked(timingSafeEqual).mockClear();
});

const compared = () => vi.mocked(timingSafeEqual).mock.results.map(({ value }) => value);
const keys = ["first-key-of-thirty-six-characters-1", "other-key-of-thirty-six-characters-2"];

it.each([
  // As Payme writes it, the header is compared; then the key, as others may write it.
  ["the first key", "Basic", keys[0], [true, false]],
  ["written in another way", "basic ", keys[0], [true, false]],
  [
    "a key that differs in its last character",
    "Basic",
    "first-key-of-thirty-six-characters-2",
    [false, false, false, false],
  ],
])("each key of an endpoint is compared in constant time: %s", async (_name, scheme, password, results) => {
  const merchant = createMerchantApi({
    storage: memoryStorage(),
    key: keys,
    account: { order_id: "integer" },
    find: () => refuse.notFound("order_id"),
  });
  const authorization = `${scheme} ${btoa(`Paycom:${password}`)}`;
  await merchant.handle({ method: "POST", headers: { authorization }, body: "{}" });
  expect(compared()).toEqual(results);
});

it("a notification's signature is compared in constant time", () => {
  const body = "{}";
  const right = createHmac("sha256", "s").update(body).digest("hex");
  const wrong = right.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  expect(() => parseWebhook(body, { "x-auth-signature": wrong }, { secret: "s" })).toThrow("ignature");
  expect(compared().length).toBeGreaterThan(0);
  expect(compared()).not.toContain(true);
});
