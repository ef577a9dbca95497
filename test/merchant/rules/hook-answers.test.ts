import { expect, it } from "vitest";
import { refusal } from "../../merchant/refusal";
import type { Shop } from "../../merchant/shop";
import { onEachStorage, paid, reserved } from "./on-each-storage";

const scope = { cashbox: "default", mode: "live" } as const;
const INCIDENTS = ["paid_elsewhere", "not_taken_back", "effect_failed"] as const;
const incidentsOf = async (shop: Shop) =>
  (await shop.storage.listEvents(scope, { kinds: INCIDENTS, open: true, limit: 9 })).map(({ kind }) => kind);
const storyOf = async (shop: Shop) =>
  (await shop.storage.listEvents(scope, { subject: "1", limit: 9 })).map(({ kind }) => kind);
/** No answer of a hook that must say true or false. */
const NO_ANSWERS = [undefined, null, 0, 1, "", "false", { changes: 1 }] as const;

onEachStorage("onReserved", (open) => {
  it("that answers false keeps nothing: the order cannot be paid, with the account's field", async () => {
    const shop = await open({ onReserved: () => false });
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toEqual(refusal(-31050, "order_id"));
    expect(await shop.call("CheckTransaction", { id: "a" })).toEqual(refusal(-31003));
    expect(await incidentsOf(shop)).toEqual([]);
  });

  it("that answers false takes back the expired transaction that it met, and what it wrote", async () => {
    let answer = true;
    const shop = await open({ onReserved: () => answer });
    await shop.call("CreateTransaction", shop.create("a"));
    shop.pass(13 * 3_600_000);
    answer = false;
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toEqual(refusal(-31050, "order_id"));
    answer = true;
    expect(await shop.call("CreateTransaction", shop.create("c"))).toMatchObject({ result: { state: 1 } });
  });

  it("that throws is an open incident, which the repeat that succeeds closes", async () => {
    let isBroken = true;
    const shop = await open({
      onReserved() {
        if (isBroken) throw new Error("the reservation failed");
      },
    });
    expect(await shop.call("CreateTransaction", shop.create("a"))).toMatchObject({ error: { code: -32400 } });
    expect(await incidentsOf(shop)).toEqual(["effect_failed"]);
    isBroken = false;
    expect(await shop.call("CreateTransaction", shop.create("a"))).toMatchObject({ result: { state: 1 } });
    expect(await incidentsOf(shop)).toEqual([]);
  });

  it("may answer true, or nothing", async () => {
    for (const answer of [true, undefined]) {
      const shop = await open({ onReserved: async () => answer });
      expect(await shop.twice("CreateTransaction", shop.create("a"))).toMatchObject({ result: { state: 1 } });
    }
  });
});

onEachStorage("onPaid", (open) => {
  it("that answers false after another provider sold the order: -31008, one incident, the order stays as it was", async () => {
    const told: unknown[] = [];
    const shop = await open({
      onPaid: () => false,
      onIncident: ({ kind, subject, paymeId, data }) => told.push({ kind, subject, paymeId, data }),
    });
    await reserved(shop);
    const before = await shop.order();
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.order()).toEqual(before);
    expect(await storyOf(shop)).toEqual(["transaction.created", "paid_elsewhere"]);
    const data = { money: "refused", amount: 5_000_000, source: "merchant" };
    expect(told).toEqual([{ kind: "paid_elsewhere", subject: "1", paymeId: "a", data }]);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toMatchObject({ result: { state: -1 } });
    expect(await shop.call("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
  });

  it.each(NO_ANSWERS)(
    "that answers %o is -32400 with a hint in the log, undone, until it is mended",
    async (answer) => {
      const hook = { answers: () => Promise.resolve<unknown>(answer) };
      // As a program without types does.
      const shop = await reserved(await open(JSON.parse("{}", () => ({ onPaid: () => hook.answers() }))));
      expect(JSON.parse(await shop.send("PerformTransaction", { id: "a" }))).toEqual(refusal(-32400));
      expect(shop.lines.join()).toContain("onPaid answered");
      expect(shop.lines.join()).toContain("changes === 1");
      expect(await incidentsOf(shop)).toEqual(["effect_failed"]);
      hook.answers = async () => true;
      expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    },
  );
});

onEachStorage("onRefunded", (open) => {
  it("that answers false: refunded all the same, one incident, what it wrote is undone", async () => {
    const shop = await open({ onRefunded: () => false });
    await paid(shop);
    const before = await shop.order();
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await shop.order()).toEqual(before);
    expect(await storyOf(shop)).toEqual([
      "transaction.created",
      "transaction.performed",
      "transaction.refunded",
      "not_taken_back",
    ]);
  });

  it("that answers false 16 times at once is one refund and one incident", async () => {
    const shop = await paid(await open({ onRefunded: async () => false }));
    const cancel = () => shop.send("CancelTransaction", { id: "a", reason: 5 });
    const answers = await Promise.all(Array.from({ length: 16 }, cancel));
    expect(new Set(answers).size).toBe(1);
    expect(await incidentsOf(shop)).toEqual(["not_taken_back"]);
  });

  it("that answers false is followed by onNotTakenBack, in the commit of the refund", async () => {
    const seen: unknown[] = [];
    const shop = await open({
      onRefunded: () => false,
      onNotTakenBack: ({ id, reference }) => void seen.push([id, reference]),
    });
    await paid(shop);
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    expect(seen).toEqual([["a", 1]]);
  });

  it.each(NO_ANSWERS)("that answers %o is -32400, and the refund waits for the repeat", async (answer) => {
    const shop = await paid(await open(JSON.parse("{}", () => ({ onRefunded: async () => answer }))));
    expect(JSON.parse(await shop.send("CancelTransaction", { id: "a", reason: 5 }))).toEqual(refusal(-32400));
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    expect(await incidentsOf(shop)).toEqual(["effect_failed"]);
  });
});
