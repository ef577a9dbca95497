import type { Answer } from "../caller";
import { reached, Verdict } from "../expect";
import { isJsonObject, type JsonObject } from "../json";
import type { Run, Wanted } from "../run";
import { manyPerforms, performAgainstCancel } from "./at-once";
import { refunded } from "./confirmed";
import type { Story } from "./story";
import { story } from "./story";
import { expired, nearlyTwelveHours } from "./twelve-hours";
import { afterCancelled } from "./unconfirmed";

/** What leaves transactions behind. */
const EVERYTHING: readonly Story<unknown>[] = [
  afterCancelled,
  refunded,
  nearlyTwelveHours,
  expired,
  manyPerforms,
  performAgainstCancel,
];

/** All that was done in this run, by GetStatement and by CheckTransaction. */
export const statement = story(async (run) => {
  for (const each of EVERYTHING) await each(run).catch(unlessVerdict);
  const transactions = [...run.accepted.values()];
  const seen: { wanted: Wanted; check: Answer }[] = [];
  for (const wanted of transactions) seen.push({ wanted, check: await run.checkTransaction(wanted) });
  const times = transactions.map(({ time }) => time);
  const answer = await getStatement(run, Math.min(...times, run.now()), Math.max(...times, run.now()));
  reached(answer);
  return { answer, seen, lines: linesOf(answer) };
});

/** A transaction of hours ago, which was accepted just now: in the statement of then, and not in that of now. */
export const oldTransaction = story(async (run) => {
  const { wanted, create } = await nearlyTwelveHours(run);
  const createTime = reached(create).create_time;
  const around = await getStatement(run, wanted.time - 1, wanted.time + 1);
  const exactly = await getStatement(run, wanted.time, wanted.time);
  const now = typeof createTime === "number" ? createTime : run.now();
  return { wanted, around, exactly, today: await getStatement(run, now - 1_000, now + 1_000) };
});

export function getStatement(run: Run, from: number, to: number): Promise<Answer> {
  return run.call("GetStatement", { from, to });
}

/** The transactions of a statement. */
export function linesOf({ result }: Answer): readonly JsonObject[] {
  const lines: unknown = result?.transactions;
  return Array.isArray(lines) ? lines.filter(isJsonObject) : [];
}

/** True where the statement has the transaction. */
export function has(answer: Answer, { id }: Wanted): boolean {
  return linesOf(answer).some((line) => line.id === id);
}

function unlessVerdict(error: unknown): void {
  if (!(error instanceof Verdict)) throw error;
}
