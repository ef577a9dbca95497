import { describe, expect, it } from "vitest";
import { createMerchantApi, memoryStorage, refuse } from "../../src";
import { createPaymeClient, PaymeAPIError, PaymeConnectionError, PaymeOutcomeUnknownError } from "../../src/client";
import { som } from "../../src/money";
import { compareWithMock } from "../../src/recording/compare-with-mock";
import { openQuestions } from "../../src/recording/open-questions";
import { replayFetch } from "../../src/recording/replay-fetch";
import { replayToMerchant } from "../../src/recording/replay-to-merchant";
import { createEndpoint, KEY } from "../faulty/endpoints/reference";
import { recording, targetServer } from "./kit";
import { asRecording, CARD, clientSession, merchantSession } from "./sessions";

const ID = "65a0b0000000000000000001";
const clientOn = (fetch: typeof globalThis.fetch, retries = 0) =>
  createPaymeClient({ merchantId: ID, key: "any", fetch, retries });

describe("replayFetch", () => {
  it("plays a client's day again: the same answers, errors included", async () => {
    const { recording: day, receipt } = await clientSession();
    const { cards, receipts } = clientOn(replayFetch(day));
    const made = await cards.create({ ...CARD, save: true });
    expect(made).toMatchObject({ number: "860049******6478", token: "token-1" });
    await cards.getVerifyCode(made.token);
    await expect(cards.verify({ token: made.token, code: "123456" })).rejects.toMatchObject({ errorCode: "-31103" });
    expect(await cards.verify({ token: made.token, code: "666666" })).toMatchObject({ verify: true });
    const again = await receipts.create({ amount: som(5), account: { order_id: "197" }, description: "another" });
    expect(again._id).toBe(receipt._id);
    expect(await receipts.pay({ id: again._id, token: made.token })).toMatchObject({ state: 4 });
    await expect(receipts.pay({ id: again._id, token: made.token })).rejects.toBeInstanceOf(PaymeAPIError);
    expect(await receipts.cancel(again._id)).toMatchObject({ state: 21 });
  });

  it("gives a read that is asked more often its last answer again, and no write", async () => {
    const { recording: day, onPage } = await clientSession();
    const { receipts } = clientOn(replayFetch(day));
    const states = [1, 2, 3, 4].map(() => receipts.check(onPage._id));
    expect((await Promise.all(states)).map(({ state }) => state)).toEqual([0, 4, 4, 4]);
    await receipts.create({ amount: som(7), account: { order_id: 198 } });
    const fetch = replayFetch(day);
    const call = () =>
      fetch("http://payme/api", {
        method: "POST",
        body: '{"method":"receipts.create","params":{"amount":700,"account":{"order_id":198}}}',
      });
    await call();
    expect(await (await call()).text()).toContain("recorded 1 time(s) with these parameters, and is called once more");
  });

  it("says what differs where nothing was recorded", async () => {
    const { recording: day } = await clientSession();
    const { rpc, receipts } = clientOn(replayFetch(day));
    await expect(receipts.create({ amount: som(9), account: { order_id: 197 } })).rejects.toMatchObject({
      message: expect.stringMatching(
        /receipts\.create was not recorded with these parameters; call \d+ has another amount$/,
      ),
      errorCode: "0",
    });
    await expect(rpc("receipts.send", {}, { class: "write" })).rejects.toThrow("receipts.send was not recorded");
  });

  it("breaks off where the recording does", async () => {
    const target = await targetServer((response, { body }) => {
      if (body.includes("receipts.check")) response.end("<html>busy</html>");
      else response.socket?.destroy();
    });
    const proxy = await recording(target.url);
    const live = createPaymeClient({ merchantId: ID, key: "any", apiUrl: proxy.url, retries: 0 });
    const order = { amount: som(5), account: { order_id: 1 } };
    await expect(live.receipts.check("a")).rejects.toThrow("no JSON");
    await live.receipts.create(order).catch(() => {});
    const { receipts } = clientOn(replayFetch(asRecording(proxy.exchanges)));
    await expect(receipts.check("a")).rejects.toBeInstanceOf(PaymeConnectionError);
    await expect(receipts.create(order)).rejects.toBeInstanceOf(PaymeOutcomeUnknownError);
  });
});

