import { SubscribeErrorCode } from "../../../protocol/codes";
import { cardNotFound } from "../card-tokens";
import { type AcceptedCard, acceptCard } from "../cards";
import type { MockChoices } from "../choices";
import { Refusal } from "../refusal";
import { answered, type Method, type MethodContext } from "./context";
import { invalid, isRecord, requireAccount, requireAmount, requireText } from "./params";

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
  const payer = payerOf(context, requireText(params, "token"), () => cashbox.book.get(id).amount);
  // Taken at once: of two payments at the same moment one has the token.
  const putBack = payer.spend();
  try {
    return { receipt: answered(await cashbox.charge(id, payer.accepted, { hold: params.hold === true })) };
  } catch (error) {
    putBack();
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

function requireOpen({ isBlocked }: MockChoices): void {
  if (isBlocked) throw new Refusal(SubscribeErrorCode.MERCHANT_NOT_FOUND, "Поставщик не найден или заблокирован");
}

/** Who pays: a verified card's token, or a code of Payme GO. `spend`: a token for one payment is gone, until it is put back. */
function payerOf(
  { cashbox: { tokens }, cards, choices, now }: MethodContext,
  token: string,
  amountOf: () => number,
): { accepted: AcceptedCard; spend(): () => void } {
  if (/^\d{20}$/.test(token)) {
    const number = choices.goCodes[token];
    const card = cards.find((each) => each.number === number);
    if (number === undefined || card === undefined) throw cardNotFound();
    return { accepted: acceptCard(cards, { number, expire: card.expire ?? "1299" }, now), spend: () => nothing };
  }
  const { accepted, recurrent, amount } = tokens.findVerified(token);
  // Made for one payment, of exactly that amount. Source: PaycomUZ/AndroidSDK.
  if (!recurrent && amount !== undefined && amount !== amountOf()) throw cardNotFound();
  return { accepted, spend: () => (recurrent ? nothing : tokens.spend(token)) };
}

function nothing(): void {}
