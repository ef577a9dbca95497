import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorOf, headingsOf, pathOf, proseOf, root, targetsIn, textOf } from "./page";
import { LANGUAGES, translationOf } from "./translation";

const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name.replaceAll("\\", "/")}`);
const own = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
const examples = readdirSync(join(root, "examples")).map((name) => ["examples", name, "README.md"].join("/"));
const pages = [...own, ...examples, ...docs];

const INDEX = "docs/README.md";

interface Link {
  readonly page: string;
  /** As written: a path, an anchor, or both. */
  readonly target: string;
}

const linksOf = (page: string): Link[] => targetsIn(proseOf(page)).map((target) => ({ page, target }));

/** The pages and files that a page links, from the root. */
const linkedFrom = (page: string): string[] => linksOf(page).map(({ target }) => pathOf(page, target));

function isDead({ page, target }: Link): boolean {
  const path = pathOf(page, target);
  const [, anchor] = target.split("#");
  if (!existsSync(join(root, path))) return true;
  return anchor !== undefined && !headingsOf(path).map(anchorOf).includes(anchor);
}

describe("the docs", () => {
  it("begin with an index, which the README links and which links each of them", () => {
    expect(linkedFrom("README.md")).toContain(INDEX);
    const indexes = [INDEX, ...LANGUAGES.map((language) => translationOf(INDEX, language))];
    const linked = indexes.flatMap(linkedFrom);
    expect(linkedFrom(INDEX)).toEqual(expect.arrayContaining(indexes.slice(1)));
    expect(docs.filter((page) => page !== INDEX && !linked.includes(page))).toEqual([]);
  });

  it("begin with a README of at most 130 lines, whose first code stands before line 15", () => {
    const lines = textOf("README.md").split("\n");
    expect(lines.length).toBeLessThanOrEqual(131);
    expect(lines.findIndex((line) => line.startsWith("```"))).toBeLessThan(14);
  });

  it("have no dead link among themselves", () => {
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(30);
    expect(pages.flatMap(linksOf).filter(isDead)).toEqual([]);
  });

  it("would show a dead link, and an anchor that is no heading's", () => {
    const dead = ["docs/no-such-page", "docs/flow.md#no-such-heading", "#nowhere"];
    expect(dead.filter((target) => isDead({ page: "README.md", target }))).toEqual(dead);
  });
});
