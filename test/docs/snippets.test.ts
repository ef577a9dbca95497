import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const root = resolve(import.meta.dirname, "../..");
/** Inside the project, so that imports resolve as they do for a user; git ignores it. Each run has a folder of its own in it. */
const workshop = join(root, "test/docs/.snippets");

interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ index, 1: code = "" }) => ({
    page,
    line: text.slice(0, index).split("\n").length,
    code,
  }));
}

const pages = [
  "README.md",
  "examples/express-wedy/README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

describe("every snippet of the docs", () => {
  const snippets = pages.flatMap(snippetsOf);

  it("is found", () => {
    expect(snippets.length).toBeGreaterThan(8);
  });

  it("awaits inside a function, or stands on a page that says how to use it in CommonJS", () => {
    const awaiting = snippets.filter(({ code }) => /^(?:[^\s/*].*)?\bawait\b/m.test(code)).map(({ page }) => page);
    expect(awaiting.length).toBeGreaterThan(3);
    expect(awaiting).not.toContain("README.md");
    const silent = awaiting.filter((page) => !/ES module[\s\S]*CommonJS/.test(readFileSync(join(root, page), "utf8")));
    expect(silent).toEqual([]);
  });

  it("compiles", () => {
    mkdirSync(workshop, { recursive: true });
    const directory = mkdtempSync(join(workshop, "run-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const files = snippets.map(({ page, line, code }) => {
      const name = `${page.replace(/\W+/g, "-")}-line-${line}.ts`;
      // Each is a module of its own, whether it imports anything or not.
      writeFileSync(join(directory, name), `${code}\nexport {};\n`);
      return name;
    });
    const tsconfig = {
      extends: "../../../../tsconfig.json",
      include: ["*.ts"],
      compilerOptions: { noUnusedLocals: false },
    };
    writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(tsconfig));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", directory], { cwd: root, encoding: "utf8" });
    expect(files.length).toBe(snippets.length);
    expect(stdout).toBe("");
  }, 120_000);
});
