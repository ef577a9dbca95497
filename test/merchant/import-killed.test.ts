import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../storage/kits";
import { openShop } from "./shop";
import { sqliteBooks } from "./shop-books";

const ROWS = 1_500;
const scope = { cashbox: "default", mode: "live" } as const;

/** Starts an import in a process of its own. */
function startImport(file: string) {
  const script = fileURLToPath(new URL("import-worker.ts", import.meta.url));
  const worker = fork(script, [file, String(ROWS)], { execArgv: ["--import", "tsx"] });
  onTestFinished(() => void worker.kill("SIGKILL"));
  return worker;
}

describe("an import that is killed with kill -9", () => {
  it("in the middle of its batches has lost nothing and done nothing twice, once it has run again", {
    timeout: 120_000,
  }, async () => {
    const { file, remove } = temporaryFolder();
    onTestFinished(remove);
    const known: number[] = [];
    const books = sqliteBooks(file);
    onTestFinished(() => books.close());
    const countRows = async () =>
      (await books.storage.listTransactions(scope, { from: 0, to: 4e12, limit: 5_000 })).length;
    for (const ms of [5, 20, 60, 120]) {
      const worker = startImport(file);
      await once(worker, "message");
      await wait(ms);
      worker.kill("SIGKILL");
      await once(worker, "exit");
      const count = await countRows();
      expect(count % 20, "a batch is whole or not there").toBe(0);
      known.push(count);
    }
    expect(known.at(-1), "the kills came before the end").toBeLessThan(ROWS);
    expect(known.at(-1), "and some after a batch").toBeGreaterThan(0);
    const last = startImport(file);
    await once(last, "message");
    const [done] = await once(last, "message");
    expect(done).toBe(`done ${ROWS}`);
    expect(await countRows()).toBe(ROWS);
    const shop = openShop(books, {}, 0);
    for (let id = 1; id <= ROWS; id += 1) expect((await shop.order(id))?.fulfilled).toBe(1);
    expect(await shop.twice("PerformTransaction", { id: "t7" })).toMatchObject({ result: { transaction: "ours-t7" } });
  });
});
