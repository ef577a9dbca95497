import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { PaymeConfigError } from "../../src/kit/errors";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import type { MockSnapshot } from "../../src/testing/mock/snapshot";
import { createMockPayme, type MockPayme } from "../../src/tools/mock-server/mock-payme";
import { createShop, KEY } from "../merchant/shop";
import { CARD, createReceipt, openMock, START, verifiedToken } from "./kit";
import { PRICE } from "./merchant-kit";

const DAY_MS = 24 * 3_600_000;
const AGAIN = { merchantId: "again", key: "key-again" };

/** As a file has it. */
const filed = (mock: MockPayme): unknown => JSON.parse(JSON.stringify(mock.snapshot()));

/** A mock on a clock that the test shares with the one that is restored. */
function openAt(clock: { now: number }, options: MockPaymeOptions = {}) {
  return openMock({ now: () => clock.now, sleep: async () => {}, cashboxes: [AGAIN], ...options });
}

/** What both mocks are asked; the answers, and all that they show afterwards. */
async function answersOf(
  { mock, call }: ReturnType<typeof openMock>,
  ids: readonly string[],
  tokens: readonly string[],
) {
  const answers: unknown[] = [];
  for (const id of ids) {
    answers.push(await call("receipts.get", { id }), await call("receipts.get", { id }, { xAuth: "again:key-again" }));
    answers.push(await call("receipts.confirm_hold", { id }), await call("receipts.cancel", { id }));
  }
  for (const token of tokens) {
    answers.push(await call("cards.check", { token }), await call("cards.verify", { token, code: "666666" }));
    const { _id: id } = await createReceipt(mock);
    answers.push(id, await call("receipts.pay", { id, token }), await verifiedToken(mock));
  }
  answers.push(await call("receipts.get_all"));
  const { notifications, movements } = mock;
  return [answers, mock.receipts(), mock.cards(), mock.snapshot(), notifications, movements];
}

