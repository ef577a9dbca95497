import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

it("each public value has a place in the docs", () => {
  const values = [...read("test/entry/surface.txt").matchAll(/^ {2}(?:class|value) (\w+)$/gm)].map(
    ([, name = ""]) => name,
  );
  const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  const words = new Set(pages.flatMap((page) => read(join("docs", page)).match(/\w+/g) ?? []));
  expect(values.length).toBeGreaterThan(100);
  expect(values.filter((name) => !words.has(name))).toEqual([]);
});
