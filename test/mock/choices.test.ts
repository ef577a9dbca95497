import { describe, expect, it } from "vitest";
import * as z from "zod";
import { fetchMerchant } from "../../src/entry/fetch";
import { DEFAULT_CHOICES, type MockChoices } from "../../src/testing/mock/choices";
import { createShop, KEY } from "../merchant/shop";
import { API_CARD, CARD, createReceipt, openMock, verifiedToken } from "./kit";
import { PRICE } from "./merchant-kit";

const choose = (choices: Partial<MockChoices>, more: Parameters<typeof openMock>[0] = {}) =>
  openMock({ ...more, choices });
type Bench = ReturnType<typeof openMock>;

const cardAnswer = z.object({ result: z.object({ card: z.object({ token: z.string(), verify: z.boolean() }) }) });
const GO_CODE = "50501234567890123456";

async function newToken({ call }: Bench): Promise<string> {
  return cardAnswer.parse(await call("cards.create", { card: API_CARD, save: true })).result.card.token;
}

/** Payme's code, or "done". */
async function codeOf({ call }: Bench, method: string, params: object, xAuth?: string): Promise<number | "done"> {
  const answer = await call(method, params, { xAuth });
  return z.object({ error: z.object({ code: z.number() }) }).safeParse(answer).data?.error.code ?? "done";
}

/** A receipt whose money is held. */
async function held(bench: Bench): Promise<string> {
  const { _id: id } = await createReceipt(bench.mock, { hold: true });
  await bench.call("receipts.pay", { id, token: await verifiedToken(bench.mock), hold: true });
  expect(bench.mock.receipt(id)).toMatchObject({ state: 5 });
  return id;
}

/** A cashbox with billing, whose merchant is our own engine; and what it was asked. */
function withBilling(choices: Partial<MockChoices>) {
  const shop = createShop();
  const bench = choose(choices, {
    now: shop.now,
    billing: {
      key: KEY,
      sendTwice: false,
      async fetch(request) {
        await shop.ready;
        return fetchMerchant(shop.merchant)(request);
      },
    },
  });
  const asked = () => bench.mock.exchanges.filter(({ direction }) => direction === "out").map(({ method }) => method);
  return { ...bench, asked };
}

