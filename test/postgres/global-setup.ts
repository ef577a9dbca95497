import { once } from "node:events";
import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { findPostgres } from "./binaries";
import { type Cluster, NO_POSTGRES, startCluster } from "./cluster";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a test file asks for a database; or why there is none. */
    postgres: { readonly url: string } | { readonly missing: string };
  }
}

/**
 * One throw-away PostgreSQL for the run, started when the first test asks for a database: runs that need none pay nothing.
 * Where there is none on the machine, those tests are skipped with the reason; with REQUIRE_POSTGRES=1 the run fails instead.
 * `npm test` (mode `quick`) leaves them out.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (project.vite.config.mode === "quick") {
    project.provide("postgres", { missing: "npm run test:all runs it" });
    return undefined;
  }
  if (findPostgres() === undefined) {
    if (process.env.REQUIRE_POSTGRES === "1") throw new Error(NO_POSTGRES);
    project.provide("postgres", { missing: NO_POSTGRES });
    return undefined;
  }
  let cluster: Promise<Cluster> | undefined;
  const server = createServer(async (_request, response) => {
    cluster ??= started();
    const database = (await cluster.catch(() => undefined))?.createDatabase();
    const url = await database?.catch(() => undefined);
    response.writeHead(url === undefined ? 500 : 200).end(url ?? "the throw-away PostgreSQL did not start");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  project.provide("postgres", { url: `http://127.0.0.1:${port}/` });
  return async () => {
    server.closeAllConnections();
    server.close();
    await (await cluster?.catch(() => undefined))?.stop();
  };
}

async function started(): Promise<Cluster> {
  const cluster = await startCluster();
  process.stdout.write(`PostgreSQL for the tests: ${cluster.url} (fsync off, gone after the run)\n`);
  return cluster;
}
