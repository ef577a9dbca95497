import type { Answer } from "../caller";
import { reached, Verdict } from "../expect";
import { isJsonObject, type JsonObject } from "../json";
import { type Run, type Story, story, type Wanted } from "../run";
import { manyPerforms, manyTransactions, performAgainstCancel } from "./at-once";
import { afterCancelled, refunded } from "./sandbox";
import { expired, NEARLY_MS, nearlyTwelveHours } from "./twelve-hours";

/** The most that an endpoint's clock may differ. */
const SLACK_MS = 5 * 60_000;

/** The stories whose transactions a statement must list. */
const EVERYTHING: readonly Story<unknown>[] = [
  afterCancelled,
  refunded,
  nearlyTwelveHours,
  expired,
  manyTransactions,
  manyPerforms,
  performAgainstCancel,
];

/** All transactions of this run, by GetStatement and by CheckTransaction. */
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

/** A transaction that is hours old, but was accepted now. It belongs into the statement of its time, not of now. */
export const oldTransaction = story(async (run) => {
  const { wanted, create } = await nearlyTwelveHours(run);
  reached(create);
  const around = await getStatement(run, wanted.time - 1, wanted.time + 1);
  const atStart = await getStatement(run, wanted.time, wanted.time + 1);
  const atEnd = await getStatement(run, wanted.time - 1, wanted.time);
  const exactly = await getStatement(run, wanted.time, wanted.time);
  const beside = await getStatement(run, ...besideInItsSecond(wanted.time));
  // Hours from its time, even with wrong clocks and slow calls.
  const [from, to] = [wanted.time + NEARLY_MS - SLACK_MS, run.now() + SLACK_MS];
  return { wanted, around, atStart, atEnd, exactly, beside, today: await getStatement(run, from, to) };
});

/** A part of the same second that does not hold the time. */
function besideInItsSecond(time: number): [from: number, to: number] {
  const start = time - (time % 1_000);
  return time - start < 500 ? [time + 1, start + 999] : [start, time - 1];
}

export function getStatement(run: Run, from: number, to: number): Promise<Answer> {
  return run.call("GetStatement", { from, to });
}

/** The transactions of a statement. */
export function linesOf({ result }: Answer): readonly JsonObject[] {
  const lines: unknown = result?.transactions;
  return Array.isArray(lines) ? lines.filter(isJsonObject) : [];
}

/** The transaction in the statement; undefined where it is not listed. */
export function lineOf(answer: Answer, { id }: Wanted): JsonObject | undefined {
  return linesOf(answer).find((line) => line.id === id);
}

/** True where the statement lists the transaction. */
export function has(answer: Answer, wanted: Wanted): boolean {
  return lineOf(answer, wanted) !== undefined;
}

function unlessVerdict(error: unknown): void {
  if (!(error instanceof Verdict)) throw error;
}
