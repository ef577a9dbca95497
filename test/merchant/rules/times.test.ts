import { expect, it } from "vitest";
import { tiyin } from "../../../src/kit/money";
import { onEachStorage, reserved, statementOf } from "./on-each-storage";

onEachStorage("times and amounts", (open) => {
  it("never run back, whatever the machine's clock does: create_time <= perform_time <= cancel_time", async () => {
    const shop = await reserved(await open());
    const create_time = shop.now();
    shop.pass(-60_000);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({
      result: { perform_time: create_time },
    });
    shop.pass(-60_000);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toMatchObject({
      result: { cancel_time: create_time },
    });
    expect(await statementOf(shop)).toMatchObject([
      { create_time, perform_time: create_time, cancel_time: create_time },
    ]);
  });

  it("never run back for a cancel before the payment either", async () => {
    const shop = await reserved(await open());
    const create_time = shop.now();
    shop.pass(-1);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 3 })).toMatchObject({
      result: { cancel_time: create_time },
    });
  });

  it("have 13 digits, milliseconds included, and are stored whole", async () => {
    const shop = await open();
    shop.pass(123);
    const time = shop.now() - 7;
    await shop.call("CreateTransaction", shop.create("a", { time }));
    await shop.call("PerformTransaction", { id: "a" });
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    const [line] = await statementOf(shop);
    for (const name of ["time", "create_time", "perform_time", "cancel_time"]) {
      expect(String(Reflect.get(Object(line), name))).toMatch(/^\d{10}(123|116)$/);
    }
  });

  it("hold what 32 bits do not, to the last tiyin", async () => {
    const amount = tiyin(Number.MAX_SAFE_INTEGER);
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, amount }) });
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount }))).toMatchObject({ result: { state: 1 } });
    expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    expect(await statementOf(shop)).toMatchObject([{ amount }]);
  });
});
