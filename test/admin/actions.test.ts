import { describe, expect, it } from "vitest";
import { som } from "../../src/entry";
import { ALL, countedSweep, hidden, OWN, openOffice, STORAGES, said } from "./kit";

const KARIM = { ...ALL, name: "Karim" };

describe.each(STORAGES)("a press, on %s", (on) => {
  it("refund: with the amount typed, queued until 50, and twice is once", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.paid();
    const form = { action: "refund", id, press: hidden(await shop.get({ page: "payment", id }), "press") };
    for (const amount of ["", "49 999", "50 001", "-50000", "<b>"]) {
      expect(await shop.post({ ...form, press: amount, amount })).toMatchObject({ status: 400 });
    }
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", cancelRequestedAt: null });
    expect(shop.calls("receipts.cancel")).toBe(0);
    const first = await shop.post({ ...form, amount: "50 000" }, OWN, { page: "payment", id });
    expect(first).toMatchObject({ status: 200 });
    expect(said(first)).toContain("Done.");
    expect(first.text).toContain("queued: Payme has not given it back yet");
    const again = [
      await shop.post({ ...form, amount: "50 000" }),
      await shop.post({ ...form, press: "b", amount: "1" }),
    ];
    for (const each of again) expect(said(each)).toContain("It is done already.");
    expect(shop.calls("receipts.cancel")).toBe(1);
    const events = await shop.events("admin.refund");
    expect(events.map(({ subject, data }) => [subject, Object(data).by])).toEqual([[id, "Aziza"]]);
    shop.pass(2 * 3_600_000);
    await shop.payments.reconcile();
    const page = await shop.get({ page: "payment", id });
    expect(page.text).toContain("the money is back");
    expect(page.text).toContain("asked for by Aziza");
  });

  it("refund: the event is in the books before Payme is asked, and stays where Payme refuses", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.paid();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31601 });
    const refused = await shop.post({ action: "refund", id, amount: "50000" });
    expect(refused.status).toBe(502);
    expect(await shop.events("admin.refund")).toHaveLength(1);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
  });

  it("refund: of two people at once one is first, and the second sees who", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.paid();
    shop.as(KARIM);
    const [one, two] = await Promise.all([
      shop.post({ action: "refund", id, amount: "50000" }),
      Promise.resolve().then(() => {
        shop.as(ALL);
        return shop.post({ action: "refund", id, amount: "50000" });
      }),
    ]);
    const texts = [said(one), said(two)].sort();
    expect(texts[0]).toContain("Done.");
    expect(texts[1]).toMatch(/It is done already\..*First: (Karim|Aziza), 2026-01-15 15:30:00/s);
    expect(await shop.events("admin.refund")).toHaveLength(1);
    expect(shop.calls("receipts.cancel")).toBe(1);
  });

  it("cancel and ask Payme: each is an event with the name, and twice is once", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.payments.create({ reference: "order:5", amount: som(1_000), description: "tea" });
    const row = await shop.payments.find(id);
    const press = hidden(await shop.get({ page: "payment", id }), "press");
    for (const word of ["Done.", "It is done already."]) {
      expect(said(await shop.post({ action: "check", id, press }))).toContain(word);
    }
    expect(await shop.events("admin.check")).toHaveLength(1);
    expect(said(await shop.post({ action: "cancel", id }))).toContain("Done.");
    shop.as(KARIM);
    expect(said(await shop.post({ action: "cancel", id }))).toMatch(/It is done already\..*First: Aziza/s);
    expect(await shop.events("admin.cancel")).toHaveLength(1);
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.mock.receipt(row?.transactionId ?? "")?.state).toBe(50);
    // Paid meanwhile, it is not cancelled: no money goes back by this button.
    const paid = await shop.paid("order:6");
    const refused = await shop.post({ action: "cancel", id: paid.id });
    expect(refused.status).toBe(409);
    expect(await shop.payments.find(paid.id)).toMatchObject({ status: "PAID" });
  });

  it("accept: the money is booked once, with the note; the second person sees who was first", async () => {
    const shop = await openOffice(on);
    const { id, subject } = await shop.late();
    const page = await shop.get({ page: "waiting" });
    expect(page.text).toContain("Money came for a cancelled payment. Accept it");
    expect(await shop.post({ action: "accept", incident: String(id), note: " " })).toMatchObject({ status: 400 });
    expect(await shop.payments.find(subject)).toMatchObject({ status: "CANCELLED" });
    const form = { action: "accept", incident: String(id), note: "goods are in stock" };
    expect(said(await shop.post(form))).toContain("Done.");
    shop.as(KARIM);
    expect(said(await shop.post(form))).toMatch(/It is done already\..*First: Aziza/s);
    expect(await shop.payments.find(subject)).toMatchObject({ status: "PAID" });
    expect((await shop.events("admin.accept")).map(({ data }) => Object(data).by)).toEqual(["Aziza"]);
    expect((await shop.get({ page: "payment", id: subject })).text).toContain("accepted by Aziza");
    expect((await shop.get({ page: "waiting" })).text).toContain("Nothing waits.");
  });

  it("resolve: needs a note, closes once, and keeps who did it", async () => {
    const shop = await openOffice(on);
    const { id, subject } = await shop.late();
    expect(await shop.post({ action: "resolve", incident: String(id) })).toMatchObject({ status: 400 });
    expect(said(await shop.post({ action: "resolve", incident: String(id), note: "given back" }))).toContain("Done.");
    shop.as(KARIM);
    const second = await shop.post({ action: "resolve", incident: String(id), note: "me too" });
    expect(said(second)).toMatch(/It is done already\..*First: Aziza/s);
    const [row] = await shop.payments.incidents.list({ subject, open: false });
    expect(row).toMatchObject({ resolvedBy: "Aziza", note: "given back" });
    expect((await shop.events("admin.resolve")).map(({ data }) => Object(data).by)).toEqual(["Aziza"]);
    expect(await shop.post({ action: "resolve", incident: "99", note: "x" })).toMatchObject({ status: 404 });
  });

  it("requeue: the parked message is tried again, once", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.parked();
    expect((await shop.get({ page: "waiting" })).text).toContain(`id="message-${id}"`);
    expect(said(await shop.post({ action: "requeue", message: String(id) }))).toContain("Done.");
    shop.as(KARIM);
    expect(said(await shop.post({ action: "requeue", message: String(id) }))).toMatch(/already\..*First: Aziza/s);
    expect(await shop.events("admin.requeue")).toHaveLength(1);
    expect(await shop.outbox.runOnce()).toMatchObject({ delivered: 1 });
    expect(await shop.post({ action: "requeue", message: "99" })).toMatchObject({ status: 404 });
  });

  it("run sweep: frees, tells how many, and the same press does it once", async () => {
    const { merchant, sweep } = countedSweep();
    const shop = await openOffice(on, { merchant });
    const press = hidden(await shop.get({ page: "waiting" }), "press");
    expect(said(await shop.post({ action: "sweep", press }))).toContain("Freed 2");
    expect(said(await shop.post({ action: "sweep", press }))).toContain("It is done already.");
    expect(sweep.count).toBe(1);
    expect((await shop.events("admin.sweep")).map(({ data }) => Object(data).by)).toEqual(["Aziza"]);
  });

  it("refund again: one that Payme has refused is asked for anew", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.paid();
    await shop.payments.refund(id);
    await shop.storage.changePayment({ cashbox: "default", mode: "test" }, id, {
      from: ["CANCELLED"],
      to: "CANCELLED",
      at: 1,
      refund: "refused",
    });
    expect((await shop.get({ page: "payment", id })).text).toContain('value="refund"');
    const before = shop.calls("receipts.cancel");
    expect((await shop.post({ action: "refund", id, amount: "50000" })).status).toBe(200);
    expect(shop.calls("receipts.cancel")).toBe(before + 1);
    expect(await shop.events("admin.refund")).toHaveLength(1);
  });

  it("refund again: also where the books say that the money is back, and a person is told that it is not", async () => {
    const shop = await openOffice(on);
    const { id } = await shop.paid();
    const scope = { cashbox: "default", mode: "test" } as const;
    const back = { from: ["PAID"], to: "CANCELLED", at: 1, refund: "done" } as const;
    await shop.storage.changePayment(scope, id, back);
    const form = { action: "refund", id, amount: "50000" };
    expect((await shop.get({ page: "payment", id })).text).not.toContain('value="refund"');
    expect(said(await shop.post(form))).toContain("It is done already.");
    expect(shop.calls("receipts.cancel")).toBe(0);
    const stray = { ...scope, kind: "refund_stuck", subject: id, paymeId: "another receipt", at: 1 };
    await shop.storage.appendEvents([stray]);
    expect((await shop.get({ page: "payment", id })).text).not.toContain('value="refund"');
    expect(said(await shop.post(form))).toContain("It is done already.");
    const paymeId = (await shop.payments.find(id))?.paidBy ?? null;
    await shop.storage.appendEvents([{ ...scope, kind: "refund_refused", subject: id, paymeId, at: 1 }]);
    expect((await shop.get({ page: "payment", id })).text).toContain('value="refund"');
    expect((await shop.post(form)).status).toBe(200);
    expect(shop.calls("receipts.cancel")).toBe(1);
    expect(await shop.events("admin.refund")).toHaveLength(1);
  });

  it("who may only read sees no button, and a press is 403 and changes nothing", async () => {
    const shop = await openOffice(on, countedSweep());
    const { id } = await shop.paid();
    const incident = await shop.late();
    await shop.parked();
    shop.as({ name: "Guest", can: ["read"] });
    const before = await shop.storage.listEvents({ cashbox: "default", mode: "test" }, { limit: 999 });
    for (const query of [{ page: "payment", id }, { page: "waiting" }]) {
      expect((await shop.get(query)).text).not.toContain('method="post"');
    }
    for (const action of ["check", "refund", "cancel", "accept", "resolve", "requeue", "sweep"]) {
      const form = { action, id, amount: "50000", incident: String(incident.id), note: "x", message: "1" };
      expect((await shop.post(form)).status, action).toBe(403);
    }
    expect(await shop.storage.listEvents({ cashbox: "default", mode: "test" }, { limit: 999 })).toEqual(before);
    shop.as({ name: "Half", can: ["read", "resolve"] });
    expect((await shop.post({ action: "refund", id, amount: "50000" })).status).toBe(403);
    shop.as({ name: "None", can: [] });
    expect((await shop.get({ page: "payment", id })).status).toBe(403);
    shop.as(null);
    expect((await shop.get({ page: "payment", id })).status).toBe(401);
    expect((await shop.get({ page: "payment", id })).text).not.toContain(id);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
  });
});
