import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { PaymeAPIError, PaymeOutcomeUnknownError, PaymeValidationError } from "../../src/kit/errors";
import { connect, failureOfType } from "./kit";
import { paymeInTurn, refusal } from "./payme-in-turn";
import { cards } from "./samples";
import { answering } from "./scripted-server";

const { token } = cards.created;

describe("the answers of Payme's documentation", () => {
  it("cards.create: the card as its token, the number on the wire as digits and the expiry as MMYY", async () => {
    const { client, paramsOf } = await paymeInTurn({ "cards.create": [{ result: { card: cards.created } }] });
    const card = await client.cards.create({
      number: "8600 4954 7331 6478",
      expire: "03/99",
      save: true,
      customer: "user-77",
    });
    expect(card).toEqual(cards.created);
    expect(paramsOf("cards.create")).toEqual([
      { card: { number: "8600495473316478", expire: "0399" }, save: true, customer: "user-77" },
    ]);
  });

  it.each(["8600-4954-7331-6478", "8600495473316478", " 8600 4954 7331 6478 "])(
    "takes the number %j",
    async (number) => {
      const { client, paramsOf } = await paymeInTurn({ "cards.create": [{ result: { card: cards.created } }] });
      await client.cards.create({ number, expire: "0399" });
      expect(paramsOf("cards.create")).toEqual([{ card: { number: "8600495473316478", expire: "0399" } }]);
    },
  );

  it("cards.get_verify_code: where the SMS went, and how long to wait", async () => {
    const { client, paramsOf } = await paymeInTurn({
      "cards.get_verify_code": [{ result: { sent: true, phone: "99891*****07", wait: 60000 } }],
    });
    expect(await client.cards.getVerifyCode(token)).toEqual({ sent: true, phone: "99891*****07", wait: 60_000 });
    expect(paramsOf("cards.get_verify_code")).toEqual([{ token }]);
  });

  it("cards.verify and cards.check: the verified card, whose token may be another one", async () => {
    const verified = { ...cards.verified, token: "another-token" };
    const { client, paramsOf } = await paymeInTurn({
      "cards.verify": [{ result: { card: verified } }],
      "cards.check": [{ result: { card: verified } }],
    });
    expect((await client.cards.verify({ token, code: "666666" })).token).toBe("another-token");
    expect(await client.cards.check("another-token")).toEqual(verified);
    expect(paramsOf("cards.verify")).toEqual([{ token, code: "666666" }]);
  });

  it.each([[{ success: true }], [{}]])("cards.remove answers %j: done", async (result) => {
    const { client } = await paymeInTurn({ "cards.remove": [{ result }] });
    expect(await client.cards.remove(token)).toEqual({ success: true });
  });
});

describe("an answer that Payme changes", () => {
  it("keeps members that nobody documented, and does without those that are missing", async () => {
    const { client } = await paymeInTurn({
      "cards.check": [{ result: { card: { token, loyalty: { points: 5 }, number_hash: "ab" }, more: 1 } }],
    });
    expect(await client.cards.check(token)).toEqual({
      token,
      number: "",
      expire: "",
      recurrent: false,
      verify: false,
      loyalty: { points: 5 },
      number_hash: "ab",
    });
  });

  it("without a token is no card", async () => {
    const { client } = await paymeInTurn({ "cards.create": [{ result: { card: { number: "860049******6478" } } }] });
    const error = await failureOfType(
      PaymeOutcomeUnknownError,
      client.cards.create({ number: "8600495473316478", expire: "0399" }),
    );
    expect(error.message).toContain("result.card.token");
  });

  it("that never comes: another token is harmless, and so is another SMS", async () => {
    const { client } = await paymeInTurn({ "cards.create": ["cut"], "cards.get_verify_code": ["cut"] });
    const creating = client.cards.create({ number: "8600495473316478", expire: "0399" });
    const error = await failureOfType(PaymeOutcomeUnknownError, creating);
    expect(error.message).not.toContain("do not repeat it");
    expect(error.hint).toContain("It is safe to make another");
    const sending = client.cards.getVerifyCode(token);
    expect((await failureOfType(PaymeOutcomeUnknownError, sending)).hint).toContain("ask for another");
  });

  it("a whole number is masked before anyone sees it", async () => {
    const { client } = await paymeInTurn({
      "cards.check": [{ result: { card: { ...cards.verified, number: "8600495473316478" } } }],
    });
    expect((await client.cards.check(token)).number).toBe("860049******6478");
  });
});

describe("a card's token", () => {
  it("is not printed, and is in its JSON, for who stores it", async () => {
    const { client } = await paymeInTurn({ "cards.verify": [{ result: { card: cards.verified } }] });
    const card = await client.cards.verify({ token, code: "666666" });
    expect(inspect(card)).not.toContain(token);
    expect(inspect({ card })).toContain("[hidden]");
    expect(JSON.parse(JSON.stringify(card)).token).toBe(token);
  });
});

