import { SubscribeErrorCode } from "../../protocol/codes";
import type { CardToken } from "../card-tokens";
import { acceptCard, misbehave } from "../cards";
import { Refusal } from "../refusal";
import type { Method } from "./context";
import { requireObject, requireText } from "./params";

/** The code that every test card gets by SMS. */
const SMS_CODE = "666666";
const SMS_WAIT_MS = 60_000;

export const create: Method = ({ cards, tokens, now }, params) => {
  const card = requireObject(params, "card");
  const [number, expire] = [requireText(card, "number"), requireText(card, "expire")];
  if (!/^\d+$/.test(number) || !/^\d{4}$/.test(expire)) {
    throw new Refusal(SubscribeErrorCode.INVALID_CARD, "Digits only: the number without spaces, the expiry as MMYY");
  }
  const accepted = acceptCard(cards, { number, expire }, now);
  misbehave(accepted.card, "create");
  return { card: answered(tokens.add(accepted, params.save === true)) };
};

export const getVerifyCode: Method = ({ tokens }, params) => {
  misbehave(tokens.require(requireText(params, "token")).accepted.card, "verify_code");
  return { sent: true, phone: "99890*****31", wait: SMS_WAIT_MS };
};

export const verify: Method = ({ tokens }, params) => {
  const token = tokens.require(requireText(params, "token"));
  if (requireText(params, "code") !== SMS_CODE) throw new Refusal(SubscribeErrorCode.OTP_WRONG, "Неверный код");
  token.verified = true;
  return { card: answered(token) };
};

export const check: Method = ({ tokens }, params) => ({ card: answered(tokens.require(requireText(params, "token"))) });

export const remove: Method = ({ tokens }, params) => {
  tokens.remove(requireText(params, "token"));
  return { success: true };
};

function answered({ token, accepted, recurrent, verified }: CardToken) {
  const expire = `${accepted.expire.slice(0, 2)}/${accepted.expire.slice(2)}`;
  return { number: accepted.masked, expire, token, recurrent, verify: verified, type: "22618" };
}