/** Every choice, both ways. The type asks for each member: a new one does not compile without its test. */
const PROOFS: Readonly<Record<keyof MockChoices, () => Promise<void>>> = {
  async rotatesToken() {
    for (const rotatesToken of [false, true]) {
      const bench = choose({ rotatesToken });
      const token = await newToken(bench);
      const verified = cardAnswer.parse(await bench.call("cards.verify", { token, code: "666666" })).result.card;
      expect([verified.token === token, verified.verify]).toEqual([!rotatesToken, true]);
      for (const each of [token, verified.token]) {
        const { _id: id } = await createReceipt(bench.mock);
        expect(await codeOf(bench, "receipts.pay", { id, token: each })).toBe("done");
      }
      expect(await codeOf(bench, "cards.remove", { token })).toBe("done");
      expect(await codeOf(bench, "cards.check", { token: verified.token })).toBe(-31400);
    }
  },

  async cancelEnds() {
    let now = Date.UTC(2026, 0, 15);
    const ends = [50, 4, "never"] as const;
    const bench = choose({ cancelEnds: ends }, { now: () => now });
    for (const end of [...ends, "never"]) {
      const { _id: id } = await createReceipt(bench.mock);
      await bench.mock.pay(id, { card: CARD });
      await bench.call("receipts.cancel", { id });
      expect(bench.mock.receipt(id)).toMatchObject({ state: 21 });
      now += 30 * 24 * 3_600_000;
      expect(bench.mock.receipt(id)).toMatchObject({ state: end === "never" ? 21 : end });
    }
  },

  async cardsNeedKey() {
    for (const [cardsNeedKey, code] of [
      [false, "done"],
      [true, -32504],
    ] as const) {
      const bench = choose({ cardsNeedKey });
      const token = await newToken(bench);
      expect(await codeOf(bench, "cards.check", { token }, bench.mock.merchantId)).toBe(code);
      expect(await codeOf(bench, "cards.remove", { token }, bench.mock.merchantId)).toBe(code);
      expect(await codeOf(bench, "cards.create", { card: API_CARD }, bench.mock.merchantId)).toBe("done");
    }
  },

  async refusesSave() {
    for (const [refusesSave, code] of [
      [false, "done"],
      [true, -31610],
    ] as const) {
      const bench = choose({ refusesSave });
      expect(await codeOf(bench, "cards.create", { card: API_CARD, save: true })).toBe(code);
      expect(await codeOf(bench, "cards.create", { card: API_CARD, save: false })).toBe("done");
    }
  },

  async needsSentCode() {
    for (const [needsSentCode, code] of [
      [false, "done"],
      [true, -31101],
    ] as const) {
      const bench = choose({ needsSentCode });
      const token = await newToken(bench);
      expect(await codeOf(bench, "cards.verify", { token, code: "666666" })).toBe(code);
      await bench.call("cards.get_verify_code", { token });
      expect(await codeOf(bench, "cards.verify", { token, code: "666666" })).toBe("done");
    }
  },

  async codeLifetimeMs() {
    for (const codeLifetimeMs of [60_000, 5_000]) {
      const bench = choose({ codeLifetimeMs });
      const token = await newToken(bench);
      expect(await bench.call("cards.get_verify_code", { token })).toMatchObject({
        result: { sent: true, wait: codeLifetimeMs },
      });
      bench.pass(codeLifetimeMs + 1);
      expect(await codeOf(bench, "cards.verify", { token, code: "666666" })).toBe(-31101);
      await bench.call("cards.get_verify_code", { token });
      bench.pass(codeLifetimeMs);
      expect(await codeOf(bench, "cards.verify", { token, code: "666666" })).toBe("done");
    }
  },

  async codeAttempts() {
    for (const codeAttempts of [3, 1]) {
      const bench = choose({ codeAttempts });
      const token = await newToken(bench);
      await bench.call("cards.get_verify_code", { token });
      for (let attempt = 0; attempt < codeAttempts; attempt += 1) {
        expect(await codeOf(bench, "cards.verify", { token, code: "111111" })).toBe(-31103);
      }
      expect(await codeOf(bench, "cards.verify", { token, code: "666666" })).toBe(-31102);
      await bench.call("cards.get_verify_code", { token });
      expect(await codeOf(bench, "cards.verify", { token, code: "666666" })).toBe("done");
    }
  },

  async earlyResend() {
    for (const [earlyResend, code] of [
      ["send", "done"],
      ["refuse", -31110],
    ] as const) {
      const bench = choose({ earlyResend });
      const token = await newToken(bench);
      await bench.call("cards.get_verify_code", { token });
      bench.pass(59_999);
      expect(await codeOf(bench, "cards.get_verify_code", { token })).toBe(code);
      bench.pass(60_000);
      expect(await codeOf(bench, "cards.get_verify_code", { token })).toBe("done");
    }
  },

  async unverifiedTokenLifetimeMs() {
    for (const [unverifiedTokenLifetimeMs, code] of [
      [null, "done"],
      [600_000, -31400],
    ] as const) {
      const bench = choose({ unverifiedTokenLifetimeMs });
      const [left, verified] = [await newToken(bench), await verifiedToken(bench.mock)];
      bench.pass(599_999);
      expect(await codeOf(bench, "cards.check", { token: left })).toBe("done");
      bench.pass(1);
      expect(await codeOf(bench, "cards.check", { token: left })).toBe(code);
      expect(await codeOf(bench, "cards.verify", { token: left, code: "666666" })).toBe(code);
      expect(await codeOf(bench, "cards.check", { token: verified })).toBe("done");
    }
  },

  async goCodes() {
    for (const [goCodes, code] of [
      [{}, -31400],
      [{ [GO_CODE]: API_CARD.number }, "done"],
    ] as const) {
      const bench = choose({ goCodes });
      const { _id: id } = await createReceipt(bench.mock);
      expect(await codeOf(bench, "receipts.pay", { id, token: GO_CODE })).toBe(code);
      expect(bench.mock.receipt(id)?.state).toBe(code === "done" ? 4 : 0);
      const other = (await createReceipt(bench.mock))._id;
      expect(await codeOf(bench, "receipts.pay", { id: other, token: GO_CODE.replace("5", "6") })).toBe(-31400);
    }
  },

  async payAnswers() {
    for (const payAnswers of [null, 1, 2, 3, 30] as const) {
      const bench = choose({ payAnswers });
      const { _id: id } = await createReceipt(bench.mock);
      const token = await verifiedToken(bench.mock);
      expect(await bench.call("receipts.pay", { id, token })).toMatchObject({
        result: { receipt: { state: payAnswers ?? 4 } },
      });
      if (payAnswers !== null) {
        // It is at work: nobody pays it twice, confirms it, or cancels it meanwhile.
        expect(await codeOf(bench, "receipts.pay", { id, token })).toBe(-31602);
        expect(await codeOf(bench, "receipts.confirm_hold", { id })).toBe(-31602);
        expect(await bench.call("receipts.cancel", { id })).toMatchObject({
          result: { receipt: { state: payAnswers } },
        });
        expect(bench.mock.notifications).toEqual([]);
        expect((await bench.mock.pay((await createReceipt(bench.mock))._id, { card: CARD })).outcome).toBe("pending");
      }
      bench.pass(5_000);
      expect(await bench.call("receipts.check", { id })).toMatchObject({ result: { state: 4 } });
      expect(bench.mock.notifications.filter(({ receiptId }) => receiptId === id)).toMatchObject([
        { method: "receipts.pay" },
      ]);
    }
  },

  async workMs() {
    for (const workMs of [5_000, 90_000]) {
      const bench = choose({ payAnswers: 2, workMs });
      const { _id: id } = await createReceipt(bench.mock);
      await bench.mock.pay(id, { card: CARD });
      const paidAt = bench.now() + workMs;
      bench.pass(workMs - 1);
      expect(bench.mock.receipt(id)).toMatchObject({ state: 2, pay_time: 0 });
      bench.pass(1_000);
      expect(bench.mock.receipt(id)).toMatchObject({ state: 4, pay_time: paidAt });
    }
  },

  async payAnswersNullId() {
    for (const [payAnswersNullId, answered] of [
      [false, 42],
      [true, null],
    ] as const) {
      const bench = choose({ payAnswersNullId });
      const { _id: id } = await createReceipt(bench.mock);
      const token = await verifiedToken(bench.mock);
      expect(await bench.call("receipts.pay", { id, token }, { id: 42 })).toMatchObject({ id: answered });
      expect(await bench.call("receipts.check", { id }, { id: 43 })).toMatchObject({ id: 43 });
    }
  },

  async messages() {
    const refused = async (messages: MockChoices["messages"]) =>
      z
        .object({ error: z.object({ message: z.unknown() }) })
        .parse(await choose({ messages }).call("receipts.check", { id: "nobody" })).error.message;
    expect(await refused("text")).toEqual(expect.any(String));
    expect(await refused("languages")).toEqual({
      ru: expect.any(String),
      uz: expect.any(String),
      en: expect.any(String),
    });
  },

  async countOverMaximum() {
    for (const countOverMaximum of ["refuse", "clamp"] as const) {
      const bench = choose({ countOverMaximum });
      for (let made = 0; made < 51; made += 1) await createReceipt(bench.mock);
      const answer = await bench.call("receipts.get_all", { from: 0, to: bench.now(), count: 51 });
      if (countOverMaximum === "refuse") expect(answer).toMatchObject({ error: { code: -32602, data: "count" } });
      else expect(answer.result).toHaveLength(50);
    }
  },

  async wholeCardNumbersInLists() {
    for (const [wholeCardNumbersInLists, number] of [
      [false, "860049******6478"],
      [true, API_CARD.number],
    ] as const) {
      const bench = choose({ wholeCardNumbersInLists });
      const { _id: id } = await createReceipt(bench.mock);
      await bench.mock.pay(id, { card: CARD });
      expect(await bench.call("receipts.get_all", { from: 0, to: bench.now() })).toMatchObject({
        result: [{ card: { number, expire: "9903" } }],
      });
      expect(await bench.call("receipts.get", { id })).toMatchObject({
        result: { receipt: { card: { number: "860049******6478" } } },
      });
    }
  },

  async accountFields() {
    for (const [accountFields, names] of [
      ["as_sent", ["order_id"]],
      ["with_transaction", ["order_id", "transaction"]],
      ["transaction_only", ["transaction"]],
    ] as const) {
      const { mock } = choose({ accountFields });
      await createReceipt(mock);
      const { account } = await createReceipt(mock);
      expect(account.map(({ name }) => name)).toEqual(names);
      expect(account.filter(({ main }) => main)).toHaveLength(1);
      // Numbered: the second receipt of the mock.
      expect(account.find(({ name }) => name === "transaction")?.value).toBe(
        accountFields === "as_sent" ? undefined : "2",
      );
      // Only virtual terminals do so: with billing the account is the merchant's.
      const billing = withBilling({ accountFields });
      expect((await createReceipt(billing.mock)).account.map(({ name }) => name)).toEqual(["order_id"]);
    }
  },

  async cancelledHold() {
    for (const [cancelledHold, state] of [
      ["cancelled", 50],
      ["queued", 21],
    ] as const) {
      const bench = choose({ cancelledHold });
      const id = await held(bench);
      expect(await bench.call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state } } });
      bench.pass(60_000);
      expect(bench.mock.receipt(id)?.state).toBe(50);
      expect(bench.mock.movements.map(({ kind }) => kind)).toEqual(["hold", "release"]);
    }
  },

  async oneSidedHold() {
    for (const [oneSidedHold, state] of [
      ["payment", 4],
      ["hold", 5],
    ] as const) {
      for (const isAskedAtCreate of [true, false]) {
        const bench = choose({ oneSidedHold });
        const { _id: id } = await createReceipt(bench.mock, { hold: isAskedAtCreate });
        const token = await verifiedToken(bench.mock);
        await bench.call("receipts.pay", { id, token, hold: !isAskedAtCreate });
        expect(bench.mock.receipt(id)?.state).toBe(state);
      }
    }
  },

  async repeatedCancel() {
    for (const [repeatedCancel, code] of [
      ["receipt", "done"],
      ["refuse", -31602],
    ] as const) {
      const bench = choose({ repeatedCancel });
      const { _id: unpaid } = await createReceipt(bench.mock);
      const { _id: paid } = await createReceipt(bench.mock);
      await bench.mock.pay(paid, { card: CARD });
      for (const id of [unpaid, paid]) {
        expect(await codeOf(bench, "receipts.cancel", { id })).toBe("done");
        const first = bench.mock.receipt(id);
        expect(await codeOf(bench, "receipts.cancel", { id })).toBe(code);
        expect(bench.mock.receipt(id)).toEqual(first);
      }
    }
  },

  async repeatedConfirm() {
    for (const [repeatedConfirm, code] of [
      ["refuse", -31602],
      ["receipt", "done"],
    ] as const) {
      const bench = choose({ repeatedConfirm });
      const id = await held(bench);
      expect(await codeOf(bench, "receipts.confirm_hold", { id })).toBe("done");
      const first = bench.mock.receipt(id);
      bench.pass(1_000);
      expect(await codeOf(bench, "receipts.confirm_hold", { id })).toBe(code);
      expect(bench.mock.receipt(id)).toEqual(first);
      // What was never held was not confirmed before.
      const { _id: ordinary } = await createReceipt(bench.mock);
      await bench.mock.pay(ordinary, { card: CARD });
      expect(await codeOf(bench, "receipts.confirm_hold", { id: ordinary })).toBe(-31602);
    }
  },

  async unpaidLifetimeMs() {
    for (const unpaidLifetimeMs of [null, 3_600_000]) {
      const bench = choose({ unpaidLifetimeMs });
      const { _id: id } = await createReceipt(bench.mock);
      const { _id: paid } = await createReceipt(bench.mock);
      await bench.mock.pay(paid, { card: CARD });
      const over = bench.now() + 3_600_000;
      bench.pass(3_599_999);
      expect(bench.mock.receipt(id)?.state).toBe(0);
      bench.pass(1_000_000);
      expect(bench.mock.receipt(id)).toMatchObject(
        unpaidLifetimeMs === null ? { state: 0 } : { state: 50, cancel_time: over },
      );
      expect(bench.mock.receipt(paid)?.state).toBe(4);
    }
  },

  async fiscalDataAnswer() {
    for (const fiscalDataAnswer of ["success", "receipt"] as const) {
      const bench = choose({ fiscalDataAnswer });
      const { _id, create_time } = await createReceipt(bench.mock);
      const fiscal_data = { receipt_id: 121, qr_code_url: "https://ofd.soliq.uz/check?t=1" };
      const { result } = await bench.call("receipts.set_fiscal_data", { id: _id, fiscal_data });
      expect(result).toEqual(
        fiscalDataAnswer === "success" ? { success: true } : { receipt: { _id, create_time, pay_time: 0 } },
      );
    }
  },

  async minimumTiyin() {
    for (const [minimumTiyin, code] of [
      [null, "done"],
      [1_000, -31611],
    ] as const) {
      const bench = choose({ minimumTiyin });
      expect(await codeOf(bench, "receipts.create", { amount: 999, account: {} })).toBe(code);
      expect(await codeOf(bench, "receipts.create", { amount: 1_000, account: {} })).toBe("done");
    }
  },

  async maximumTiyin() {
    for (const [maximumTiyin, code] of [
      [null, "done"],
      [1_000, -31612],
    ] as const) {
      const bench = choose({ maximumTiyin });
      expect(await codeOf(bench, "receipts.create", { amount: 1_001, account: {} })).toBe(code);
      expect(await codeOf(bench, "receipts.create", { amount: 1_000, account: {} })).toBe("done");
    }
  },

  async isBlocked() {
    for (const [isBlocked, code] of [
      [false, "done"],
      [true, -31601],
    ] as const) {
      const bench = choose({ isBlocked });
      expect(await codeOf(bench, "receipts.create", { amount: 1_000, account: {} })).toBe(code);
      const id = bench.mock.receipts()[0]?._id ?? "0".repeat(24);
      expect(await codeOf(bench, "receipts.pay", { id, token: await verifiedToken(bench.mock) })).toBe(code);
    }
  },

  async checksAtCreate() {
    for (const checksAtCreate of [false, true]) {
      const bench = withBilling({ checksAtCreate });
      const order = (order_id: number) => ({ amount: PRICE, account: { order_id } });
      expect(await codeOf(bench, "receipts.create", order(1))).toBe("done");
      expect(bench.asked()).toEqual(checksAtCreate ? ["CheckPerformTransaction"] : []);
      expect(await codeOf(bench, "receipts.create", order(4711))).toBe(checksAtCreate ? -31050 : "done");
      expect(bench.mock.receipts()).toHaveLength(checksAtCreate ? 1 : 2);
    }
  },

  async sendsFiscalData() {
    for (const sendsFiscalData of [false, true]) {
      const { mock, asked } = withBilling({ sendsFiscalData });
      const types = () =>
        mock.exchanges
          .filter(({ method }) => method === "SetFiscalData")
          .map(({ request, code }) => [z.object({ type: z.string() }).parse(request).type, code]);
      const { _id: id } = await createReceipt(mock, { amount: PRICE, account: { order_id: 1 } });
      await mock.pay(id, { card: CARD });
      expect(asked().at(-1)).toBe(sendsFiscalData ? "SetFiscalData" : "PerformTransaction");
      await mock.cancel(id);
      expect(types()).toEqual(
        sendsFiscalData
          ? [
              ["PERFORM", null],
              ["CANCEL", null],
            ]
          : [],
      );
      // Nothing to tell the tax service of what was never paid.
      await mock.cancel((await createReceipt(mock, { amount: PRICE, account: { order_id: 2 } }))._id);
      expect(types()).toHaveLength(sendsFiscalData ? 2 : 0);
    }
  },
};

describe("a choice, as it is by default and otherwise", () => {
  it("has a test: no choice is without one", () => {
    expect(Object.keys(PROOFS).sort()).toEqual(Object.keys(DEFAULT_CHOICES).sort());
  });

  it.each(Object.entries(PROOFS))("%s", (_name, proof) => proof());
});
