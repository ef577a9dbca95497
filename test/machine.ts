import { spawnSync } from "node:child_process";
import { describe } from "vitest";

/**
 * `describe` for tests that run another program. Where the machine does not have it they are skipped, and the output says so;
 * in CI that is a failure.
 */
export function describeWith(program: string, title: string, define: () => void): void {
  if (spawnSync(program, ["--version"]).status === 0) {
    describe(title, define);
    return;
  }
  if (process.env.CI === "true") throw new Error(`no ${program} on this machine, and CI leaves out no test: ${title}`);
  console.warn(`skipped, since this machine has no ${program}: ${title}`);
  describe.skip(`${title} (skipped: no ${program} on this machine)`, define);
}
