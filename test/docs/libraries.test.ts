import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** What a package.json asks for, of whatever kind. */
function wanted(path: string): string[] {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(read(path));
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
}

const examples = readdirSync(join(root, "examples")).map((name) => `examples/${name}/package.json`);

it.each(["package.json", "site/package.json", ...examples])(
  "each library of %s is in the docs, with its use",
  (path) => {
    const named = new Set(read("docs/libraries.md").match(/@?[\w-]+(?:\/[\w-]+)?/g));
    const missing = wanted(path).filter((name) => name !== "payme-kit" && !named.has(name));
    expect(wanted(path).length).toBeGreaterThan(3);
    expect(missing).toEqual([]);
  },
);
