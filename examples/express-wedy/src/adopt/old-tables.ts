import type { SqlStorage } from "payme-kit/adapter";
import type { Books, GuideNames } from "../open-books";
import { columnsOf, type TableColumns } from "./table-columns";

/** The tables that were here before this server. */
export interface OldTables {
  readonly storage: SqlStorage<unknown>;
  readonly names: GuideNames;
  /** The names that the old `payment`, and copies of the old tariffs and of what users had, have once `run` began. */
  readonly kept: GuideNames;
  /** Where the old payments are now: under their own name, or kept. */
  readonly payments: string;
  /** True once `run` began. */
  readonly isMoved: boolean;
  /** The columns of the old payments, of tariffs, and of users: of the table, and of the copy. */
  readonly columns: { readonly [Table in keyof GuideNames | "keptUser" | "keptTariff"]: TableColumns };
}

const SUFFIX = "_before_adopt";

/** The name of what is put aside. */
export const keptName = (name: string) => `${name}${SUFFIX}`;

/** Looks at what is there. */
export async function findOldTables({ storage, names }: Pick<Books, "storage" | "names">): Promise<OldTables> {
  const kept = { payment: keptName(names.payment), tariff: keptName(names.tariff), user: keptName(names.user) };
  const columns = (table: string) => columnsOf(storage.sql, table);
  const keptPayment = await columns(kept.payment);
  const isMoved = keptPayment.size > 0;
  return {
    storage,
    names,
    kept,
    payments: isMoved ? kept.payment : names.payment,
    isMoved,
    columns: {
      payment: isMoved ? keptPayment : await columns(names.payment),
      tariff: await columns(names.tariff),
      user: await columns(names.user),
      keptUser: await columns(kept.user),
      keptTariff: await columns(kept.tariff),
    },
  };
}
