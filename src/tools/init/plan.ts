import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Example } from "./examples";
import { fittedName, fittedSource } from "./fit";
import { InitError } from "./init-error";
import { mergeEnv } from "./merge-env";
import { mergePackage } from "./merge-package";
import type { Project } from "./project";
import { ownVersion, readTemplate } from "./template";

/**
 * What would become of a file: `new`; `same`, which is left alone; `adds`, where lines come to those that are there; `differs`,
 * where lines of the project would be lost.
 */
export type FileState = "new" | "same" | "adds" | "differs";

/** A file of the project, as it is and as it would be. */
export interface PlannedFile {
  /** From the project's folder, with `/`. */
  readonly path: string;
  readonly state: FileState;
  readonly before: string | undefined;
  readonly after: string;
}

/** What an example would make of a project. Nothing is written. @throws InitError for a file that cannot be read. */
export function planFiles({ root, place }: Project, example: Example): PlannedFile[] {
  const template = readTemplate(example);
  const sources = [...template.files].map(([file, text]): PlannedFile => {
    const path = `${place.dir}/${fittedName(file, place)}`;
    const [before, after] = [readIn(root, path), fittedSource(text, place)];
    return { path, before, after, state: before === undefined ? "new" : isSame(before, after) ? "same" : "differs" };
  });
  const env = readIn(root, ".env.example");
  const manifest = readIn(root, "package.json") ?? "";
  const { text, replaced } = mergePackage(manifest, template, place, ownVersion());
  return [
    ...sources,
    merged(".env.example", env, mergeEnv(env, template.env), false),
    merged("package.json", manifest, text, replaced.length > 0),
  ];
}

function merged(path: string, before: string | undefined, after: string, isLost: boolean): PlannedFile {
  const state = before === undefined ? "new" : isSame(before, after) ? "same" : isLost ? "differs" : "adds";
  return { path, state, before, after };
}

/** Git may have changed the ends of lines. */
function isSame(before: string, after: string): boolean {
  const lines = (text: string) => text.replaceAll("\r\n", "\n");
  return lines(before) === lines(after);
}

/** Writes the files that are not the same. Each is there as a whole or not at all. @throws InitError */
export function writeFiles({ root }: Project, files: readonly PlannedFile[]): void {
  for (const { path, state, after } of files) {
    if (state === "same") continue;
    const target = join(root, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      // What came to be since it was shown is not overwritten.
      if (state === "new" && existsSync(target)) throw new Error("it has come to be meanwhile");
      const draft = `${target}.${process.pid}.new`;
      writeFileSync(draft, after, { flag: "wx" });
      renameSync(draft, target);
    } catch (error) {
      throw new InitError(`${path} cannot be written: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function readIn(root: string, path: string): string | undefined {
  try {
    return existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined;
  } catch (error) {
    throw new InitError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}
