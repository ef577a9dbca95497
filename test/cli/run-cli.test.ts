import { expect, test } from "vitest";
import { version } from "../../package.json";
import { ExitCode } from "../../src/tools/cli/io";
import { cli } from "./kit";

test("--version prints the package's, and nothing else", async () => {
  expect(await cli(["--version"])).toEqual({ code: ExitCode.OK, out: version, err: "" });
});

test("--help names every command", async () => {
  const { code, out } = await cli(["--help"]);
  expect(code).toBe(ExitCode.OK);
  for (const command of ["certify", "call", "link", "mock", "record", "sign", "schema"]) {
    expect(out).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  }
});

test("a command that is none is told so", async () => {
  const { code, err } = await cli(["certfy"]);
  expect(code).toBe(ExitCode.UNUSABLE);
  expect(err).toContain("certfy");
});
