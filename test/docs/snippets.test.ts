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

/** The public names, each with an entry that has it, and those of the shop that examples take for granted. */
function namesOfExamples(): ReadonlyMap<string, string> {
  const blocks = readFileSync(join(root, "test/entry/surface.txt"), "utf8")
    .split(/^(?=payme-kit)/m)
    .slice(1);
  const importable = blocks.flatMap((block) => {
    const specifier = block.slice(0, block.indexOf(":"));
    const names = [...block.matchAll(/^ {2}(?:class|value) (\S+)$/gm)];
    return names.map(([, name = ""]) => [name, `import { ${name} } from "${specifier}";`] as const);
  });
  const context = readFileSync(join(root, "test/docs/example-context.ts"), "utf8");
  const given = [...context.matchAll(/^export (?:declare )?(const|function|class|interface|\{) ([^:;(<} ]+.*)$/gm)];
  const granted = given.flatMap(([, kind, text = ""]) => {
    const names = kind === "{" ? (/^[^}]+/.exec(text)?.[0] ?? "").split(",") : [/^\w+/.exec(text)?.[0] ?? ""];
    const type = kind === "interface" ? "type " : "";
    return names
      .map((name) => name.replace("default as", "").trim())
      .map((name) => [name, `import ${type}{ ${name} } from "../../example-context";`] as const);
  });
  return new Map([...importable.reverse(), ...granted]);
}

/** The examples of a file's doc comments, each in a function of a module that imports what it uses. */
function examplesOf(page: string, names: ReadonlyMap<string, string>): Snippet[] {
  const source = readFileSync(join(root, page), "utf8");
  return [...source.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) => {
    const line = source.slice(0, index).split("\n").length;
    const text = comment.replace(/\s*\*\/$/, "").replace(/^\s*(?:\/\*\*|\*) ?/gm, "");
    const examples = text.split(/^\s*@(?=\w)/m).filter((part) => part.startsWith("example"));
    return examples.map((part, at) => {
      const lines = part
        .slice("example".length)
        .replace(/^\s*export /gm, "")
        .split("\n");
      const imports = lines.filter((each) => each.startsWith("import "));
      const body = lines.filter((each) => !each.startsWith("import ")).join("\n");
      const used = [...names].filter(
        ([name]) => new RegExp(`(?<!\\w|(?<!\\.)\\.)${name}(?!\\w)`).test(body) && !imports.join().includes(name),
      );
      const all = [...imports, ...used.map(([, statement]) => statement)].join("\n");
      return { page, line: line + at / 100, code: `${all}\nexport async function example() {\n${body}\n}` };
    });
  });
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

  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const names = namesOfExamples();
  const examples = sources.flatMap((name) => examplesOf(`src/${name.replaceAll("\\", "/")}`, names));

  it("compiles, and so does every example of a doc comment", () => {
    expect(examples.length).toBeGreaterThan(60);
    mkdirSync(workshop, { recursive: true });
    const directory = mkdtempSync(join(workshop, "run-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const files = [...snippets, ...examples].map(({ page, line, code }) => {
      const name = `${`${page}-line-${line}`.replace(/\W+/g, "-")}.ts`;
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
    expect(new Set(files).size).toBe(snippets.length + examples.length);
    expect(stdout).toBe("");
  }, 300_000);
});
