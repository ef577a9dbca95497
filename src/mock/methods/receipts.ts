import type { AccountField, Receipt } from "../../protocol/receipt";
import { ReceiptState } from "../../protocol/states";
import { answered, type Method } from "./context";
import { integerOr, isRecord, requireAccount, requireAmount, requireText } from "./params";

const MAX_PAGE = 50;

export const create: Method = ({ book }, params) => {
  const receipt = book.add({
    amount: requireAmount(params, "amount"),
    account: requireAccount(params, "account"),
    description: typeof params.description === "string" ? params.description : "",
    detail: params.detail ?? null,
  });
  return { receipt: answered(receipt) };
};

export const get: Method = ({ book }, params) => ({ receipt: answered(book.get(requireText(params, "id"))) });

export const check: Method = ({ book }, params) => ({ state: book.get(requireText(params, "id")).state });

export const pay: Method = async ({ tokens, cashier, notify }, params) => {
  const id = requireText(params, "id");
  const { token, accepted, recurrent } = tokens.requireVerified(requireText(params, "token"));
  const receipt = await cashier.charge(id, accepted);
  if (!recurrent) tokens.remove(token);
  if (receipt.state === ReceiptState.PAID) notify("receipts.pay", receipt);
  return { receipt: answered(receipt) };
};

export const cancel: Method = async ({ book, cashier, notify }, params) => {
  const before = book.get(requireText(params, "id"));
  const receipt = await cashier.cancel(before._id);
  if (before.state !== receipt.state) notify("receipts.cancel", receipt);
  return { receipt: answered(receipt) };
};

/** Another serialiser than the rest of Payme's API: a bare list, newest first, with words in several languages. */
export const getAll: Method = ({ book, now }, params) => {
  const from = integerOr(params, "from", 0, Number.MAX_SAFE_INTEGER);
  const to = integerOr(params, "to", now(), Number.MAX_SAFE_INTEGER);
  const count = integerOr(params, "count", MAX_PAGE, MAX_PAGE);
  const offset = integerOr(params, "offset", 0, Number.MAX_SAFE_INTEGER);
  return book
    .all()
    .filter(({ create_time: time }) => time >= from && time <= to)
    .reverse()
    .sort((a, b) => b.create_time - a.create_time)
    .slice(offset, offset + count)
    .map((receipt) => listed(answered(receipt)));
};

function listed(receipt: Receipt): Receipt {
  const { account, merchant } = receipt;
  return {
    ...receipt,
    account: account?.map(localized),
    merchant: isRecord(merchant) ? { ...merchant, type: { ru: merchant.type, uz: merchant.type } } : merchant,
  };
}

function localized(field: AccountField): AccountField {
  const title = String(field.title);
  return { ...field, title: { ru: title, uz: title, en: title } };
}
