import { describe, expect, it } from "vitest";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import { API_CARD, CARD, createReceipt, openMock, UZCARD, verifiedToken } from "./kit";

const tokenOf = (answer: Record<string, unknown>) => JSON.stringify(answer).match(/"token":"([^"]+)"/)?.[1] ?? "";

describe("cards.*", () => {
  it("create, get_verify_code, verify, check and remove answer as section 9 of the protocol shows", async () => {
    const { call } = openMock();
    const created = await call("cards.create", { card: API_CARD, save: true, customer: "user-77" }, { id: 1 });
    const card = {
      number: "860049******6478",
      expire: "03/99",
      token: expect.stringMatching(/^[0-9a-f]{24}_\w+$/),
      recurrent: true,
      verify: false,
      type: "22618",
    };
    expect(created).toEqual({ jsonrpc: "2.0", id: 1, result: { card } });
    const token = tokenOf(created);
    expect((await call("cards.get_verify_code", { token })).result).toEqual({
      sent: true,
      phone: expect.stringMatching(/^99\d{3}\*+\d\d$/),
      wait: 60_000,
    });
    const verified = { result: { card: { ...card, token, verify: true } } };
    expect(await call("cards.verify", { token, code: "666666" })).toMatchObject(verified);
    expect(await call("cards.check", { token })).toMatchObject(verified);
    expect((await call("cards.remove", { token })).result).toEqual({ success: true });
  });

  it("a wrong SMS code is -31103, and the card stays unverified", async () => {
    const { mock, call } = openMock();
    const token = tokenOf(await call("cards.create", { card: API_CARD }));
    expect(await call("cards.verify", { token, code: "000000" })).toMatchObject({ error: { code: -31103 } });
    expect(await call("cards.check", { token })).toMatchObject({ result: { card: { verify: false } } });
    const { _id: id } = await createReceipt(mock);
    expect(await call("receipts.pay", { id, token })).toHaveProperty("error");
    expect(mock.receipt(id)).toMatchObject({ state: 0 });
  });

  it("a removed token is -31400 to every method", async () => {
    const { mock, call } = openMock();
    const token = await verifiedToken(mock);
    await call("cards.remove", { token });
    for (const method of ["cards.check", "cards.remove", "cards.get_verify_code"]) {
      expect(await call(method, { token })).toMatchObject({ error: { code: -31400 } });
    }
  });

  it("a card that is not to be kept pays once: then its token is gone", async () => {
    const { mock, call } = openMock();
    const token = await verifiedToken(mock, { save: false });
    expect(await call("cards.check", { token })).toMatchObject({ result: { card: { recurrent: false } } });
    await call("receipts.pay", { id: (await createReceipt(mock))._id, token });
    const { _id: id } = await createReceipt(mock);
    expect(await call("receipts.pay", { id, token })).toMatchObject({ error: { code: -31400 } });
    expect(mock.receipt(id)).toMatchObject({ state: 0 });
  });

  it("a kept card pays again and again", async () => {
    const { mock, call } = openMock();
    const token = await verifiedToken(mock, { save: true });
    for (const _time of [1, 2]) {
      const { _id: id } = await createReceipt(mock);
      expect(await call("receipts.pay", { id, token })).toMatchObject({ result: { receipt: { state: 4 } } });
    }
  });

  it.each([
    ["a number that nobody has", { number: "8600000000000000", expire: "0399" }],
    ["a number in groups", { number: "8600 4954 7331 6478", expire: "0399" }],
    ["another expiry", { number: "8600495473316478", expire: "0400" }],
    ["an expiry with a slash, which Payme does not take", { number: "8600495473316478", expire: "03/99" }],
  ])("%s is -31300", async (_name, card) => {
    expect(await openMock().call("cards.create", { card })).toMatchObject({ error: { code: -31300 } });
  });

  it.each([
    [{}, "card"],
    [{ card: { expire: "0399" } }, "number"],
    [{ card: { number: 8600495473316478, expire: "0399" } }, "number"],
    [{ card: { number: "8600495473316478" } }, "expire"],
  ])("%j is -32602", async (params, data) => {
    expect(await openMock().call("cards.create", params)).toMatchObject({ error: { code: -32602, data } });
  });
});

