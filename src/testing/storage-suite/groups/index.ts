import type { SuiteCase, SuiteNeed } from "../under-test";
import { bystanders } from "./basics-bystanders";
import { copies } from "./basics-copies";
import { eventBasics } from "./basics-events";
import { paymentBasics } from "./basics-payments";
import { transactionBasics } from "./basics-transactions";
import { clock } from "./clock";
import { events } from "./events";
import { guards } from "./guards";
import { outcomes } from "./outcomes";
import { paging } from "./paging";
import { races } from "./races";
import { reads } from "./reads";
import { reopen } from "./reopen";
import { rollback } from "./rollback";
import { subscriptions } from "./subscriptions";
import { timetable } from "./timetable";
import { twoStores } from "./two-stores";
import { wideIntegers } from "./wide-integers";

/** The groups in their order, each with its cases and the advice for an adapter that fails. */
const GROUPS = [
  {
    name: "basics",
    cases: [...transactionBasics, ...paymentBasics, ...eventBasics, ...bystanders, ...copies],
    mend: "Check how this verb writes and reads its row: every column, null and JSON unchanged, UTF-8 text, and cashbox and mode in every WHERE.",
  },
  {
    name: "guards",
    cases: guards,
    mend: "Put the guard into the statement of the change (UPDATE … WHERE state = …), and let a unique index refuse a second row.",
  },
  {
    name: "outcomes",
    cases: outcomes,
    mend: "Where the change returned no row, read the row in a new statement and judge by it, with judgePayment and judgeTransaction.",
  },
  {
    name: "races",
    cases: races,
    mend: "Never read before you write. Put the guard into the WHERE of the UPDATE, not into a sub-select, and insert with ON CONFLICT DO NOTHING RETURNING over a unique index.",
  },
  {
    name: "rollback",
    cases: rollback,
    mend: "Let using(tx) run every statement on the connection of that tx. Commit when work returns, roll back when it throws, and read on another connection outside.",
  },
  {
    name: "reads",
    cases: reads,
    mend: "Give read a handle of its own that cannot write, on committed rows. Let using(tx) refuse the write verbs of that handle with STORAGE_MISUSE (readingVerbs).",
  },
  {
    name: "reopen",
    needs: "reopen",
    cases: reopen,
    mend: "Resolve a verb only after its commit is on disk (SQLite: synchronous=FULL), and keep ids and unique keys in the database.",
  },
  {
    name: "two stores",
    needs: "second",
    cases: twoStores,
    mend: "Keep no part of the books in the process: no cache, no counter, no lock in place of the database's lock.",
  },
  {
    name: "paging",
    cases: paging,
    mend: 'Order by (time, id), compare both with the cursor in one condition, (time, id) > ($1, $2), and compare ids by their bytes (COLLATE "C").',
  },
  {
    name: "clock",
    cases: clock,
    mend: "Take every time from the arguments, not from the process or the database, and raise times as the doc comments of the changes say.",
  },
  {
    name: "64-bit",
    cases: wideIntegers,
    mend: "Use BIGINT for amounts, times and reasons, pass them to the driver unrounded, and read its number, string or bigint as a safe integer.",
  },
  {
    name: "events",
    cases: events,
    mend: "Claim in one statement that sets token and lease where no lease is valid, only the oldest undelivered event of each subject. Close only with the token of the claim.",
  },
  {
    name: "timetable",
    needs: "tariffs",
    cases: timetable,
    mend: "Let lockUser hold the user's row until the transaction ends (SELECT … FOR UPDATE, or the write lock), read grants after it, and keep payment_id unique.",
  },
  {
    name: "subscriptions",
    needs: "subscriptions",
    cases: subscriptions,
    mend: "Keep period, attempt, token and (owner, plan) unique in the database, insert with ON CONFLICT DO NOTHING RETURNING, and let lockSubscription hold the row until the transaction ends.",
  },
] as const;

/** The name of a group of the suite. */
export type StorageSuiteGroup = (typeof GROUPS)[number]["name"];

/** The cases of a group. */
export interface SuiteGroup {
  readonly name: StorageSuiteGroup;
  /** The need of every case that names no other. */
  readonly needs?: SuiteNeed;
  readonly cases: readonly SuiteCase[];
  readonly mend: string;
}

export const suiteGroups: readonly SuiteGroup[] = GROUPS;

/** The names of the groups, in the order in which they run. */
export const storageSuiteGroups: readonly StorageSuiteGroup[] = GROUPS.map(({ name }) => name);
