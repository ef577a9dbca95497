import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { EXAMPLES, type Example } from "./examples";
import type { Place } from "./fit";
import { InitError } from "./init-error";
import { type PackageJson, packageSchema, SECTIONS } from "./template";

/** The project that gets an example. */
export interface Project {
  readonly root: string;
  readonly manifest: PackageJson;
  readonly place: Place;
  /** Runs scripts and installs: the one whose lock file is there, else npm. */
  readonly manager: string;
}

const MANAGERS: Readonly<Record<string, string>> = {
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
  "bun.lockb": "bun",
};

/** Frameworks that have a page and no example yet. */
const UNTAUGHT: Readonly<Record<string, string>> = {
  "@nestjs/core": "NestJS",
  next: "Next.js",
  fastify: "Fastify",
};

/** Reads the project in a folder. @throws InitError where there is none, or `dir` is no folder inside it. */
export function readProject(root: string, dir: string | undefined): Project {
  const manifest = manifestOf(root);
  const folder = dir ?? (isFolder(join(root, "src")) ? "src/payme" : "payme");
  // It stands in scripts, where a blank or a quote would mean something.
  if (!/^[\w@-][\w.@-]*(\/[\w@-][\w.@-]*)*$/.test(folder)) {
    throw new InitError(`--dir ${folder}: give a folder inside the project, such as src/payme`);
  }
  const [, manager = "npm"] = Object.entries(MANAGERS).find(([lock]) => existsSync(join(root, lock))) ?? [];
  return { root, manifest, manager, place: { dir: folder, extension: manifest.type === "module" ? ".ts" : ".mts" } };
}

/** The example that a project gets. @throws InitError where none fits, or several do. */
export function exampleFor({ manifest }: Project, name: string | undefined): Example {
  const list = EXAMPLES.map((each) => `  ${each.name.padEnd(22)} ${each.about}`).join("\n");
  if (name !== undefined) {
    const named = EXAMPLES.find((example) => example.name === name);
    if (named === undefined) throw new InitError(`there is no example ${name}; there are\n${list}`);
    return named;
  }
  const has = (wanted: string | undefined) =>
    wanted !== undefined && SECTIONS.some((section) => manifest[section]?.[wanted]);
  const [first, ...others] = EXAMPLES.filter(({ detect }) => has(detect));
  if (first !== undefined && others.length === 0) return first;
  const untaught = Object.entries(UNTAUGHT).flatMap(([wanted, title]) => (has(wanted) ? [title] : []));
  const why =
    first === undefined
      ? `package.json names no framework that has an example${untaught.length > 0 ? ` (for ${untaught.join(", ")} see docs/frameworks.md)` : ""}`
      : `package.json fits ${[first, ...others].map((example) => example.name).join(" and ")}`;
  throw new InitError(`${why}: name one, as in "payme-kit init express"\n${list}`);
}

function manifestOf(root: string): PackageJson {
  let text: string;
  try {
    text = readFileSync(join(root, "package.json"), "utf8");
  } catch {
    throw new InitError("there is no package.json in this folder: run npm init -y first");
  }
  try {
    return packageSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new InitError(`package.json cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
