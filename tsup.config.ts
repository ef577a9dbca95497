import { defineConfig, type Options } from "tsup";
import { buildEntries } from "./scripts/entries.mjs";

const library: Options = {
  entry: buildEntries,
  format: ["esm", "cjs"],
  target: "node20",
  platform: "node",
  // Shared chunks in both formats: without them every .cjs entry would carry its own copy of the error classes.
  splitting: true,
  // Both builds write at once: this one leaves the other one's file alone.
  clean: ["!cli.js"],
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

/** The bin: one file with what it needs, so that `npx` has nothing more to install than the library. */
const bin: Options = {
  entry: { cli: "src/tools/cli/index.ts" },
  format: ["esm"],
  target: "node20",
  platform: "node",
  splitting: false,
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
