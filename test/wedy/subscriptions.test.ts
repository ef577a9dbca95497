import { memoryStorage, tiyin } from "payme-kit";
import { createMockPayme, TEST_CARDS, type TestCard } from "payme-kit/testing";
import { describe, expect, it } from "vitest";
import { resealCards } from "../../examples/express-wedy/src/open-subscriptions";
import { signToken } from "../../examples/express-wedy/src/tokens";
import { consent, RICH, SEAL_KEYS, savedCard } from "./saved-card";
import { type Answer, JWT_SECRET, openShop, refusal, type Shop, type ShopOptions } from "./shop";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 15, 10, 30);
const ANOTHER = "8600069195406311";
const poor: TestCard = { number: "8600777788889999", expire: "0399", hasCvv: false, balance: tiyin(1_000_000) };

/** A shop with saved cards whose clock, and Payme's, the test moves. */
async function openSubscriptionShop(options: ShopOptions = {}) {
  let now = START;
  const mock = createMockPayme({ now: () => now, cards: [...TEST_CARDS, poor] });
  const shop = await openShop({ mock, now: () => now, sealKeys: SEAL_KEYS, ...options });
  return {
    ...shop,
    mock,
    /** Time goes by, with a worker that looks each hour. */
    pass: (ms: number) => {
      now += ms;
    },
    async live(ms: number) {
      for (const end = now + ms; now < end; ) {
        now = Math.min(now + DAY / 24, end);
        while (((await shop.subs?.run())?.checked ?? 0) > 0);
      }
      await shop.tariffs.sweep();
    },
    subscribe: (token: string, tariffId = 2, more: Parameters<Shop["request"]>[2] = {}) =>
      shop.request("POST", `/tariffs/${tariffId}/subscribe`, { json: { token, consent }, ...more }),
    mine: async () => Object((await shop.request("GET", "/users/me/subscription")).body.subscription),
    debits: () => mock.movements.filter(({ kind }) => kind === "take").length,
  };
}

type SubscriptionShop = Awaited<ReturnType<typeof openSubscriptionShop>>;

const nobodysToken = `${"a".repeat(24)}_${"b".repeat(40)}`;
const runningTariff = async ({ request }: Pick<Shop, "request">) => (await request("GET", "/users/me")).body;

