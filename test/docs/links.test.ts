import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
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

function proseOf(page: string): string {
  return readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
}

function linksOf(page: string): Link[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^https?:/.test(target)).map((target) => ({ page, target }));
}

/** The page or file that a link leads to, from the root. */
function pathOf({ page, target }: Link): string {
  const [path = ""] = target.split("#");
  return path === "" ? page : relative(root, resolve(root, dirname(page), path));
}

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/ /g, "-"),
  );
}

function isDead(link: Link): boolean {
  const path = pathOf(link);
  const [, anchor] = link.target.split("#");
  if (!existsSync(join(root, path))) return true;
  return anchor !== undefined && !anchorsOf(path).includes(anchor);
}

describe("the docs", () => {
  it("begin with an index, which the README links and which links each of them", () => {
    expect(linksOf("README.md").map(pathOf)).toContain(INDEX);
    const linked = linksOf(INDEX).map(pathOf);
    expect(docs.filter((page) => page !== INDEX && !linked.includes(page))).toEqual([]);
  });

  it("begin with a README of at most 130 lines, whose first code stands before line 15", () => {
    const lines = readFileSync(join(root, "README.md"), "utf8").split("\n");
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
