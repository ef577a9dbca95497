import { spawnSync } from "node:child_process";

/** What a printed curl does: where it posts, with which headers and body, and which bodies it had signed. */
export interface ShellRun {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signed: readonly string[];
}

/** What the shell would hand to curl, one argument a record; `npx` tells what it was to sign. */
const STAND_INS = `
curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }
npx() { printf '%s' "$3" >&2; printf 'signature-of-the-body'; }
`;

/** Runs a printed curl in a POSIX shell without sending anything; undefined where there is no such shell. */
export function runInShell(command: string, env: Readonly<Record<string, string>>): ShellRun | undefined {
  if (process.platform === "win32") return undefined;
  const { stdout, stderr, status } = spawnSync("sh", ["-u", "-c", `${STAND_INS}\n${command}`], {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`sh ended with ${status}: ${stderr}`);
  const [first = "", ...rest] = stdout.split("\0").slice(0, -1);
  if (first !== "-sS") throw new Error(`not a curl of ours: ${stdout}`);
  const url = rest[2] ?? "";
  const headers: Record<string, string> = {};
  let body = "";
  for (let at = 3; at < rest.length; at += 2) {
    const [flag, value = ""] = [rest[at], rest[at + 1]];
    if (flag === "--data-binary") body = value;
    const colon = value.indexOf(": ");
    if (flag === "-H") headers[value.slice(0, colon)] = value.slice(colon + 2);
  }
  return { url, headers, body, signed: stderr === "" ? [] : [stderr] };
}
