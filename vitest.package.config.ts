import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { reportersFor } from "./vitest.reporters.ts";

/** The packed tarball, installed and used as users do. Needs a build, and the npm registry for ky and zod. */
export default defineConfig({
  test: {
    reporters: reportersFor("package"),
    globalSetup: [join(import.meta.dirname, "test/package/runtimes-folder.ts")],
    include: ["test/package/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
