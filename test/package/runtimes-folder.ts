import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the runtimes are installed once, for all files of a run. */
    runtimesFolder: string;
  }
}

/** RUNTIMES_FOLDER keeps them for the next run. */
export default function setup({ provide }: TestProject) {
  const kept = process.env.RUNTIMES_FOLDER;
  const folder = kept ?? mkdtempSync(join(tmpdir(), "payme-kit-runtimes-"));
  provide("runtimesFolder", folder);
  return () => kept ?? rmSync(folder, { recursive: true, force: true });
}
