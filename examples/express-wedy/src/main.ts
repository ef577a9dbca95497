import { isPaymeError } from "payme-kit";
import { readConfig } from "./config";
import { loadEnvFile } from "./env-file";
import { type RunningServer, startServer } from "./start-server";

/** Starts the server, and stops it on SIGTERM and SIGINT: requests in flight are finished, then it exits with 0. */
async function main(): Promise<void> {
  loadEnvFile();
  const server = await startServer(readConfig(process.env));
  process.stdout.write(`${server.greeting}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(server));
}

async function stop(server: RunningServer): Promise<void> {
  await server.close();
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${startProblem(error)}\n`);
  process.exit(1);
});

function startProblem(error: unknown): string {
  if (isPaymeError(error)) return error.message;
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") {
    return `${error.message}: something else has that port. Stop it, or set PORT or MOCK_PORT to another one.`;
  }
  return error.stack ?? error.message;
}
