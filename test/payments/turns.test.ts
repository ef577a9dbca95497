import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createShop } from "./shop";

const amount = som(50_000);

/** A shop that counts how many bookings are under way at once; each takes a moment. */
function countingShop() {
  const storage = memoryStorage();
  const { transaction } = storage;
  let now = 0;
  let most = 0;
  storage.transaction = async (work) => {
    now += 1;
    most = Math.max(most, now);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return transaction(work).finally(() => {
      now -= 1;
    });
  };
  const link = { client: undefined, mode: "test", payUrl: () => "https://example.uz" } as const;
  return { ...createShop({ storage, payments: link }), most: () => most };
}

describe("payments that are made at once", () => {
  it.each([
    ["of one user are booked one after another", ["user-1", "user-1", "user-1"], 1],
    ["of different users wait for nobody", ["user-1", "user-2", "user-3"], 3],
    ["without a user wait for nobody", [undefined, undefined, undefined], 3],
  ])("%s", async (_what, users, most) => {
    const shop = countingShop();
    await Promise.all(users.map((userId) => shop.payments.create({ amount, userId })));
    expect(shop.most()).toBe(most);
  });

  it("of one user wait also for the one that came second, when the first is booked", async () => {
    const shop = countingShop();
    const create = () => shop.payments.create({ amount, userId: "user-1" });
    const [first, second] = [create(), create()];
    await first;
    await Promise.all([second, create()]);
    expect(shop.most()).toBe(1);
  });

  it("leave nothing behind in memory once they have ended, whether they were made or not", async () => {
    const shop = createShop();
    const create = (n: number) => shop.payments.create({ amount, userId: "user-1", reference: `order:${n}` });
    shop.mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31611, message: "no", times: 1 });
    const ends = await Promise.allSettled([create(1), create(2), create(2), create(3)]);
    expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(shop.payments.books).toMatchObject({ turns: new Map(), inTheMaking: new Map() });
  });
});
