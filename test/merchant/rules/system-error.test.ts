import { describe, expect, it } from "vitest";
import { createMerchantApi } from "../../../src/entry/merchant";
import { som, type Tiyin } from "../../../src/kit/money";
import type { Storage } from "../../../src/ledger";
import { memoryStorage } from "../../../src/storage/memory/memory-storage";
import { refusal } from "../../merchant/refusal";
import { createShop } from "../../merchant/shop";
import { onEachStorage } from "./on-each-storage";

const calls: [string, object][] = [
  ["CheckPerformTransaction", { amount: 5_000_000, account: { order_id: 1 } }],
  ["CreateTransaction", { id: "a", time: Date.UTC(2026, 0, 15, 10), amount: 5_000_000, account: { order_id: 1 } }],
  ["PerformTransaction", { id: "a" }],
  ["CancelTransaction", { id: "a", reason: 5 }],
  ["CheckTransaction", { id: "a" }],
  ["GetStatement", { from: 0, to: 1 }],
  ["SetFiscalData", { id: "a", type: "PERFORM", fiscal_data: {} }],
];

describe("a database that is away", () => {
  it.each(calls)(
    "is -32400 to %s, with nothing of the inside on the wire and all of it in the log",
    async (method, params) => {
      const storage: Storage<unknown> = new Proxy(memoryStorage(), {
        get: () => () => {
          throw new Error("connect ECONNREFUSED 10.0.0.5:5432 password=hunter2");
        },
      });
      const lines: string[] = [];
      const log = (message: string, fields?: object) => lines.push(JSON.stringify({ message, ...fields }));
      const shop = createShop();
      const merchant = createMerchantApi({
        storage,
        key: "key",
        account: { order_id: "integer" },
        find: ({ order_id }) => ({ reference: order_id, amount: som(50_000) }),
        logger: { info: log, warn: log, error: log },
        now: shop.now,
      });
      const headers = { authorization: `Basic ${Buffer.from("Paycom:key").toString("base64")}` };
      const body = JSON.stringify({ method, params, id: 7 });
      const reply = await merchant.handle({ method: "POST", headers, body });
      expect(JSON.parse(String(reply.body))).toEqual(refusal(-32400));
      expect(String(reply.body)).not.toMatch(/ECONN|hunter2|10\.0\.0\.5/);
      expect(lines.join()).toContain("ECONNREFUSED");
    },
  );
});

onEachStorage("a shop that fails while it is asked", (open) => {
  it.each([
    ["throws", () => Promise.reject(new Error("secret"))],
    ["gives nothing", () => undefined],
    ["gives an amount as text, as pg does", () => ({ reference: 1, amount: textAmount() })],
    ["gives a broken amount", () => ({ reference: 1, amount: brokenAmount() })],
    ["loses the amount", () => ({ reference: 1 })],
    ["gives a least amount as text", () => ({ reference: 1, min: textAmount() })],
    ["gives a largest amount as text", () => ({ reference: 1, min: som(1), max: textAmount() })],
    ["gives no reference", () => ({ amount: som(50_000) })],
    ["gives an empty reference", () => ({ reference: "", amount: som(50_000) })],
    ["gives NaN for a reference", () => ({ reference: Number.NaN, amount: som(50_000) })],
    ["gives a fraction for a reference", () => ({ reference: 1.5, amount: som(50_000) })],
    ["gives a number that is not safe for a reference", () => ({ reference: 2 ** 53, amount: som(50_000) })],
    ["gives a whole row for a reference", () => ({ reference: { id: 1 }, amount: som(50_000) })],
  ])("%s: -32400, never -31008 or a wrong amount", async (_name, find) => {
    const shop = await open();
    const broken = await open({ find: Object(find) });
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      const text = await broken.send(method, broken.create("a"));
      expect(JSON.parse(text)).toEqual(refusal(-32400));
      expect(text).not.toContain("secret");
      expect(await shop.call(method, shop.create("a"))).toHaveProperty("result");
    }
    expect(broken.lines.join()).toMatch(/secret|find gave|cannot be a reference/);
  });

  it("gives neither an order nor a balance: the log says what is missing", async () => {
    const shop = await open({ find: Object(() => ({ reference: 1 })) });
    expect(await shop.call("CreateTransaction", shop.create("a"))).toMatchObject({ error: { code: -32400 } });
    expect(shop.lines.join()).toContain("neither an amount (an order) nor a min (a balance)");
  });

  it("gives what is no JSON: -32400, and handle does not throw", async () => {
    const shop = await open({
      find: ({ order_id }) => ({ reference: order_id, amount: som(50_000), additional: { points: 5n } }),
    });
    expect(await shop.twice("CheckPerformTransaction", shop.create("a"))).toEqual(refusal(-32400));
    expect(shop.lines.join()).toContain("BigInt");
  });
});

/** What a shop without types may give. */
function textAmount(): Tiyin {
  return JSON.parse('"5000000"');
}

function brokenAmount(): Tiyin {
  return JSON.parse("5000000.5");
}