describe("a mock that is restored from the JSON of a snapshot", () => {
  it("answers everything as the first one would: the same books, tokens, and next ids", async () => {
    const clock = { now: START };
    const options = { choices: { rotatesToken: true, unpaidLifetimeMs: DAY_MS, payAnswers: 2 } } as const;
    const first = openAt(clock, options);
    const { mock, call } = first;
    const unverified = await call("cards.create", {
      card: { number: "8600495473316478", expire: "0399" },
      save: false,
    });
    const tokens = [await verifiedToken(mock), String(JSON.stringify(unverified).match(/"token":"([^"]+)"/)?.[1])];
    await call("cards.get_verify_code", { token: tokens[1] });
    await call("cards.verify", { token: tokens[1], code: "111111" });
    const ids: string[] = [];
    for (const hold of [false, true, false, true, false]) {
      const { _id } = await createReceipt(mock, { hold, detail: { receipt_type: 0 } });
      ids.push(_id);
      clock.now += 1_000;
    }
    await mock.pay(ids[0] ?? "", { card: CARD });
    await mock.pay(ids[1] ?? "", { card: CARD });
    clock.now += 10_000;
    await mock.cancel(ids[0] ?? "");
    await mock.expire(ids[4] ?? "");
    await call("receipts.send", { id: ids[2], phone: "998901234567" });
    await call("receipts.set_fiscal_data", { id: ids[0], fiscal_data: { receipt_id: 1, qr_code_url: "https://x" } });
    await mock.pay(ids[3] ?? "", { card: CARD });
    const second = openAt(clock, { ...options, restore: filed(mock) });
    expect(second.mock.snapshot()).toEqual(mock.snapshot());
    expect(await answersOf(second, ids, tokens)).toEqual(await answersOf(first, ids, tokens));
    clock.now += 40 * DAY_MS;
    expect(await answersOf(second, ids, tokens)).toEqual(await answersOf(first, ids, tokens));
  });

  it("knows holds, refunds and payments under way that fall due", async () => {
    const clock = { now: START };
    const first = openAt(clock, { choices: { payAnswers: 3 } });
    const [hold, paid, late] = [
      await createReceipt(first.mock, { hold: true }),
      await createReceipt(first.mock),
      await createReceipt(first.mock),
    ];
    await first.mock.pay(hold._id, { card: CARD });
    await first.mock.pay(paid._id, { card: CARD });
    clock.now += 5_000;
    await first.mock.cancel(paid._id);
    await first.mock.pay(late._id, { card: CARD });
    const { mock } = openAt(clock, { restore: filed(first.mock) });
    const states = () => [hold, paid, late].map(({ _id }) => mock.receipt(_id)?.state);
    expect(states()).toEqual([5, 21, 3]);
    clock.now += 60_000;
    expect(states()).toEqual([5, 50, 4]);
    clock.now = START + 5_000 + 30 * DAY_MS;
    expect(states()).toEqual([50, 50, 4]);
    expect(mock.cashboxes[0]?.money).toEqual({ held: 0, taken: 2_500_000, returned: 1_250_000 });
  });

  it("knows its billing's transactions: settles what was not answered, and refunds", async () => {
    const shop = createShop();
    const fetch = async (request: Request) => {
      await shop.ready;
      return fetchMerchant(shop.merchant)(request);
    };
    const options: MockPaymeOptions = {
      now: shop.now,
      sleep: async () => {},
      billing: { key: KEY, repeatAfterMs: [], fetch },
    };
    const first = openMock(options);
    const { _id: id } = await createReceipt(first.mock, { amount: PRICE, account: { order_id: 1 } });
    first.mock.faults.add({ method: "PerformTransaction", kind: "drop_after" });
    expect(await first.mock.pay(id, { card: CARD })).toMatchObject({ outcome: "pending" });
    const { mock } = openMock({ ...options, restore: JSON.stringify(first.mock.snapshot()) });
    expect(mock.billing?.transaction(id)).toEqual(first.mock.billing?.transaction(id));
    await mock.settle();
    expect(mock.receipt(id)).toMatchObject({ state: 4 });
    expect(await mock.disagreements()).toEqual([]);
    await mock.cancel(id);
    expect(mock.billing?.transaction(id)).toMatchObject({ state: -2, reason: 5 });
    expect(await shop.order()).toMatchObject({ status: "refunded" });
  });

  it("sends its old notifications again, byte for byte", async () => {
    const bodies: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      bodies.push(await new Request(input, init).text());
      return new Response("{}", { status: bodies.length === 1 ? 500 : 200 });
    };
    const notify = { url: "http://shop.invalid/", repeatAfterMs: [], fetch };
    const first = openMock({ notify });
    const { _id: id } = await createReceipt(first.mock);
    await first.mock.pay(id, { card: CARD });
    await first.mock.flush();
    const { mock } = openMock({ notify, restore: filed(first.mock) });
    expect(mock.notifications).toMatchObject([{ receiptId: id, attempts: [500] }]);
    expect(await mock.redeliver(id)).toMatchObject({ attempts: [500, 200] });
    expect(bodies[1]).toBe(bodies[0]);
    // The first mock's own list is not touched.
    expect(first.mock.notifications).toMatchObject([{ attempts: [500] }]);
  });

  it("may be restored twice: what one does, the other does not see", async () => {
    const first = openMock();
    const { _id: id } = await createReceipt(first.mock);
    const saved = first.mock.snapshot();
    const text = JSON.stringify(saved);
    const [one, two] = [openMock({ restore: saved }), openMock({ restore: saved })];
    await one.mock.pay(id, { card: CARD });
    expect([one, two, first].map(({ mock }) => mock.receipt(id)?.state)).toEqual([4, 0, 0]);
    expect((await createReceipt(two.mock))._id).toBe((await createReceipt(first.mock))._id);
    expect(JSON.stringify(saved)).toBe(text);
  });

  it("leaves out a cashbox that it does not have, with its money", async () => {
    const first = openMock({ cashboxes: [AGAIN] });
    const { _id: id } = await createReceipt(first.mock);
    await first.mock.pay(id, { card: CARD });
    await first.call("receipts.create", { amount: 100, account: {} }, { xAuth: "again:key-again" });
    const { mock } = openMock({ ...AGAIN, restore: filed(first.mock) });
    expect([mock.receipts().length, mock.receipt(id), mock.movements, mock.notifications]).toEqual([
      1,
      undefined,
      [],
      [],
    ]);
  });

  it("is empty after a reset", async () => {
    const first = openMock();
    await createReceipt(first.mock);
    const { mock } = openMock({ restore: first.mock.snapshot() });
    mock.reset();
    expect(mock.snapshot()).toEqual(openMock().mock.snapshot());
  });
});

