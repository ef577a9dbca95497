import type { StorageSuiteGroup } from "./groups";

/** What an adapter's author does where a case of a group fails, unless the case itself knows better. */
export const ADVICE: Readonly<Record<StorageSuiteGroup, string>> = {
  basics:
    "Look at how this verb's row is written and read back: every column, null and JSON as given, text as UTF-8, and cashbox and mode in every WHERE.",
  guards:
    "Put the guard into the statement that makes the change (UPDATE … WHERE state = …), and let a unique index refuse what may not stand twice.",
  outcomes:
    "Where the change gave no row back, read the row as it stands in a new statement, and judge by it; judgePayment and judgeTransaction do that.",
  races:
    "Never read, look and then write: the guard belongs into the WHERE of the UPDATE itself (not into a sub-select), and inserts into ON CONFLICT DO NOTHING RETURNING over a unique index.",
  rollback:
    "Make using(tx) run every statement on the connection of that tx, commit only when work has returned, roll back when it has thrown, and read outside on another connection.",
  reopen:
    "Resolve a verb only once its commit is on disk (on SQLite synchronous=FULL), and keep ids and unique keys in the database.",
  "two stores":
    "Keep nothing of the books in the process: no cache, no counter, no lock of your own in place of the database's.",
  paging:
    'Order by (time, id), compare both with the cursor in one condition, (time, id) > ($1, $2), and let the database compare ids by their bytes (COLLATE "C").',
  clock:
    "Take every time from the arguments, never from the process or the database, and lift times as the doc comments of the changes say.",
  "64-bit":
    "Use BIGINT for amounts and times, hand them to the driver unrounded, and read what it gives (number, string or bigint) as a safe integer.",
  events:
    "Claim in one statement that sets token and lease where no lease stands, the oldest undelivered of each subject only; close only where the token is the one that claimed.",
  timetable:
    "Make lockUser hold the user's row until the transaction ends (SELECT … FOR UPDATE, or the write lock), read grants after it, and keep payment_id unique.",
};
