import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { reportersFor } from "./vitest.reporters.ts";

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

/**
 * What takes its time: races of processes, servers that are started anew for each test, adapters that must fail, every fault
 * at every call, twenty thousand malformed requests, and the floors, which `npm run floors` looks at as well. `npm run test:all` runs it.
 */
const SLOW = [
  "test/races/**",
  "test/faulty/adapters/**",
  "test/faults/**",
  "test/floors/**",
  "test/http/malformed.test.ts",
  "test/storage/fault-injection.test.ts",
  "test/wedy/process.test.ts",
  "test/wedy/checkout-link.test.ts",
];
/** Vitest leaves one processor to itself; where there are two, that is half of them. */
const QUICK_WORKERS = Math.max(2, availableParallelism() - 1);

/** `payme-kit` by name is the source here, so that the example and the docs are tested without a build. */
export default defineConfig(({ mode }) => ({
  resolve: {
    alias: [
      { find: /^payme-kit$/, replacement: source("index.ts") },
      { find: /^payme-kit\/checkout$/, replacement: source("checkout/index.ts") },
      { find: /^payme-kit\/client$/, replacement: source("client/index.ts") },
      { find: /^payme-kit\/client\/browser$/, replacement: source("client/browser.ts") },
      { find: /^payme-kit\/gateway$/, replacement: source("gateway/index.ts") },
      { find: /^payme-kit\/express$/, replacement: source("http/express.ts") },
      { find: /^payme-kit\/checkout\/qr$/, replacement: source("checkout/checkout-qr.ts") },
      { find: /^payme-kit\/fastify$/, replacement: source("http/fastify.ts") },
      { find: /^payme-kit\/node$/, replacement: source("http/node.ts") },
      { find: /^payme-kit\/merchant$/, replacement: source("merchant/index.ts") },
      { find: /^payme-kit\/sqlite$/, replacement: source("storage/sqlite/index.ts") },
      { find: /^payme-kit\/(postgres|prisma|drizzle|kysely)$/, replacement: source("storage/$1/index.ts") },
      { find: /^payme-kit\/sql$/, replacement: source("storage/sql/index.ts") },
      { find: /^payme-kit\/testing$/, replacement: source("testing/index.ts") },
      { find: /^payme-kit\/testing\/msw$/, replacement: source("mock/msw.ts") },
    ],
  },
  test: {
    reporters: reportersFor("unit"),
    globalSetup: ["test/postgres/global-setup.ts"],
    include: ["test/**/*.test.ts"],
    exclude: [
      "test/crash/**",
      "test/browser/**",
      "test/package/**",
      "**/node_modules/**",
      ...(mode === "quick" ? SLOW : []),
    ],
    ...(mode === "quick" ? { pool: "threads", maxWorkers: QUICK_WORKERS } : {}),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
}));
