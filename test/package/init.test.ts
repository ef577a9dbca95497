import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { EXAMPLES } from "../../src/tools/init/examples";
import { findPostgres } from "../postgres/binaries";
import { startCluster } from "../postgres/cluster";
import { root } from "./projects";

const TIMEOUT_MS = 900_000;
const hasPostgres = findPostgres() !== undefined || process.env.REQUIRE_POSTGRES === "1";
const isOnPostgres = ({ set }: { set?: string }) => set === "DATABASE_URL";

/** Puts examples into empty projects, and tells of each whether it was paid, tested and certified. */
function walk(names: readonly string[], env: NodeJS.ProcessEnv = {}): Record<string, string[]> {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, "scripts/newcomer.mjs"), "--init", ...names],
    { cwd: root, encoding: "utf8", env: { ...process.env, ...env } },
  );
  expect(status, stdout + stderr).toBe(0);
  process.stdout.write(stdout.slice(stdout.indexOf("| example")));
  const rows = stdout
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  return Object.fromEntries(rows.slice(2).map(([name = "", ...cells]) => [name, cells.slice(3)]));
}

const ALL = ["yes", "passes", "passes"];

it(
  "each example on SQLite is paid, tested and certified from an empty folder by `payme-kit init`, and a second init is idle",
  () => {
    const names = EXAMPLES.filter((example) => !isOnPostgres(example)).map(({ name }) => name);
    // A subscription has no endpoint: its test charges a card on the mock.
    const wanted = names.map((name) => [name, name === "telegram-subscription" ? ["–", "passes", "–"] : ALL]);
    expect(walk(names)).toEqual(Object.fromEntries(wanted));
  },
  TIMEOUT_MS,
);

it.skipIf(!hasPostgres)(
  "and so is each example on PostgreSQL, where its framework builds and starts it",
  async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    expect(walk(["nest-prisma", "next"], { NEWCOMER_POSTGRES: cluster.url })).toEqual({
      "nest-prisma": ALL,
      next: ALL,
    });
    expect(EXAMPLES.filter(isOnPostgres)).toHaveLength(2);
  },
  TIMEOUT_MS,
);
