import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../../kit/json";
import { CancelReason, TransactionState } from "../../../protocol/states";
import type { Disagreement } from "./disagreement";
import { isExpired, type MockTransaction } from "./merchant-book";
import { isTimestamp } from "./result-problems";

/** The period of a statement, in Payme's times, both ends included. */
export interface StatementPeriod {
  readonly from: number;
  readonly to: number;
}

/** The differences between a statement and Payme's books of the same period. Pure. */
export function compareStatement(
  transactions: readonly MockTransaction[],
  lines: readonly unknown[],
  { from, to }: StatementPeriod,
  now: number,
): Disagreement[] {
  const known = new Map(transactions.map((each) => [each.id, each]));
  const seen = new Set<string>();
  const found: Disagreement[] = [];
  type Noted = [Disagreement["kind"], id: string | null, field: string | null, expected: unknown, actual: unknown];
  const note = (...[kind, id, field, expected, actual]: Noted) =>
    found.push({ kind, method: "GetStatement", id, field, expected, actual });

  let last = from;
  for (const line of lines) {
    const { id, time } = isRecord(line) ? line : {};
    if (!isRecord(line) || typeof id !== "string" || typeof time !== "number") {
      note("wrong_statement", null, null, "a transaction with its id and time", line);
      continue;
    }
    if (time < from || time > to) note("wrong_statement", id, "time", `from ${from} to ${to}`, time);
    else if (time < last) note("wrong_statement", id, "time", `${last} or later: oldest first`, time);
    last = Math.max(last, time);
    if (seen.has(id)) note("wrong_statement", id, "id", "one line for each transaction", id);
    seen.add(id);
    const ours = known.get(id);
    if (ours === undefined) note("unknown_to_payme", id, null, undefined, line);
    else found.push(...compareTransaction(ours, line, "GetStatement", now));
  }
  const missing = transactions.filter(
    ({ id, state, time }) => state !== 0 && time >= from && time <= to && !seen.has(id),
  );
  for (const ours of missing) note("missing_at_merchant", ours.id, null, ours, undefined);
  return found;
}

/** The differences between Payme's books and what a statement or a CheckTransaction says of a transaction. */
export function compareTransaction(
  ours: MockTransaction,
  theirs: Readonly<Record<string, unknown>>,
  method: "GetStatement" | "CheckTransaction",
  now: number,
): Disagreement[] {
  return expectations(ours, theirs, now)
    .filter(([field]) => method === "GetStatement" || !["time", "amount", "account"].includes(field))
    .filter(([field, expected]) => !isEqual(field, expected, theirs[field]))
    .map(([field, expected]) => {
      return { kind: "books_differ", method, id: ours.id, field, expected, actual: theirs[field] };
    });
}

/** Expected where the merchant has not said the time yet: any time. */
const ANY_TIME = "a time";

/** The expected fields. While a call is undecided either side may be ahead: then only the fixed ones count. */
function expectations(
  ours: MockTransaction,
  theirs: Readonly<Record<string, unknown>>,
  now: number,
): [field: string, expected: unknown][] {
  const { state, performTime, cancelTime } = ours;
  const fixed: [string, unknown][] = [
    ["time", ours.time],
    ["amount", ours.amount],
    ["account", ours.account],
    ["create_time", told(ours.createTime)],
    ...(ours.transaction === null ? [] : [["transaction", ours.transaction] satisfies [string, unknown]]),
  ];
  if (theirs.state !== state && isAhead(ours, theirs.state, now)) {
    const reason = theirs.state === TransactionState.CANCELLED && isExpired(ours, now) && ours.undecided.length === 0;
    return reason ? [...fixed, ["reason", CancelReason.TIMEOUT], ["cancel_time", ANY_TIME]] : fixed;
  }
  const wasRefunded = state === TransactionState.REFUNDED;
  const wasPerformed = state === TransactionState.PERFORMED || wasRefunded;
  const wasCancelled = state === TransactionState.CANCELLED || wasRefunded;
  return [
    ...fixed,
    ["state", state],
    ["reason", ours.reason],
    ["perform_time", wasPerformed ? told(performTime) : 0],
    ["cancel_time", wasCancelled ? told(cancelTime) : 0],
  ];
}

/** True where the merchant may correctly have another state than Payme's books. */
function isAhead({ state, undecided, cancelTime, ...ours }: MockTransaction, theirs: unknown, now: number): boolean {
  const { CREATED, PERFORMED, CANCELLED, REFUNDED } = TransactionState;
  const reachable = new Set<unknown>([state]);
  if (undecided.includes("CreateTransaction") && reachable.has(0)) reachable.add(CREATED);
  if (undecided.includes("PerformTransaction") && reachable.has(CREATED)) reachable.add(PERFORMED);
  if (undecided.includes("CancelTransaction")) {
    if (reachable.has(CREATED)) reachable.add(CANCELLED);
    if (reachable.has(PERFORMED)) reachable.add(REFUNDED);
  }
  // A merchant may end a transaction when its 12 hours are over, or only when it looks at it again.
  if (reachable.has(CREATED) && isExpired(ours, now)) reachable.add(CANCELLED);
  if (state === CANCELLED && cancelTime === 0) reachable.add(CREATED);
  return reachable.has(theirs);
}

function isEqual(field: string, expected: unknown, actual: unknown): boolean {
  if (expected === ANY_TIME) return isTimestamp(actual);
  if (field === "account") return isDeepStrictEqual(asTexts(actual), asTexts(expected));
  if (field === "transaction") return String(actual) === expected;
  return actual === expected;
}

/** Merchants return an account as they store it: numbers as texts, or texts as numbers. */
function asTexts(account: unknown): unknown {
  if (!isRecord(account)) return account;
  return Object.fromEntries(Object.entries(account).map(([name, value]) => [name, String(value)]));
}

function told(time: number): number | typeof ANY_TIME {
  return time === 0 ? ANY_TIME : time;
}
