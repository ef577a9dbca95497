import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { memoryShop, type ShopBesideClick, sqliteShop, TABLES } from "./beside-click-shops";

beforeEach(() => {
  // The incidents that are wanted here are log lines, too.
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  return () => error.mockRestore();
});

interface Call {
  readonly method: string;
  readonly params: object;
}

const ORDER = { account: { order_id: 1 }, amount: 5_000_000 };
const create = (id: string): Call => ({ method: "CreateTransaction", params: { id, time: Date.now(), ...ORDER } });
const about = (method: string, id: string, more: object = {}): Call => ({ method, params: { id, ...more } });

const check: Call = { method: "CheckPerformTransaction", params: ORDER };
const perform = about("PerformTransaction", "a");
const giveUp = about("CancelTransaction", "a", { reason: 3 });
const refund = about("CancelTransaction", "a", { reason: 5 });

/** Every way in which Payme's calls go, each call sent twice as Payme does where an answer was lost. */
const roads: Readonly<Record<string, () => Call[]>> = {
  "is paid": () => [check, create("a"), perform].flatMap(twice),
  "is paid and refunded": () => [check, create("a"), perform, refund].flatMap(twice),
  "is given up": () => [check, create("a"), giveUp].flatMap(twice),
};

function twice(call: Call): Call[] {
  return [call, call];
}

/** The answer to a call: the state or the code. */
type Told = number | boolean | undefined;

/** What the calls were answered, with Click's Complete before call number `place`. */
async function walk(shop: ShopBesideClick, calls: readonly Call[], place: number) {
  const told: Told[] = [];
  let isClicks: boolean | undefined;
  for (let at = 0; at <= calls.length; at += 1) {
    if (at === place) isClicks = await shop.click();
    const call = calls[at];
    if (call === undefined) continue;
    const { result, error } = await shop.call(call.method, call.params);
    told.push(error?.code ?? (call === check ? true : Number(result?.state)));
  }
  return { told, isClicks, order: shop.order(), incidents: await shop.incidents() };
}

const CLICKS = { status: "paid", soldBy: "click", shipments: 1 };

/** What must be answered, and what must be left, with Click's Complete before call number `place`. */
function expectedOf(road: string, calls: readonly Call[], place: number) {
  const firstPerform = calls.indexOf(perform);
  const isClicks = firstPerform === -1 || place <= firstPerform;
  const isCreated = place > calls.findIndex(({ method }) => method === "CreateTransaction");
  const told = calls.map((call, at): Told => {
    const isSold = isClicks && at >= place;
    if (call === check) return isSold ? -31051 : true;
    if (!isCreated) return call.method === "CreateTransaction" ? -31051 : -31003;
    if (call === perform) return isSold ? -31008 : 2;
    if (call === refund) return isSold ? -1 : -2;
    return call === giveUp ? -1 : 1;
  });
  const isRefused = isClicks && isCreated && firstPerform !== -1;
  const paymes =
    road === "is paid and refunded"
      ? { status: "refunded", soldBy: "payme", shipments: 0 }
      : { status: "paid", soldBy: "payme", shipments: 1 };
  return { told, isClicks, order: isClicks ? CLICKS : paymes, incidents: isRefused ? ["paid_elsewhere"] : [] };
}

const places = Object.entries(roads).flatMap(([road, calls]) =>
  Array.from({ length: calls().length + 1 }, (_, place) => ({ road, place })),
);

async function opened(opening: Promise<ShopBesideClick>): Promise<ShopBesideClick> {
  const shop = await opening;
  onTestFinished(() => shop.close());
  return shop;
}

describe.each([
  { storage: "SQLite, by the page's code", open: sqliteShop },
  { storage: "memory", open: memoryShop },
])("Click between any two calls of Payme, on $storage", ({ open }) => {
  describe.each([{ marks: false }, { marks: true }])("where the shop marks what is being paid: $marks", ({ marks }) => {
    it.each(places)("an order that $road, Click before call $place: given once, by whoever was first", async (at) => {
      const calls = roads[at.road]?.() ?? [];
      const seen = await walk(await opened(open(marks)), calls, at.place);
      expect(seen).toEqual(expectedOf(at.road, calls, at.place));
    });

    it("repeats of Click's Complete get the answer of the first, before and after Payme's Perform", async () => {
      const clicks = await opened(open(marks));
      expect([await clicks.click(), await clicks.click(), await clicks.click("click-2")]).toEqual([true, true, false]);
      const paymes = await opened(open(marks));
      for (const { method, params } of [create("a"), perform]) await paymes.call(method, params);
      expect([await paymes.click(), await paymes.click()]).toEqual([false, false]);
    });

    it("Perform and Complete at once: one of them sells, and each is told the truth", async () => {
      const winners = new Set<string>();
      // Click comes a little later in each round, and Payme in the middle, so that each of the two is first in some of them.
      for (let turns = 0; turns < 60; turns += 4) {
        const shop = await opened(open(marks));
        const made = create("a");
        await shop.call(made.method, made.params);
        const [answer, isClicks] = await Promise.all([
          afterTurns(30, () => shop.call(perform.method, perform.params)),
          afterTurns(turns, () => shop.click()),
        ]);
        const order = shop.order();
        expect(order).toEqual({ ...CLICKS, soldBy: isClicks ? "click" : "payme" });
        expect(answer.error?.code ?? answer.result?.state).toBe(isClicks ? -31008 : 2);
        expect(await shop.incidents()).toEqual(isClicks ? ["paid_elsewhere"] : []);
        winners.add(String(order.soldBy));
      }
      expect([...winners].sort()).toEqual(["click", "payme"]);
    });
  });
});

it("the same shop without guards is caught: it sells what Click has sold", async () => {
  const shop = await opened(memoryShop(true, { isGuarded: false }));
  const calls = roads["is paid"]?.() ?? [];
  const place = calls.indexOf(perform);
  const seen = await walk(shop, calls, place);
  expect(seen).not.toEqual(expectedOf("is paid", calls, place));
  expect(seen.order).toEqual({ status: "paid", soldBy: "payme", shipments: 2 });
});

/** Runs work after so many turns of the queue of promises. */
async function afterTurns<R>(turns: number, work: () => Promise<R>): Promise<R> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  return work();
}

describe("docs/beside-click-and-uzum.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/beside-click-and-uzum.md"), "utf8");

  it("prints the code and the tables that are tried here", () => {
    expect(page).toContain(readFileSync(join(import.meta.dirname, "beside-click-recipe.ts"), "utf8"));
    expect(page).toContain(TABLES);
  });
});
