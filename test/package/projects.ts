import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";

export const root = resolve(import.meta.dirname, "../..");

export function npm(args: readonly string[], cwd: string): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export function node(cwd: string, ...args: string[]) {
  return spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
}

/** The output of a program that must end well. */
export function output(cwd: string, file: string): string {
  const { stdout, stderr, status } = node(cwd, file);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.trim();
}

/** A packed tarball, and how large it is unpacked, in bytes. */
export interface Tarball {
  readonly file: string;
  readonly unpackedSize: number;
}

/** Packs the build into a folder. */
export function pack(folder: string): Tarball {
  const [packed] = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  return { file: join(folder, packed.filename), unpackedSize: packed.unpackedSize };
}

/** Makes a project that has installed the given packages, as a user does. */
export function makeProject(directory: string, type: "module" | "commonjs", packages: readonly string[]): void {
  mkdirSync(directory);
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "shop", private: true, type }));
  npm(["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", ...packages], directory);
}
