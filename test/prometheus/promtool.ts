import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, it } from "vitest";
import { samplesOf } from "./staged-shop";

export const RULES = resolve(import.meta.dirname, "../../examples/express-wedy/ops/payme-rules.yml");

/** Runs where Prometheus's own tool is; elsewhere it is skipped with a word, and fails in CI. */
export function describeWithPromtool(name: string, tests: () => void): void {
  const isHere = spawnSync("promtool", ["--version"]).status === 0;
  if (isHere) return void describe(name, tests);
  const missing = "promtool is not on this machine: apt-get install --no-install-recommends prometheus";
  if (process.env.REQUIRE_POSTGRES !== "1") return void describe.skip(`${name} (${missing})`, tests);
  it(name, () => {
    throw new Error(missing);
  });
}

/** An alert, as the rules label it. */
export interface Alert {
  readonly exp_labels: Readonly<Record<string, string>>;
  readonly exp_annotations: Readonly<Record<string, string>>;
}

/** Which alerts fire at a minute, by name: those that are not named do not. */
export interface Expected {
  readonly minute: number;
  readonly firing: Readonly<Record<string, readonly Alert[]>>;
}

/** Lets Prometheus evaluate the rules over scrapes of each minute. Throws with its words where other alerts fire. */
export function evaluate(scrapes: readonly string[], names: readonly string[], expected: readonly Expected[]): void {
  const folder = mkdtempSync(join(tmpdir(), "payme-rules-"));
  try {
    const file = join(folder, "test.json");
    const alerts = expected.flatMap(({ minute, firing }) =>
      names.map((alertname) => ({ eval_time: `${minute}m`, alertname, exp_alerts: firing[alertname] ?? [] })),
    );
    const tests = [{ interval: "1m", input_series: seriesOf(scrapes), alert_rule_test: alerts }];
    writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: "1m", tests }));
    execFileSync("promtool", ["test", "rules", file], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout = "", stderr = "" } = Object(error);
    throw new Error(`${stdout}${stderr}` || String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each series with its value at each minute, labelled as Prometheus labels what it scrapes. */
function seriesOf(scrapes: readonly string[]) {
  const read = scrapes.map(samplesOf);
  const names = new Set(read.flatMap((samples) => [...samples.keys()]));
  return [...names].map((name) => {
    const [, metric = "", labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(name) ?? [];
    const all = [labels, 'instance="shop:8000"', 'job="payme"'].filter(Boolean).join();
    return {
      series: `${metric}{${all}}`,
      values: read.map((samples) => samples.get(name)?.toString() ?? "_").join(" "),
    };
  });
}
