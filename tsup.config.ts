import { defineConfig, type Options } from "tsup";

/** One entry per public subpath; the names are the file names in `dist/` that package.json's `exports` point to. */
const entry = {
  index: "src/index.ts",
  checkout: "src/checkout/index.ts",
  "checkout/qr": "src/checkout/checkout-qr.ts",
  client: "src/client/index.ts",
  "client/browser": "src/client/browser.ts",
  gateway: "src/gateway/index.ts",
  express: "src/http/express.ts",
  node: "src/http/node.ts",
  fastify: "src/http/fastify.ts",
  merchant: "src/merchant/index.ts",
  sqlite: "src/storage/sqlite/index.ts",
  postgres: "src/storage/postgres/index.ts",
  prisma: "src/storage/prisma/index.ts",
  drizzle: "src/storage/drizzle/index.ts",
  kysely: "src/storage/kysely/index.ts",
  sql: "src/storage/sql/index.ts",
  testing: "src/testing/index.ts",
  "testing/msw": "src/mock/msw.ts",
};

const library: Options = {
  entry,
  format: ["esm", "cjs"],
  target: "node20",
  platform: "node",
  // Shared chunks in both formats: without them every .cjs entry would carry its own copy of the error classes.
  splitting: true,
  // Both builds write at once: this one leaves the other one's file alone.
  clean: ["!cli.js"],
  sourcemap: true,
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
  entry: { cli: "src/cli/index.ts" },
  format: ["esm"],
  target: "node20",
  platform: "node",
  splitting: false,
  sourcemap: false,
  noExternal: ["commander", "uqr"],
  // commander is CommonJS: its `require("node:events")` needs one.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
};

export default defineConfig([library, bin]);
