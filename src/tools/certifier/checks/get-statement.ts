import { isDeepStrictEqual } from "node:util";
import type { Answer } from "../caller";
import { checksOf } from "../check";
import { expectResult, fail, show, skip, warn } from "../expect";
import { isJsonObject, type JsonObject } from "../json";
import type { Run } from "../run";
import { PAYME } from "../sources";
import { getStatement, has, oldTransaction, statement } from "../stories/statement";

/** A time long before Payme began. */
const LONG_AGO = 978_307_200_000;

/** The members that CheckTransaction and the statement share. */
const SHARED = ["create_time", "perform_time", "cancel_time", "transaction", "state", "reason"];

/** Texts that Payme's own PHP template gives as numbers in its statement. */
const TEXTS = ["account", "transaction"];

/** The checks of GetStatement. The method is mandatory. */
export const statementChecks = checksOf("GetStatement", [
  {
    id: "statement.empty",
    rule: "a period without transactions gives an empty list",
    sandbox: "GetStatement",
    source: PAYME.statement,
    mend: "Answer `{ transactions: [] }`.",
    run: async (run) => expectResult(await getStatement(run, LONG_AGO, LONG_AGO + 1_000), { transactions: [] }),
  },
  {
    id: "statement.id",
    rule: "each transaction has Payme's id",
    source: PAYME.statement,
    mend: "Add `id`, Payme's id, beside `transaction`, your id.",
    async run(run) {
      const { answer, lines, seen } = await statement(run);
      if (seen.length === 0) skip("no transaction was created");
      const strange = lines.find(({ id }) => typeof id !== "string");
      if (strange !== undefined) fail("id: Payme's", answer, `id ${show(strange.id)}`);
    },
  },
  {
    id: "statement.all-states",
    rule: "the statement lists all states: created, performed, cancelled, refunded",
    source: PAYME.statement,
    mend: "Do not filter by state.",
    async run(run) {
      const { answer, seen } = await statementWithIds(run);
      // A transaction that CheckTransaction does not know either is lost: see create.race-winner.
      const missing = seen.find(({ wanted, check }) => check.error?.code !== -31003 && !has(answer, wanted));
      if (missing === undefined) return;
      fail("all transactions of the period", answer, `none in state ${show(missing.check.result?.state)}`);
    },
  },
  {
    id: "statement.created-only",
    rule: "the statement lists no refused transaction, and none twice",
    source: PAYME.statement,
    mend: "List the transactions that Create accepted: one row for each id of Payme.",
    async run(run) {
      const { answer, lines } = await statementWithIds(run);
      const refused = [...run.refused.values()].find((wanted) => has(answer, wanted));
      if (refused !== undefined) fail("accepted transactions only", answer, `${refused.id}, which was refused`);
      if (new Set(lines.map(({ id }) => id)).size < lines.length) fail("each id once", answer, "one twice");
    },
  },
  {
    id: "statement.tiyin",
    rule: "amount is the amount of Create, in tiyin",
    source: PAYME.types,
    mend: "Answer whole tiyin: som times 100.",
    run: (run) => agrees(run, ["amount"]),
  },
  {
    id: "statement.as-received",
    rule: "time and account are those of Create",
    source: PAYME.statement,
    mend: "Store Payme's `time` and `account` at Create, and answer the stored values.",
    run: (run) => agrees(run, ["time", "account"]),
  },
  {
    id: "statement.agrees",
    rule: "state, reason, transaction and the three times are as in CheckTransaction",
    source: PAYME.statement,
    mend: "Make both answers from the same row with the same function.",
    async run(run) {
      const { answer, lines, seen } = await statementWithIds(run);
      const pairs: Pair[] = [];
      for (const { wanted, check } of seen) {
        const line = lines.find(({ id }) => id === wanted.id);
        if (line === undefined || check.result === undefined) continue;
        // The statement itself may have ended what is over: then CheckTransaction shows that now.
        const later = isAlike({ line, right: check.result }) ? check : await run.checkTransaction(wanted);
        pairs.push({ line, right: later.result ?? check.result });
      }
      expectAlike(answer, pairs, SHARED);
    },
  },
  {
    id: "statement.by-payme-time",
    rule: "the period selects by Payme's `time`, not by your create_time",
    source: PAYME.statement,
    mend: "Select by the `time` of Create.",
    async run(run) {
      await statementWithIds(run);
      const { wanted, around, today } = await oldTransaction(run);
      if (!has(around, wanted)) fail(`${wanted.id}, whose time is ${wanted.time}`, around, "not listed");
      if (has(today, wanted)) fail(`not ${wanted.id}, whose time is ${wanted.time}`, today, "listed");
    },
  },
  {
    id: "statement.inclusive",
    rule: "the period includes both ends: from <= time <= to",
    source: `${PAYME.statement} (Payme's own PHP template refuses a period whose from is its to)`,
    mend: "Compare with >= and <=, in milliseconds.",
    async run(run) {
      await statementWithIds(run);
      const { wanted, around, atStart, atEnd, exactly } = await oldTransaction(run);
      if (!has(around, wanted)) skip("not listed at its own time: see statement.by-payme-time");
      if (!has(atStart, wanted)) fail(`${wanted.id}, whose time is from`, atStart, "not listed");
      if (!has(atEnd, wanted)) fail(`${wanted.id}, whose time is to`, atEnd, "not listed");
      if (!has(exactly, wanted)) warn(`${wanted.id}, whose time is both from and to`, exactly);
    },
  },
  {
    id: "statement.milliseconds",
    rule: "the period ends at a millisecond: a time outside of it in the same second is not listed",
    source: `${PAYME.statement} (Payme's own PHP template compares seconds)`,
    mend: "Store all 13 digits of `time`, and compare with from and to unchanged.",
    async run(run) {
      await statementWithIds(run);
      const { wanted, around, beside } = await oldTransaction(run);
      if (!has(around, wanted)) skip("not listed at its own time: see statement.by-payme-time");
      if (has(beside, wanted)) warn(`not ${wanted.id}, whose time is ${wanted.time}`, beside, "listed");
    },
  },
  {
    id: "statement.ascending",
    rule: "the oldest transaction comes first, by Payme's `time`",
    source: PAYME.statement,
    mend: "ORDER BY time ASC.",
    async run(run) {
      const { answer, lines } = await statementWithIds(run);
      const times = (member: string) => lines.map((line) => line[member]);
      if (isAscending(times("time"))) return;
      // The docs say "by creation", which may also mean the merchant's create_time.
      if (isAscending(times("create_time"))) warn("ascending by Payme's time", answer, "ascending by create_time");
      fail("ascending by time", answer, times("time").map(show).join(", "));
    },
  },
]);