describe("subscribing to a tariff", () => {
  it("charges the card, gives the tariff, and says when it is charged next", async () => {
    const shop = await openSubscriptionShop();
    const answer = await shop.subscribe(await savedCard(shop));
    const subscription = {
      id: expect.any(String),
      tariff_id: 2,
      tariff: "Premium Plan",
      state: "ACTIVE",
      amount: 5_000_000,
      every: { days: 30 },
      current_period_end: "2026-02-14T10:30:00Z",
      next_charge_at: "2026-02-14T10:30:00Z",
      card: "860049******6478",
      cancel_at_period_end: false,
    };
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      message: "Paid. The tariff will be renewed from this card",
      outcome: "active",
      subscription,
    });
    expect(await shop.mine()).toEqual(subscription);
    expect(await runningTariff(shop)).toMatchObject({ tariff_id: 2, tariff_expires_at: "2026-02-14T10:30:00Z" });
    expect(shop.debits()).toBe(1);
  });

  it("is once, however often it is clicked at once, and later", async () => {
    const shop = await openSubscriptionShop();
    const token = await savedCard(shop);
    const clicks = await Promise.all(Array.from({ length: 6 }, () => shop.subscribe(token)));
    expect(clicks.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(new Set(clicks.map(({ body }) => Object(body.subscription).id)).size).toBe(1);
    expect((await shop.subscribe(token)).body).toMatchObject({ outcome: "active" });
    expect(shop.debits()).toBe(1);
  });

  it("keeps the tariff between two periods: before the worker looks, and while a charge is tried again", async () => {
    const shop = await openSubscriptionShop();
    await shop.subscribe(await savedCard(shop));
    await shop.subscribe(await savedCard(shop, poor.number));
    shop.pass(30 * DAY + 60_000);
    await shop.tariffs.sweep();
    expect(await runningTariff(shop)).toMatchObject({ tariff_id: 2, tariff_expires_at: null, tariff: { id: 2 } });
    await shop.live(DAY / 2);
    expect(shop.debits()).toBe(1);
    // On days 1, 3, 5 and 7 at 10 o'clock, and three days of grace.
    expect(await runningTariff(shop)).toMatchObject({ tariff_id: 2, tariff_expires_at: "2026-02-24T05:00:00Z" });
    await shop.live(11 * DAY);
    expect(await runningTariff(shop)).toMatchObject({ tariff_id: null, tariff: null });
  });

  it("renews the tariff a month later, and each month after, once", async () => {
    const shop = await openSubscriptionShop();
    const made = await shop.tariffs.create({ name: "Monthly", price: tiyin(7_000_000), durationMonths: 1 });
    await shop.subscribe(await savedCard(shop), made.id);
    await shop.live(31 * DAY + 1);
    expect(shop.debits()).toBe(2);
    expect(await shop.mine()).toMatchObject({
      every: { months: 1 },
      current_period_end: "2026-03-15T10:30:00Z",
      next_charge_at: "2026-03-15T10:30:00Z",
    });
    expect(await runningTariff(shop)).toMatchObject({
      tariff_id: made.id,
      tariff_expires_at: "2026-03-15T10:30:00Z",
    });
    await shop.live(60 * DAY);
    expect(shop.debits()).toBe(4);
  });

  it.each([
    ["uz", "Kartada mablag‘ yetarli emas"],
    ["ru", "На карте недостаточно средств"],
    ["en", "There is not enough money on the card"],
  ])("with a card without money is refused, in %s; another card then pays", async (language, text) => {
    const shop = await openSubscriptionShop();
    const headers = { "Accept-Language": language };
    const declined = await shop.subscribe(await savedCard(shop, poor.number), 2, { headers });
    expect(declined).toMatchObject(refusal(400, "VALIDATION_ERROR"));
    expect(declined.body).toMatchObject({
      error: text,
      message: text,
      data: { response_data: { outcome: "declined", reason: "funds" } },
    });
    expect(await shop.mine()).toMatchObject({ state: "INCOMPLETE", current_period_end: null, next_charge_at: null });
    expect(await runningTariff(shop)).toMatchObject({ tariff: null });
    const paid = await shop.subscribe(await savedCard(shop));
    expect(paid.body).toMatchObject({ outcome: "active", subscription: { card: "860049******6478" } });
    expect(shop.debits()).toBe(1);
    expect((await shop.subs?.cards.list("user123"))?.map(({ state }) => state).sort()).toEqual(["ATTACHED", "REMOVED"]);
  });

  it("after a decline another tariff may be taken", async () => {
    const shop = await openSubscriptionShop();
    const token = await savedCard(shop, poor.number);
    expect((await shop.subscribe(token, 3)).status).toBe(400);
    expect((await shop.subscribe(token, 1)).body).toMatchObject({ outcome: "active", subscription: { tariff_id: 1 } });
    expect(shop.debits()).toBe(1);
    expect(shop.mock.receipts().map(({ state }) => state)).toEqual([50, 4]);
  });

  it("where Payme refuses the cashbox, or is not reached, says so as every route does", async () => {
    const shop = await openSubscriptionShop();
    const token = await savedCard(shop);
    shop.mock.faults.add({ method: "receipts.pay", kind: "rpc_error", code: -31601, message: "no merchant", times: 1 });
    expect(await shop.subscribe(token)).toMatchObject(refusal(502, "PAYME_API_ERROR"));
    shop.mock.faults.add({ method: "cards.check", kind: "drop_before", times: 1 });
    expect(await shop.subscribe(token)).toMatchObject(refusal(504, "PAYME_API_ERROR"));
    expect(shop.debits()).toBe(0);
    expect((await shop.subscribe(token)).body).toMatchObject({ outcome: "active" });
  });

  it("whose charge has a lost answer is charged once", async () => {
    const shop = await openSubscriptionShop();
    shop.mock.faults.add({ method: "receipts.pay", kind: "drop_after", times: 1 });
    expect((await shop.subscribe(await savedCard(shop))).body).toMatchObject({ outcome: "active" });
    expect(shop.debits()).toBe(1);
  });

  it.each([
    ["a token that nobody made", async () => nobodysToken],
    ["a text that is no token", async () => "planted"],
    ["a token for one payment", async (shop: SubscriptionShop) => savedCard(shop, RICH, false)],
  ])("with %s is refused with words for the payer", async (_case, tokenOf) => {
    const shop = await openSubscriptionShop();
    const token = await tokenOf(shop);
    const answer = await shop.subscribe(token, 2, { headers: { "Accept-Language": "ru" } });
    expect(answer).toMatchObject(refusal(400, "VALIDATION_ERROR"));
    expect(answer.body.message).toBe("Карта не подходит для этой оплаты. Попробуйте другую");
    expect(answer.text).not.toContain(token);
    expect(await shop.mine()).toEqual({});
  });

  it.each([
    ["no token", { consent }],
    ["no consent", { token: nobodysToken }],
    ["an empty consent", { token: nobodysToken, consent: { text: "", version: "1" } }],
    ["a NUL in it", { token: nobodysToken, consent: { text: "I\0agree", version: "1" } }],
  ])("with %s is refused before Payme is asked", async (_case, json) => {
    const shop = await openSubscriptionShop();
    expect(await shop.request("POST", "/tariffs/2/subscribe", { json })).toMatchObject(
      refusal(400, "VALIDATION_ERROR"),
    );
    expect(shop.mock.exchanges).toEqual([]);
  });

  it("is for tariffs that can be bought now", async () => {
    const shop = await openSubscriptionShop();
    const token = await savedCard(shop);
    expect(await shop.subscribe(token, 99)).toMatchObject(refusal(404, "NOT_FOUND"));
    await shop.tariffs.deactivate(2);
    expect((await shop.subscribe(token, 2)).body.message).toBe("This tariff is not on sale");
    const id = await shop.buy(3);
    await shop.notify({ method: "receipts.pay", params: { id, cheque_id: "c", amount: 15_000_000, paid_at: 1 } });
    const cheaper = await shop.subscribe(token, 1);
    expect(cheaper).toMatchObject(refusal(400, "VALIDATION_ERROR"));
    expect(cheaper.body.message).toMatch(/^You have a dearer tariff now/);
    expect(shop.debits()).toBe(0);
  });
});

