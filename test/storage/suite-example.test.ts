import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const example = join(import.meta.dirname, "node-test-example.ts");

it("the suite runs in node:test, as the example of its doc comment says", () => {
  const env = { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: undefined, VITEST: undefined };
  const args = ["--import", "tsx", "--test-reporter", "tap", example];
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# tests (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(60);
  expect(status).toBe(0);
});

it("the example is the one of the doc comment", () => {
  const source = readFileSync(join(root, "src/testing/storage-suite/storage-suite.ts"), "utf8");
  const comment = /@example\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? "";
  const code = comment.replace(/^ \* ?/gm, "").trim();
  expect(readFileSync(example, "utf8")).toContain(code);
});