/** The statement. Skips the check where its lines have no ids. */
async function statementWithIds(run: Run) {
  const result = await statement(run);
  if (result.seen.length === 0) skip("no transaction was created");
  if (result.lines.some(({ id }) => typeof id !== "string")) skip("its transactions have no id: see statement.id");
  return result;
}

/** Expects these members in each line as in the call of Create. */
async function agrees(run: Run, members: readonly ("amount" | "time" | "account")[]): Promise<void> {
  const { answer, lines } = await statementWithIds(run);
  const pairs = lines.flatMap((line) => {
    const wanted = run.accepted.get(String(line.id));
    return wanted === undefined ? [] : [{ line, right: { ...wanted } }];
  });
  expectAlike(answer, pairs, members);
}

/** A line of the statement, and what is right for it. */
interface Pair {
  readonly line: JsonObject;
  readonly right: JsonObject;
}

function isAlike({ line, right }: Pair): boolean {
  return SHARED.every((member) => isDeepStrictEqual(line[member], right[member]));
}

/** Expects the right members in each line. A number for its text is a warning. */
function expectAlike(answer: Answer, pairs: readonly Pair[], members: readonly string[]): void {
  const all = pairs.flatMap(({ line, right }) =>
    members.map((member) => ({ id: line.id, member, got: line[member], expected: right[member] })),
  );
  const different = all.filter(({ got, expected }) => !isDeepStrictEqual(got, expected));
  const isWrong = ({ member, got, expected }: (typeof all)[number]) =>
    !TEXTS.includes(member) || !isDeepStrictEqual(asText(got), asText(expected));
  const wrong = different.find(isWrong);
  const told = wrong ?? different[0];
  if (told === undefined) return;
  const { id, member, got, expected } = told;
  const tell = wrong === undefined ? warn : fail;
  tell(`${member} ${show(expected)} for ${show(id)}`, answer, `${member} ${show(got)}`);
}

/** The value with its numbers, also those of its members, as text. */
function asText(value: unknown): unknown {
  if (!isJsonObject(value)) return typeof value === "number" ? String(value) : value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)]));
}

function isAscending(times: readonly unknown[]): boolean {
  return times.every((time, n) => n === 0 || Number(time) >= Number(times[n - 1]));
}
