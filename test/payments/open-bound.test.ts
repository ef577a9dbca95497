import { describe, expect, it } from "vitest";
import { createPayments, httpAnswerOf, som } from "../../src/entry";
import { createTariffs } from "../../src/entry/tariffs";
import { createShop, scope } from "./shop";

const wanted = { amount: som(50_000), userId: "user-1" };
const tooMany = {
  name: "PaymeValidationError",
  code: "TOO_MANY_OPEN",
  hint: expect.stringContaining("maxOpenPerUser"),
};

/** How calls at once ended: with a payment, or with a code. */
async function endings(calls: readonly Promise<unknown>[]) {
  const codes = await Promise.all(
    calls.map((call) =>
      call.then(
        () => "made",
        (error: unknown) => String(Reflect.get(Object(error), "code")),
      ),
    ),
  );
  const count = (code: string) => codes.filter((each) => each === code).length;
  return { made: count("made"), refused: count("TOO_MANY_OPEN"), all: codes.length };
}

describe("what one user can open", () => {
  it("is 20 payments: another one is refused before Payme hears of it, and nothing is stored", async () => {
    const shop = createShop();
    const calls = Array.from({ length: 50 }, (_, n) => shop.payments.create({ ...wanted, reference: `order:${n}` }));
    expect(await endings(calls)).toEqual({ made: 20, refused: 30, all: 50 });
    expect(shop.mock.receipts()).toHaveLength(20);
    expect((await shop.payments.statistics()).total).toBe(20);
    const refused = shop.payments.create(wanted);
    await expect(refused).rejects.toMatchObject(tooMany);
    expect(await refused.catch(httpAnswerOf)).toMatchObject({ status: 409, code: "TOO_MANY_OPEN" });
    await expect(refused).rejects.toMatchObject({ texts: { ru: expect.any(String), uz: expect.any(String) } });
  });

  it("is not in the way of others, of payments without a user, or of the same payment again", async () => {
    const shop = createShop({ payments: { maxOpenPerUser: 1 } });
    const first = await shop.payments.create({ ...wanted, reference: "order:1", once: true });
    await expect(shop.payments.create(wanted)).rejects.toMatchObject(tooMany);
    expect(await shop.payments.create({ ...wanted, reference: "order:1" })).toMatchObject({
      id: first.id,
      reused: true,
    });
    expect((await shop.payments.create({ ...wanted, userId: "user-2" })).reused).toBe(false);
    for (let n = 0; n < 3; n += 1) await shop.payments.create({ amount: wanted.amount });
    // Paid, it makes room; and it is answered again where the room is taken anew.
    await shop.mock.pay(first.transactionId ?? "", { card: { number: "8600495473316478", expire: "03/99" } });
    await shop.payments.check(first.id);
    expect((await shop.payments.create(wanted)).reused).toBe(false);
    const again = await shop.payments.create({ ...wanted, reference: "order:1", once: true });
    expect(again).toMatchObject({ id: first.id, reused: true });
  });

  it("gives the old payment of a reference again where there is no room for a new one", async () => {
    const shop = createShop({ payments: { maxOpenPerUser: 1 } });
    const first = await shop.payments.create({ ...wanted, reference: "order:1" });
    shop.pass(2);
    const later = { ...wanted, reference: "order:1", referenceTtlMs: 1 };
    expect(await shop.payments.create(later)).toMatchObject({ id: first.id, reused: true });
    await shop.payments.cancel(first.id);
    expect((await shop.payments.create(later)).reused).toBe(false);
  });

  it("holds for charges: nothing is sent to Payme", async () => {
    const shop = createShop({ payments: { maxOpenPerUser: 1 } });
    await shop.payments.create(wanted);
    const charge = shop.payments.charge({ ...wanted, reference: "rent:1", token: "token" });
    await expect(charge).rejects.toMatchObject(tooMany);
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it("holds for tariffs; a purchase with the same key is answered again", async () => {
    const shop = createShop({ payments: { maxOpenPerUser: 2 } });
    const tariffs = createTariffs({ payments: shop.payments });
    const { id: tariffId } = await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });
    const buy = (idempotencyKey: string) => tariffs.purchase({ userId: "user-1", tariffId, idempotencyKey });
    const clicks = ["a", "a", "a", "b", "b", "c", "c"].map(buy);
    expect(await endings(clicks)).toEqual({ made: 5, refused: 2, all: 7 });
    expect((await buy("a")).reused).toBe(true);
    await expect(buy("d")).rejects.toMatchObject(tooMany);
    expect(shop.mock.receipts()).toHaveLength(2);
  });

  it("counts in each cashbox by itself, and has no bound where you say so", async () => {
    const shop = createShop({ payments: { maxOpenPerUser: Number.POSITIVE_INFINITY } });
    for (let n = 0; n < 25; n += 1) await shop.payments.create(wanted);
    const { storage, client } = shop;
    const second = createPayments({ storage, client, cashbox: "second", maxOpenPerUser: 1 });
    expect((await second.create(wanted)).reused).toBe(false);
    await expect(second.create(wanted)).rejects.toMatchObject(tooMany);
    expect((await storage.listPending(scope, { before: Number.MAX_SAFE_INTEGER, limit: 99 })).length).toBe(25);
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot be %d", (maxOpenPerUser) => {
    const made = () => createShop({ payments: { maxOpenPerUser } });
    expect(made).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
