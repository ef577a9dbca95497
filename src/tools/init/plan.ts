import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Frame } from "./examples";
import { fittedPath, fittedSource } from "./fit";
import { InitError } from "./init-error";
import { mergeEnv } from "./merge-env";
import { mergePackage } from "./merge-package";
import type { Project } from "./project";
import { ownVersion, readTemplate } from "./template";

/**
 * What would become of a file: `new`; `same`, which is left alone; `adds`, where lines come to those that are there; `differs`,
 * where lines of the project would be lost; `yours`, which the project has in a form of its own and keeps.
 */
export type FileState = "new" | "same" | "adds" | "differs" | "yours";

/** A file of the project, as it is and as it would be. */
export interface PlannedFile {
  /** From the project's folder, with `/`. */
  readonly path: string;
  readonly state: FileState;
  readonly before: string | undefined;
  readonly after: string;
}

/** What an example would make of a project. */
export interface Plan {
  readonly files: readonly PlannedFile[];
  /** The frames that are the project's own. */
  readonly left: readonly Frame[];
}

/** What an example would make of a project. Nothing is written. @throws InitError for a file that cannot be read. */
export function planFiles({ root, place, example }: Project): Plan {
  const template = readTemplate(example);
  const planned = new Map(
    [...template.files].map(([file, text]): [string, PlannedFile] => {
      const path = fittedPath(file, example, place);
      const [before, after] = [readIn(root, path), fittedSource(file, text, example, place)];
      const state = before === undefined ? "new" : isSame(before, after) ? "same" : "differs";
      return [file, { path, before, after, state }];
    }),
  );
  const left = (example.frames ?? []).filter(
    ({ files, others = [] }) =>
      files.some((file) => planned.get(file)?.state === "differs") ||
      others.some((file) => existsSync(join(root, fittedPath(file, example, place)))),
  );
  const yours = new Set(left.flatMap(({ files }) => files));
  const sources = [...planned].map(([file, plan]): PlannedFile => {
    return yours.has(file) && plan.state !== "same" ? { ...plan, state: "yours" } : plan;
  });
  const env = readIn(root, ".env.example");
  const manifest = readIn(root, "package.json") ?? "";
  const { text, replaced } = mergePackage(manifest, { example, template, place, left }, ownVersion());
  const files = [
    ...sources,
    merged(".env.example", env, mergeEnv(env, template.env), false),
    merged("package.json", manifest, text, replaced.length > 0),
  ];
  return { files, left };
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

/** True for a file that would be written. */
export const isChange = ({ state }: Pick<PlannedFile, "state">) => state !== "same" && state !== "yours";

/** Writes the files that are to change. Each is there as a whole or not at all. @throws InitError */
export function writeFiles({ root }: Project, files: readonly PlannedFile[]): void {
  for (const { path, state, after } of files) {
    if (!isChange({ state })) continue;
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
