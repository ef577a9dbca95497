import { integer, quoted, text } from "payme-kit/adapter";
import { clockVotes, endOf, laterJudge, momentInId } from "./judge-clock";
import { unitJudge } from "./judge-unit";
import { statusJudge } from "./judge-words";
import { asText } from "./key-pages";
import { countRows, NEEDED_COLUMNS, oldPayments } from "./old-rows";
import type { OldTables } from "./old-tables";
import { type OldTariffs, oldTariffs } from "./old-tariffs";
import type { Finding, Plan } from "./plan-file";
import { AdoptStop } from "./stop";
import { notesOn, rolesOf } from "./survey-tables";

/** Looks at every row once, and finds out what the plan needs to know. */
export async function survey(old: OldTables, database: string): Promise<Plan> {
  requireGuideTable(old);
  const tariffs = await oldTariffs(old);
  const created = clockVotes("created_at against the second in Payme's id");
  const later = { paid_at: laterJudge("paid_at"), updated_at: laterJudge("updated_at") };
  const webhook = laterJudge("webhook_received_at");
  const [unit, statuses] = [unitJudge(tariffs), statusJudge()];
  for await (const page of oldPayments(old)) {
    for (const row of page) {
      created.look(row.id ?? "", row.created_at, momentInId(row.payme_transaction_id));
      for (const judge of [unit, statuses, later.paid_at, later.updated_at, webhook]) judge.look(row);
    }
  }
  const created_at = created.verdict();
  const paid_at = later.paid_at.verdict(created_at);
  return {
    version: 1,
    database,
    rows: await countRows(old, old.payments),
    unit: unit.verdict(),
    clock: {
      created_at,
      paid_at,
      updated_at: later.updated_at.verdict(created_at),
      webhook_received_at: webhook.verdict(created_at),
      tariff_expires_at: await clockOfEnds(old, tariffs, paid_at.is),
    },
    statuses: statuses.verdict(),
    roles: await rolesOf(old),
    leave_out: { payments: [], users: [] },
    notes: notesOn(old),
  };
}

function requireGuideTable({ columns, names }: OldTables): void {
  const missing = NEEDED_COLUMNS.filter((name) => !columns.payment.has(name));
  if (missing.length === 0) return;
  const found = columns.payment.size === 0 ? "there is no table" : `the table lacks ${missing.join(", ")}:`;
  throw new AdoptStop(
    `${found} ${names.payment}. This command knows the guide's tables; is DATABASE_URL the right one?`,
  );
}

/** The clock of the ends of tariffs, by some users who paid once for what they have: the end is so many days after that. */
async function clockOfEnds(old: OldTables, tariffs: OldTariffs, paidClock: string | null): Promise<Finding<string>> {
  const { storage, names, payments, columns } = old;
  const votes = clockVotes("tariff_expires_at against paid_at and the tariff's days");
  const isThere = columns.user.has("tariff_id") && columns.user.has("tariff_expires_at");
  if (!isThere || columns.tariff.size === 0 || !columns.payment.has("tariff_id")) return votes.verdict();
  const [source, present] = old.isMoved ? [old.kept.user, columns.keptUser] : [names.user, columns.user];
  // As they are where their types are the same: then an index serves.
  const isSame = present.get("id")?.type === columns.payment.get("user_id")?.type || storage.sql.dialect === "sqlite";
  const ofUser = isSame ? "p.user_id = t.id" : "CAST(p.user_id AS text) = CAST(t.id AS text)";
  const ends = `SELECT CAST(t.id AS text) AS id, CAST(t.tariff_id AS text) AS tariff,
      ${asText("tariff_expires_at", present)}, CAST(MAX(p.paid_at) AS text) AS paid_at, COUNT(p.id) AS count
    FROM (SELECT id, tariff_id, tariff_expires_at FROM ${quoted(source)}
      WHERE tariff_expires_at IS NOT NULL AND tariff_id IS NOT NULL ORDER BY id LIMIT 2000) AS t
    LEFT JOIN ${quoted(payments)} AS p ON ${ofUser} AND p.tariff_id = t.tariff_id AND p.paid_at IS NOT NULL
    GROUP BY t.id, t.tariff_id, t.tariff_expires_at`;
  for (const row of await storage.sql.read((executor) => executor.execute(ends, []))) {
    const tariff = tariffs.get(text(row.tariff));
    const paidAt = typeof row.paid_at === "string" && integer(row.count) === 1 ? row.paid_at : null;
    const end = endOf(paidAt, paidClock, tariff?.durationDays ?? 0);
    votes.look(`user ${text(row.id)}`, text(row.tariff_expires_at), end);
  }
  return votes.verdict();
}
