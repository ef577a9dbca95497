import { describe, expect, it } from "vitest";
import { som } from "../../src/entry";
import { countedSweep, openTwo, type Seen, STORAGES, said, scope } from "./kit";

type Shop = Awaited<ReturnType<typeof openTwo>>[0];
interface Ready {
  /** What is sent to both. */
  readonly form: Readonly<Record<string, string>>;
  /** How often the thing itself was done. */
  readonly done: () => Promise<number> | number;
}

const { merchant, sweep } = countedSweep();
const callsSince = (shop: Shop, method: string) => {
  const before = shop.calls(method);
  return () => shop.calls(method) - before;
};

/** Each button: what is there before, the form, and what it does. */
const BUTTONS: Readonly<Record<string, (shop: Shop) => Promise<Ready>>> = {
  async check(shop) {
    const { id } = await shop.payments.create({ reference: "order:1", amount: som(1_000), description: "tea" });
    return { form: { id }, done: callsSince(shop, "receipts.check") };
  },
  async refund(shop) {
    const { id } = await shop.paid();
    return { form: { id, amount: "50000" }, done: callsSince(shop, "receipts.cancel") };
  },
  async "refund again"(shop) {
    const { id } = await shop.paid();
    await shop.payments.refund(id);
    await shop.storage.changePayment(scope, id, { from: ["CANCELLED"], to: "CANCELLED", at: 1, refund: "refused" });
    return { form: { id, amount: "50000" }, done: callsSince(shop, "receipts.cancel") };
  },
  async cancel(shop) {
    const { id } = await shop.payments.create({ reference: "order:1", amount: som(1_000), description: "tea" });
    return { form: { id }, done: async () => Number((await shop.payments.find(id))?.status === "CANCELLED") };
  },
  async accept(shop) {
    const { id, subject } = await shop.late();
    return {
      form: { incident: String(id), note: "in stock" },
      done: async () => (await shop.events("payment.paid")).filter((event) => event.subject === subject).length,
    };
  },
  async resolve(shop) {
    const { id } = await shop.late();
    const isClosed = async () => (await shop.payments.incidents.list()).every((incident) => incident.id !== id);
    return { form: { incident: String(id), note: "given back" }, done: async () => Number(await isClosed()) };
  },
  async requeue(shop) {
    const { id } = await shop.parked();
    return { form: { message: String(id) }, done: async () => (await shop.outbox.runOnce()).delivered };
  },
  async sweep() {
    const before = sweep.count;
    return { form: {}, done: () => sweep.count - before };
  },
};

describe.each(STORAGES)("a press that lands on two processes, on %s", (on) => {
  const openBoth = async (button: string) => {
    const [one, two] = await openTwo(on, { merchant });
    const { form, done } = (await BUTTONS[button]?.(one)) ?? { form: {}, done: () => 0 };
    const press = { action: button.split(" ")[0] ?? "", press: "1b4e28ba-2fa1-11d2-883f-0016d3cca427", ...form };
    return { one, two, press, done, events: () => one.events(`admin.${press.action}`) };
  };
  const isTold = (page: Seen) => expect(said(page)).toMatch(/^(Done|It is done already|Freed 2)/);

  it.each(Object.keys(BUTTONS))("%s acts once, and is one event", async (button) => {
    const { one, two, press, done, events } = await openBoth(button);
    for (const page of await Promise.all([one.post(press), two.post(press)])) isTold(page);
    expect(await done()).toBe(1);
    expect(await events()).toHaveLength(1);
    const later = await two.post(press);
    expect(later.status).toBe(200);
    expect(said(later)).toContain("It is done already.");
    expect(await events()).toHaveLength(1);
  });

  it.each(["refund", "cancel", "accept", "resolve", "requeue"])(
    "%s of two people at once is one act, and the second sees who was first",
    async (button) => {
      const { one, two, press, done, events } = await openBoth(button);
      two.as({ name: "Karim", can: ["read", "refund", "resolve"] });
      const pages = await Promise.all([one.post(press), two.post({ ...press, press: "another" })]);
      const texts = pages.map(said).sort();
      expect(texts[0]).toContain("Done.");
      expect(texts[1]).toMatch(/It is done already\..*First: (Karim|Aziza)/s);
      expect(await done()).toBe(1);
      expect(await events()).toHaveLength(1);
    },
  );
});
