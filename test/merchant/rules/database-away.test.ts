import { expect, it, onTestFinished } from "vitest";
import { postgresStorage } from "../../../src/entry/postgres";
import { openShop } from "../../merchant/shop";
import { postgresBooks } from "../../merchant/shop-books";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../../postgres/database";
import { stallingProxy } from "../../postgres/stalling-proxy";

const LIMITS = { transactionTimeoutMs: 300, acquireTimeoutMs: 300 };
const CALLS: readonly (readonly [method: string, params: object])[] = [
  ["CheckPerformTransaction", { amount: 5_000_000, account: { order_id: 2 } }],
  ["CreateTransaction", { id: "b", time: 1, amount: 5_000_000, account: { order_id: 2 } }],
  ["PerformTransaction", { id: "a" }],
  ["CancelTransaction", { id: "a", reason: 3 }],
  ["CheckTransaction", { id: "a" }],
  ["GetStatement", { from: 0, to: Number.MAX_SAFE_INTEGER }],
];

/** A shop in which transaction `a` holds order 1, on a line to PostgreSQL that can fail. */
async function openOverProxy() {
  const proxy = await stallingProxy(await databaseUrl());
  const pool = openPool(proxy.url, { max: 2 });
  onTestFinished(async () => {
    proxy.close();
    await pool.end();
  });
  const schema = newSchema();
  const shop = openShop(postgresBooks(pool, schema, postgresStorage(pool, { ...LIMITS, schema })));
  await shop.ready;
  await shop.call("CreateTransaction", shop.create("a"));
  return { shop, pool, proxy };
}

const AWAY = { error: { code: -32400 } };

describeOnPostgres("while the database is away, a call is answered with -32400", () => {
  it("where the network swallows everything, in bounded time, and served again without a restart", async () => {
    const { shop, proxy } = await openOverProxy();
    proxy.stall();
    for (const [method, params] of CALLS.slice(0, 3))
      expect(await shop.call(method, params), method).toMatchObject(AWAY);
    proxy.heal();
    expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
  });

  it.each(CALLS)(
    "%s, where no connection of the pool is free; and served again when one is",
    async (method, params) => {
      const { shop, pool } = await openOverProxy();
      const taken = await Promise.all([pool.connect(), pool.connect()]);
      const answer = await shop.call(method, params);
      for (const client of taken) client.release();
      expect(answer).toMatchObject(AWAY);
      expect(await shop.call("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    },
  );

  it("where connections are cut while calls are under way; what was answered is kept", async () => {
    const { shop, proxy } = await openOverProxy();
    // None of them refuses what another does: Perform and Cancel of one transaction would, and so
    // would Create and Check of one order.
    const together: readonly (readonly [method: string, params: object])[] = [
      ["CheckPerformTransaction", { amount: 5_000_000, account: { order_id: 3 } }],
      ["CreateTransaction", { ...shop.create("b"), account: { order_id: 2 } }],
      ["PerformTransaction", { id: "a" }],
      ["CheckTransaction", { id: "a" }],
    ];
    const calls = together.map(([method, params]) => shop.call(method, params));
    proxy.cut();
    for (const answer of await Promise.all(calls)) expect([undefined, -32400]).toContain(answer.error?.code);
    expect(await shop.call("CheckTransaction", { id: "a" })).toHaveProperty("result");
  });
});
