/**
 * Builds the site of the docs into `site/dist`: the pages, a reference of every public name, and search.
 *
 *   npm run docs            builds it; what it needs is installed once, in `site`
 *   npm run docs:serve      shows it on this machine
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./docs-index.mjs";

const site = join(root, "site");
const say = (line) => process.stdout.write(`${line}\n`);

/** Installs what the site is built with, where the lock file has changed since. */
function install() {
  const installed = join(site, "node_modules/.installed");
  const hash = createHash("sha256")
    .update(readFileSync(join(site, "package-lock.json")))
    .digest("hex");
  if (existsSync(installed) && readFileSync(installed, "utf8") === hash) return;
  say("Installing what the site is built with: half a minute, once.");
  const args = ["ci", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  execFileSync("npm", args, { cwd: site, stdio: "inherit", shell: process.platform === "win32" });
  writeFileSync(installed, hash);
}

if (!existsSync(join(root, "node_modules/zod")))
  throw new Error("run `npm ci` first: the reference reads the types of what src imports");
install();
say("Building the site: about a minute.");
const { status } = spawnSync(process.execPath, [join(site, "build.mjs")], { stdio: "inherit" });
process.exitCode = status ?? 1;
if (status === 0) say("The site is in site/dist. Look at it with: npm run docs:serve");
