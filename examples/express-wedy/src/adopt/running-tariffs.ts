import { integer, quoted, text } from "payme-kit/adapter";
import type { Rules } from "./convert";
import type { NewBooks } from "./new-books";
import { oldUsers } from "./old-rows";
import type { OldTables } from "./old-tables";
import { endsAtOf } from "./old-users";
import { progressOf } from "./progress";

const DAY_MS = 86_400_000;
/** More payments than this in one running tariff are one grant. */
const MOST_PAYMENTS = 50;
const GIVEN = { by: "npm run adopt", note: "it ran when the guide's tables were moved in" };

/** Has every running tariff run on from its old end. Given once, however often this runs. */
export async function giveRunning(
  books: NewBooks,
  old: OldTables,
  rules: Rules,
  total: number,
  say: (line: string) => void,
): Promise<void> {
  const { tariffs, plan } = rules;
  const progress = progressOf("running tariffs", total, say);
  let done = 0;
  for await (const page of oldUsers(old)) {
    for (const user of page) {
      const [end, tariff, userId] = [endsAtOf(user, rules), tariffs.get(user.tariff_id ?? ""), user.id ?? ""];
      const isRunning = typeof end === "number" && end > Date.now() && tariff !== undefined;
      if (!isRunning || plan.leave_out.users.includes(userId)) continue;
      const paid = await paymentsOf(old, userId, tariff.id);
      for (const { until, payment } of piecesOf(end, paid, tariff.durationDays * DAY_MS)) {
        // One that was refunded since has given nothing any more.
        if (payment?.status === "CANCELLED" || until <= Date.now()) continue;
        await books.tariffs.grant({ ...GIVEN, userId, tariffId: tariff.id, until, paymentId: payment?.id });
      }
      done += 1;
      progress.at(done);
    }
  }
}

interface PaidPayment {
  readonly id: string;
  readonly status: string;
}

/** What each payment gave of the time up to `end`, the earliest first: a refund takes back its own part. */
function piecesOf(end: number, newestFirst: readonly PaidPayment[], ms: number) {
  if (newestFirst.length === 0) return [{ until: end, payment: undefined }];
  return newestFirst.map((payment, index) => ({ until: end - index * ms, payment })).reverse();
}

/** The payments that paid for a user's tariff in the old books, the newest first. */
async function paymentsOf({ storage }: OldTables, userId: string, tariffId: number): Promise<PaidPayment[]> {
  const { sql, tables } = storage;
  const rows = await sql.read((executor) =>
    executor.execute(
      `SELECT p.id, p.status, p.data, e.data AS imported FROM ${quoted(tables.payment)} AS p
        JOIN ${quoted(tables.event)} AS e ON e.subject = p.id AND e.kind = 'payment.imported'
        WHERE p.user_id = $1::text AND p.kind = 'tariff' AND p.paid_ms IS NOT NULL
        ORDER BY p.paid_ms DESC, p.id DESC`,
      [userId],
    ),
  );
  return rows
    .filter(({ data, imported }) => idIn(data) === tariffId && /"PAID"/.test(text(imported)))
    .slice(0, MOST_PAYMENTS)
    .map(({ id, status }) => ({ id: text(id), status: text(status) }));
}

function idIn(data: unknown): number {
  const parsed: unknown = JSON.parse(text(data));
  return integer(typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "tariffId") : undefined);
}
