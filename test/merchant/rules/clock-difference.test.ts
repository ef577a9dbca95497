import { expect, it } from "vitest";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage } from "./on-each-storage";

const MINUTE = 60_000;

onEachStorage("Payme's clock and ours", (open) => {
  it.each([-11 * HOUR, -2 * MINUTE - 1, 2 * MINUTE + 1, 24 * HOUR])(
    "%i ms apart: the call is accepted, and a warning names both clocks",
    async (difference) => {
      const shop = await open();
      const time = shop.now() + difference;
      expect(await shop.call("CreateTransaction", shop.create("a", { time }))).toMatchObject({ result: { state: 1 } });
      expect(shop.lines).toHaveLength(1);
      expect(JSON.parse(shop.lines[0] ?? "")).toMatchObject({
        message: expect.stringContaining("2 minutes apart"),
        transaction_id: "a",
        paymeTime: new Date(time).toISOString(),
        ourTime: new Date(shop.now()).toISOString(),
        hint: expect.stringContaining("NTP"),
      });
    },
  );

  it.each([-2 * MINUTE, 0, 2 * MINUTE])("%i ms apart: nothing is said", async (difference) => {
    const shop = await open();
    await shop.call("CreateTransaction", shop.create("a", { time: shop.now() + difference }));
    expect(shop.lines).toEqual([]);
  });

  it("are warned about once an hour", async () => {
    const shop = await open();
    const sell = (order: number) =>
      shop.call("CreateTransaction", {
        ...shop.create(`a${order}`, { time: shop.now() - HOUR }),
        account: { order_id: order },
      });
    await sell(1);
    await sell(2);
    shop.pass(HOUR - 1);
    await sell(3);
    expect(shop.lines).toHaveLength(1);
    shop.pass(1);
    await sell(4);
    expect(shop.lines).toHaveLength(2);
    // Ours is set back by a day: the next warning does not wait for that day.
    shop.pass(-24 * HOUR);
    await sell(5);
    expect(shop.lines).toHaveLength(3);
  });

  it("are not compared for a transaction that is known: its time is as old as it is", async () => {
    const shop = await open();
    const params = shop.create("a");
    await shop.call("CreateTransaction", params);
    shop.pass(HOUR);
    await shop.call("CreateTransaction", params);
    expect(shop.lines).toEqual([]);
  });

  it("more than 12 hours apart: each lost sale is a line that names both clocks, and nothing is stored", async () => {
    const shop = await open();
    const time = shop.now() - 12 * HOUR - 1;
    for (const id of ["a", "b"]) {
      expect(await shop.call("CreateTransaction", shop.create(id, { time }))).toEqual(refusal(-31008));
      expect(JSON.parse(shop.lines.at(-1) ?? "")).toMatchObject({
        message: expect.stringContaining("more than 12 hours"),
        transaction_id: id,
        paymeTime: new Date(time).toISOString(),
        ourTime: new Date(shop.now()).toISOString(),
      });
      expect(await shop.call("CheckTransaction", { id })).toEqual(refusal(-31003));
    }
    expect(shop.lines).toHaveLength(2);
  });

  it("so far apart that no date holds the time: it is named as it came", async () => {
    const shop = await open();
    const time = Number.MAX_SAFE_INTEGER;
    expect(await shop.call("CreateTransaction", shop.create("a", { time }))).toMatchObject({ result: { state: 1 } });
    expect(shop.lines).toEqual([expect.stringContaining(`"paymeTime":"${time}"`)]);
  });
});
