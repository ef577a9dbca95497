import type { OldPayment } from "./old-rows";
import type { Finding, Plan } from "./plan-file";

type Status = NonNullable<Plan["statuses"][string]["is"]>;

/** Words that mean one of ours; the rows must bear it out. */
const MEANINGS: Readonly<Record<Status, readonly string[]>> = {
  PENDING: ["pending", "created", "new", "waiting"],
  PAID: ["paid", "completed", "success", "succeeded", "successful"],
  CANCELLED: ["cancelled", "canceled", "refunded"],
  FAILED: ["failed", "error"],
};

const STATUSES = ["PENDING", "PAID", "CANCELLED", "FAILED"] as const;

/** Finds out what each status means: by its word, and by whether its rows have `paid_at`. */
export function statusJudge() {
  const words = new Map<string, { rows: number; paid: number }>();
  return {
    look({ status, paid_at }: OldPayment): void {
      if (status === null) return;
      const seen = words.get(status) ?? { rows: 0, paid: 0 };
      seen.rows += 1;
      if (paid_at !== null) seen.paid += 1;
      words.set(status, seen);
    },
    verdict: (): Record<string, Finding<Status>> =>
      Object.fromEntries([...words].map(([word, seen]) => [word, meaningOf(word, seen)])),
  };
}

function meaningOf(word: string, { rows, paid }: { rows: number; paid: number }): Finding<Status> {
  const why = `${rows} rows, ${paid} with paid_at`;
  const meant = STATUSES.find((status) => MEANINGS[status].includes(word.toLowerCase()));
  if (meant === undefined) return { is: null, why: `${why}: not a word of the guide` };
  // What is written as the guide writes it is what it says; single rows that contradict it fit no rule.
  if (word === meant || meant === "CANCELLED") return { is: meant, why };
  const fits = meant === "PAID" ? paid === rows : paid === 0;
  return fits ? { is: meant, why } : { is: null, why: `${why}: ${meant} would not have it so` };
}

/** What this server makes of the roles that users have: tokens carry them. */
export function roleOf(role: string, rows: number): Plan["roles"][string] {
  const why = `${rows} users`;
  if (role === "admin") return { is: "admin", why };
  if (role === "user" || role === "client") return { is: "user", why };
  return { is: "refused", why: `${why}: a token with this role is refused` };
}
