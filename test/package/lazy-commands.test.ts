import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/tools/cli/commands";
import { node, root } from "./projects";

const work = mkdtempSync(join(tmpdir(), "payme-kit-lazy-"));
const cli = join(root, "dist/cli/index.js");
const names = COMMANDS.map(({ usage }) => usage.split(" ")[0] ?? "");

beforeAll(() => {
  writeFileSync(
    join(work, "hooks.mjs"),
    `import { writeSync } from "node:fs";
     export const load = (url, context, next) => { writeSync(2, "loaded " + url + "\\n"); return next(url, context); };`,
  );
  const hooks = JSON.stringify(pathToFileURL(join(work, "hooks.mjs")).href);
  writeFileSync(join(work, "register.mjs"), `import { register } from "node:module"; register(${hooks});`);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The files that a command line loads, below dist/cli, and the packages. */
function loadedBy(...args: string[]) {
  const { stderr, status } = node(root, "--import", join(work, "register.mjs"), cli, ...args);
  expect(status, stderr).toBe(0);
  const urls = [...stderr.matchAll(/^loaded (file:.*)$/gm)].map(([, url = ""]) => url);
  return {
    commands: names.filter((name) => urls.some((url) => url.endsWith(`/dist/cli/${name}.js`))),
    packages: [...new Set(urls.flatMap((url) => /node_modules\/([^/]+)/.exec(url)?.[1] ?? []))],
    files: urls.length,
  };
}

describe("a command is loaded when it is called", () => {
  it("and each has a file of its own to load", () => {
    expect(names.filter((name) => !existsSync(join(root, `dist/cli/${name}.js`)))).toEqual([]);
  });

  it.each([["--help"], ["--version"]])("payme-kit %s loads no command and no package", (flag) => {
    const { commands, packages, files } = loadedBy(flag);
    expect({ commands, packages }).toEqual({ commands: [], packages: [] });
    expect(files).toBeGreaterThan(0);
    expect(files).toBeLessThanOrEqual(5);
  });

  it.each(names)("payme-kit %s --help loads that one alone", (name) => {
    expect(loadedBy(name, "--help").commands).toEqual([name]);
  });

  it("and what it needs: so the look is not blind", () => {
    expect(loadedBy("mock", "--help").packages).toContain("zod");
    expect(loadedBy("sign", "--help").packages).toEqual([]);
  });
});
