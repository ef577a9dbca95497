/**
 * Gives the shared chunks in `dist` names that do not change from build to build, and so diff well: `chunk-3.js`. esbuild and
 * rollup can tell their chunks apart by a hash only. Runs after tsup.
 *
 *   node scripts/name-chunks.mjs
 */
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildEntries } from "./entries.mjs";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const entryNames = [...Object.keys(buildEntries), join("cli", "index")];
/** A chunk of the bin that is imported when it is needed: esbuild names it after its source. */
const NAMED = /^cli[\\/](?!chunk-)(.+)-[A-Z0-9]{8}$/;

/** The kinds of files: how their names end, how they name each other, and how their chunks are to be called. */
const KINDS = [
  { ends: ".d.ts", specifierEnds: ".js", prefix: "types" },
  { ends: ".d.cts", specifierEnds: ".cjs", prefix: "types" },
  { ends: ".js", specifierEnds: ".js", prefix: "chunk" },
  { ends: ".cjs", specifierEnds: ".cjs", prefix: "chunk" },
];

/** What a file is without the end of its name; undefined for one of another kind. */
const stemOf = (file, { ends }) => (file.endsWith(ends) ? file.slice(0, -ends.length) : undefined);

/** The stems that a file imports, in order. */
function importsOf(stem, { ends, specifierEnds }) {
  const text = readFileSync(join(dist, stem + ends), "utf8");
  return [...text.matchAll(/["'](\.\.?\/[^"'\n]+)["']/g)]
    .map(([, path]) => path)
    .filter((path) => path.endsWith(specifierEnds))
    .map((path) => relative(dist, resolve(dist, dirname(stem), path.slice(0, -specifierEnds.length))));
}

function nameChunks(kind) {
  const stems = readdirSync(dist, { recursive: true })
    .map((file) => stemOf(String(file).replaceAll("\\", "/"), kind))
    .filter((stem) => stem !== undefined);
  const chunks = new Set(stems.filter((stem) => !entryNames.includes(stem)));
  const names = new Map();
  const visit = (stem) => {
    for (const imported of importsOf(stem, kind)) {
      if (!chunks.has(imported) || names.has(imported)) continue;
      const [, own = `${kind.prefix}-${names.size + 1}`] = NAMED.exec(imported) ?? [];
      names.set(imported, own);
      visit(imported);
    }
  };
  for (const stem of entryNames.filter((name) => stems.includes(name))) visit(stem);
  if (names.size < chunks.size) throw new Error(`dist has ${kind.ends} files that no entry imports: build it anew`);
  // The CommonJS build also calls variables after chunks: `_chunkABCDEFGHcjs`.
  const inText = [...names].flatMap(([old, name]) => [
    [basename(old), name],
    [basename(old).replaceAll("-", ""), name.replaceAll("-", "")],
  ]);
  for (const stem of stems) {
    const file = join(dist, stem + kind.ends);
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      inText.reduce((named, [old, name]) => named.replaceAll(old, name), text),
    );
  }
  for (const [old, name] of names) renameSync(join(dist, old + kind.ends), join(dist, dirname(old), name + kind.ends));
}

for (const kind of KINDS) nameChunks(kind);
