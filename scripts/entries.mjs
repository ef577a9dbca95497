/**
 * The public entries: one for each file of `src/entry`. Everything that lists them is made here.
 *
 *   node scripts/entries.mjs --write   writes package.json's `exports`, `main`, `typesVersions` and tsconfig.json's `paths`
 *
 * tsup and vitest ask {@link entries} directly. `test/entry/entries.test.ts` compares.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = new URL("..", import.meta.url);

/** Every entry: its file below `src/entry` without `.ts`, and the specifier that users import. The root entry first. */
export const entries = readdirSync(new URL("src/entry", root), { recursive: true })
  .map((file) => String(file).replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length))
  .sort((a, b) => Number(b === "index") - Number(a === "index") || (a < b ? -1 : 1))
  .map((name) => ({ name, subpath: name === "index" ? "." : `./${name}` }))
  .map(({ name, subpath }) => ({
    name,
    subpath,
    specifier: name === "index" ? "payme-kit" : `payme-kit/${name}`,
    source: `src/entry/${name}.ts`,
  }));

/** What the build reads: the name of each file in `dist` and its source. */
export const buildEntries = Object.fromEntries(entries.map(({ name, source }) => [name, source]));

/** `payme-kit` by name is the source: for vitest, so that the example and the docs are tested without a build. */
export const sourceAliases = entries.map(({ specifier, source }) => ({
  find: new RegExp(`^${specifier}$`),
  replacement: fileURLToPath(new URL(source, root)),
}));

/** The fields of package.json that list the entries. */
export const packageFields = {
  main: "./dist/index.cjs",
  module: "./dist/index.js",
  types: "./dist/index.d.cts",
  exports: {
    ...Object.fromEntries(
      entries.map(({ name, subpath }) => [
        subpath,
        {
          import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
          require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
        },
      ]),
    ),
    "./package.json": "./package.json",
  },
  // For TypeScript's oldest way of finding modules (node10), which knows no `exports`.
  typesVersions: {
    "*": Object.fromEntries(
      entries.filter(({ name }) => name !== "index").map(({ name }) => [name, [`./dist/${name}.d.cts`]]),
    ),
  },
};

/** The `paths` of tsconfig.json. */
export const typePaths = Object.fromEntries(entries.map(({ specifier, source }) => [specifier, [`./${source}`]]));

function writeLists() {
  const packageFile = new URL("package.json", root);
  const manifest = { ...JSON.parse(readFileSync(packageFile, "utf8")), ...packageFields };
  writeFileSync(packageFile, `${JSON.stringify(manifest, null, 2)}\n`);
  const configFile = new URL("tsconfig.json", root);
  const config = JSON.parse(readFileSync(configFile, "utf8"));
  config.compilerOptions.paths = typePaths;
  writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`);
}

const isRun = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isRun && process.argv.includes("--write")) writeLists();
