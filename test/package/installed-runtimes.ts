import { existsSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { makeProject } from "./projects";

/** What the registry has, in versions that were tried: each has a row in docs/runtimes.md. */
export const VERSIONS = {
  node20: "20.19.0",
  node22: "22.23.3",
  node24: "24.21.0",
  node26: "26.10.0",
  bun: "1.4.5",
  deno: "2.9.5",
  miniflare: "4.20260426.0",
};

const { platform, arch } = process;
const isWindows = platform === "win32";
const end = isWindows ? ".exe" : "";
const BUN = `@oven/bun-${isWindows ? "windows" : platform}-${arch === "arm64" ? "aarch64" : arch}`;
const DENO = `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`;

/** Installs the runtimes as packages, without their scripts; once for all files of a run. Returns the path of each. */
export function installRuntimes(): Record<keyof typeof VERSIONS, string> {
  const project = join(inject("runtimesFolder"), "runtimes");
  const nodes = (["node20", "node22", "node24", "node26"] as const).map(
    (name) => `${name}@npm:node-${isWindows ? "win" : platform}-${arch}@${VERSIONS[name]}`,
  );
  const others = [`${BUN}@${VERSIONS.bun}`, `${DENO}@${VERSIONS.deno}`, `miniflare@${VERSIONS.miniflare}`];
  if (!existsSync(project)) makeProject(project, "module", [...nodes, ...others]);
  const at = (...path: string[]) => join(project, "node_modules", ...path);
  return {
    node20: at("node20/bin", `node${end}`),
    node22: at("node22/bin", `node${end}`),
    node24: at("node24/bin", `node${end}`),
    node26: at("node26/bin", `node${end}`),
    bun: at(BUN, "bin", `bun${end}`),
    deno: at(DENO, `deno${end}`),
    miniflare: at("miniflare/dist/src/index.js"),
  };
}
