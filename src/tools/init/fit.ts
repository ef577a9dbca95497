/** Where an example's sources go, and in which form. */
export interface Place {
  /** The folder in the project, with `/`. */
  readonly dir: string;
  /** The examples are ES modules: in a CommonJS project the name of a file says so. */
  readonly extension: ".ts" | ".mts";
}

/** The name of a source in the project. */
export function fittedName(file: string, { extension }: Place): string {
  return file.replace(/\.ts$/, extension);
}

/** A source, as it stands in the project. All that is fitted is how sources name each other: `from "./shop.js"`. */
export function fittedSource(text: string, { extension }: Place): string {
  return extension === ".ts" ? text : text.replace(/(from "\.\/[\w-]+)\.js"/g, '$1.mjs"');
}

/** A script, as it stands in the project: `tsx shop.ts` becomes `tsx payme/shop.ts`, and only these tests are run. */
export function fittedScript(command: string, sources: Iterable<string>, place: Place): string {
  const known = new Set(sources);
  const words = command.replace(/[\w-]+\.ts\b/g, (file) =>
    known.has(file) ? `${place.dir}/${fittedName(file, place)}` : file,
  );
  return words.replace(/^vitest run$/, `vitest run ${place.dir}/`);
}
