import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import type { PaymentsEvent } from "../../src/payments/payments-event";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const anna = { by: "anna", note: "the payer has the goods" };

/** A payment of which Payme told another amount, with all that a listener is told. */
async function mismatched() {
  const told: PaymentsEvent[] = [];
  const shop = createShop({ payments: { onEvent: (event) => told.push(event) } });
  const { id, transactionId } = await shop.payments.create({ amount });
  const paymeId = transactionId ?? "";
  await shop.payments.recordPaid({ paymeId, amount: som(1), paidAt: shop.now(), source: "gateway" });
  const [incident] = await shop.payments.incidents.list();
  if (incident === undefined) throw new Error("there is no incident");
  told.length = 0;
  return { shop, id, paymeId, incident, told };
}

describe("a person who resolves an incident", () => {
  it("closes it, is in the story, and is told to a listener: once", async () => {
    const { shop, id, paymeId, incident, told } = await mismatched();
    const closed = await shop.payments.incidents.resolve(incident.id, anna);
    expect(closed).toMatchObject({ id: incident.id, resolvedBy: "anna", note: anna.note, resolvedAt: shop.now() });
    shop.pass(60_000);
    const again = await shop.payments.incidents.resolve(incident.id, { by: "ben", note: "me, too" });
    expect(again).toEqual(closed);
    const deeds = await shop.storage.listEvents(scope, { subject: id, kinds: ["admin.resolve"], limit: 9 });
    expect(deeds).toMatchObject([{ paymeId, at: closed.resolvedAt, data: { by: "anna", incident: incident.id } }]);
    const closing = told.filter(({ kind }) => kind === "incident.resolved");
    expect(closing).toMatchObject([{ incident: "amount_mismatch", paymentId: id }]);
    expect(told.map(({ kind }) => kind)).not.toContain("incident.opened");
  });

  it("has to name one that there is", async () => {
    const { shop, incident, told } = await mismatched();
    await expect(shop.payments.incidents.resolve(incident.id + 999, anna)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: `there is no incident ${incident.id + 999}`,
    });
    expect(told).toEqual([]);
    expect(await shop.payments.incidents.list()).toMatchObject([{ resolvedAt: null }]);
  });
});

it("a person who accepts money that is booked already closes what is open of it, once", async () => {
  const { shop, id, paymeId } = await mismatched();
  await shop.mock.pay(paymeId, { card });
  await shop.payments.check(id);
  const about = { ...scope, subject: id, paymeId, at: shop.now(), data: { amount } };
  await shop.storage.appendEvents([{ ...about, kind: "paid_after_cancel" }]);
  const [late] = (await shop.payments.incidents.list()).filter(({ kind }) => kind === "paid_after_cancel");
  const yes = { ...anna, paymentId: id };
  expect(await shop.payments.accept(late?.id ?? 0, yes)).toMatchObject({ outcome: "already_applied", row: { id } });
  expect(await shop.payments.incidents.list()).toEqual([]);
  const deeds = await shop.storage.listEvents(scope, { subject: id, kinds: ["admin.accept"], limit: 9 });
  expect(deeds).toMatchObject([{ data: { by: "anna", incident: late?.id } }]);
  shop.pass(60_000);
  expect(await shop.payments.accept(late?.id ?? 0, yes)).toMatchObject({ outcome: "already_applied" });
  expect(await shop.storage.listEvents(scope, { subject: id, kinds: ["admin.accept"], limit: 9 })).toEqual(deeds);
});
