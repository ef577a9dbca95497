import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import type { MockChoices } from "../../src/testing/mock/choices";
import { verifiedToken } from "../mock/kit";
import { createShop } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Money that our books never learnt of: the hook threw. A person refunded it in the cabinet, and Payme told of the cancel. */
async function refundedUnseen(cancelEnds: MockChoices["cancelEnds"] = 50, { told = true } = {}) {
  let isBroken = true;
  let toTellAt = "";
  const shop = createShop({
    client: {
      onExchange({ method }) {
        if (method !== toTellAt) return;
        toTellAt = "";
        void tell();
      },
    },
    mock: { choices: { cancelEnds }, cancelDelayMs: 30 * MINUTE },
    payments: {
      onPaid: () => {
        if (isBroken) throw new Error("the shop's database is away");
        return true;
      },
    },
  });
  const order = { reference: "rent:42", amount, token: await verifiedToken(shop.mock) };
  await expect(shop.payments.charge(order)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
  isBroken = false;
  const paymeId = shop.mock.receipts()[0]?._id ?? "";
  await shop.mock.cancel(paymeId);
  const tell = () => shop.payments.recordCancelled({ paymeId, cancelledAt: shop.now(), source: "gateway" });
  if (told) await tell();
  return {
    ...shop,
    charge: () => shop.payments.charge(order),
    /** Payme tells of the cancel in the moment in which this method is called next. */
    tellAt(method: string) {
      toTellAt = method;
    },
    taken: () => shop.mock.movements.filter(({ kind }) => kind === "take").length,
  };
}

describe("a charge for a reference whose receipt was cancelled by hand", () => {
  it("takes nothing while the money is on its way back, and takes it once when it is back", async () => {
    const shop = await refundedUnseen();
    expect(await shop.charge()).toMatchObject({ status: "pending" });
    expect(shop.taken()).toBe(1);
    shop.pass(HOUR);
    expect(await shop.charge()).toMatchObject({ status: "paid" });
    expect(await shop.charge()).toMatchObject({ status: "paid" });
    expect(shop.taken()).toBe(2);
  });

  it("takes nothing where Payme refused the refund: the money is in front of a person", async () => {
    const shop = await refundedUnseen(4);
    shop.pass(HOUR);
    expect(await shop.charge()).toMatchObject({ status: "unknown" });
    expect(shop.taken()).toBe(1);
    const [incident] = await shop.payments.incidents.list();
    expect(incident).toMatchObject({ kind: "paid_after_cancel" });
    await shop.payments.accept(incident?.id ?? 0, { by: "Aziza", note: "the refund was refused" });
    expect(await shop.charge()).toMatchObject({ status: "paid" });
    expect(shop.taken()).toBe(1);
  });

  it("takes nothing while Payme cannot be asked", async () => {
    const shop = await refundedUnseen();
    shop.mock.faults.add({ method: "receipts.check", kind: "drop_before" });
    shop.pass(HOUR);
    expect(await shop.charge()).toMatchObject({ status: "unknown" });
    expect(shop.taken()).toBe(1);
  });

  it("takes nothing where Payme tells of the cancel while it is asked: the money is not back yet", async () => {
    const shop = await refundedUnseen(50, { told: false });
    shop.pass(5 * MINUTE); // the claim of the charge is over
    shop.tellAt("receipts.check");
    expect(await shop.charge()).toMatchObject({ status: "pending", payment: { status: "CANCELLED" } });
    expect(await shop.charge()).toMatchObject({ status: "pending" });
    expect(shop.taken()).toBe(1);
    shop.pass(HOUR);
    expect(await shop.charge()).toMatchObject({ status: "paid" });
    expect(shop.taken()).toBe(2);
  });

  it("takes nothing while 21 is all that Payme says of a receipt that it once did not know", async () => {
    const shop = await refundedUnseen(50, { told: false });
    shop.pass(5 * MINUTE); // the claim of the charge is over
    shop.mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -31602, times: 1 });
    expect(await shop.charge()).toMatchObject({ status: "pending", payment: { status: "FAILED" } });
    expect(await shop.charge()).toMatchObject({ status: "pending" });
    expect(shop.taken()).toBe(1);
    shop.pass(HOUR);
    expect(await shop.charge()).toMatchObject({ status: "paid" });
    expect(shop.taken()).toBe(2);
  });
});
