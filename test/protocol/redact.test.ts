import { describe, expect, it } from "vitest";
import { maskCardNumber } from "../../src/protocol/card";
import { redact } from "../../src/protocol/redact";
import { maskCardNumbers } from "../../src/protocol/secrets";

describe("redact", () => {
  it("hides members that name secrets, at any depth, whatever their type", () => {
    const hidden = redact({
      key: "k",
      params: { token: { a: 1 }, card: { cvv: 123, pin: "1" } },
      Authorization: "Basic x",
    });
    expect(JSON.stringify(hidden)).toBe(
      '{"key":"[hidden]","params":{"token":"[hidden]","card":{"cvv":"[hidden]","pin":"[hidden]"}},"Authorization":"[hidden]"}',
    );
  });

  it("hides an SMS code and keeps an error's code", () => {
    expect(redact({ code: "666666" })).toEqual({ code: "[hidden]" });
    expect(redact({ code: -31630 })).toEqual({ code: -31630 });
    expect(redact({ amount: "50000", code: 404, time: 17050 })).toEqual({
      amount: "50000",
      code: "[hidden]",
      time: 17050,
    });
    expect(redact({ code: "00902001001000099" })).toEqual({ code: "00902001001000099" });
  });

  it("masks card numbers inside any text", () => {
    expect(redact(["card 8600 4954 7331 6478 refused"])).toEqual(["card 860049******6478 refused"]);
    expect(redact({ note: "8600-4954-7331-6478" })).toEqual({ note: "860049******6478" });
  });

  it("masks a card number that came as a number", () => {
    expect(redact({ card: { number: 8600495473316478 } })).toEqual({ card: { number: "860049******6478" } });
    expect(redact([8600495473316478])).toEqual(["860049******6478"]);
    expect(redact([1234567890.123456])).toEqual([1234567890.123456]);
    expect(redact([0, -1, 1.5, 999_999_999_999_999])).toEqual([0, -1, 1.5, 999_999_999_999_999]);
  });

  it("leaves times, amounts and ids as they are", () => {
    const harmless = { time: 1705034194310, at: "1705034194310", _id: "65a0c1d2e3f4a5b6c7d8e9f0", none: null };
    expect(redact(harmless)).toEqual(harmless);
  });

  it("masks whatever shows more than ten digits under the name of a card number", () => {
    const shown = (number: unknown) => redact({ number });
    expect(shown("8600-4954-733")).toEqual({ number: "860049******4733" });
    expect(shown("8600-4954-73")).toEqual({ number: "8600-4954-73" });
    expect(shown("860049******6478")).toEqual({ number: "860049******6478" });
    for (const name of ["pan", "cardnumber", "Card_Number"]) {
      expect(redact({ [name]: "86004954733" })).toEqual({ [name]: "860049******4733" });
    }
    expect(redact({ numbers: "86004954733", panel: "86004954733", order_number: "86004954733" })).toEqual({
      numbers: "86004954733",
      panel: "86004954733",
      order_number: "86004954733",
    });
    expect(shown([true])).toEqual({ number: [true] });
  });

  it("keeps an absent secret absent", () => {
    expect(redact([true, false, null, undefined])).toEqual([true, false, null, undefined]);
    expect(redact({ token: null, password: undefined })).toEqual({ token: null, password: undefined });
  });

  it("stops at twelve levels, of objects and of lists", () => {
    const nested = (levels: number, wrap: (inner: unknown) => unknown): unknown =>
      levels === 0 ? 1 : wrap(nested(levels - 1, wrap));
    for (const wrap of [(inner: unknown) => ({ a: inner }), (inner: unknown) => [inner]]) {
      expect(redact(nested(12, wrap))).toEqual(nested(12, wrap));
      expect(JSON.stringify(redact(nested(13, wrap)))).toContain("[deeper]");
    }
  });

  it("stops at a depth and never changes what it was given", () => {
    const circle: Record<string, unknown> = { token: "secret" };
    circle.self = circle;
    expect(JSON.stringify(redact(circle))).toContain("[deeper]");
    expect(circle.token).toBe("secret");
  });
});

describe("maskCardNumber", () => {
  it("keeps six and four digits, and nothing of a number that is too short to hide", () => {
    expect(maskCardNumber("8600495473316478")).toBe("860049******6478");
    expect(maskCardNumber("1234567890")).toBe("******");
    expect(maskCardNumber("12345678901")).toBe("123456******8901");
  });

  it("finds numbers of 16 and 19 digits only", () => {
    expect(maskCardNumbers("1234567890123456789")).toBe("123456******6789");
    expect(maskCardNumbers("12345678901234567")).toBe("12345678901234567");
  });
});
