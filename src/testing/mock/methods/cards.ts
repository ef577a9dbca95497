import { isTiyin } from "../../../kit/money";
import { SubscribeErrorCode } from "../../../protocol/codes";
import type { CardToken } from "../card-tokens";
import { acceptCard, misbehave } from "../cards";
import { Refusal } from "../refusal";
import { type Method, requireObject, requireText } from "./method";

/** The SMS code of every test card. */
const SMS_CODE = "666666";

export const create: Method = ({ cards, cashbox: { tokens }, choices, now }, params) => {
  const card = requireObject(params, "card");
  const [number, expire] = [requireText(card, "number"), requireText(card, "expire")];
  if (!/^\d+$/.test(number) || !/^\d{4}$/.test(expire)) {
    throw new Refusal(SubscribeErrorCode.INVALID_CARD, "Digits only: the number without spaces, the expiry as MMYY");
  }
  const recurrent = params.save === true;
  if (recurrent && choices.refusesSave) {
    throw new Refusal(SubscribeErrorCode.INVALID_FIELD, "Сохранение карт не подключено", { data: "save" });
  }
  const accepted = acceptCard(cards, { number, expire }, now);
  misbehave(accepted.card, "create");
  const amount = isTiyin(params.amount) && params.amount > 0 ? params.amount : undefined;
  const customer = typeof params.customer === "string" ? params.customer : undefined;
  return { card: answered(tokens.add(accepted, { recurrent, amount, customer })) };
};

export const getVerifyCode: Method = ({ cashbox: { tokens }, choices, now }, params) => {
  const card = tokens.find(requireText(params, "token"));
  misbehave(card.accepted.card, "verify_code");
  const wait = choices.codeLifetimeMs;
  if (choices.earlyResend === "refuse" && card.codeSentAt !== undefined && now() < card.codeSentAt + wait) {
    throw new Refusal(SubscribeErrorCode.OTP_NOT_SENT, "Код уже отправлен");
  }
  card.codeSentAt = now();
  card.wrongCodes = 0;
  return { sent: true, phone: "99890*****31", wait };
};

export const verify: Method = ({ cashbox: { tokens }, choices, now }, params) => {
  const card = tokens.find(requireText(params, "token"));
  const code = requireText(params, "code");
  const isStale =
    card.codeSentAt === undefined ? choices.needsSentCode : now() > card.codeSentAt + choices.codeLifetimeMs;
  if (isStale) throw new Refusal(SubscribeErrorCode.OTP_EXPIRED, "Время действия кода истекло");
  if (card.wrongCodes >= choices.codeAttempts) {
    throw new Refusal(SubscribeErrorCode.OTP_ATTEMPTS_EXCEEDED, "Превышено число попыток ввода кода");
  }
  if (code !== SMS_CODE) {
    card.wrongCodes += 1;
    throw new Refusal(SubscribeErrorCode.OTP_WRONG, "Неверный код");
  }
  tokens.verify(card);
  return { card: answered(card) };
};

export const check: Method = ({ cashbox: { tokens } }, params) => ({
  card: answered(tokens.find(requireText(params, "token"))),
});

export const remove: Method = ({ cashbox: { tokens } }, params) => {
  tokens.remove(requireText(params, "token"));
  return { success: true };
};

function answered({ token, accepted, recurrent, verified }: CardToken) {
  const expire = `${accepted.expire.slice(0, 2)}/${accepted.expire.slice(2)}`;
  return { number: accepted.masked, expire, token, recurrent, verify: verified, type: "22618" };
}
