import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Example } from "./examples";
import { InitError } from "./init-error";

/** The sections of package.json that name packages. */
export const SECTIONS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const;

const packages = z.record(z.string(), z.string()).optional();

/** What `init` reads of a package.json. The rest stays as it is. */
export const packageSchema = z.looseObject({
  version: z.string().optional(),
  type: z.string().optional(),
  scripts: packages,
  dependencies: packages,
  devDependencies: packages,
  optionalDependencies: packages,
  peerDependencies: packages,
});

export type PackageJson = z.infer<typeof packageSchema>;

/** An example as it was tested. */
export interface Template {
  /** The texts of its files, by their path in its folder. */
  readonly files: ReadonlyMap<string, string>;
  readonly env: string;
  readonly manifest: PackageJson;
}

/** This package's own folder, which has the examples in it: in the repository and installed. */
const home = () => dirname(createRequire(import.meta.url).resolve("payme-kit/package.json"));

/** The version of this package. */
export function ownVersion(): string {
  return packageSchema.parse(JSON.parse(readFileSync(join(home(), "package.json"), "utf8"))).version ?? "*";
}

/** What a use of the example leaves in its folder. */
const LEFT_OVER = ["node_modules", "dist", "generated", ".next", "next-env.d.ts"];

/** Reads an example. @throws InitError where the package does not have it. */
export function readTemplate({ name, folder, frames = [] }: Example): Template {
  const path = join(home(), "examples", folder);
  const read = (file: string) => readFileSync(join(path, file), "utf8");
  try {
    const sources = filesIn(path).filter((file) => /\.(ts|js)$/.test(file));
    const files = new Set([...sources, ...frames.flatMap((frame) => frame.files)]);
    return {
      files: new Map([...files].sort().map((file) => [file, read(file)])),
      env: read(".env.example"),
      manifest: packageSchema.parse(JSON.parse(read("package.json"))),
    };
  } catch (error) {
    throw new InitError(`this package has no example ${name}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The files of a folder and of the folders in it, with `/`. */
function filesIn(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !LEFT_OVER.includes(name));
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(path, entry.name)).map((file) => `${entry.name}/${file}`) : [entry.name],
  );
}