describe("compareWithMock", () => {
  it("finds nothing where the mock itself was recorded, and knows what a payer did beside it", async () => {
    const { recording: day } = await clientSession();
    const { differences, skipped, compared, assumed } = await compareWithMock(day);
    expect(differences).toEqual([]);
    expect(skipped).toEqual([]);
    expect(compared).toBe(17);
    expect(assumed).toMatchObject([{ what: expect.stringContaining("was paid, by no call") }]);
  });

  it.each([
    [
      "another code",
      { kind: "code", path: "error.code", recorded: -31604, given: -31602, method: "receipts.pay" },
      (answer: object, method: string) =>
        method === "receipts.pay" && "error" in answer
          ? { ...answer, error: { code: -31604, message: "Чек не найден или оплачен", data: null } }
          : answer,
    ],
    [
      "an error instead of a result",
      { kind: "code", path: "result", method: "receipts.cancel" },
      (answer: object, method: string) =>
        method === "receipts.cancel"
          ? { jsonrpc: "2.0", id: 1, error: { code: -31007, message: "", data: null } }
          : answer,
    ],
    [
      "a message in languages",
      { kind: "shape", path: "error.message", method: "receipts.check" },
      (answer: object, method: string) =>
        method === "receipts.check" && JSON.stringify(answer).includes("-31602")
          ? { ...answer, error: { code: -31602, message: { ru: "Нет" }, data: null } }
          : answer,
    ],
    [
      "a member that we do not know",
      { kind: "shape", path: "result.cardholder", recorded: "x", given: undefined, method: "cards.get_verify_code" },
      (answer: object, method: string) =>
        method === "cards.get_verify_code" && "result" in answer
          ? { ...answer, result: { sent: true, phone: "99890*****31", wait: 60_000, cardholder: "x" } }
          : answer,
    ],
    [
      "another time to wait",
      { kind: "value", path: "result.wait", recorded: 30_000, given: 60_000, method: "cards.get_verify_code" },
      (answer: object, method: string) =>
        method === "cards.get_verify_code" && "result" in answer
          ? { ...answer, result: { sent: true, phone: "99890*****31", wait: 30_000 } }
          : answer,
    ],
    [
      "an id that is not echoed",
      { kind: "shape", path: "id", recorded: "null", given: "there", method: "receipts.cancel" },
      (answer: object, method: string) => (method === "receipts.cancel" ? { ...answer, id: null } : answer),
    ],
    [
      "other words",
      { kind: "text", path: "error.message", recorded: "Иначе", method: "cards.verify" },
      (answer: object, method: string) =>
        method === "cards.verify" && "error" in answer
          ? { ...answer, error: { code: -31103, message: "Иначе", data: null } }
          : answer,
    ],
  ])("finds %s", async (_, expected, change) => {
    const { recording: day } = await clientSession(change);
    const { differences } = await compareWithMock(day);
    expect(differences.filter(({ method }) => method === expected.method)).toContainEqual(
      expect.objectContaining(expected),
    );
    expect(differences.filter(({ kind, path }) => kind !== expected.kind && path !== "error")).toEqual([]);
  });

  it("finds another state", async () => {
    const { recording: day } = await clientSession((answer, method) =>
      method === "receipts.pay" && answer.result !== undefined
        ? JSON.parse(JSON.stringify(answer).replace('"state":4', '"state":2'))
        : answer,
    );
    const { differences } = await compareWithMock(day);
    expect(differences).toMatchObject([{ kind: "state", path: "result.receipt.state", recorded: 2, given: 4 }]);
    expect(openQuestions(day)[2]?.evidence).toContainEqual(expect.stringContaining("state 2"));
  });

  it("finds a token that changes where ours stays", async () => {
    const { recording: day } = await clientSession((answer, method) =>
      method === "cards.verify" && answer.result !== undefined
        ? JSON.parse(JSON.stringify(answer).replace(/"token":"[^"]+"/, '"token":"65a0c100a1b2c3d4e5f60718_rotated"'))
        : answer,
    );
    const { differences } = await compareWithMock(day);
    expect(differences).toEqual([]);
    // The new one stands for the same card: calls with either are played again.
    expect(JSON.stringify(day)).toContain("token-2");
  });

  it("skips what was made before the recording began, and says so", async () => {
    const { recording: day } = await clientSession();
    const { skipped } = await compareWithMock({ ...day, exchanges: day.exchanges.slice(8) });
    expect(skipped.map(({ why }) => why)).toEqual(
      expect.arrayContaining([expect.stringContaining("its receipt was made before")]),
    );
  });
});

describe("what a recording says about open questions", () => {
  it("is each call that bears on one", async () => {
    const { recording: day } = await clientSession();
    const answered = openQuestions(day).filter(({ evidence }) => evidence.length > 0);
    expect(
      Object.fromEntries(answered.map(({ question, evidence }) => [question.slice(0, 24), evidence])),
    ).toMatchObject({
      "With which code, and at ": [
        expect.stringContaining("860006******0842"),
        expect.stringMatching(/cards\.get_verify_code: -31301/),
      ],
      "What does a repeated pay": [expect.stringMatching(/receipts\.pay: -31602/)],
      "What does wait of get_ve": expect.arrayContaining([expect.stringContaining("wait 60000")]),
      "Which data has a refused": [
        expect.stringMatching(/<id>:<key hidden>: \d+ receipts\.check: -32504 .*invalid_key/),
      ],
    });
  });
});

describe("replayToMerchant", () => {
  const reference = () => createEndpoint();

  it("finds nothing at the endpoint that was recorded, started anew", async () => {
    const shop = await merchantSession(reference().fetch, KEY);
    expect(shop.exchanges.length).toBeGreaterThan(12);
    const { differences, skipped, compared } = await replayToMerchant(shop, { fetch: reference().fetch, key: KEY });
    expect(differences).toEqual([]);
    expect(skipped).toEqual([]);
    expect(compared).toBe(shop.exchanges.length);
  });

  it("repeats wrong keys as wrong keys", async () => {
    const shop = await merchantSession(reference().fetch, KEY);
    const { differences } = await replayToMerchant(shop, {
      fetch: createEndpoint({ authorises: () => true }).fetch,
      key: KEY,
    });
    expect(differences).toMatchObject([
      { kind: "code", path: "error", recorded: { code: -32504 } },
      { path: "result" },
    ]);
  });

  it.each([
    ["a refund with another state", { refundState: -1 } as const, "state", "result.state"],
    ["another code for an unknown order", { unknownOrderCode: -31001 }, "code", "error.code"],
    ["a status", { httpStatus: (code: number | undefined) => (code === undefined ? 200 : 400) }, "http", "status"],
    ["text for a number", { transactionOf: (n: number) => n }, "shape", "result.transaction"],
    [
      "another transaction each time",
      {
        transactionOf: (n: number) => `${n}-${Math.random()}`,
        created: (row: { create_time: number; state: number }) => ({
          create_time: row.create_time,
          transaction: String(Math.random()),
          state: row.state,
        }),
      },
      "value",
      "result.transaction",
    ],
  ])("finds %s", async (_, mistake, kind, path) => {
    const shop = await merchantSession(reference().fetch, KEY);
    const { differences } = await replayToMerchant(shop, { fetch: createEndpoint(mistake).fetch, key: KEY });
    expect(differences).toContainEqual(expect.objectContaining({ kind, path }));
  });

  it("compares another implementation with ours, order by order", async () => {
    const shop = await merchantSession(reference().fetch, KEY);
    const payme = createMerchantApi({
      storage: memoryStorage(),
      key: KEY,
      logger: { info() {}, warn() {}, error() {} },
      account: { order_id: "integer" },
      findOrder: ({ order_id }) =>
        order_id > 100 && order_id < 200 ? { amount: som(50_000) } : refuse.notFound("order_id"),
    });
    const { differences } = await replayToMerchant(shop, {
      fetch: payme.fetch,
      key: KEY,
      account: ({ order_id }) => ({ order_id: String(100 + Number(order_id)) }),
    });
    expect(differences.filter(({ kind }) => kind === "code" || kind === "state" || kind === "http")).toEqual([]);
  });

  it("tells an endpoint that is not there", async () => {
    const shop = await merchantSession(reference().fetch, KEY);
    const { differences } = await replayToMerchant(shop, { endpoint: "http://127.0.0.1:1", key: KEY });
    expect(differences[0]).toMatchObject({ kind: "http", given: "no answer" });
  });

  it("wants an endpoint and a key", async () => {
    const { recording: day } = await clientSession();
    await expect(replayToMerchant(day, { key: KEY })).rejects.toThrow("give `endpoint`");
    await expect(replayToMerchant(day, { key: "", endpoint: "http://127.0.0.1:1" })).rejects.toThrow("key is empty");
  });
});
