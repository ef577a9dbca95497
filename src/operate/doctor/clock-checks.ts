import { integer } from "../../storage/sql/columns";
import { type Check, right, type Seen, uncertain, wrong } from "./finding";
import { NO_ID } from "./try-key";

const DOUBTFUL_MS = 30_000;
/** From here on the endpoint warns of the clock, too. */
const WRONG_MS = 120_000;
const fix = "Set this machine's clock by NTP: timedatectl set-ntp true";

export const clockChecks: readonly Check[] = [
  {
    id: "clock.payme",
    after: ["payme.reached"],
    why: "Payme's time begins the 12 hours of a transaction, and this machine's clock ends them.",
    fix,
    async look({ client, now, fetch }, signal) {
      if (client === undefined) return undefined;
      const before = now();
      const response = await fetch(client.receiptUrl(NO_ID).replace(NO_ID, "api"), { redirect: "manual", signal });
      void response.body?.cancel().catch(() => {});
      const theirs = Date.parse(response.headers.get("date") ?? "");
      return Number.isNaN(theirs) ? uncertain("Payme's answer has no Date") : skew("Payme's", theirs, before, now());
    },
  },
  {
    id: "clock.database",
    after: ["database.reached"],
    why: "Two machines that disagree on the time end transactions at two times.",
    fix,
    async look({ database, now }) {
      if (database?.sql.dialect !== "postgres") return undefined;
      const before = now();
      const ms = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS ms";
      const [row] = await database.sql.read((executor) => executor.execute(ms, []));
      return skew("the database's", integer(row?.ms), before, now());
    },
  },
];

function skew(whose: string, theirs: number, before: number, after: number): Seen {
  const ms = theirs - (before + after) / 2;
  const saw = `this clock is ${Math.round(Math.abs(ms) / 1000)} s ${ms > 0 ? "behind" : "ahead of"} ${whose}`;
  if (Math.abs(ms) > WRONG_MS) return wrong(saw);
  return Math.abs(ms) > DOUBTFUL_MS ? uncertain(saw) : right(saw);
}
