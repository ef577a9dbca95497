import { spawnSync } from "node:child_process";

const ROUNDS = 15;

/** Importing payme-kit, beside importing ky and zod together: a new process each time, alternating. */
export function benchImport(): void {
  const floor: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floor.push(importMs(`await import("ky"); await import("zod");`));
    ours.push(importMs(`await import("payme-kit");`));
  }
  const ratio = median(ours) / median(floor);
  const times = `ours ${median(ours).toFixed(1)} ms, floor ${median(floor).toFixed(1)} ms`;
  console.log(`${ratio.toFixed(2).padStart(6)}  ${"<= 1.2".padEnd(9)} import of payme-kit / ky and zod (${times})`);
}

function importMs(imports: string): number {
  const script = `const start = performance.now(); ${imports} console.log(performance.now() - start);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const ms = Number(stdout);
  if (!(ms > 0)) throw new Error(`the import failed: ${stderr}`);
  return ms;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
