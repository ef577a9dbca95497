#!/usr/bin/env node
import { processIo } from "./io";
import { runCli } from "./run-cli";

// Not process.exit: what was written last may still be on its way.
process.exitCode = await runCli(process.argv.slice(2), processIo);
