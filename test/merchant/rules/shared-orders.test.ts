import { describe, expect, it, onTestFinished } from "vitest";
import { som } from "../../../src/kit/money";
import type { Storage } from "../../../src/ledger";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../../postgres/database";
import { temporaryFolder } from "../../storage/kits";
import { refusal } from "../refusal";
import { openShop, type Shop, type ShopOptions, TEST_KEY } from "../shop";
import { memoryBooks, postgresBooks, type ShopBooks, sqliteBooks } from "../shop-books";
import { HOUR, statementOf } from "./on-each-storage";

/** Opens the endpoint of a cashbox on the one orders table of the test. */
type OpenEndpoint = (cashbox: string, options?: ShopOptions<unknown>) => Promise<Shop>;

function endpointsOn<Tx>(books: ShopBooks<Tx>): OpenEndpoint {
  return async (cashbox, { storage: _, ...options } = {}) => {
    // Finds the order whatever became of it: only the reference says that it is taken.
    const find = ({ order_id }: { order_id: number }) => ({ reference: order_id, amount: som(50_000) });
    const shop = openShop(books, { cashbox, find, ...options });
    await shop.ready;
    return shop;
  };
}

const kinds: readonly [string, () => OpenEndpoint][] = [
  ["memory", () => endpointsOn(memoryBooks())],
  ["SQLite", inFile],
];

function inFile(): OpenEndpoint {
  const { file, remove } = temporaryFolder();
  const books = sqliteBooks(file);
  onTestFinished(async () => {
    await books.close();
    remove();
  });
  return endpointsOn(books);
}

async function onPostgres(): Promise<OpenEndpoint> {
  const pool = openPool(await databaseUrl());
  onTestFinished(() => pool.end());
  return endpointsOn(postgresBooks(pool, newSchema()));
}

const SHARED = { sharedOrders: "shop" };
const BUSY = refusal(-31099, "order_id");
const pay = (shop: Shop, id: string, order_id = 1) =>
  shop.call("CreateTransaction", shop.create(id, { account: { order_id } }));
const check = (shop: Shop, order_id = 1) =>
  shop.call("CheckPerformTransaction", shop.create("none", { account: { order_id } }));

