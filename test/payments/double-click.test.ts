import { expect, it } from "vitest";
import { createPayments, memoryStorage, som } from "../../src/entry";
import { createShop } from "./shop";

const order = { reference: "order:197", amount: som(50_000) };

/** A shop whose Payme answers once it is told to; its storage counts the looks at payments. */
function slowShop() {
  const storage = memoryStorage();
  let looks = 0;
  const { findPayment } = storage;
  const counting = {
    ...storage,
    findPayment: (...args: Parameters<typeof findPayment>) => {
      looks += 1;
      return findPayment(...args);
    },
  };
  const shop = createShop({ storage: counting });
  const { receipts } = shop.client;
  const make = receipts.create;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  receipts.create = async (params) => {
    asked();
    await answered;
    return make(params);
  };
  return { ...shop, storage: counting, looks: () => looks, isAsked, answer };
}

const turns = async (count: number) => {
  for (let n = 0; n < count; n += 1) await new Promise((resolve) => setImmediate(resolve));
};

it("a double click waits for its twin in this process, and asks the database once before and once after", async () => {
  const shop = slowShop();
  const first = shop.payments.create(order);
  await shop.isAsked;
  const others = [shop.payments.create(order), shop.payments.create(order)];
  await turns(50);
  expect(shop.looks()).toBe(others.length);
  shop.answer();
  const { id } = await first;
  for (const other of await Promise.all(others)) expect(other).toMatchObject({ id, reused: true });
  expect(shop.looks()).toBe(2 * others.length);
  expect(shop.mock.receipts()).toHaveLength(1);
});

it("a double click in another process looks ever more seldom: 22 times in 35 seconds", async () => {
  const shop = slowShop();
  const first = shop.payments.create(order);
  await shop.isAsked;
  let waited = 0;
  const { storage, client } = shop;
  const otherProcess = createPayments({
    storage,
    client,
    now: shop.now,
    logger: { info() {}, warn() {}, error() {} },
    sleep: async (ms) => {
      waited += ms;
    },
  });
  await expect(otherProcess.create(order)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  expect(waited).toBeGreaterThan(35_000);
  expect(shop.looks()).toBeLessThan(25);
  shop.answer();
  expect(await otherProcess.create(order)).toMatchObject({ id: (await first).id, reused: true });
});

it("a double click hears why its twin failed", async () => {
  const shop = slowShop();
  shop.mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31611, message: "no", times: 1 });
  const first = shop.payments.create(order);
  await shop.isAsked;
  const second = shop.payments.create(order);
  await turns(5);
  shop.answer();
  await expect(first).rejects.toMatchObject({ errorCode: "-31611" });
  await expect(second).rejects.toMatchObject({ errorCode: "-31611" });
});
