import { describe, expect, it } from "vitest";
import { PaymeAPIError } from "../../src/kit/errors";
import { connect, failureOfType, key, read, receiptId, write } from "./kit";
import { answering } from "./scripted-server";

const refusing = (error: unknown) => answering({ jsonrpc: "2.0", id: 10, error });

describe("a refusal is a PaymeAPIError", () => {
  it("with Payme's text, its code as text, and its error object", async () => {
    const error = { code: -31630, message: "Недостаточно средств", data: null };
    const { client, server } = await connect(refusing(error));
    const thrown = await failureOfType(PaymeAPIError, write(client));
    expect(thrown.message).toBe("Недостаточно средств");
    expect(thrown.errorCode).toBe("-31630");
    expect(thrown.responseData).toEqual(error);
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    [{ en: "No", ru: "Нет" }, "No"],
    [{ ru: "Нет", uz: "Yo‘q" }, "Нет"],
    [{ uz: "Yo‘q" }, "Yo‘q"],
    [{}, "receipts.create was refused with code -31610"],
    [undefined, "receipts.create was refused with code -31610"],
    ["", "receipts.create was refused with code -31610"],
    [42, "receipts.create was refused with code -31610"],
  ])("with a message %j", async (message, text) => {
    const { client } = await connect(refusing({ code: -31610, message }));
    expect((await failureOfType(PaymeAPIError, write(client))).message).toBe(text);
  });

  it.each([
    ["-31601", "-31601"],
    [undefined, null],
    [null, null],
    [{}, null],
  ])("with a code %j", async (code, errorCode) => {
    const { client } = await connect(refusing({ code, message: "x" }));
    expect((await failureOfType(PaymeAPIError, write(client))).errorCode).toBe(errorCode);
  });

  it("keeps members that nobody documented, redacted", async () => {
    const { client } = await connect(
      refusing({
        code: -1,
        message: "card 8600069195406311 refused",
        origin: "billing",
        token: "abc",
        data: { cvv: "123" },
      }),
    );
    const { message, responseData } = await failureOfType(PaymeAPIError, write(client));
    expect(message).toBe("card 860006******6311 refused");
    expect(responseData).toMatchObject({ origin: "billing", token: "[hidden]", data: { cvv: "[hidden]" } });
  });
});

describe("a hint says what to do", () => {
  it("-32504 names scheme, host and the other combination", async () => {
    const { client, server } = await connect(
      refusing({ code: -32504, message: "Access denied.", data: "invalid_id" }),
      { mode: "test", auth: "signature" },
    );
    const { hint } = await failureOfType(PaymeAPIError, write(client));
    expect(hint).toContain(`${server.url} with auth "signature" (mode "test")`);
    expect(hint).toContain('auth "key" at https://checkout.test.paycom.uz');
  });

  it.each([
    [-31602, /receipts\.check/],
    [-31611, /tiyin/],
    [-31610, /account/],
    [-31622, /Merchant API endpoint/],
    [-31050, /Merchant API endpoint/],
    [-31099, /Merchant API endpoint/],
    [-32400, /receipts\.get_all/],
    [-32601, /does not know the method/],
    [-31623, /debited: ask receipts\.get_all/],
    ...[-31002, -31100, -31620, -31624, -31625, -31700].map((code): [number, RegExp] => [code, /inside Payme/]),
  ])("%i", async (code, hint) => {
    const { client } = await connect(refusing({ code, message: "x" }));
    expect((await failureOfType(PaymeAPIError, write(client))).hint).toMatch(hint);
  });

  it("one code means different things by method", async () => {
    const { client } = await connect(refusing({ code: -31001, message: "x" }));
    expect((await failureOfType(PaymeAPIError, write(client))).hint).toContain("amount");
    expect((await failureOfType(PaymeAPIError, read(client))).hint).not.toContain("amount");
  });

  it.each([
    [-31623, { error: { code: -32504, message: "Insufficient privileges" } }, "Insufficient privileges"],
    [-31622, "HTTP 502", '"HTTP 502"'],
    [-31610, "order_id", '"order_id"'],
  ])("%i quotes what came in data: %j", async (code, data, quoted) => {
    const { client } = await connect(refusing({ code, message: "x", data }));
    expect((await failureOfType(PaymeAPIError, write(client))).hint).toContain(quoted);
  });

  it.each([-31623, -31622, -31610])("%i quotes data of any shape, cut where it is long", async (code) => {
    for (const [data, quote] of [
      ["order_id", '"order_id"'],
      [{ field: "amount", got: [1, null, true] }, '{"field":"amount","got":[1,null,true]}'],
      [["account", "phone"], '["account","phone"]'],
      [504, "504"],
      [false, "false"],
      [0, "0"],
      [{}, "{}"],
      ["x".repeat(298), `"${"x".repeat(298)}"`],
      ["x".repeat(299), `"${"x".repeat(299)}…`],
      [{ deep: { deeper: "ў".repeat(5_000) } }, `{"deep":{"deeper":"${"ў".repeat(300 - 19)}…`],
    ] as const) {
      const { client } = await connect(refusing({ code, message: "x", data }));
      const { hint = "" } = await failureOfType(PaymeAPIError, write(client));
      expect(hint.slice(hint.indexOf("Payme's data: ")), JSON.stringify(data).slice(0, 40)).toBe(
        `Payme's data: ${quote}`,
      );
    }
  });

  it.each([-31623, -31622, -31610])("%i quotes no secret of the call that was refused", async (code) => {
    const token = "65a0c100a1b2c3d4e5f60718_Qm9ndXNUb2tlbg";
    const data = { said: `token ${token} refused`, list: [token, "8600 0691 9540 6311"], cvc: "123", name: "order_id" };
    const { client } = await connect(refusing({ code, message: `no ${token}`, data }));
    const error = await failureOfType(PaymeAPIError, client.receipts.pay({ id: receiptId, token }));
    expect(error.hint).toContain("order_id");
    const shown = [error.hint, error.message, JSON.stringify(error.responseData)].join();
    expect([token, "0691 9540", '"123"'].filter((secret) => shown.includes(secret))).toEqual([]);
  });

  it.each([undefined, null, ""])("-31610 with data %j quotes nothing", async (data) => {
    const { client } = await connect(refusing({ code: -31610, message: "x", data }));
    expect((await failureOfType(PaymeAPIError, write(client))).hint).toMatch(/cabinet\.$/);
  });

  it("a quote has no secret of either side, and is short", async () => {
    const basic = `Basic ${Buffer.from("Paycom:another-key-of-the-endpoint").toString("base64")}`;
    const answer = `{"password":"pass-1234","to":"ali@example.uz","card":"8600069195406311","auth":"${basic}","k":"${key}"}`;
    const { client } = await connect(
      refusing({ code: -31623, message: "x", data: { answer, rest: "x".repeat(9_999) } }),
    );
    const { hint = "" } = await failureOfType(PaymeAPIError, write(client));
    expect(hint).toContain("860006******6311");
    const secrets = ["pass-1234", "ali@", "8600069195406311", basic.slice(6), key];
    expect(secrets.filter((secret) => hint.includes(secret))).toEqual([]);
    expect(hint.length).toBeLessThan(600);
  });

  it("an unknown code has none", async () => {
    const { client } = await connect(refusing({ code: -99999, message: "x" }));
    expect((await failureOfType(PaymeAPIError, write(client))).hint).toBeUndefined();
  });
});
