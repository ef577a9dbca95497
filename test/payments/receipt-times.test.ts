import { expect, it, onTestFinished } from "vitest";
import { createPayments } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { card } from "./shop";

const NOW = Date.UTC(2026, 0, 15, 10, 30);
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Each `pay_time` that the client lets through, and the time of payment that is stored. */
const times: [string, number][] = [
  ["1", 1],
  [String(LAST), LAST],
  [String(LAST + 1), NOW],
  ["9007199254740993", NOW],
  ["1e300", NOW],
  ["1705034222015.5", NOW],
  ["-1", NOW],
  ["0", NOW],
];

async function settles(storage: Storage<unknown>, payTime: string, paidAt: number): Promise<void> {
  const mock = createMockPayme({ now: () => NOW, seed: 1 });
  const payments = createPayments({
    storage,
    client: createPaymeClient({
      merchantId: mock.merchantId,
      key: mock.key,
      mode: "test",
      fetch: async (input, init) => {
        const answer = await mock.fetch(new Request(input, init));
        return new Response((await answer.text()).replaceAll(/"pay_time":\d+/g, `"pay_time":${payTime}`));
      },
    }),
    now: () => NOW,
    onPaid: () => true,
  });
  const { id, transactionId } = await payments.create({ amount: som(50_000) });
  await mock.pay(transactionId ?? "", { card });
  expect(await payments.check(id)).toMatchObject({ status: "PAID", paidAt });
  expect(await payments.find(id)).toMatchObject({ status: "PAID", paidAt });
}

it.each(times)("pay_time %s settles the payment, in memory and on SQLite", async (payTime, paidAt) => {
  await settles(memoryStorage(), payTime, paidAt);
  const storage = sqliteStorage({ file: ":memory:" });
  onTestFinished(() => storage.close());
  await storage.migrate();
  await settles(storage, payTime, paidAt);
});

describeOnPostgres("on PostgreSQL", () => {
  it.each(times)("pay_time %s settles the payment", async (payTime, paidAt) => {
    const pool = openPool(await newDatabase());
    onTestFinished(() => pool.end());
    const storage = postgresStorage(pool);
    await storage.migrate();
    await settles(storage, payTime, paidAt);
  });
});
