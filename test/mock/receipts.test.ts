import { describe, expect, it } from "vitest";
import { API_CARD, CARD, createReceipt, openMock, START, verifiedToken } from "./kit";

const MINUTE = 60_000;

describe("receipts.create", () => {
  it("answers the receipt as section 9 of the protocol shows it", async () => {
    const { mock, call } = openMock();
    const detail = { receipt_type: 0, items: [{ title: "Green tea", price: 500_000, count: 2 }] };
    const params = {
      amount: 1_250_000,
      account: { order_id: 4417, city: "Buxoro" },
      description: "Order 4417",
      detail,
    };
    expect(await call("receipts.create", params, { id: 10 })).toEqual({
      jsonrpc: "2.0",
      id: 10,
      result: {
        receipt: {
          _id: expect.stringMatching(/^[0-9a-f]{24}$/),
          create_time: START,
          pay_time: 0,
          cancel_time: 0,
          state: 0,
          type: 2,
          external: false,
          operation: -1,
          category: null,
          error: null,
          description: "Order 4417",
          detail,
          amount: 1_250_000,
          currency: 860,
          commission: 0,
          account: [
            { name: "order_id", title: "order_id", value: "4417", main: true },
            { name: "city", title: "city", value: "Buxoro", main: false },
          ],
          card: null,
          merchant: {
            _id: mock.merchantId,
            name: expect.any(String),
            organization: expect.any(String),
            address: "",
            business_id: expect.any(String),
            epos: { merchantId: expect.any(String), terminalId: expect.any(String) },
            date: expect.any(Number),
            logo: null,
            type: "Internet",
            terms: null,
          },
          meta: { source: "subscribe", owner: mock.merchantId },
          processing_id: null,
        },
      },
    });
  });

  it("the id begins with the second of its creation", async () => {
    const { _id } = await createReceipt(openMock().mock);
    expect(Number.parseInt(_id.slice(0, 8), 16)).toBe(Math.floor(START / 1000));
  });

  it("asked again, it makes another receipt: Payme does not know a repeat", async () => {
    const { mock } = openMock();
    const first = await createReceipt(mock);
    expect((await createReceipt(mock))._id).not.toBe(first._id);
  });

  it("has an empty description and no detail where none was given", async () => {
    expect(await createReceipt(openMock().mock)).toMatchObject({ description: "", detail: null });
    expect(await createReceipt(openMock().mock, { description: null })).toMatchObject({ description: "" });
  });

  it.each([
    ["no amount", { amount: undefined }, "amount"],
    ["an amount in text", { amount: "1250000" }, "amount"],
    ["an amount of nothing", { amount: 0 }, "amount"],
    ["a negative amount", { amount: -100 }, "amount"],
    ["half a tiyin", { amount: 1.5 }, "amount"],
    ["an amount that is not exact", { amount: 2 ** 53 }, "amount"],
    ["no account", { account: undefined }, "account"],
    ["an account that is a list", { account: [] }, "account"],
    ["an account that is text", { account: "4417" }, "account"],
    ["an account field that is an object", { account: { order: { id: 1 } } }, "account"],
  ])("%s: -32602, and data names it", async (_name, wrong, field) => {
    const { mock, call } = openMock();
    const params = { amount: 1_250_000, account: { order_id: 1 }, ...wrong };
    expect(await call("receipts.create", params)).toMatchObject({ error: { code: -32602, data: field } });
    expect(mock.receipts()).toEqual([]);
  });
});

describe("receipts.pay", () => {
  it("answers the receipt paid, create_time moved and the expiry as YYMM", async () => {
    const { mock, call, pass } = openMock();
    const made = await createReceipt(mock);
    const token = await verifiedToken(mock);
    pass(MINUTE);
    const { cheque_id: _hidden, ...before } = made;
    expect(await call("receipts.pay", { id: made._id, token })).toEqual({
      jsonrpc: "2.0",
      result: {
        receipt: {
          ...before,
          state: 4,
          create_time: START + MINUTE,
          pay_time: START + MINUTE,
          card: { number: "860049******6478", expire: "9903" },
          processing_id: 0,
        },
      },
    });
  });

  it("a second time is -31602, and nothing changes", async () => {
    const { mock, call, pass } = openMock();
    const { _id: id } = await createReceipt(mock);
    const token = await verifiedToken(mock);
    await call("receipts.pay", { id, token });
    const paid = mock.receipt(id);
    pass(MINUTE);
    expect(await call("receipts.pay", { id, token })).toMatchObject({
      error: { code: -31602, message: "Чек не найден или оплачен", data: null },
    });
    expect(mock.receipt(id)).toEqual(paid);
  });

  it("of a cancelled receipt is -31602", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    await mock.cancel(id);
    const answer = await call("receipts.pay", { id, token: await verifiedToken(mock) });
    expect(answer).toMatchObject({ error: { code: -31602 } });
    expect(mock.receipt(id)).toMatchObject({ state: 50, pay_time: 0 });
  });

  it("with a card that is not verified is -31400", async () => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    const made = await call("cards.create", { card: API_CARD });
    const token = JSON.stringify(made).match(/"token":"(\w+)"/)?.[1];
    expect(await call("receipts.pay", { id, token })).toMatchObject({ error: { code: -31400 } });
    expect(mock.receipt(id)).toMatchObject({ state: 0 });
  });

  it.each([
    [`${"a".repeat(24)}_unknown`, -31400],
    ["no-token", -32500],
    ["", -32602],
  ])("with the token %j it is refused", async (token, code) => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    expect(await call("receipts.pay", { id, token })).toMatchObject({ error: { code } });
    expect(mock.receipt(id)).toMatchObject({ state: 0 });
  });
});

