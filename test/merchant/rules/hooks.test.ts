import { expect, it } from "vitest";
import { type MerchantHooks, refuse } from "../../../src/entry/merchant";
import { refusal } from "../../merchant/refusal";
import type { Shop } from "../../merchant/shop";
import { HOUR, onEachStorage, paid, reserved, statementOf } from "./on-each-storage";

type HookName = keyof MerchantHooks<unknown, unknown>;

/** Each hook, the call that runs it, and what the transaction `a` is before and after that call. */
const hooks: [HookName, { before: (shop: Shop) => Promise<unknown>; call: [string, object]; after: number }][] = [
  ["onReserved", { before: (shop) => shop.ready, call: ["CreateTransaction", {}], after: 1 }],
  ["onPaid", { before: reserved, call: ["PerformTransaction", { id: "a" }], after: 2 }],
  ["onReleased", { before: reserved, call: ["CancelTransaction", { id: "a", reason: 3 }], after: -1 }],
  ["canRefund", { before: paid, call: ["CancelTransaction", { id: "a", reason: 5 }], after: -2 }],
  ["onRefunded", { before: paid, call: ["CancelTransaction", { id: "a", reason: 5 }], after: -2 }],
  [
    "onFiscalData",
    {
      before: paid,
      call: ["SetFiscalData", { id: "a", type: "PERFORM", fiscal_data: { status_code: 0 } }],
      after: 2,
    },
  ],
];

const scope = { cashbox: "default", mode: "live" } as const;
const incidentsOf = (shop: Shop) => shop.storage.listEvents(scope, { kinds: ["effect_failed"], limit: 9 });

onEachStorage("a hook", (open) => {
  it.each(hooks)(
    "%s that throws is -32400, undone and an incident; once it is mended, the repeat is carried out",
    async (name, { before, call: [method, given], after }) => {
      const told: string[] = [];
      let works = true;
      const hook = () => {
        if (!works) throw new Error("secret: the warehouse is away");
        return true;
      };
      const shop = await open({ [name]: hook, onIncident: ({ kind }) => void told.push(kind) });
      await before(shop);
      const params = method === "CreateTransaction" ? shop.create("a") : given;
      const books = JSON.stringify([await statementOf(shop), await shop.order()]);
      works = false;
      const text = await shop.send(method, params);
      expect(JSON.parse(text)).toEqual(refusal(-32400));
      expect(text).not.toMatch(/secret|warehouse/);
      expect(JSON.stringify([await statementOf(shop), await shop.order()])).toBe(books);
      expect(shop.lines.join()).toContain("the warehouse is away");
      expect(await incidentsOf(shop)).toMatchObject([{ paymeId: "a", subject: "1" }]);
      await shop.send(method, params);
      expect(told).toEqual(["effect_failed"]);
      works = true;
      expect((await shop.twice(method, params)).error).toBeUndefined();
      expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: after } });
    },
  );

  it("onReserved that throws a refusal gives that answer, undone and no incident", async () => {
    const shop = await open({
      onReserved() {
        throw refuse.unavailable("order_id");
      },
    });
    await shop.ready;
    const books = JSON.stringify([await statementOf(shop), await shop.order()]);
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toEqual(refusal(-31051, "order_id"));
    expect(JSON.stringify([await statementOf(shop), await shop.order()])).toBe(books);
    expect(await incidentsOf(shop)).toEqual([]);
  });

  it.each(hooks.filter(([name]) => name !== "onReserved"))(
    "%s cannot refuse any more: a refusal that it throws is a failure, undone and an incident",
    async (name, { before, call: [method, given], after }) => {
      let works = true;
      const hook = async () => {
        if (!works) throw refuse.notFound("order_id");
        return true;
      };
      const shop = await open({ [name]: hook });
      await before(shop);
      const books = JSON.stringify([await statementOf(shop), await shop.order()]);
      works = false;
      expect(await shop.call(method, given)).toMatchObject(refusal(-32400));
      expect(JSON.stringify([await statementOf(shop), await shop.order()])).toBe(books);
      expect(await incidentsOf(shop)).toMatchObject([{ paymeId: "a", subject: "1" }]);
      expect(shop.lines.join()).toContain(`${name} threw a refusal`);
      works = true;
      expect((await shop.twice(method, given)).error).toBeUndefined();
      expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: after } });
    },
  );

  it.each(hooks)("%s over a second is warned about; what it did stands", async (name, { before, call, after }) => {
    const slow = { ms: 0 };
    const shop = await open({
      [name]: () => {
        shop.pass(slow.ms);
        return true;
      },
    });
    await before(shop);
    const [method, given] = call;
    expect(shop.lines).toEqual([]);
    slow.ms = 1_001;
    await shop.send(method, method === "CreateTransaction" ? shop.create("a") : given);
    expect(shop.lines.join()).toContain("a hook took long");
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: after } });
  });

  it("onReleased that throws is an incident of the transaction whose 12 hours are over, whoever finds it", async () => {
    for (const find of [
      (shop: Shop) => shop.twice("PerformTransaction", { id: "a" }),
      (shop: Shop) => shop.twice("CreateTransaction", shop.create("a", { time: shop.now() - 13 * HOUR })),
      (shop: Shop) => shop.twice("CreateTransaction", shop.create("b")),
    ]) {
      const shop = await reserved(
        await open({
          onReleased: () => {
            throw new Error("away");
          },
        }),
      );
      shop.pass(13 * HOUR);
      // Check only looks: it runs no hook.
      expect(await shop.twice("CheckPerformTransaction", shop.create("b"))).toMatchObject({ result: { allow: true } });
      expect(await incidentsOf(shop)).toEqual([]);
      expect(await find(shop)).toEqual(refusal(-32400));
      expect(await incidentsOf(shop)).toMatchObject([{ paymeId: "a" }]);
      expect(await statementOf(shop)).toMatchObject([{ id: "a", state: 1 }]);
    }
  });

  it("that throws what is no Error, or refuses where it may only fail, breaks nothing", async () => {
    const shop = await reserved(await open({ onPaid: () => Promise.reject("just text") }));
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-32400));
    expect(shop.lines.join()).toContain("just text");
  });

  it("may be left out", async () => {
    // As a shop without types may pass them.
    const none: object = { onReserved: undefined, onPaid: undefined, onReleased: undefined, onRefunded: undefined };
    const shop = await paid(await open({ ...none }));
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toMatchObject({ result: { state: -2 } });
  });

  it("a listener to incidents that throws stops nothing", async () => {
    const shop = await reserved(
      await open({
        onPaid: () => {
          throw new Error("away");
        },
        onIncident: () => {
          throw new Error("the pager is broken");
        },
      }),
    );
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-32400));
    expect(shop.lines.join()).toContain("the pager is broken");
  });
});
