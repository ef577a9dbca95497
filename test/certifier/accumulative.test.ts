import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createEndpoint, KEY } from "../faulty/endpoints/reference";
import { idsOf } from "./shops";

const quiet = { info() {}, warn() {}, error() {} };

/** One balance, again and again. */
const newOrder = () => ({ account: { order_id: "1" }, amount: som(50_000) });

describe("an accumulative account", () => {
  it("passes where a balance takes any number of payments", async () => {
    const clock = { ahead: 0 };
    const merchant = createMerchantApi({
      storage: memoryStorage(),
      key: KEY,
      account: { order_id: "digits" },
      logger: quiet,
      now: () => Date.now() + clock.ahead,
      find: ({ order_id }) =>
        order_id === "1" ? { reference: order_id, min: som(1_000) } : refuse.notFound("order_id"),
    });
    const sleep = (ms: number) => {
      clock.ahead += ms;
    };
    const now = () => Date.now() + clock.ahead;
    const { failed, warned } = await idsOf({
      api: fetchMerchant(merchant),
      key: KEY,
      newOrder,
      accumulative: true,
      now,
      sleep,
    });
    expect({ failed, warned }).toEqual({ failed: [], warned: [] });
  });

  it("fails where a transaction holds the balance", async () => {
    const { failed } = await idsOf({
      api: createEndpoint({ takesOldOnes: true, holdsOrder: ({ state }) => state === 1 }),
      key: KEY,
      newOrder,
      accumulative: true,
    });
    expect(failed).toContain("create.second-open");
  });

  it("fails where a payment closes the balance", async () => {
    const { failed } = await idsOf({
      api: createEndpoint({ takesOldOnes: true, holdsOrder: ({ state }) => state === 2 }),
      key: KEY,
      newOrder,
      accumulative: true,
    });
    expect(failed).toContain("create.after-paid");
  });
});
