#!/usr/bin/env node
import { processIo } from "./io";
import { runCli } from "./run-cli";

// The reader may stop early (`| head`). The command still ends what it began.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// Not process.exit: the last lines may not be written yet.
process.exitCode = await runCli(process.argv.slice(2), processIo);