describe("a subscription", () => {
  const second = async (shop: SubscriptionShop): Promise<Answer> =>
    shop.subscribe(await savedCard(shop, ANOTHER), 3, { headers: { "Accept-Language": "uz" } });

  it("is cancelled at the end of what is paid, as often as it is asked for", async () => {
    const shop = await openSubscriptionShop();
    await shop.subscribe(await savedCard(shop));
    for (let press = 0; press < 3; press += 1) {
      const { status, body } = await shop.request("DELETE", "/users/me/subscription");
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          success: true,
          message: "The subscription is cancelled",
          subscription: {
            cancel_at_period_end: true,
            next_charge_at: null,
            current_period_end: "2026-02-14T10:30:00Z",
          },
        },
      });
    }
    expect(await runningTariff(shop)).toMatchObject({ tariff_id: 2 });
    await shop.live(31 * DAY);
    expect(await shop.mine()).toEqual({});
    expect((await shop.request("DELETE", "/users/me/subscription")).body).toMatchObject({ subscription: null });
    expect(await runningTariff(shop)).toMatchObject({ tariff: null });
    expect(shop.debits()).toBe(1);
  });

  it("goes on where it is taken again before its end, and then charges the new card alone", async () => {
    const shop = await openSubscriptionShop();
    await shop.subscribe(await savedCard(shop));
    await shop.request("DELETE", "/users/me/subscription");
    // Its price and its sale are nothing to who has it.
    await shop.tariffs.change(2, { price: tiyin(9_000_000), isActive: false });
    const again = await shop.subscribe(await savedCard(shop, ANOTHER));
    expect(again.body).toMatchObject({
      outcome: "active",
      subscription: { cancel_at_period_end: false, card: "860006******6311", amount: 5_000_000 },
    });
    expect(shop.debits()).toBe(1);
    expect(shop.mock.cards()).toHaveLength(1);
    await shop.live(31 * DAY);
    expect(shop.mock.movements.filter(({ kind }) => kind === "take").map(({ card }) => card)).toEqual([
      "860049******6478",
      "860006******6311",
    ]);
  });

  it("whose card has no money is charged at once with another card", async () => {
    const shop = await openSubscriptionShop();
    await shop.subscribe(await savedCard(shop, poor.number), 1);
    await shop.live(7 * DAY + 1);
    const [{ next_charge_at: next, ...late }] = [await shop.mine()];
    expect(late).toMatchObject({ state: "PAST_DUE", current_period_end: "2026-01-22T10:30:00Z" });
    expect(Date.parse(next)).toBeGreaterThan(START + 7 * DAY);
    expect((await shop.subscribe(await savedCard(shop), 1)).body).toMatchObject({
      outcome: "active",
      subscription: { state: "ACTIVE", current_period_end: "2026-01-29T10:30:00Z" },
    });
    expect(shop.debits()).toBe(2);
  });

  it("leaves no room for another one, until it is cancelled", async () => {
    const shop = await openSubscriptionShop();
    await shop.subscribe(await savedCard(shop));
    const refused = await second(shop);
    expect(refused).toMatchObject(refusal(400, "VALIDATION_ERROR"));
    expect(refused.body.message).toBe("Sizda boshqa tarifga obuna bor. Avval uni bekor qiling");
    await shop.request("DELETE", "/users/me/subscription");
    expect((await second(shop)).body).toMatchObject({ outcome: "active", subscription: { tariff_id: 3 } });
    expect(await shop.mine()).toMatchObject({ tariff_id: 3, cancel_at_period_end: false });
  });

  it("is its owner's: nobody else sees it, cancels it, or uses its card", async () => {
    const shop = await openSubscriptionShop();
    const card = await savedCard(shop);
    await shop.subscribe(card);
    const token = await signToken({ id: "somebody", role: "user" }, JWT_SECRET, 600);
    for (const other of [token, shop.adminToken]) {
      const seen = await shop.request("GET", "/users/me/subscription", { token: other });
      expect(seen.body).toEqual({ success: true, subscription: null });
      expect((await shop.request("DELETE", "/users/me/subscription", { token: other })).status).toBe(200);
    }
    const stolen = await shop.subscribe(card, 2, { token });
    expect(stolen).toMatchObject(refusal(400, "VALIDATION_ERROR"));
    expect(await shop.mine()).toMatchObject({ state: "ACTIVE", cancel_at_period_end: false });
    expect(shop.debits()).toBe(1);
    for (const [method, path] of ROUTES) {
      expect(await shop.request(method, path, { token: null })).toMatchObject(refusal(401, "UNAUTHORIZED"));
    }
  });

  it("ends with its tariff where an admin refunds it", async () => {
    const shop = await openSubscriptionShop();
    await shop.subscribe(await savedCard(shop));
    const [receipt] = shop.mock.receipts();
    const { adminToken: token } = shop;
    const refunded = await shop.request("POST", `/payme/cancel-payment/${receipt?._id}`, { token });
    expect(refunded.status).toBe(200);
    expect(await shop.mine()).toEqual({});
    expect(await runningTariff(shop)).toMatchObject({ tariff: null });
  });

  it("is known after a restart of the server, and goes on", async () => {
    let now = START;
    const clock = () => now;
    const mock = createMockPayme({ now: clock });
    const storage = memoryStorage();
    const open = () => openShop({ mock, now: clock, storage, sealKeys: SEAL_KEYS });
    const first = await open();
    await first.request("POST", "/tariffs/2/subscribe", { json: { token: await savedCard({ mock }), consent } });
    const second = await open();
    expect((await second.request("GET", "/users/me/subscription")).body).toMatchObject({
      subscription: { state: "ACTIVE" },
    });
    now += 31 * DAY;
    await second.subs?.run();
    expect((await second.request("GET", "/users/me/subscription")).body).toMatchObject({
      subscription: { current_period_end: "2026-03-16T10:30:00Z" },
    });
    expect(mock.movements.filter(({ kind }) => kind === "take")).toHaveLength(2);
  });
});

