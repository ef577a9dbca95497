import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeProject, node, pack, root } from "./projects";

const work = mkdtempSync(join(tmpdir(), "payme-kit-libsql-"));
const shop = join(work, "shop");

beforeAll(() => {
  makeProject(shop, "module", [pack(work).file, "@libsql/client@0.18.0"]);
  cpSync(join(root, "test/package/libsql"), shop, { recursive: true });
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

it("the recipe over @libsql/client passes the storage suite, on a file and between two processes", () => {
  const { stdout, stderr } = node(shop, "suite.mjs");
  const { cases, failures } = JSON.parse(stdout || JSON.stringify({ failures: stderr }));
  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(140);
});

it("what libsql cannot keep is refused at the first call", () => {
  const { stdout, stderr } = node(shop, "refused.mjs", join(work, "refused.db"));
  expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual({
    memory: expect.stringMatching(/^PaymeConfigError: .*does not write ahead/),
    "one connection": expect.stringMatching(/^PaymeConfigError: .*error of a locked file is unknown/),
    "locks nothing": expect.stringMatching(/^PaymeConfigError: .*write to one file at once/),
    "a refused BEGIN stays": expect.stringMatching(/^PaymeConfigError: .*commits nothing/),
    "goes on after its end": expect.stringMatching(/^PaymeConfigError: .*has ended/),
    "does not wait for the disk": expect.stringMatching(/^PaymeConfigError: .*synchronous = FULL/),
  });
});
