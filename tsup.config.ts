import { defineConfig, type Options } from "tsup";
import { buildEntries } from "./scripts/entries.mjs";

const library: Options = {
  entry: buildEntries,
  format: ["esm", "cjs"],
  target: "node20",
  platform: "node",
  // Shared chunks in both formats: without them every .cjs entry would carry its own copy of the error classes.
  splitting: true,
  // Both builds write at once: this one leaves the other one's files alone.
  clean: ["!cli/**"],
  sourcemap: false,
  // Deno and Workers know Node's modules by `node:` only.
  removeNodeProtocol: false,
  treeshake: false,
  shims: true,
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  // ky is an ES module only. CommonJS users (Jest, older Node) get it bundled; ES module users share theirs.
  noExternal: ["ky"],
  esbuildOptions(options, { format }) {
    if (format === "esm") options.external = [...(options.external ?? []), "ky"];
  },
};

/** The bin with what it needs, so that `npx` has nothing more to install than the library. Each command is a chunk, loaded when it is called. */
const bin: Options = {
  entry: { index: "src/tools/cli/index.ts" },
  outDir: "dist/cli",
  clean: true,
  format: ["esm"],
  target: "node20",
  platform: "node",
  splitting: true,
  sourcemap: false,
  removeNodeProtocol: false,
  noExternal: ["commander", "uqr"],
  // Nobody reads this file: a quarter of the tarball's largest one was spaces.
  minifyWhitespace: true,
  // commander is CommonJS: its `require("node:events")` needs one.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
};

export default defineConfig([library, bin]);
