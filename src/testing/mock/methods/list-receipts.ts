import type { AccountField, Receipt } from "../../../protocol/receipt";
import { answered, type Method } from "./context";
import { integerOr, isRecord } from "./params";

const MAX_PAGE = 50;

/** Another serialiser than the rest of Payme's API: a bare list, newest first, with words in several languages. */
export const listReceipts: Method = ({ cashbox: { book }, choices, now }, params) => {
  const from = integerOr(params, "from", 0, Number.MAX_SAFE_INTEGER);
  const to = integerOr(params, "to", now(), Number.MAX_SAFE_INTEGER);
  const largest = choices.countOverMaximum === "clamp" ? Number.MAX_SAFE_INTEGER : MAX_PAGE;
  const count = Math.min(integerOr(params, "count", MAX_PAGE, largest), MAX_PAGE);
  const offset = integerOr(params, "offset", 0, Number.MAX_SAFE_INTEGER);
  return book
    .all()
    .filter(({ create_time: time }) => time >= from && time <= to)
    .reverse()
    .sort((a, b) => b.create_time - a.create_time)
    .slice(offset, offset + count)
    .map((receipt) => {
      const number = choices.wholeCardNumbersInLists ? book.cardNumberOf(receipt._id) : undefined;
      return listed(answered(receipt), number);
    });
};

function listed(receipt: Receipt, cardNumber: string | undefined): Receipt {
  const { account, merchant, card } = receipt;
  return {
    ...receipt,
    account: account?.map(localized),
    ...(card && cardNumber !== undefined ? { card: { ...card, number: cardNumber } } : {}),
    merchant: isRecord(merchant) ? { ...merchant, type: { ru: merchant.type, uz: merchant.type } } : merchant,
  };
}

function localized(field: AccountField): AccountField {
  const title = String(field.title);
  return { ...field, title: { ru: title, uz: title, en: title } };
}
