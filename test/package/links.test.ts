import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const work = mkdtempSync(join(tmpdir(), "payme-kit-links-"));
let tarball = "";
let packed = new Set<string>();

beforeAll(() => {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", work];
  const [{ filename }] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: "pipe" }));
  tarball = join(work, filename);
  const listed = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" });
  packed = new Set(listed.split("\n").map((path) => path.replace(/^package\//, "")));
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const textOf = (page: string) => execFileSync("tar", ["-xzOf", tarball, `package/${page}`], { encoding: "utf8" });

/** The files that a page of the tarball links to, from the tarball's root. */
function linkedFrom(page: string): string[] {
  const prose = textOf(page).replace(/^```[\s\S]*?^```$/gm, "");
  const targets = [...prose.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => posix.join(posix.dirname(page), target));
}

/** True for what is not packed on purpose: pictures, which would double the tarball, and the examples. */
function isInRepository(path: string): boolean {
  return (/^docs\/images\/.*\.png$/.test(path) || path.startsWith("examples/")) && existsSync(join(root, path));
}

describe("the links of the packed pages", () => {
  it("of README.md all lead to files of the tarball", () => {
    const linked = linkedFrom("README.md");
    expect(linked.length).toBeGreaterThan(10);
    expect(linked.filter((path) => !packed.has(path))).toEqual([]);
  });

  it("of docs lead to files of the tarball, to its pictures (which stay in the repository), or to the examples", () => {
    const pages = [...packed].filter((path) => path.startsWith("docs/") && path.endsWith(".md"));
    const dead = pages.flatMap(linkedFrom).filter((path) => !packed.has(path) && !isInRepository(path));
    expect(pages.length).toBeGreaterThan(20);
    expect(dead).toEqual([]);
  });

  it("would be found dead where the file is not packed", () => {
    expect(packed.has("README.md")).toBe(true);
    expect(packed.has("src/entry/index.ts")).toBe(false);
  });
});
