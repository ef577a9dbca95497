import { isDeepStrictEqual } from "node:util";
import type { Check } from "../check";
import { expectResult, fail, show, skip, warn } from "../expect";
import type { Run } from "../run";
import { PAYME } from "../sources";
import { getStatement, has, oldTransaction, statement } from "../stories/statement";

const method = "GetStatement";

/** A time long before there was Payme. */
const LONG_AGO = 978_307_200_000;

/** What CheckTransaction and the statement say alike. */
const SHARED = ["create_time", "perform_time", "cancel_time", "transaction", "state", "reason"];

/** The transactions of a period, for reconciliation. Mandatory. */
export const statementChecks: readonly Check[] = [
  {
    id: "statement.empty",
    method,
    rule: "a period without transactions is an empty list",
    sandbox: "GetStatement",
    source: PAYME.statement,
    mend: "Answer `{ transactions: [] }`.",
    async run(run) {
      expectResult(await getStatement(run, LONG_AGO, LONG_AGO + 1_000), { transactions: [] });
    },
  },
  {
    id: "statement.id",
    method,
    rule: "each transaction has Payme's id",
    source: PAYME.statement,
    mend: "Add `id`: the one that Payme sent, beside `transaction`, which is yours.",
    async run(run) {
      const { answer, lines, seen } = await statement(run);
      if (seen.length === 0) skip("no transaction was created");
      const strange = lines.find(({ id }) => typeof id !== "string");
      if (strange !== undefined) fail("id: Payme's", answer, `id ${show(strange.id)}`);
    },
  },
  {
    id: "statement.all-states",
    method,
    rule: "transactions of all states are listed: created, performed, cancelled, refunded",
    source: PAYME.statement,
    mend: "Do not filter by state.",
    async run(run) {
      const { answer, seen } = await statementWithIds(run);
      const missing = seen.find(({ wanted }) => !has(answer, wanted));
      if (missing === undefined) return;
      fail("all transactions of the period", answer, `none in state ${show(missing.check.result?.state)}`);
    },
  },
  {
    id: "statement.created-only",
    method,
    rule: "a transaction that was refused is not listed, and none twice",
    source: PAYME.statement,
    mend: "List what Create accepted: one row for each of Payme's ids.",
    async run(run) {
      const { answer, lines } = await statementWithIds(run);
      const refused = [...run.refused.values()].find((wanted) => has(answer, wanted));
      if (refused !== undefined) fail("accepted transactions only", answer, `${refused.id}, which was refused`);
      if (new Set(lines.map(({ id }) => id)).size < lines.length) fail("each id once", answer, "one twice");
    },
  },
  {
    id: "statement.tiyin",
    method,
    rule: "amount is what Create was sent, in tiyin",
    source: PAYME.types,
    mend: "Answer whole tiyin: som times 100.",
    run: (run) => agrees(run, ["amount"]),
  },
  {
    id: "statement.as-received",
    method,
    rule: "time and account are as Create was sent them",
    source: PAYME.statement,
    mend: "Store Payme's `time` and `account` at Create and answer them from there.",
    run: (run) => agrees(run, ["time", "account"]),
  },
  {
    id: "statement.agrees",
    method,
    rule: "state, reason, transaction and the three times are as CheckTransaction says them",
    source: PAYME.statement,
    mend: "Make both answers from the same row by the same function.",
    async run(run) {
      const { answer, lines, seen } = await statementWithIds(run);
      for (const { wanted, check } of seen) {
        const line = lines.find(({ id }) => id === wanted.id);
        if (line === undefined || check.result === undefined) continue;
        const { result } = check;
        const differs = SHARED.find((member) => !isDeepStrictEqual(line[member], result[member]));
        if (differs === undefined) continue;
        fail(`${differs} ${show(result[differs])} for ${wanted.id}`, answer, `${differs} ${show(line[differs])}`);
      }
    },
  },
  {
    id: "statement.by-payme-time",
    method,
    rule: "the period is one of Payme's `time`, not of your own create_time",
    source: PAYME.statement,
    mend: "Select by the `time` that Payme sent with Create.",
    async run(run) {
      await statementWithIds(run);
      const { wanted, around, today } = await oldTransaction(run);
      if (!has(around, wanted)) fail(`${wanted.id}, whose time is ${wanted.time}`, around, "not listed");
      if (has(today, wanted)) fail(`not ${wanted.id}, whose time is ${wanted.time}`, today, "listed");
    },
  },
  {
    id: "statement.inclusive",
    method,
    rule: "both ends of the period are within it: from <= time <= to",
    source: PAYME.statement,
    mend: "Compare with >= and <=, in milliseconds.",
    async run(run) {
      await statementWithIds(run);
      const { wanted, around, exactly } = await oldTransaction(run);
      if (!has(around, wanted)) skip("not listed in its own time: see statement.by-payme-time");
      if (!has(exactly, wanted)) fail(`${wanted.id}, whose time is both from and to`, exactly, "not listed");
    },
  },
  {
    id: "statement.milliseconds",
    method,
    rule: "the ends of the period are milliseconds: what lies outside of it in the same second is not listed",
    source: `${PAYME.statement} (Payme's own PHP template compares seconds)`,
    mend: "Store `time` whole, 13 digits, and compare with from and to as they come.",
    async run(run) {
      await statementWithIds(run);
      const { wanted, around, beside } = await oldTransaction(run);
      if (!has(around, wanted)) skip("not listed in its own time: see statement.by-payme-time");
      if (has(beside, wanted)) warn(`not ${wanted.id}, whose time is ${wanted.time}`, beside, "listed");
    },
  },
  {
    id: "statement.ascending",
    method,
    rule: "the oldest comes first, by Payme's `time`",
    source: PAYME.statement,
    mend: "ORDER BY time ASC.",
    async run(run) {
      const { answer, lines } = await statementWithIds(run);
      const times = (member: string) => lines.map((line) => line[member]);
      if (isAscending(times("time"))) return;
      // "By creation" may be read as the merchant's.
      if (isAscending(times("create_time"))) warn("ascending by Payme's time", answer, "ascending by create_time");
      fail("ascending by time", answer, times("time").map(show).join(", "));
    },
  },
];

/** The statement; skipped where its lines cannot be told apart. */
async function statementWithIds(run: Run) {
  const told = await statement(run);
  if (told.seen.length === 0) skip("no transaction was created");
  if (told.lines.some(({ id }) => typeof id !== "string")) skip("its transactions have no id: see statement.id");
  return told;
}

/** Each line says of these members what Create was sent. */
async function agrees(run: Run, members: readonly ("amount" | "time" | "account")[]): Promise<void> {
  const { answer, lines } = await statementWithIds(run);
  for (const line of lines) {
    const wanted = run.accepted.get(String(line.id));
    if (wanted === undefined) continue;
    for (const member of members) {
      if (isDeepStrictEqual(line[member], wanted[member])) continue;
      fail(`${member} ${show(wanted[member])} for ${wanted.id}`, answer, `${member} ${show(line[member])}`);
    }
  }
}

function isAscending(times: readonly unknown[]): boolean {
  return times.every((time, n) => n === 0 || Number(time) >= Number(times[n - 1]));
}