describe("a file that is no snapshot", () => {
  /** The snapshot of a mock with something of everything, changed. */
  async function broken(change: (snapshot: MutableJson) => void): Promise<unknown> {
    const { mock } = openMock();
    const { _id: id } = await createReceipt(mock, { hold: true });
    await mock.pay(id, { card: CARD });
    await mock.confirmHold(id);
    await verifiedToken(mock);
    const snapshot = JSON.parse(JSON.stringify(mock.snapshot()));
    change(snapshot);
    return snapshot;
  }

  it.each<[string, (snapshot: MutableJson) => void]>([
    ["snapshot.version", (s) => Object.assign(s, { version: 2 })],
    ["snapshot.dice", (s) => Object.assign(s, { dice: -1 })],
    ["snapshot.receiptsMade", (s) => Object.assign(s, { receiptsMade: "1" })],
    ["snapshot.movements.0.kind", (s) => Object.assign(s.movements[0] ?? {}, { kind: "stolen" })],
    ["snapshot.movements.0.amount", (s) => Object.assign(s.movements[0] ?? {}, { amount: 0.5 })],
    ["snapshot.cashboxes", (s) => Object.assign(s, { cashboxes: {} })],
    [
      "snapshot.cashboxes.0.receipts.0.money",
      (s) => Object.assign(s.cashboxes[0]?.receipts[0] ?? {}, { money: "gone" }),
    ],
    [
      "snapshot.cashboxes.0.receipts.0.receipt.amount",
      (s) => Object.assign(s.cashboxes[0]?.receipts[0]?.receipt ?? {}, { amount: -1 }),
    ],
    [
      "snapshot.cashboxes.0.tokens.0.card.verified",
      (s) => Object.assign(s.cashboxes[0]?.tokens[0]?.card ?? {}, { verified: 1 }),
    ],
    [
      "snapshot.cashboxes.0.notifications.0.method",
      (s) => Object.assign(s.cashboxes[0]?.notifications[0] ?? {}, { method: "x" }),
    ],
  ])("%s is named", async (where, change) => {
    const restore = await broken(change);
    expect(() => createMockPayme({ restore })).toThrow(PaymeConfigError);
    expect(() => createMockPayme({ restore })).toThrow(`${where}:`);
  });

  it("unchanged it is one", async () => {
    expect(createMockPayme({ restore: await broken(() => {}) }).receipts()).toHaveLength(1);
  });

  it.each([
    ["no JSON", "{"],
    ["an empty file", ""],
    ["null", null],
    ["a list", []],
    ["a number", 7],
    ["{}", {}],
  ])("%s is refused", (_name, restore) => {
    expect(() => createMockPayme({ restore })).toThrow(PaymeConfigError);
    expect(() => createMockPayme({ restore })).toThrow("not a snapshot of this version");
  });
});

/** A snapshot as a careless person may edit it. */
type MutableJson = { -readonly [Member in keyof MockSnapshot]: MockSnapshot[Member] };
