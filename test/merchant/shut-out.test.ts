import { expect, it } from "vitest";
import { createMerchantApi, memoryStorage, refuse } from "../../src/entry";

const RIGHT = "live-key-of-36-characters-0123456789";
const WRONG = "wrong-key-of-36-characters-012345678";

it("a caller with a wrong key is a warning with what to do, once a minute, and never with the key", async () => {
  let now = 0;
  const lines: string[] = [];
  const write = (message: string, fields?: object) => void lines.push(JSON.stringify({ message, ...fields }));
  const merchant = createMerchantApi({
    storage: memoryStorage(),
    key: RIGHT,
    account: { order_id: "integer" },
    find: () => refuse.notFound("order_id"),
    now: () => now,
    logger: { info: write, warn: write, error: write },
  });
  const call = (key: string) =>
    merchant.handle({
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`Paycom:${key}`).toString("base64")}` },
      body: { method: "CheckTransaction", params: { id: "1" }, id: 1 },
    });
  await call(RIGHT);
  expect(lines).toEqual([]);
  for (now of [1, 2, 59_999, 60_001, 60_002]) await call(WRONG);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("allowFrom");
  for (const key of [RIGHT, WRONG, Buffer.from(`Paycom:${WRONG}`).toString("base64")]) {
    expect(lines.join()).not.toContain(key);
  }
  // A clock that was set back silences nothing.
  now = 10;
  await call(WRONG);
  expect(lines).toHaveLength(3);
});
