import { execFile } from "node:child_process";
import { chownSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import type { PostgresHandle } from "../../src/entry/postgres";
import { postgresBooks } from "../merchant/shop-books";
import { findPostgres, postgresUser } from "../postgres/binaries";
import { startCluster, withClient } from "../postgres/cluster";
import { describeOnPostgres, openPool } from "../postgres/database";
import { type BackedUp, openSite } from "./lost-day";

const run = promisify(execFile);
const PERIOD = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** A server that archives its log, a base backup of it, and what is restored from both up to a moment. */
async function archived() {
  const user = postgresUser();
  const folder = mkdtempSync(join(tmpdir(), "payme-archive-"));
  const archive = join(folder, "wal");
  const base = join(folder, "base");
  await run("mkdir", [archive]);
  for (const each of [folder, archive]) if (user !== undefined) chownSync(each, user.uid, user.gid);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const archiving = [
    "wal_level=replica",
    "archive_mode=on",
    `archive_command=test ! -f "${archive}/%f" && cp "%p" "${archive}/%f"`,
  ];
  let cluster = await startCluster({ settings: archiving });
  let until = "";
  const ask = async (sql: string) => {
    const { rows } = await withClient(cluster.url, (client) => client.query(sql));
    return String(Object.values(Object(rows[0]))[0]);
  };

  const database: BackedUp<PostgresHandle> = {
    open() {
      const pool = openPool(cluster.url);
      // The server is killed under it.
      pool.on("error", () => {});
      return { books: postgresBooks(pool, "shop"), close: () => pool.end() };
    },
    async backUp() {
      const options = ["--checkpoint=fast", "-D", base, "-d", cluster.url];
      await run(join(findPostgres() ?? "", "pg_basebackup"), options, { ...user, cwd: folder });
    },
    async restore() {
      const restored = await startCluster({
        settings: [
          `restore_command=cp "${archive}/%f" "%p"`,
          `recovery_target_time=${until}`,
          "recovery_target_action=promote",
        ],
        async restore(data) {
          cpSync(base, data, { recursive: true, preserveTimestamps: true });
          await run("touch", [join(data, "recovery.signal")]);
          if (user !== undefined) await run("chown", ["-R", `${user.uid}:${user.gid}`, data]);
        },
      });
      await cluster.stop();
      cluster = restored;
      // It answers reads while it still replays the log.
      for (let n = 0; n < 500 && (await ask("SELECT pg_is_in_recovery()")) === "true"; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
  onTestFinished(() => cluster.stop());
  return {
    database,
    ask,
    /** The moment to come back to. What is committed later is not wanted. */
    async mark() {
      until = await ask("SELECT clock_timestamp()::text");
    },
    /** The log up to now is in the archive. */
    async archiveAll() {
      const last = await ask("SELECT pg_walfile_name(pg_switch_wal())");
      for (let n = 0; n < 500 && (await ask("SELECT last_archived_wal FROM pg_stat_archiver")) < last; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    drop: () => ask("DROP SCHEMA shop CASCADE"),
  };
}

describeOnPostgres("PostgreSQL with an archive of its log", () => {
  it("comes back to the moment before the accident with every payment; the comparison names what came after it", async () => {
    const { database, mark, archiveAll, drop } = await archived();
    const site = await openSite(database);
    await site.sell(1);
    await site.backUp();
    // After the base backup: this is only in the log.
    const kept = [await site.sell(2), await site.sell(3)];
    const receipt = await site.settle(await site.wish(11));
    await mark();
    const after = await site.sell(4);
    await drop();
    await archiveAll();
    await site.loseAndRestore();

    const { differences } = await site.shop.merchant.compareStatement(site.exported(), PERIOD);
    expect(differences).toMatchObject([{ id: after, kind: "missing_here", ours: null, isPaid: true }]);
    expect((await site.payments.dailyClose("2026-01-14")).differences).toEqual([]);
    expect(await site.payments.find(receipt)).toMatchObject({ status: "PAID" });
    for (const id of kept) {
      expect(await site.shop.call("CheckTransaction", { id })).toMatchObject({ result: { state: 2 } });
    }
    for (const order of [1, 2, 3, 11]) expect(await site.order(order)).toMatchObject({ fulfilled: 1 });
    expect(await site.order(4)).toMatchObject({ fulfilled: 0 });
    // It is a server like any other: it sells on.
    await site.sell(5);
    expect(await site.order(5)).toMatchObject({ fulfilled: 1 });
    await site.close();
  }, 90_000);
});
