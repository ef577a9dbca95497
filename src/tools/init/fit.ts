import { posix } from "node:path";
import type { Example } from "./examples";

/** Where an example's files go, and in which form. */
export interface Place {
  /** The folder in the project for the sources, with `/`. */
  readonly dir: string;
  /** What stands before the framework's own folders: `src/`, or nothing. */
  readonly base: string;
  /** The examples are ES modules: in a CommonJS project the name of a file says so, where no framework compiles it. */
  readonly extension: ".ts" | ".mts";
  /** How sources name each other, where the example has `.js`. */
  readonly ending: ".js" | ".mjs" | "";
}

/** The path of a file in the project. */
export function fittedPath(file: string, { sources }: Example, { dir, base, extension }: Place): string {
  if (sources === undefined) return `${dir}/${file.replace(/\.ts$/, extension)}`;
  return file.startsWith(`${sources}/`) ? `${dir}${file.slice(sources.length)}` : `${base}${file}`;
}

/** A file, as it stands in the project. All that is fitted is how sources name each other: `from "./shop.js"`. */
export function fittedSource(file: string, text: string, example: Example, place: Place): string {
  const folder = posix.dirname(fittedPath(file, example, place));
  return text.replace(/(\bfrom |\bimport\()"(\.\.?\/[\w./-]+)"/g, (_, word: string, named: string) => {
    const path = fittedPath(posix.join(posix.dirname(file), named), example, place);
    const fitted = posix.relative(folder, path).replace(/\.js$/, place.ending);
    return `${word}"${fitted.startsWith(".") ? "" : "./"}${fitted}"`;
  });
}

/** A script, as it stands in the project: `tsx shop.ts` becomes `tsx payme/shop.ts`, and only these tests are run. */
export function fittedScript(command: string, files: Iterable<string>, example: Example, place: Place): string {
  const known = new Set([...files, `${example.sources}/`]);
  const words = command.replace(/(?<![\w./-])[\w./-]+/g, (word) =>
    known.has(word) ? fittedPath(word, example, place) : word,
  );
  return words.replace(/^vitest run$/, `vitest run ${place.dir}/`);
}