describe("arguments that are wrong are refused before anything is sent, without the card in the error", () => {
  it.each([
    [{ number: "8600 4954 733", expire: "0399" }],
    [{ number: "86004954733164781234", expire: "0399" }],
    [{ number: "8600x49547331647", expire: "0399" }],
    [{ number: 8600495473316478, expire: "0399" }],
    [{ number: "8600495473316478", expire: "1399" }],
    [{ number: "8600495473316478", expire: "03/2099" }],
    [{ number: "8600495473316478", expire: "399" }],
    [{ number: "8600495473316478" }],
    [{ number: "8600495473316478", expire: "0399", save: "yes" }],
    [{ number: "8600495473316478", expire: "0399", amount: 1.5 }],
    [{ number: "8600495473316478", expire: "0399", cvv: "123" }],
    [undefined],
  ])("cards.create(%j)", async (params) => {
    const { client, server } = await connect(answering({}));
    const error = await failureOfType(PaymeValidationError, Reflect.apply(client.cards.create, undefined, [params]));
    expect(error.message).toContain("cards.create");
    expect(inspect(error)).not.toMatch(/\d{12}|\d{4} \d{4}/);
    expect(server.seen).toHaveLength(0);
  });

  it.each(["", "a b", "x".repeat(2_049), undefined, 5])("the token %j", async (wrong) => {
    const { client, server } = await connect(answering({}));
    const { getVerifyCode, check, remove, verify } = client.cards;
    for (const method of [getVerifyCode, check, remove]) {
      await failureOfType(PaymeValidationError, Reflect.apply(method, undefined, [wrong]));
    }
    await failureOfType(PaymeValidationError, Reflect.apply(verify, undefined, [{ token: wrong, code: "666666" }]));
    expect(server.seen).toHaveLength(0);
  });

  it.each(["", "12", "66 66", "123456789", 666666])("the SMS code %j", async (code) => {
    const { client, server } = await connect(answering({}));
    const verifying = Reflect.apply(client.cards.verify, undefined, [{ token, code }]);
    expect(inspect(await failureOfType(PaymeValidationError, verifying))).not.toContain("666666");
    expect(server.seen).toHaveLength(0);
  });
});

describe("a refusal says whose move it is", () => {
  const card = { number: "8600495473316478", expire: "0399" };
  it.each([
    ["cards.create", -31300, "Неверный номер карты", "card"],
    ["cards.create", -31301, "Карта заблокирована", "card"],
    ["cards.create", -31900, "x", "card"],
    ["cards.get_verify_code", -31301, "x", "otp"],
    ["cards.get_verify_code", -31110, "x", "otp"],
    ["cards.verify", -31101, "x", "otp"],
    ["cards.verify", -31102, "x", "otp"],
    ["cards.verify", -31103, "x", "otp"],
    ["cards.check", -31400, "Карта не найдена", "card"],
    ["cards.check", -32500, "Invalid token format.", "card"],
    ["cards.remove", -32504, "Access denied.", "auth"],
    ["cards.create", -32602, "Invalid params.", "validation"],
    ["cards.verify", -31002, "x", "unavailable"],
  ])("%s %i %j is %s", async (method, code, message, reason) => {
    const { client } = await paymeInTurn({ [method]: [refusal(code, message)] });
    const { cards } = client;
    const calls: Record<string, () => Promise<unknown>> = {
      "cards.create": () => cards.create(card),
      "cards.get_verify_code": () => cards.getVerifyCode(token),
      "cards.verify": () => cards.verify({ token, code: "666666" }),
      "cards.check": () => cards.check(token),
      "cards.remove": () => cards.remove(token),
    };
    const call = calls[method];
    if (call === undefined) throw new Error(`no call for ${method}`);
    expect(await failureOfType(PaymeAPIError, call())).toMatchObject({ reason, errorCode: String(code) });
  });

  it("in the languages in which Payme says it", async () => {
    const message = { ru: "Неверный код", uz: "Kod noto‘g‘ri", en: "Wrong code" };
    const { client } = await paymeInTurn({ "cards.verify": [refusal(-31103, message)] });
    const error = await failureOfType(PaymeAPIError, client.cards.verify({ token, code: "111111" }));
    expect(error.texts).toEqual(message);
    expect(error.message).toBe("Wrong code");
  });

  it("in no language where it was one text", async () => {
    const { client } = await paymeInTurn({ "cards.check": [refusal(-31400, "Карта не найдена")] });
    expect((await failureOfType(PaymeAPIError, client.cards.check(token))).texts).toEqual({});
  });
});
