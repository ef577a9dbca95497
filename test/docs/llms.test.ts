import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pathOf, root, targetsIn, textOf } from "./page";

const PAGE = "docs/llms.txt";
const linked = targetsIn(textOf(PAGE)).map((target) => pathOf(PAGE, target));

describe("docs/llms.txt", () => {
  it("is what `node scripts/llms.mjs --write` makes of docs/README.md", () => {
    expect(textOf(PAGE)).toBe(execFileSync(process.execPath, [join(root, "scripts/llms.mjs")], { encoding: "utf8" }));
  });

  it("names each page of docs, and no page that is not there", () => {
    const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md") && name !== "README.md");
    expect(pages.map((name) => `docs/${name}`).filter((page) => !linked.includes(page))).toEqual([]);
    expect(linked.filter((page) => !existsSync(join(root, page)))).toEqual([]);
  });

  it("begins as llmstxt.org asks: a title, and what it is in a quote", () => {
    expect(textOf(PAGE)).toMatch(/^# payme-kit\n\n> .+\n\n/);
  });
});