describe("Payme's test cards", () => {
  it.each([
    ["3333336415804657", -31301],
    ["4444445987459073", -31301],
  ])("%s is refused when it is given", async (number, code) => {
    const { call } = openMock();
    expect(await call("cards.create", { card: { number, expire: "0399" } })).toMatchObject({ error: { code } });
  });

  it("8600060921090842 gets no SMS", async () => {
    const { call } = openMock();
    const token = tokenOf(await call("cards.create", { card: { number: "8600060921090842", expire: "0399" } }));
    expect(await call("cards.get_verify_code", { token })).toMatchObject({ error: { code: -31301 } });
  });

  it.each([
    ["8600143417770323", -32400, []],
    ["8600134301849596", -31002, [10_000]],
  ])("%s fails when it is charged", async (number, code, waits) => {
    const { mock, call, slept } = openMock();
    const token = await verifiedToken(mock, { card: { number, expire: "0399" } });
    const { _id: id } = await createReceipt(mock);
    expect(await call("receipts.pay", { id, token })).toMatchObject({ error: { code } });
    expect(slept).toEqual(waits);
    expect(mock.receipt(id)).toMatchObject({ state: 0, card: null });
  });

  it.each(["8600060921090842", "3333336415804657", "4444445987459073", "8600143417770323", "8600134301849596"])(
    "%s is declined on the page",
    async (number) => {
      const { mock } = openMock();
      const { _id: id } = await createReceipt(mock);
      expect(await mock.pay(id, { card: { number, expire: "03/99" } })).toMatchObject({ outcome: "declined" });
      expect(mock.receipt(id)).toMatchObject({ state: 0 });
      expect(mock.notifications).toEqual([]);
    },
  );

  it("what they do can be set", async () => {
    const funds = { stage: "pay", code: -31630, message: "Недостаточно средств" } as const;
    const { mock } = openMock({
      cards: TEST_CARDS.map((card) => (card.number === API_CARD.number ? { ...card, behaviour: funds } : card)),
    });
    const { _id: id } = await createReceipt(mock);
    expect(await mock.pay(id, { card: CARD })).toEqual({
      outcome: "declined",
      code: -31630,
      message: "Недостаточно средств",
      field: undefined,
    });
  });
});

describe("the guide's test cards", () => {
  it.each(["8600 1234 5678 9012", "9860 1234 5678 9012"])("%s pays", async (number) => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    expect(await mock.pay(id, { card: { ...UZCARD, number } })).toMatchObject({
      outcome: "paid",
      receipt: { state: 4, card: { number: `${number.slice(0, 4)}12******9012`, expire: "3012" } },
    });
  });

  it.each([
    ["01/26", "paid"], // the month of the clock: valid to its end
    ["0126", "paid"],
    ["12/99", "paid"],
    ["12/25", "declined"],
    ["13/30", "declined"],
    ["00/30", "declined"],
    ["", "declined"],
    ["1/30", "declined"],
    ["12/2030", "declined"],
  ])("with the expiry %j in January 2026: %s", async (expire, outcome) => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    const ended = await mock.pay(id, { card: { ...UZCARD, expire } });
    expect(ended.outcome).toBe(outcome);
    if (outcome === "declined") expect(ended).toMatchObject({ code: -31300, field: "expire" });
  });

  it("expires when the clock says so", async () => {
    const { mock, pass } = openMock();
    const { _id: id } = await createReceipt(mock);
    pass(Date.UTC(2026, 1, 1) - Date.UTC(2026, 0, 15, 10, 30));
    expect(await mock.pay(id, { card: { ...UZCARD, expire: "01/26" } })).toMatchObject({ field: "expire" });
  });

  it.each(["12", "1234", "abc", "12a", ""])("with the CVV %j it is declined", async (cvv) => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    expect(await mock.pay(id, { card: { ...UZCARD, cvv } })).toMatchObject({ outcome: "declined", field: "cvv" });
  });

  it.each(["000", "999"])("the CVV %s is as good as any", async (cvv) => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    expect(await mock.pay(id, { card: { ...UZCARD, cvv } })).toMatchObject({ outcome: "paid" });
  });

  it("Payme's own cards have none: whatever stands there is not looked at", async () => {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock);
    expect(await mock.pay(id, { card: { ...CARD, cvv: "" } })).toMatchObject({ outcome: "paid" });
  });
});
