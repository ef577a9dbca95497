import { spawnSync } from "node:child_process";

/** Runs a script in a new process, and gives the number that it prints. `flags`: Node's own. */
export function numberFrom(script: string, flags: readonly string[] = []): number {
  const args = [...flags, "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const number = Number(stdout);
  if (!(number > 0)) throw new Error(`the script failed: ${stderr}`);
  return number;
}

/** How long imports take in a new process, in ms. */
export function importMs(imports: string): number {
  return numberFrom(`const start = performance.now(); ${imports} console.log(performance.now() - start);`);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
