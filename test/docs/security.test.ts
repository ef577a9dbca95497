import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "SECURITY.md"), "utf8");
const [, threatsPart = ""] = page.split(/^## Threats$/m);
const [threatsText = ""] = threatsPart.split(/^## /m);

interface Threat {
  readonly name: string;
  readonly text: string;
  readonly tests: readonly { readonly path: string; readonly title: string }[];
}

function threatsOf(text: string): Threat[] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => ({
      name: part.split("\n")[0] ?? "",
      text: part,
      tests: [...part.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)].map(([, path = "", title = ""]) => ({ path, title })),
    }));
}

/** The titles of a file's tests, as they are written: with `%s` where a table fills them in. */
function titlesIn(path: string): Set<string> {
  const titles = new Set<string>();
  if (!existsSync(join(root, path))) return titles;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest));
  return titles;
}

/** `it`, `it.each(…)`, `it.skipIf(…)`: not `it.skip`, not `it.todo`. */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === "it";
  if (!ts.isCallExpression(callee) || !ts.isPropertyAccessExpression(callee.expression)) return false;
  const { expression, name } = callee.expression;
  return ts.isIdentifier(expression) && expression.text === "it" && ["each", "skipIf"].includes(name.text);
}

const isDead = ({ path, title }: Threat["tests"][number]) => !titlesIn(path).has(title);

it("SECURITY.md says of each threat what is done, what stops it, and by which test that is seen", () => {
  const threats = threatsOf(threatsText);
  expect(threats.length).toBeGreaterThan(10);
  for (const { name, text, tests } of threats) {
    expect(text, name).toMatch(/^- \*\*Attack:\*\* .{10}/m);
    expect(text, name).toMatch(/^- \*\*Stopped by:\*\* .{10}/m);
    expect(tests.length, name).toBeGreaterThan(1);
    expect(
      text.split("\n").filter((line) => line.startsWith("- ")),
      name,
    ).toHaveLength(tests.length + 2);
  }
});

it("each test that SECURITY.md names is there, in its file and with its title", () => {
  expect(threatsOf(threatsText).flatMap(({ tests }) => tests.filter(isDead))).toEqual([]);
});

it("a title of no test, of a skipped test, and a file that is not there would be found", () => {
  const gone = ["test", "docs", "gone.test.ts"].join("/");
  const named = [
    { path: "test/docs/security.test.ts", title: "a title that no test has" },
    { path: "test/docs/security.test.ts", title: "gone.test.ts" },
    { path: gone, title: "anything" },
  ];
  expect(named.filter(isDead)).toEqual(named);
  expect(
    isDead({
      path: "test/wedy/process.test.ts",
      title: "a port in use ends the start, and the message names its variable",
    }),
  ).toBe(false);
});

it("there is one place for the security contact, and the list of what is to be filled in names it", () => {
  expect(page.match(/Security contact:/g)).toHaveLength(1);
  const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  expect(contributing).toMatch(/^\| security contact \| \[SECURITY\.md\]\(SECURITY\.md#report-a-fault\)/m);
});
