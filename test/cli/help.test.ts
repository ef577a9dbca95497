import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/tools/cli/commands";
import { showsColours } from "../../src/tools/cli/io";
import { runCli } from "../../src/tools/cli/run-cli";
import { cli, SILENT } from "./kit";

const NAMES = COMMANDS.map(({ usage }) => usage.split(" ")[0] ?? "");
const helpOf = async (name: string) => (await cli([name, "--help"])).out;

/** The lines below a title of the help. */
function examplesIn(help: string, title: string): string[] {
  const [, rest = ""] = help.split(`\n${title}\n`);
  const lines = rest.split("\n");
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith("  ")),
    )
    .map((line) => line.trim());
}

describe.each(NAMES)("the help of %s", (name) => {
  it("is the same by help <command>", async () => {
    expect((await cli(["help", name])).out).toBe(await helpOf(name));
  });

  it("ends with its exit codes", async () => {
    expect((await helpOf(name)).split("\n\n").at(-1)).toMatch(/Exit code 0: .* 2: /s);
  });

  it("has examples for POSIX shells and for PowerShell, with options that it has", async () => {
    const help = await helpOf(name);
    const options = new Set(help.match(/--[a-z-]+/g));
    const given = `npx() { for word in "$@"; do printf '%s\\n' "$word"; done; }\n`;
    for (const line of examplesIn(help, "Examples:")) {
      const ran = spawnSync("sh", ["-c", given + line.replace(/ >.*/, "")], { encoding: "utf8" });
      const words = ran.stdout.split("\n");
      expect(words.slice(0, 2), line).toEqual(["payme-kit", name]);
      for (const word of words.filter((each) => each.startsWith("--"))) {
        expect(help, line).toMatch(new RegExp(`^ {2}${word}\\b`, "m"));
      }
    }
    const powershell = examplesIn(help, "In PowerShell:");
    expect(powershell.join("\n")).toContain(`npx payme-kit ${name}`);
    // Nothing of POSIX in it, and no JSON argument: Windows PowerShell takes its quotes away.
    expect(powershell.join("\n")).not.toMatch(/^(?!\$env:)\w+=|\\$|npx [^|]*\{/m);
    for (const [flag] of powershell.join("\n").matchAll(/(?<=npx payme-kit [^|\n]*)--[a-z-]+/g)) {
      expect(options).toContain(flag);
    }
  });
});

describe("a wrong word", () => {
  it.each([
    [["certfy"], "payme-kit: unknown command 'certfy'\n(Did you mean certify?)"],
    [["link", "--acount", "a=1"], "payme-kit: unknown option '--acount'\n(Did you mean one of --account, --amount?)"],
    [["doctor", "--ofline"], "payme-kit: unknown option '--ofline'\n(Did you mean --offline?)"],
    [["--jsn"], "payme-kit: unknown option '--jsn'"],
  ])("%j is told with what was meant: exit code 2", async (args, because) => {
    expect(await cli(args)).toEqual({ code: 2, out: "", err: because });
  });

  it("and no command at all show the help: exit code 2", async () => {
    const { code, out, err } = await cli([]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("Usage: payme-kit");
  });
});

describe("a fault of payme-kit itself", () => {
  it("could not run, too: exit code 2, with its stack and the one prefix", async () => {
    const lines: string[] = [];
    const code = await runCli(["sign", "--file", "-"], {
      ...SILENT,
      err: (line) => void lines.push(line),
      readStdin: () => Promise.reject(new TypeError("no such stream")),
    });
    expect(code).toBe(2);
    expect(lines.join("\n")).toMatch(/^payme-kit: a fault of payme-kit: TypeError: no such stream\n +at /);
  });
});

describe("colours", () => {
  const ESCAPE = "\u001b[";
  const DECODE = ["doctor", "--only", "env"];
  const env = { PAYME_MERCHANT_KEY: "short" };

  it("are on a stream that shows them, and on no other", async () => {
    const plain = await cli(DECODE, { env });
    expect(plain.out).toMatch(/^WRONG /);
    const coloured = await cli(DECODE, { env, hasColours: { out: true, err: false } });
    expect(coloured.out).toContain(`${ESCAPE}31mWRONG${ESCAPE}39m env.key-shape`);
    expect(coloured.code).toBe(plain.code);
    expect((await cli(["--help"], { hasColours: { out: true, err: false } })).out).toContain(`${ESCAPE}1mUsage:`);
    expect((await cli(["--help"])).out).not.toContain(ESCAPE);
    const wrong = await cli(["certfy"], { hasColours: { out: true, err: true } });
    expect(wrong.err).toContain(`${ESCAPE}31mpayme-kit:${ESCAPE}39m unknown command`);
    expect((await cli(["certfy"], { hasColours: { out: true, err: false } })).err).not.toContain(ESCAPE);
  });

  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: "" }, true],
    [{ isTTY: true }, { NO_COLOR: "1" }, false],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
  ])("on %j with the environment %j: %s", (stream, environment, wanted) => {
    expect(showsColours(stream, environment)).toBe(wanted);
  });

  it("are in no JSON document", async () => {
    const { out } = await cli([...DECODE, "--json"], { env, hasColours: { out: true, err: true } });
    expect(JSON.parse(out).wrong).toBeGreaterThan(0);
    expect(out).not.toContain(ESCAPE);
  });
});
