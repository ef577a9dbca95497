import { describe, expect, it, onTestFinished } from "vitest";
import { createPaymeClient, createPayments, som } from "../../src/entry";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { Logger } from "../../src/kit/logger";
import { createMockPayme } from "../../src/tools/mock-server/mock-payme";
import { verifiedToken } from "../mock/kit";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "../storage/kits";

const ROUNDS = 5;
const quiet: Logger = { info() {}, warn() {}, error() {} };

/** Two instances of a shop on one database, and a Payme that takes a moment to answer. */
async function openTwo<Tx>(storages: readonly [SqlStorage<Tx>, SqlStorage<Tx>]) {
  await storages[0].migrate();
  const mock = createMockPayme({ seed: 1 });
  let given = 0;
  const give = () => {
    given += 1;
    return true;
  };
  const client = createPaymeClient({
    merchantId: mock.merchantId,
    key: mock.key,
    mode: "test",
    logger: quiet,
    retries: 0,
    async fetch(...request: Parameters<typeof mock.fetch>) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return mock.fetch(...request);
    },
  });
  const [first, second] = storages.map((storage) => createPayments({ storage, client, logger: quiet, onPaid: give }));
  if (first === undefined || second === undefined) throw new Error("two instances");
  return {
    first,
    second,
    given: () => given,
    moved: () => mock.movements.map(({ kind }) => kind),
    confirmed: () => mock.exchanges.filter(({ method }) => method === "receipts.confirm_hold").length,
    token: await verifiedToken(mock),
  };
}

async function proveTwoAtOnce<Tx>(storages: readonly [SqlStorage<Tx>, SqlStorage<Tx>]): Promise<void> {
  const { first, second, given, moved, confirmed, token } = await openTwo(storages);
  const charge = (n: number) => ({ reference: `room:${n}`, amount: som(1_000), token, hold: true });
  let captured = 0;
  for (let n = 0; n < ROUNDS; n += 1) {
    const holds = await Promise.all([first.charge(charge(n)), second.charge(charge(n))]);
    expect(holds.map(({ status }) => status)).toEqual(["held", "held"]);
    const id = holds[0]?.payment.id ?? "";
    const both = await Promise.all([first.capture(id), second.capture(id)]);
    expect(both.map(({ status }) => status)).toEqual(["paid", "paid"]);
    captured += 1;
    expect([given(), confirmed()]).toEqual([captured, captured]);
  }
  for (let n = ROUNDS; n < 2 * ROUNDS; n += 1) {
    const { payment } = await first.charge(charge(n));
    await Promise.allSettled([first.capture(payment.id), second.release(payment.id)]);
    const end = (await first.check(payment.id)).status;
    expect(["PAID", "CANCELLED"]).toContain(end);
    if (end === "PAID") captured += 1;
    expect(moved().slice(-2)).toEqual(["hold", end === "PAID" ? "capture" : "release"]);
  }
  expect(given()).toBe(captured);
  expect(moved().filter((kind) => kind === "hold")).toHaveLength(2 * ROUNDS);
}

describe("two instances hold, capture and release at once", () => {
  it("on SQLite: each hold is made once, taken once or let go once", async () => {
    const { file, remove } = temporaryFolder();
    const storages = [sqliteStorage({ file }), sqliteStorage({ file })] as const;
    onTestFinished(async () => {
      for (const storage of storages) await storage.close();
      remove();
    });
    await proveTwoAtOnce(storages);
  });
});

describeOnPostgres("two instances hold, capture and release at once", () => {
  it("on PostgreSQL: each hold is made once, taken once or let go once", async () => {
    const url = await newDatabase();
    const pools = [openPool(url), openPool(url)] as const;
    onTestFinished(async () => {
      for (const pool of pools) await pool.end();
    });
    await proveTwoAtOnce([postgresStorage(pools[0]), postgresStorage(pools[1])]);
  });
});
