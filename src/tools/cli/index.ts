#!/usr/bin/env node
import { processIo } from "./io";
import { runCli } from "./run-cli";

// Who reads may stop early (`| head`): a command that is under way ends what it began all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// Not process.exit: what was written last may still be on its way.
process.exitCode = await runCli(process.argv.slice(2), processIo);
