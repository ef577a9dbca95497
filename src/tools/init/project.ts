import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { EXAMPLES, type Example } from "./examples";
import type { Place } from "./fit";
import { InitError } from "./init-error";
import { type PackageJson, packageSchema, SECTIONS } from "./template";

/** The project that gets an example. */
export interface Project {
  readonly root: string;
  readonly example: Example;
  /** Why it is this example, where the project fits others, too. */
  readonly why: string | undefined;
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

/** The frameworks that have a page and no example. */
const UNTAUGHT: Readonly<Record<string, string>> = { fastify: "Fastify" };

/** Reads the project in a folder, and where an example goes in it. @throws InitError where there is none, or `dir` is no folder inside it. */
export function readProject(root: string, name: string | undefined, dir: string | undefined): Project {
  const manifest = manifestOf(root);
  const { example, why } = exampleFor(manifest, name);
  const [, manager = "npm"] = Object.entries(MANAGERS).find(([lock]) => existsSync(join(root, lock))) ?? [];
  return { root, manager, example, why, place: placeIn(root, manifest, example, dir) };
}

function placeIn(root: string, { type }: PackageJson, { sources, routes = [] }: Example, given?: string): Place {
  const isThere = (...path: string[]) => isFolder(join(root, ...path));
  const dir = given ?? (isThere("src") || sources?.startsWith("src/") ? "src/payme" : "payme");
  // It stands in scripts, where a blank or a quote would mean something.
  if (!/^[\w@-][\w.@-]*(\/[\w@-][\w.@-]*)*$/.test(dir)) {
    throw new InitError(`--dir ${dir}: give a folder inside the project, such as src/payme`);
  }
  const isBelow = !routes.some((folder) => isThere(folder)) && routes.some((folder) => isThere("src", folder));
  const form = { dir, base: isBelow ? "src/" : "" };
  if (type === "module") return { ...form, extension: ".ts", ending: ".js" };
  return sources === undefined
    ? { ...form, extension: ".mts", ending: ".mjs" }
    : { ...form, extension: ".ts", ending: "" };
}

/** The example that a project gets, and why where it fits others, too. @throws InitError where none fits, or none before the others. */
function exampleFor(manifest: PackageJson, name: string | undefined): Pick<Project, "example" | "why"> {
  const list = EXAMPLES.map((each) => `  ${each.name.padEnd(22)} ${each.about}`).join("\n");
  if (name !== undefined) {
    const named = EXAMPLES.find((example) => example.name === name);
    if (named === undefined) throw new InitError(`there is no example ${name}; there are\n${list}`);
    return { example: named, why: undefined };
  }
  const has = (wanted: string | undefined) =>
    wanted !== undefined && SECTIONS.some((section) => manifest[section]?.[wanted]);
  const fitting = EXAMPLES.filter(({ detect }) => has(detect));
  const names = fitting.map((example) => example.name);
  const first = fitting.find((example) =>
    names.every((each) => each === example.name || example.before?.names.includes(each)),
  );
  if (first !== undefined) {
    const others = names.filter((each) => each !== first.name);
    return {
      example: first,
      why: others.length > 0 ? `package.json fits ${others.join(" and ")}, too: ${first.before?.why}` : undefined,
    };
  }
  const untaught = Object.entries(UNTAUGHT).flatMap(([wanted, title]) => (has(wanted) ? [title] : []));
  const reason =
    names.length === 0
      ? `package.json names no framework that has an example${untaught.length > 0 ? ` (for ${untaught.join(", ")} see docs/frameworks.md)` : ""}`
      : `package.json fits ${names.join(" and ")}`;
  throw new InitError(`${reason}: name one, as in "payme-kit init express"\n${list}`);
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
