import { afterEach, describe, expect, it } from "vitest";
import { createPaymeClient } from "../../src/entry/client";
import { createCardClient } from "../../src/entry/client/browser";
import { som } from "../../src/kit/money";
import { DEFAULT_CHOICES, type MockChoices } from "../../src/testing/mock/choices";
import { methods } from "../../src/testing/mock/methods";
import { createMockPayme, type MockPayme } from "../../src/tools/mock-server/mock-payme";
import type { MockServer } from "../../src/tools/mock-server/server";
import { API_CARD } from "../mock/kit";
import { CALLS, type Story } from "./calls";

const servers: MockServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Over the wire, or in memory. */
async function reach(mock: MockPayme, over: "HTTP" | "fetch") {
  if (over === "fetch") return { fetch: mock.fetch, apiUrl: undefined };
  const server = await mock.listen();
  servers.push(server);
  return { fetch: undefined, apiUrl: server.url };
}

async function answersOf(over: "HTTP" | "fetch", auth: "key" | "signature", choices: Partial<MockChoices> = {}) {
  const mock = createMockPayme({ choices });
  const { merchantId, key } = mock;
  const client = createPaymeClient({ merchantId, key, auth, mode: "test", retries: 0, ...(await reach(mock, over)) });
  const story: Story = { token: "", receiptId: "" };
  const answers: Record<string, unknown> = {};
  for (const [method, call] of Object.entries(CALLS)) answers[method] = await call(client, story);
  return { answers, mock };
}

/** `get_verify_code` for `getVerifyCode`. */
const onTheWire = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

describe("every method of the Subscribe API", () => {
  it("is in the typed client, in the mock and in this table: none is missing anywhere", () => {
    const client = createPaymeClient({ merchantId: "m", key: "k" });
    const typed = (["cards", "receipts"] as const).flatMap((room) =>
      Object.keys(client[room]).map((name) => `${room}.${onTheWire(name)}`),
    );
    // An iterator over get_all, no method of Payme's.
    const ofPayme = typed.filter((method) => method !== "receipts.list").sort();
    expect(ofPayme).toEqual(Object.keys(CALLS).sort());
    expect([...methods.keys()].sort()).toEqual(ofPayme);
    expect(ofPayme).toHaveLength(14);
  });

  it.each([
    ["HTTP", "key"],
    ["HTTP", "signature"],
    ["fetch", "key"],
    ["fetch", "signature"],
  ] as const)("is answered over %s, with the scheme %s, and reaches Payme once", async (over, auth) => {
    const { answers, mock } = await answersOf(over, auth);
    expect(answers).toMatchObject({
      "cards.create": { number: "860049******6478", expire: "03/99", recurrent: true, verify: false },
      "cards.get_verify_code": { sent: true, wait: 60_000 },
      "cards.verify": { number: "860049******6478", verify: true },
      "cards.check": { verify: true },
      "receipts.create": { state: 0, amount: 1_250_000, description: "Order 4417" },
      "receipts.send": { success: true },
      "receipts.pay": { state: 5, card: { number: "860049******6478", expire: "9903" } },
      "receipts.confirm_hold": { state: 4 },
      "receipts.set_fiscal_data": { success: true },
      "receipts.check": { state: 4 },
      "receipts.get": { state: 4 },
      "receipts.get_all": { receipts: [{ state: 4, account: [{ name: "order_id", value: "4417" }] }], unread: [] },
      "receipts.cancel": { state: 21 },
      "cards.remove": { success: true },
    });
    expect(mock.exchanges.map(({ method }) => method)).toEqual(Object.keys(CALLS));
  });

  const choices: readonly Partial<MockChoices>[] = [
    { payAnswersNullId: true },
    { messages: "languages" },
    { rotatesToken: true },
    { cardsNeedKey: true },
    { wholeCardNumbersInLists: true },
    { accountFields: "with_transaction" },
    { accountFields: "transaction_only" },
    { fiscalDataAnswer: "receipt" },
    { countOverMaximum: "clamp" },
    { needsSentCode: true },
    { oneSidedHold: "hold" },
    { unverifiedTokenLifetimeMs: 60_000, unpaidLifetimeMs: 60_000 },
  ];

  it.each(choices)("is read the same way where Payme is as open as %j", async (chosen) => {
    const [name] = Object.keys(chosen);
    expect(Object.keys(DEFAULT_CHOICES)).toContain(name);
    const { answers } = await answersOf("fetch", "key", chosen);
    expect(answers).toMatchObject({
      "cards.verify": { verify: true },
      "receipts.pay": { state: 5 },
      "receipts.set_fiscal_data": { success: true },
      "receipts.get_all": { receipts: [{ state: 4, card: { number: "860049******6478" } }] },
      "receipts.cancel": { state: 21 },
    });
  });
});

describe("a page's client, with the cashbox's id alone", () => {
  it.each(["HTTP", "fetch"] as const)(
    "makes a verified token over %s, which the server's client then pays with",
    async (over) => {
      const mock = createMockPayme();
      const { merchantId, key } = mock;
      const reached = await reach(mock, over);
      const page = createCardClient({ merchantId, mode: "test", ...reached });
      const { token } = await page.create({ ...API_CARD, save: true });
      expect(await page.getVerifyCode(token)).toMatchObject({ sent: true });
      const card = await page.verify({ token, code: "666666" });
      const client = createPaymeClient({ merchantId, key, mode: "test", ...reached });
      const { _id: id } = await client.receipts.create({ amount: som(1_000), account: { order_id: 1 } });
      expect(await client.receipts.pay({ id, token: card.token })).toMatchObject({ state: 4 });
    },
  );
});
