import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { sourceAliases } from "./scripts/entries.mjs";
import { reportersFor } from "./vitest.reporters.ts";

/**
 * What takes its time: races of processes, servers that are started anew for each test, adapters that must fail, every fault
 * at every call, twenty thousand malformed requests, alerts over scrapes of an hour, and the floors, which `npm run floors` looks at as well. `npm run test:all` runs it.
 */
const SLOW = [
  "test/examples/**",
  "test/races/**",
  "test/faulty/adapters/**",
  "test/faults/**",
  "test/floors/**",
  "test/edges/malformed.test.ts",
  "test/prometheus/rules.test.ts",
  "test/storage/fault-injection.test.ts",
  "test/wedy/adopt-after.test.ts",
  "test/wedy/adopt-many.test.ts",
  "test/wedy/adopt-page.test.ts",
  "test/wedy/flood.test.ts",
  "test/wedy/process.test.ts",
  "test/wedy/checkout-link.test.ts",
  "test/wedy/rotation.test.ts",
];
/** Vitest leaves one processor to itself; where there are two, that is half of them. */
const WORKERS = Math.max(2, availableParallelism() - 1);

/** `payme-kit` by name is the source here, so that the example and the docs are tested without a build. */
export default defineConfig(({ mode }) => ({
  resolve: {
    alias: sourceAliases,
  },
  test: {
    reporters: reportersFor("unit"),
    globalSetup: [join(import.meta.dirname, "test/postgres/global-setup.ts")],
    // The last is for `npm test` in the folder of an example, which finds this file as well.
    include: ["test/**/*.test.ts", "examples/**/*.test.ts", "*.test.ts"],
    exclude: [
      "test/crash/**",
      "test/browser/**",
      "test/package/**",
      // They have lock files of their own: test/package/own-locks.test.ts installs them.
      "examples/merchant-nest-prisma/**",
      "examples/merchant-next/**",
      "**/node_modules/**",
      ...(mode === "quick" ? SLOW : []),
    ],
    maxWorkers: WORKERS,
    ...(mode === "quick" ? { pool: "threads" } : {}),
    setupFiles: [join(import.meta.dirname, "test/seed.ts")],
    // Files that are quick in small and slow in full read QUICK. Elsewhere each run tries new cases; CI judges a change by the same ones.
    env: { QUICK: mode === "quick" ? "1" : "", ...(process.env.CI ? { SEED: process.env.SEED ?? "29" } : {}) },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
}));