describe("receipts.check and receipts.get", () => {
  it("check answers the state and nothing else, get all of it", async () => {
    const { mock, call } = openMock();
    const { cheque_id: _hidden, ...made } = await createReceipt(mock);
    expect((await call("receipts.check", { id: made._id })).result).toEqual({ state: 0 });
    expect((await call("receipts.get", { id: made._id })).result).toEqual({ receipt: made });
  });

  it.each(["receipts.check", "receipts.get", "receipts.cancel", "receipts.pay"])(
    "%s of a receipt that is not there is -31602, without an id -32602",
    async (method) => {
      const { mock, call } = openMock();
      const token = await verifiedToken(mock);
      const id = "0".repeat(24);
      expect(await call(method, { id, token })).toMatchObject({ error: { code: -31602 } });
      expect(await call(method, { token })).toMatchObject({ error: { code: -32602, data: "id" } });
      expect(await call(method, { id: 5, token })).toMatchObject({ error: { code: -32602, data: "id" } });
    },
  );

  it("what it hands out is a copy: a caller changes nothing in the books", async () => {
    const { mock } = openMock();
    const made = await createReceipt(mock);
    made.state = 4;
    made.account.length = 0;
    expect(mock.receipt(made._id)).toMatchObject({ state: 0, account: [{ value: "4417" }] });
  });
});

describe("receipts.cancel", () => {
  it("an unpaid one is cancelled at once, and create_time stays", async () => {
    const { mock, call, pass } = openMock();
    const { _id: id } = await createReceipt(mock);
    pass(MINUTE);
    expect(await call("receipts.cancel", { id })).toMatchObject({
      result: {
        receipt: {
          state: 50,
          create_time: START,
          cancel_time: START + MINUTE,
          pay_time: 0,
          card: null,
          meta: { source: "subscribe", owner: mock.merchantId, source_cancel: "subscribe" },
        },
      },
    });
  });

  it("a paid one waits in the queue (21) until the clock has run on, then it is 50", async () => {
    const { mock, call, pass } = openMock({ cancelDelayMs: 5 * MINUTE });
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    pass(MINUTE);
    const queued = await call("receipts.cancel", { id });
    expect(queued).toMatchObject({ result: { receipt: { state: 21, cancel_time: 0, pay_time: START } } });
    pass(5 * MINUTE - 1);
    expect((await call("receipts.check", { id })).result).toEqual({ state: 21 });
    pass(1);
    expect((await call("receipts.check", { id })).result).toEqual({ state: 50 });
    expect(mock.receipt(id)).toMatchObject({ pay_time: START, cancel_time: START + 6 * MINUTE });
  });

  it("asked again, it changes nothing and puts nothing off", async () => {
    const { mock, call, pass } = openMock({ cancelDelayMs: MINUTE });
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    await call("receipts.cancel", { id });
    pass(MINUTE - 1);
    expect(await call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state: 21 } } });
    pass(1);
    const done = await call("receipts.cancel", { id });
    pass(MINUTE);
    expect(await call("receipts.cancel", { id })).toEqual(done);
    expect(mock.notifications.map(({ method }) => method)).toEqual(["receipts.pay", "receipts.cancel"]);
  });
});

describe("receipts.get_all", () => {
  async function three() {
    const bench = openMock();
    const made = [];
    for (const order_id of [1, 2, 3]) {
      made.push((await createReceipt(bench.mock, { account: { order_id } }))._id);
      bench.pass(1_000);
    }
    return { ...bench, made };
  }
  const idsOf = (answer: Record<string, unknown>) =>
    Array.isArray(answer.result) ? answer.result.map(({ _id }) => _id) : answer;

  it("answers a bare list, the newest first", async () => {
    const { call, made } = await three();
    expect(idsOf(await call("receipts.get_all", {}))).toEqual([...made].reverse());
  });

  it("receipts of one millisecond are newest first, too", async () => {
    const { mock, call } = openMock();
    const made = [(await createReceipt(mock))._id, (await createReceipt(mock))._id];
    expect(idsOf(await call("receipts.get_all", {}))).toEqual(made.reverse());
  });

  it("takes the ends of a span, a count and an offset", async () => {
    const { call, made } = await three();
    const span = { from: START + 1_000, to: START + 2_000 };
    expect(idsOf(await call("receipts.get_all", span))).toEqual([made[2], made[1]]);
    expect(idsOf(await call("receipts.get_all", { count: 1, offset: 1 }))).toEqual([made[1]]);
    expect(idsOf(await call("receipts.get_all", { from: START + 1, to: START + 999 }))).toEqual([]);
  });

  it.each([
    ["count", 51],
    ["count", -1],
    ["from", "yesterday"],
    ["to", 1.5],
    ["offset", -1],
  ])("%s of %j is -32602", async (field, value) => {
    const { call } = openMock();
    expect(await call("receipts.get_all", { [field]: value })).toMatchObject({ error: { code: -32602, data: field } });
  });

  it("gives at most 50", async () => {
    const { mock, call } = openMock();
    for (let made = 0; made < 51; made += 1) await createReceipt(mock);
    expect(idsOf(await call("receipts.get_all", {}))).toHaveLength(50);
  });

  it("speaks its own dialect: titles and the kind of merchant in several languages", async () => {
    const { mock, call } = openMock();
    await createReceipt(mock);
    expect(await call("receipts.get_all", {})).toMatchObject({
      result: [
        {
          account: [{ name: "order_id", title: { ru: "order_id", uz: "order_id", en: "order_id" }, value: "4417" }],
          merchant: { type: { ru: "Internet", uz: "Internet" } },
        },
      ],
    });
  });
});
