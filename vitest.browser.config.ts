import { defineConfig } from "vitest/config";

/** Pages in a real Chromium. Needs a build, and a chromium on the path (or in CHROMIUM). */
export default defineConfig({
  test: { include: ["test/browser/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false },
});
