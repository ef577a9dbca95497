// Adds up the counts of JSON reports and prints the one line that a machine reads: `N passed, N failed`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [directory, ...expected] = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };
const found = new Set();
for (const name of readdirSync(directory)) {
  const report = JSON.parse(readFileSync(join(directory, name), "utf8"));
  found.add(name.replace(/\.json$/, ""));
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  totals.skipped += report.numPendingTests ?? 0;
}
for (const name of expected) {
  if (found.has(name)) continue;
  console.log(`no report of ${name}: it did not run to its end`);
  totals.failed += 1;
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
