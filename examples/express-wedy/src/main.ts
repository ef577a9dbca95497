import { isPaymeError } from "payme-kit";
import { readConfig } from "./config";
import { loadEnvFile } from "./env-file";
import { onStop } from "./on-stop";
import { type RunningServer, startServer } from "./start-server";

/** Starts the server. Told to stop, it finishes the requests in flight and exits with 0. */
async function main(): Promise<void> {
  let server: RunningServer | undefined;
  onStop(async () => {
    await server?.close();
    process.exit(0);
  });
  loadEnvFile();
  server = await startServer(readConfig(process.env));
  process.stdout.write(`${server.greeting}\n`);
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