describe("a change of the key that seals cards", () => {
  const [oldKey = ""] = SEAL_KEYS;
  const newKey = Buffer.alloc(32, 9).toString("base64");

  /** Subscribes under the old key; gives a start of the server with other keys, and one charge a month later. */
  async function underOldKey() {
    let now = START;
    const clock = () => now;
    const mock = createMockPayme({ now: clock });
    const storage = memoryStorage();
    const open = (...sealKeys: string[]) => openShop({ mock, now: clock, storage, sealKeys });
    const shop = await open(oldKey);
    await shop.request("POST", "/tariffs/2/subscribe", { json: { token: await savedCard({ mock }), consent } });
    return {
      open,
      pass(ms: number) {
        now += ms;
      },
      async renewed(...sealKeys: string[]) {
        const server = await open(...sealKeys);
        while (((await server.subs?.run())?.checked ?? 0) > 0);
        return mock.movements.filter(({ kind }) => kind === "take").length === 2;
      },
    };
  }

  it("keeps every card: the new key first, the old one beside it, then the new one alone", async () => {
    const { open, renewed, pass } = await underOldKey();
    const { subs, lines } = await open(newKey, oldKey);
    const write = (message: string, fields?: object) => void told.push({ message, ...fields });
    const told: object[] = [];
    if (subs !== undefined) await resealCards(subs, { info: write, warn: write, error: write });
    expect(told).toEqual([{ message: "the saved cards have the newest seal", checked: 1, resealed: 1, failed: 0 }]);
    expect(lines.join()).not.toContain(newKey);
    pass(31 * DAY);
    expect(await renewed(newKey)).toBe(true);
  });

  it("charges nobody where the old key went too early, and does once it is back", async () => {
    const { renewed, pass } = await underOldKey();
    pass(31 * DAY);
    expect(await renewed(newKey)).toBe(false);
    pass(DAY);
    expect(await renewed(newKey, oldKey)).toBe(true);
  });
});

const ROUTES = [
  ["POST", "/tariffs/2/subscribe"],
  ["GET", "/users/me/subscription"],
  ["DELETE", "/users/me/subscription"],
] as const;

it.each(ROUTES)("without a key for the cards, %s %s says that it is not set up", async (method, path) => {
  const shop = await openShop();
  const json = method === "POST" ? { token: nobodysToken, consent } : undefined;
  const answer = await shop.request(method, path, { json, headers: { "Accept-Language": "uz" } });
  expect(answer).toMatchObject(refusal(404, "NOT_FOUND"));
  expect(answer.body.message).toBe("Bu yerda obuna ulanmagan");
  expect(answer.text).toContain("not set up");
});