function rules(newEndpoints: () => OpenEndpoint | Promise<OpenEndpoint>) {
  it("an order that one cashbox holds, or has sold, is refused in the other", async () => {
    const open = await newEndpoints();
    const [web, bot] = [await open("web", SHARED), await open("bot", SHARED)];
    expect(await pay(web, "w1")).toMatchObject({ result: { state: 1 } });
    for (const shop of [web, bot]) expect(await shop.merchant.isBeingPaid(1)).toBe(true);
    expect(await check(bot)).toEqual(BUSY);
    expect(await pay(bot, "b1")).toEqual(BUSY);
    expect(await bot.call("PerformTransaction", { id: "w1" })).toEqual(refusal(-31003));
    expect(await web.call("PerformTransaction", { id: "w1" })).toMatchObject({ result: { state: 2 } });
    expect(await pay(bot, "b1")).toEqual(BUSY);
    expect(await pay(bot, "b2", 2)).toMatchObject({ result: { state: 1 } });
    expect(await pay(web, "w2", 2)).toEqual(BUSY);
    expect(await statementOf(bot)).toMatchObject([{ id: "b2" }]);
  });

  it("cashboxes that do not share sell the same order twice", async () => {
    const open = await newEndpoints();
    for (const cashbox of ["web", "bot"]) {
      const shop = await open(cashbox);
      expect(await pay(shop, "t1")).toMatchObject({ result: { state: 1 } });
      expect(await shop.call("PerformTransaction", { id: "t1" })).toMatchObject({ result: { state: 2 } });
    }
  });

  it("the live and the test orders of a space do not meet", async () => {
    const open = await newEndpoints();
    const [web, bot] = [await open("web", SHARED), await open("bot", SHARED)];
    await pay(web, "w1");
    const inTest = await bot.call("CreateTransaction", bot.create("b1"), TEST_KEY);
    expect(inTest).toMatchObject({ result: { state: 1 } });
  });

  it("an expired holder of the other cashbox is cancelled by whoever finds it, with its own hooks", async () => {
    const open = await newEndpoints();
    const released: string[] = [];
    const noting = (name: string) => ({ onReleased: ({ id }: { id: string }) => void released.push(`${name} ${id}`) });
    const web = await open("web", { ...SHARED, ...noting("web") });
    const bot = await open("bot", { ...SHARED, ...noting("bot") });
    await pay(web, "w1");
    bot.pass(12 * HOUR + 1);
    expect(await check(bot)).toMatchObject({ result: { allow: true } });
    expect(released).toEqual([]);
    expect(await pay(bot, "b1")).toMatchObject({ result: { state: 1 } });
    expect(released).toEqual(["bot w1"]);
    expect(await web.call("CheckTransaction", { id: "w1" })).toMatchObject({ result: { state: -1, reason: 4 } });
  });

  it("turned on later, and off again: what is live moves with the first call", async () => {
    const open = await newEndpoints();
    const before = await open("web");
    await pay(before, "w1");
    await pay(before, "w2", 2);
    await before.call("PerformTransaction", { id: "w2" });
    const bot = await open("bot", SHARED);
    expect(await check(bot)).toMatchObject({ result: { allow: true } });
    const web = await open("web", SHARED);
    expect(await check(web, 3)).toMatchObject({ result: { allow: true } });
    expect(await check(bot)).toEqual(BUSY);
    expect(await pay(bot, "b2", 2)).toEqual(BUSY);
    const after = await open("web");
    expect(await after.merchant.isBeingPaid(1)).toBe(true);
    expect(await pay(after, "w3")).toEqual(BUSY);
    expect(await check(bot)).toMatchObject({ result: { allow: true } });
  });

  it("turned on over an order that both hold: nothing new until one has ended, and what is open goes on", async () => {
    const open = await newEndpoints();
    for (const cashbox of ["web", "bot"]) await pay(await open(cashbox), `${cashbox}-1`);
    const web = await open("web", SHARED);
    expect(await check(web)).toEqual(BUSY);
    const bot = await open("bot", SHARED);
    for (const order_id of [1, 2]) {
      expect(await check(bot, order_id)).toEqual(refusal(-32400));
      expect(await pay(bot, "b2", order_id)).toEqual(refusal(-32400));
    }
    const logged = bot.lines.filter((line) => line.includes("refund a paid one in the cabinet"));
    expect(logged).toHaveLength(4);
    expect(logged[0]).toMatch(/PaymeConfigError: .* cannot move to shop: .* holds 1 \(bot-1\)/);
    await expect(bot.merchant.isBeingPaid(2)).rejects.toThrow("cannot move to shop");
    expect(await bot.call("CancelTransaction", { id: "bot-1", reason: 3 })).toMatchObject({ result: { state: -1 } });
    expect(await check(bot, 2), "within the minute").toEqual(refusal(-32400));
    bot.pass(60_000);
    expect(await check(bot, 2)).toMatchObject({ result: { allow: true } });
    expect(await check(bot)).toEqual(BUSY);
  });
}

describe.each(kinds)("two cashboxes, one orders table, on %s", (_kind, newEndpoints) => rules(newEndpoints));
describeOnPostgres("two cashboxes, one orders table, on PostgreSQL", () => rules(onPostgres));

describe("the move to another space", () => {
  it("is looked for once in a process, and no more once the books say that it was made", async () => {
    const books = memoryBooks();
    const calls: string[] = [];
    const watched: Storage<Parameters<Parameters<typeof books.storage.transaction>[0]>[0]> = {
      ...books.storage,
      listEvents: (...args) => {
        calls.push("listEvents");
        return books.storage.listEvents(...args);
      },
      using: (tx) => {
        const verbs = books.storage.using(tx);
        return {
          ...verbs,
          moveOrders: (...args) => {
            calls.push("moveOrders");
            return verbs.moveOrders(...args);
          },
        };
      },
    };
    const open = endpointsOn({ ...books, storage: watched });
    for (const expected of [["listEvents", "moveOrders"], ["listEvents"]]) {
      const shop = await open("web", SHARED);
      calls.length = 0;
      for (const id of ["a", "b"]) {
        await check(shop);
        await pay(shop, id);
      }
      expect(calls).toEqual(expected);
    }
  });

  it("is tried again where the storage was away", async () => {
    const books = memoryBooks();
    const open = endpointsOn({
      ...books,
      storage: {
        ...books.storage,
        listEvents: async (...args) => {
          if (isAway) throw new Error("the database is away");
          return books.storage.listEvents(...args);
        },
      },
    });
    let isAway = true;
    const shop = await open("web", SHARED);
    expect(await check(shop)).toEqual(refusal(-32400));
    isAway = false;
    expect(await check(shop)).toMatchObject({ result: { allow: true } });
  });

  it("needs a name", async () => {
    await expect(endpointsOn(memoryBooks())("web", { sharedOrders: "" })).rejects.toThrow("sharedOrders is empty");
  });
});
