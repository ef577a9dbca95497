import type { PaymeClient } from "../../src/entry/client";
import { som } from "../../src/kit/money";
import { API_CARD } from "../mock/kit";

/** What calls go on with: filled by the calls before. */
export interface Story {
  token: string;
  receiptId: string;
}

const receipt = { amount: som(12_500), account: { order_id: 4417 } };

/** Every method of Payme's, by its name on the wire, and the call of the typed client that makes it. In an order that works. */
export const CALLS: Readonly<Record<string, (client: PaymeClient, story: Story) => Promise<unknown>>> = {
  "cards.create": async (client, story) => {
    const card = await client.cards.create({ ...API_CARD, save: true, customer: "user-77" });
    story.token = card.token;
    return card;
  },
  "cards.get_verify_code": (client, { token }) => client.cards.getVerifyCode(token),
  "cards.verify": async (client, story) => {
    const card = await client.cards.verify({ token: story.token, code: "666666" });
    story.token = card.token;
    return card;
  },
  "cards.check": (client, { token }) => client.cards.check(token),
  "receipts.create": async (client, story) => {
    const made = await client.receipts.create({ ...receipt, description: "Order 4417", hold: true });
    story.receiptId = made._id;
    return made;
  },
  "receipts.send": (client, { receiptId: id }) => client.receipts.send({ id, phone: "998911234507" }),
  "receipts.pay": (client, { receiptId: id, token }) =>
    client.receipts.pay({ id, token, hold: true, payer: { id: "user-77", ip: "203.0.113.9" } }),
  "receipts.confirm_hold": (client, { receiptId }) => client.receipts.confirmHold(receiptId),
  "receipts.set_fiscal_data": (client, { receiptId }) =>
    client.receipts.setFiscalData(receiptId, { receipt_id: 4021, qr_code_url: "https://ofd.soliq.uz/check?r=4021" }),
  "receipts.check": (client, { receiptId }) => client.receipts.check(receiptId),
  "receipts.get": (client, { receiptId }) => client.receipts.get(receiptId),
  "receipts.get_all": (client) => client.receipts.getAll({ from: 0, to: 4_000_000_000_000 }),
  "receipts.cancel": (client, { receiptId }) => client.receipts.cancel(receiptId),
  "cards.remove": (client, { token }) => client.cards.remove(token),
};

/** The same call with arguments that the client itself accepts, for answers that do not depend on them. */
export function callAlone(client: PaymeClient, method: string): Promise<unknown> {
  const call = CALLS[method];
  if (call === undefined) throw new Error(`no call of ${method}`);
  return call(client, { token: `${"a".repeat(24)}_b`, receiptId: "65a0c1d2e3f4a5b6c7d8e9f0" });
}
