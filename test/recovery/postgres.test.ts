import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { PostgresHandle } from "../../src/entry/postgres";
import { postgresBooks } from "../merchant/shop-books";
import { findPostgres } from "../postgres/binaries";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "../storage/kits";
import type { BackedUp } from "./lost-day";
import { lostDayRules, wholeCopyRule } from "./lost-day-rules";

const run = promisify(execFile);
const tool = (name: string) => join(findPostgres() ?? "", name);

/** A database of its own, dumped to a file and restored into another database. */
async function dumped(): Promise<BackedUp<PostgresHandle>> {
  let url = await newDatabase();
  const { file: copy, remove } = temporaryFolder();
  onTestFinished(remove);
  return {
    open() {
      const pool = openPool(url);
      return { books: postgresBooks(pool, "shop"), close: () => pool.end() };
    },
    backUp: async () => void (await run(tool("pg_dump"), ["--format=custom", `--file=${copy}`, url])),
    async restore() {
      url = await newDatabase();
      await run(tool("pg_restore"), ["--exit-on-error", `--dbname=${url}`, copy]);
    },
  };
}

describeOnPostgres("a day lost on PostgreSQL, restored from pg_dump", () => {
  lostDayRules(dumped);
  wholeCopyRule(dumped);
});
