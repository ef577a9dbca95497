import { defineConfig } from "vitest/config";
import { reportersFor } from "./vitest.reporters.ts";

/** Pages in a real Chromium. Needs a build, and a chromium on the path (or in CHROMIUM). */
export default defineConfig({
  test: {
    reporters: reportersFor("browser"),
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A page may be slow on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    fileParallelism: false,
  },
});
