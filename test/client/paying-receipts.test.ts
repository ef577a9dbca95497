import { describe, expect, it } from "vitest";
import { PaymeOutcomeUnknownError, PaymeValidationError } from "../../src/kit/errors";
import { connect, failureOfType, receiptId } from "./kit";
import { paymeInTurn } from "./payme-in-turn";
import { cards, paidReceipt, receipts } from "./samples";
import { answering } from "./scripted-server";

const { token } = cards.created;
const fiscal = {
  receipt_id: 4021,
  qr_code_url: "https://ofd.soliq.uz/check?t=EP000000000999&r=4021&c=20240112093702&s=100200300400",
};

describe("the answers of Payme's documentation", () => {
  it("receipts.pay gives the receipt as it then stands, whatever id the answer has", async () => {
    const { client, paramsOf } = await paymeInTurn({ "receipts.pay": [{ result: { receipt: paidReceipt } }] });
    const payer = { id: "user-77", phone: "998911234507", ip: "203.0.113.9" };
    expect(await client.receipts.pay({ id: receiptId, token, payer })).toEqual(paidReceipt);
    expect(paramsOf("receipts.pay")).toEqual([{ id: receiptId, token, payer }]);
  });

  it("receipts.pay takes the 20 digits of Payme GO", async () => {
    const { client, paramsOf } = await paymeInTurn({ "receipts.pay": [{ result: { receipt: paidReceipt } }] });
    await client.receipts.pay({ id: receiptId, token: "50501234567890123456" });
    expect(paramsOf("receipts.pay")).toEqual([{ id: receiptId, token: "50501234567890123456" }]);
  });

  it("receipts.confirm_hold gives the receipt, paid", async () => {
    const { client, paramsOf } = await paymeInTurn({ "receipts.confirm_hold": [{ result: { receipt: paidReceipt } }] });
    expect(await client.receipts.confirmHold(receiptId)).toEqual(paidReceipt);
    expect(paramsOf("receipts.confirm_hold")).toEqual([{ id: receiptId }]);
  });

  it("receipts.send sends the id and the phone", async () => {
    const { client, paramsOf } = await paymeInTurn({ "receipts.send": [{ result: { success: true } }] });
    expect(await client.receipts.send({ id: receiptId, phone: "998911234507" })).toEqual({ success: true });
    expect(paramsOf("receipts.send")).toEqual([{ id: receiptId, phone: "998911234507" }]);
  });

  it.each([[{ success: true }], [{ receipt: receipts.created }], [{}]])(
    "receipts.set_fiscal_data answered with %j is done: docs and implementations disagree",
    async (result) => {
      const { client, paramsOf } = await paymeInTurn({ "receipts.set_fiscal_data": [{ result }] });
      const data = { ...fiscal, status_code: 0, terminal_id: "EP000000000999", date: "20240112093702" };
      expect(await client.receipts.setFiscalData(receiptId, data)).toEqual({ success: true });
      expect(paramsOf("receipts.set_fiscal_data")).toEqual([{ id: receiptId, fiscal_data: data }]);
    },
  );
});

describe("arguments that are wrong are refused before anything is sent", () => {
  it.each([
    [{ id: receiptId }],
    [{ id: "a b", token }],
    [{ id: receiptId, token: "" }],
    [{ id: receiptId, token, hold: "yes" }],
    [{ id: receiptId, token, payer: { phone: 998911234507 } }],
    [{ id: receiptId, token, amount: 5 }],
  ])("receipts.pay(%j)", async (params) => {
    const { client, server } = await connect(answering({}));
    const error = await failureOfType(PaymeValidationError, Reflect.apply(client.receipts.pay, undefined, [params]));
    expect(error.message).not.toContain(token);
    expect(server.seen).toHaveLength(0);
  });

  it.each(["+998911234507", "911234507", "99891123450", "9989112345071", 998911234507])(
    "the phone %j",
    async (phone) => {
      const { client, server } = await connect(answering({}));
      const sending = Reflect.apply(client.receipts.send, undefined, [{ id: receiptId, phone }]);
      expect((await failureOfType(PaymeValidationError, sending)).message).toContain("phone must be");
      expect(server.seen).toHaveLength(0);
    },
  );

  it.each([
    [{}],
    [{ receipt_id: 1.5, qr_code_url: fiscal.qr_code_url }],
    [{ receipt_id: 1, qr_code_url: "ofd" }],
    [{ ...fiscal, date: "12.01.2024" }],
    [{ ...fiscal, fiscal_sign: null }],
    [{ ...fiscal, cashier: "x" }],
  ])("fiscal data %j", async (data) => {
    const { client, server } = await connect(answering({}));
    await failureOfType(
      PaymeValidationError,
      Reflect.apply(client.receipts.setFiscalData, undefined, [receiptId, data]),
    );
    expect(server.seen).toHaveLength(0);
  });
});

describe("a lost answer", () => {
  it("to pay, confirm_hold and set_fiscal_data names the read that settles it", async () => {
    const { client } = await paymeInTurn({
      "receipts.pay": ["cut"],
      "receipts.confirm_hold": ["cut"],
      "receipts.set_fiscal_data": ["cut"],
    });
    const settledBy = async (call: Promise<unknown>) => (await failureOfType(PaymeOutcomeUnknownError, call)).settledBy;
    expect(await settledBy(client.receipts.pay({ id: receiptId, token }))).toBe("receipts.check");
    expect(await settledBy(client.receipts.confirmHold(receiptId))).toBe("receipts.check");
    expect(await settledBy(client.receipts.setFiscalData(receiptId, fiscal))).toBe("receipts.get");
  });

  it("to send says that sending again is harmless, for no read tells", async () => {
    const { client } = await paymeInTurn({ "receipts.send": ["cut"] });
    const error = await failureOfType(
      PaymeOutcomeUnknownError,
      client.receipts.send({ id: receiptId, phone: "998911234507" }),
    );
    expect(error.hint).toContain("moves no money");
    expect(error.message).not.toContain("do not repeat it");
  });
});
