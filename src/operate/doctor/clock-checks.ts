import { integer } from "../../storage/sql/rows";
import { checksOf } from "./check";
import { right, type Seen, uncertain, wrong } from "./finding";
import type { Subject } from "./subject";
import { NO_ID } from "./try-key";

const DOUBTFUL_MS = 30_000;
/** From here on the endpoint warns of the clock, too. */
const WRONG_MS = 120_000;

export const clockChecks = checksOf("clock", (subject) => subject, [
  {
    id: "payme",
    after: ["payme.reached"],
    isOnline: true,
    looksAt: "the `Date` of Payme's answer and this machine's clock",
    why: "Payme's time begins the 12 hours of a transaction, and this clock ends them.",
    async look({ payme, now, fetch }, _subject, signal) {
      if (payme === undefined) return undefined;
      const url = payme.client.receiptUrl(NO_ID).replace(NO_ID, "api");
      const before = now();
      const response = await fetch(url, { redirect: "manual", signal });
      void response.body?.cancel().catch(() => {});
      const theirs = Date.parse(response.headers.get("date") ?? "");
      if (Number.isNaN(theirs)) return uncertain("Payme's answer has no Date", "Compare the clock by hand: date -u");
      return skewSeen("Payme", theirs - (before + now()) / 2);
    },
  },
  {
    id: "database",
    after: ["database.reached"],
    looksAt: "the database's clock and this machine's",
    why: "Two machines that disagree on the time expire transactions at two times.",
    async look({ database, now }) {
      if (database?.sql.dialect !== "postgres") return undefined;
      const before = now();
      const [row] = await database.sql.read((executor) =>
        executor.execute("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS ms", []),
      );
      return skewSeen("the database", integer(row?.ms) - (before + now()) / 2);
    },
  },
] satisfies Parameters<typeof checksOf<Subject>>[2]);

function skewSeen(whose: string, ms: number): Seen {
  const saw = `this clock is ${Math.abs(Math.round(ms / 1000))} s ${ms > 0 ? "behind" : "ahead of"} that of ${whose}`;
  const fix = "Set this machine's clock by NTP: timedatectl set-ntp true";
  if (Math.abs(ms) > WRONG_MS) return wrong(saw, fix);
  return Math.abs(ms) > DOUBTFUL_MS ? uncertain(saw, fix) : right(`this clock and that of ${whose} agree`);
}
