import { isRecord } from "../../../kit/json";
import { SubscribeErrorCode } from "../../../protocol/codes";
import type { AccountField, Receipt } from "../../../protocol/receipt";
import { type AcceptedCard, acceptCard } from "../cards";
import type { MockChoices } from "../choices";
import { cardNotFound, Refusal } from "../refusal";
import {
  answered,
  integerOr,
  invalid,
  type Method,
  type MethodContext,
  requireAccount,
  requireAmount,
  requireText,
} from "./method";

/** The longest list of `receipts.get_all`. */
const MAX_PAGE = 50;

export const create: Method = async ({ cashbox, choices }, params) => {
  requireOpen(choices);
  const amount = requireAmount(params, "amount");
  const account = requireAccount(params, "account");
  if (choices.minimumTiyin !== null && amount < choices.minimumTiyin) {
    throw new Refusal(SubscribeErrorCode.AMOUNT_TOO_SMALL, "Сумма меньше минимальной");
  }
  if (choices.maximumTiyin !== null && amount > choices.maximumTiyin) {
    throw new Refusal(SubscribeErrorCode.AMOUNT_TOO_LARGE, "Сумма больше максимальной");
  }
  const receipt = await cashbox.create({
    amount,
    account,
    description: typeof params.description === "string" ? params.description : "",
    detail: params.detail ?? null,
    hold: params.hold === true,
  });
  return { receipt: answered(receipt) };
};

export const get: Method = ({ cashbox: { book } }, params) => ({
  receipt: answered(book.get(requireText(params, "id"))),
});

export const check: Method = ({ cashbox: { book } }, params) => ({ state: book.get(requireText(params, "id")).state });

export const pay: Method = async (context, params) => {
  const { cashbox, choices } = context;
  requireOpen(choices);
  const id = requireText(params, "id");
  const { accepted, oneOffToken } = payerOf(context, requireText(params, "token"), () => cashbox.book.get(id).amount);
  // The token is spent first: of two payments at the same moment only one gets it.
  const putBack = oneOffToken === undefined ? undefined : cashbox.tokens.spend(oneOffToken);
  try {
    return { receipt: answered(await cashbox.charge(id, accepted, { hold: params.hold === true })) };
  } catch (error) {
    putBack?.();
    throw error;
  }
};

export const cancel: Method = async ({ cashbox }, params) => ({
  receipt: answered(await cashbox.cancel(requireText(params, "id"))),
});

export const confirmHold: Method = async ({ cashbox }, params) => ({
  receipt: answered(await cashbox.confirm(requireText(params, "id"))),
});

export const send: Method = ({ cashbox: { book } }, params) => {
  const { _id: id } = book.get(requireText(params, "id"));
  const phone = requireText(params, "phone");
  if (!/^998\d{9}$/.test(phone)) throw invalid("phone");
  book.sendTo(id, phone);
  return { success: true };
};

export const setFiscalData: Method = ({ cashbox: { book }, choices }, params) => {
  const { _id: id } = book.get(requireText(params, "id"));
  const { fiscal_data: data } = params;
  if (!isRecord(data)) throw invalid("fiscal_data");
  if (!Number.isSafeInteger(data.receipt_id)) throw invalid("receipt_id");
  requireText(data, "qr_code_url");
  const receipt = book.saveFiscalData(id, structuredClone(data));
  if (choices.fiscalDataAnswer === "success") return { success: true };
  const { _id, create_time, pay_time } = receipt;
  return { receipt: { _id, create_time, pay_time } };
};

/** A list, newest first, with texts in several languages: Payme writes this answer in another form than all others. */
export const getAll: Method = ({ cashbox: { book }, choices, now }, params) => {
  const from = integerOr(params, "from", 0);
  const to = integerOr(params, "to", now());
  const largest = choices.countOverMaximum === "clamp" ? undefined : MAX_PAGE;
  const count = Math.min(integerOr(params, "count", MAX_PAGE, largest), MAX_PAGE);
  const offset = integerOr(params, "offset", 0);
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

function requireOpen({ isBlocked }: MockChoices): void {
  if (isBlocked) throw new Refusal(SubscribeErrorCode.MERCHANT_NOT_FOUND, "Поставщик не найден или заблокирован");
}

/** The card of a verified token, or of a Payme GO code, and the token where it is for one payment. */
export function payerOf(
  { cashbox: { tokens }, cards, choices, now }: MethodContext,
  token: string,
  amountOf: () => number,
): { accepted: AcceptedCard; oneOffToken?: string | undefined } {
  if (/^\d{20}$/.test(token)) {
    const number = choices.goCodes[token];
    const card = cards.find((each) => each.number === number);
    if (number === undefined || card === undefined) throw cardNotFound();
    return { accepted: acceptCard(cards, { number, expire: card.expire ?? "1299" }, now) };
  }
  const { accepted, recurrent, amount } = tokens.findVerified(token);
  // A token for one payment pays exactly its amount. Source: PaycomUZ/AndroidSDK.
  if (!recurrent && amount !== undefined && amount !== amountOf()) throw cardNotFound();
  return { accepted, oneOffToken: recurrent ? undefined : token };
}
