import { som } from "payme-kit";
import { quoted } from "payme-kit/adapter";
import type { Tariff } from "payme-kit/tariffs";
import { asText } from "./key-pages";
import type { OldTables } from "./old-tables";
import { AdoptStop } from "./stop";

/** Tariffs by their id, as text. */
export type OldTariffs = ReadonlyMap<string, Tariff>;

const NEEDED = ["id", "name", "price", "duration_days"] as const;

/** Reads the tariffs of the table that is there. @throws AdoptStop where it is another kind of table. */
export async function oldTariffs({ storage, names, columns }: OldTables): Promise<OldTariffs> {
  const { tariff: present } = columns;
  if (present.size === 0) return new Map();
  const missing = NEEDED.filter((name) => !present.has(name));
  if (missing.length > 0) {
    throw new AdoptStop(`the table tariff lacks ${missing.join(", ")}. Add what is missing, and run it again.`);
  }
  const list = NEEDED.map((name) => asText(name, present)).join(", ");
  const rows = await storage.sql.read((executor) =>
    executor.execute(`SELECT ${list} FROM ${quoted(names.tariff)} AS t ORDER BY t.id`, []),
  );
  return new Map(rows.map((row) => [String(row.id), tariffOf(row)]));
}

function tariffOf(row: Readonly<Record<string, unknown>>): Tariff {
  const [id, durationDays] = [Number(row.id), Number(row.duration_days)];
  const isWhole = [id, durationDays].every((value) => Number.isSafeInteger(value) && value > 0);
  if (!isWhole || typeof row.price !== "string") {
    throw new AdoptStop(
      `the tariff ${String(row.id)} has no whole id, days and price. Mend its row, and run it again.`,
    );
  }
  return { id, name: String(row.name), price: som(row.price), durationDays, isActive: true };
}
