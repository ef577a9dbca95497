import { describe, expect, it } from "vitest";
import { createPaymeClient, PaymeAPIError } from "../../src/entry/client";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { failureOfType } from "../client/kit";
import { callAlone } from "./calls";

/**
 * The codes that Payme publishes and those that implementations have seen, each with a method that answers it and whose move it
 * then is. Source: "Общие ошибки", "Ошибки отправки чека"; docs/protocol/subscribe-api.md, section 4. Literal, so that the client is witnessed.
 */
const ERRORS: readonly (readonly [code: number, method: string, message: string, reason: string])[] = [
  [-32300, "receipts.get", "Метод не POST", "validation"],
  [-32700, "receipts.create", "Ошибка разбора JSON", "validation"],
  [-32600, "receipts.create", "Неверный запрос", "validation"],
  [-32601, "receipts.send", "Метод не найден", "validation"],
  [-32602, "receipts.create", "Invalid params", "validation"],
  [-32504, "receipts.create", "Access denied.", "auth"],
  [-32504, "cards.check", "Access denied.", "auth"],
  [-32500, "cards.check", "Invalid token format.", "card"],
  [-32500, "receipts.pay", "Invalid token format.", "card"],
  [-32400, "receipts.pay", "Системная ошибка", "unavailable"],
  [-31001, "receipts.create", 'Сервер "Paycom" недоступен', "unavailable"],
  [-31002, "receipts.pay", "Сервер процессингового центра недоступен", "unavailable"],
  [-31100, "cards.create", "Процессинговый центр не работает", "unavailable"],
  [-31620, "receipts.pay", "Процессинговый центр недоступен", "unavailable"],
  [-31624, "receipts.pay", "Процессинговый центр недоступен", "unavailable"],
  [-31625, "receipts.pay", "Временно недоступно", "unavailable"],
  [-31700, "receipts.pay", "Приём платежей приостановлен", "unavailable"],
  [-31101, "cards.verify", "Время действия кода истекло", "otp"],
  [-31102, "cards.verify", "Превышено число попыток", "otp"],
  [-31103, "cards.verify", "Неверный код", "otp"],
  [-31110, "cards.get_verify_code", "Не удалось отправить СМС", "otp"],
  [-31101, "receipts.pay", "Карта не обслуживается", "card"],
  [-31102, "receipts.pay", "Операция не поддерживается", "card"],
  [-31300, "cards.create", "Неверный номер карты", "card"],
  [-31301, "cards.create", "Срок действия карты истёк", "card"],
  [-31301, "cards.get_verify_code", "СМС-информирование не подключено", "otp"],
  [-31302, "receipts.pay", "Невозможно получить баланс", "card"],
  [-31303, "receipts.pay", "Недостаточно средств", "funds"],
  [-31304, "receipts.pay", "Недостаточно средств", "funds"],
  [-31400, "cards.remove", "Карта не найдена", "card"],
  [-31601, "receipts.create", "Поставщик не найден или заблокирован", "merchant"],
  [-31602, "receipts.check", "Чек не найден или оплачен", "receipt"],
  [-31602, "receipts.cancel", "Чек не найден или оплачен", "receipt"],
  [-31610, "receipts.create", "Неверное значение поля", "validation"],
  [-31611, "receipts.create", "Сумма меньше минимальной", "limit"],
  [-31612, "receipts.create", "Сумма больше максимальной", "limit"],
  [-31622, "receipts.pay", "Сервис поставщика недоступен", "merchant"],
  [-31623, "receipts.pay", "Сервис поставщика работает некорректно", "merchant"],
  [-31630, "receipts.pay", "Недостаточно средств", "funds"],
  [-31630, "receipts.pay", "Карта заблокирована", "card"],
  [-31630, "receipts.pay", "Превышен лимит", "limit"],
  [-31630, "receipts.pay", "СМС-информирование не подключено", "otp"],
  [-31640, "receipts.pay", "Не удалось списать", "card"],
  [-31900, "cards.create", "Тип карты не обслуживается", "card"],
  [-31901, "receipts.pay", "Тип операции не поддерживается", "card"],
  [-31050, "receipts.create", "Заказ не найден", "merchant"],
  [-31099, "receipts.pay", "Заказ уже оплачивается", "merchant"],
];

/** All of them, once: a code that is missing above is a hole in this table. */
const CODES = `-32300 -32700 -32600 -32601 -32504 -32400 -31601 -31610 -31611 -31612 -31622 -31623 -31630 -32602 -32500 -31001 -31002
-31100 -31620 -31624 -31625 -31101 -31102 -31103 -31110 -31300 -31301 -31302 -31303 -31304 -31400 -31602 -31640 -31700 -31900 -31901`;

describe("every error of the Subscribe API", () => {
  it("is in this table", () => {
    const inTable = new Set(ERRORS.map(([code]) => code));
    expect(CODES.split(/\s/).filter((code) => !inTable.has(Number(code)))).toEqual([]);
  });

  describe.each(["key", "signature"] as const)("under the scheme %s", (auth) => {
    it.each(ERRORS)("%i to %s (%s) is a PaymeAPIError of reason %s", async (code, method, message, reason) => {
      const mock = createMockPayme();
      const { merchantId, key, fetch } = mock;
      const client = createPaymeClient({ merchantId, key, auth, mode: "test", fetch, retries: 0 });
      mock.faults.add({ method, kind: "rpc_error", code, message, data: "field" });
      const error = await failureOfType(PaymeAPIError, callAlone(client, method));
      expect(error).toMatchObject({ errorCode: String(code), reason, message });
      expect(error.responseData).toEqual({ code, message, data: "field" });
      expect(mock.exchanges).toHaveLength(1);
    });
  });

  it.each([
    ["text", {}],
    ["languages", { ru: "Чек не найден или оплачен", uz: expect.any(String), en: expect.any(String) }],
  ] as const)("has Payme's text where messages are %s", async (messages, texts) => {
    const { merchantId, key, fetch } = createMockPayme({ choices: { messages } });
    const client = createPaymeClient({ merchantId, key, mode: "test", fetch });
    const error = await failureOfType(PaymeAPIError, callAlone(client, "receipts.check"));
    expect(error).toMatchObject({
      errorCode: "-31602",
      reason: "receipt",
      message: "Чек не найден или оплачен",
      texts,
    });
  });
});
