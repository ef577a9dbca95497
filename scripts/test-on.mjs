/**
 * Runs the unit tests on another Node, from the registry: `npm run test:on -- 24 [what vitest takes]`. The tree is copied into a temporary
 * folder and installed there: its better-sqlite3 is of a version that loads in that Node.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [version = "", ...tests] = process.argv.slice(2);
if (!/^\d+(\.\d+)*$/.test(version)) throw new Error("name a version of Node: npm run test:on -- 24 test/storage");
const folder = mkdtempSync(join(tmpdir(), "payme-kit-node-"));
const run = (program, args, env = process.env) =>
  spawnSync(program, args, { cwd: folder, env, stdio: "inherit" }).status ?? 1;

try {
  const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  for (const file of execFileSync("git", listed, { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean)) {
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  const platform = process.platform === "win32" ? "win" : process.platform;
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", "--engine-strict=false"];
  const node = `node-tried@npm:node-${platform}-${process.arch}@${version}`;
  const driver = Number.parseInt(version, 10) < 22 ? "12.11.1" : "13.2.0";
  process.exitCode =
    run("npm", ["ci", ...quiet]) ||
    run("npm", ["install", "--no-save", ...quiet, node, `better-sqlite3@${driver}`]) ||
    (driver.startsWith("12") ? run("npm", ["rebuild", "better-sqlite3"]) : 0) ||
    tested(join(folder, "node_modules/node-tried/bin/node"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tested(program) {
  const env = { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` };
  run(program, ["--version"]);
  return run(program, ["node_modules/vitest/vitest.mjs", "run", "--mode", "quick", ...tests], env);
}
