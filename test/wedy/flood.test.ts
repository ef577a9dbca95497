import { expect, it } from "vitest";
import { describeOnPostgres, newDatabase } from "../postgres/database";
import { type Flood, flood, quantile } from "./flood";

/** `FLOOD=1200` for the numbers in full: half of it is as much of a flood, and CI has other things to do. */
const PURCHASES = Number(process.env.FLOOD ?? 600);
const TIMEOUT_MS = 120_000;

/** How long a call takes says nothing on a busy machine: it is printed, and not judged. */
function report(database: string, { statuses, receipts, quietMs, loudMs }: Flood): void {
  const [quiet, loud] = [quantile(quietMs, 0.99), quantile(loudMs, 0.99)];
  const median = `${quantile(quietMs, 0.5).toFixed(1)} -> ${quantile(loudMs, 0.5).toFixed(1)} ms`;
  const p99 = `${quiet.toFixed(1)} -> ${loud.toFixed(1)} ms (${(loud / quiet).toFixed(1)} times)`;
  console.log(
    `${database}: ${PURCHASES} purchases at once ${JSON.stringify(statuses)}, ${receipts} receipts;`,
    `Payme's ${loudMs.length} calls: median ${median}, p99 ${p99}, longest ${Math.max(...loudMs).toFixed(0)} ms`,
  );
}

function judge({ statuses, receipts, paymeErrors, quietMs, loudMs }: Flood): void {
  expect(paymeErrors).toEqual([]);
  expect(quietMs.length).toBe(120);
  expect(loudMs.length).toBeGreaterThan(0);
  // 503: a machine that is too slow for all of them.
  const { 200: made, 409: refused = 0, 503: late = 0, ...others } = statuses;
  expect({ receipts, made, refused: refused + late, others }).toEqual({
    receipts: 20,
    made: 20,
    refused: PURCHASES - 20,
    others: {},
  });
}

it("a flood by one user leaves Payme's calls alone: SQLite", { timeout: TIMEOUT_MS }, async () => {
  const seen = await flood(undefined, PURCHASES);
  report("SQLite", seen);
  judge(seen);
});

describeOnPostgres("on PostgreSQL", () => {
  it("a flood by one user leaves Payme's calls alone", { timeout: TIMEOUT_MS }, async () => {
    const seen = await flood(await newDatabase(), PURCHASES);
    report("PostgreSQL", seen);
    judge(seen);
  });
});
