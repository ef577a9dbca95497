import { importMs, median } from "./fresh-process";

const ROUNDS = 15;

/** Importing payme-kit, beside importing ky and zod together: a new process each time, alternating. */
export function benchImport(): void {
  benchImportOf("payme-kit", 1.2);
}

/** The same of any of its subpaths. */
export function benchImportOf(subpath: string, wanted: number): void {
  const floor: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floor.push(importMs(`await import("ky"); await import("zod");`));
    ours.push(importMs(`await import("${subpath}");`));
  }
  const ratio = median(ours) / median(floor);
  const times = `ours ${median(ours).toFixed(1)} ms, floor ${median(floor).toFixed(1)} ms`;
  const line = `import of ${subpath} / ky and zod (${times})`;
  console.log(`${ratio.toFixed(2).padStart(6)}  ${`<= ${wanted}`.padEnd(9)} ${line}`);
}
