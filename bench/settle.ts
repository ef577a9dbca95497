import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { sqliteStorage } from "payme-kit/sqlite";
import { compare, print } from "./compare";
import { type Issued, openBare, recording, replayer, statementCount } from "./recorded";
import { checkByHand, idsOf, openShop, valueFor } from "./settling-shop";

const PAYMENTS = 60_000;

/** Notification to durable activation on SQLite, beside the same statements through bare better-sqlite3. */
export async function benchSettle(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-bench-"));
  try {
    const issued: Issued[] = [];
    const recorder = { on: false };
    const ours = await openShop(
      sqliteStorage({
        file: join(directory, "ours.db"),
        open: (file) => recording(new Database(file), issued, recorder),
      }),
      PAYMENTS,
    );
    const floorShop = await openShop(sqliteStorage({ file: join(directory, "floor.db") }), PAYMENTS);
    recorder.on = true;
    await ours.settle(0);
    recorder.on = false;
    const settlements = { ours: 1, floor: 1 };
    const settle = settlingFloor(join(directory, "floor.db"), issued);
    const ratio = await compare(
      (times) => {
        for (let n = 0; n < times; n += 1) settle(settlements.floor++);
      },
      async (times) => {
        for (let n = 0; n < times; n += 1) await ours.settle(settlements.ours++);
      },
    );
    print(
      `notification to durable activation on SQLite, ${statementCount(issued)} statements + BEGIN and COMMIT`,
      ">= 0.7",
      ratio,
    );
    await ours.close();
    await floorShop.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The floor: HMAC, timingSafeEqual, JSON.parse, and what was recorded for payment 0, with the ids of another one. */
function settlingFloor(file: string, issued: readonly Issued[]): (n: number) => void {
  const replay = replayer(openBare(file), issued, valueFor);
  return (n) => {
    checkByHand(n);
    replay(idsOf(n));
  };
}
