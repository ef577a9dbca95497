/**
 * Builds what `npm start` runs, where a source is newer than the last build. Declarations are left out: they take most of
 * the time, and nothing that runs reads them. `npm run build` makes everything.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const changedAt = (path) => statSync(`${root}${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// Folders count too: a file that was removed changes its folder only.
const sources = ["src", ...readdirSync(`${root}src`, { recursive: true }).map((path) => `src/${path}`)];
const newest = Math.max(...[...sources, "tsup.config.ts", "scripts/entries.mjs"].map(changedAt));

if (newest > changedAt("dist/index.js")) {
  process.stdout.write("Building payme-kit: a few seconds, after a change of src only.\n");
  const tsup = `${root}node_modules/tsup/dist/cli-default.js`;
  execFileSync(process.execPath, [tsup, "--no-dts", "--silent"], { cwd: root, stdio: "inherit" });
}
