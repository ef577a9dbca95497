import { describe, expect, it } from "vitest";
import { isAccountError, MerchantErrorCode, merchantErrorText } from "../../src/protocol/codes";
import { messageText } from "../../src/protocol/json-rpc";

describe("codes of the Merchant API", () => {
  it.each([
    [-31049, false],
    [-31050, true],
    [-31099, true],
    [-31100, false],
  ])("%i is an account error: %s", (code, answer) => {
    expect(isAccountError(code)).toBe(answer);
  });

  it.each(Object.values(MerchantErrorCode))("%i has a text in each language of Payme", (code) => {
    const { ru, uz, en } = merchantErrorText[code];
    expect([ru, uz, en].map((text) => text.length > 3)).toEqual([true, true, true]);
    expect(messageText(merchantErrorText[code])).toBe(en);
  });
});
