import { PaymeValidationError } from "../kit/errors";
import type { TariffsContext } from "./context";
import {
  checkNewTariff,
  checkTariffChange,
  isTariffId,
  type NewTariff,
  type Tariff,
  type TariffChange,
} from "./tariff";
import type { TariffPage } from "./tariff-store";

/** The most tariffs on a page. */
const MAX_LIMIT = 100;

/** The tariffs to list. */
export interface TariffQuery {
  /** Default 0. */
  readonly skip?: number | undefined;
  /** 1 to 100, default 10. */
  readonly limit?: number | undefined;
  /** Only those that can be bought. Default false. */
  readonly activeOnly?: boolean | undefined;
}

/** A numbered page of tariffs. */
export interface TariffList extends TariffPage {
  /** Counted from 1. */
  readonly page: number;
  /** The most tariffs on a page. */
  readonly size: number;
}

/** The tariffs on sale. */
export interface Catalogue {
  list(query?: TariffQuery): Promise<TariffList>;
  /** @throws PaymeValidationError with code `NOT_FOUND`. */
  get(id: number): Promise<Tariff>;
  /** @throws PaymeValidationError that names the field which does not fit. */
  create(tariff: NewTariff): Promise<Tariff>;
  /** Changes the fields given, for later purchases only. */
  change(id: number, change: TariffChange): Promise<Tariff>;
  /** Takes it off sale. Users who have it keep it. A repeat changes nothing. */
  deactivate(id: number): Promise<Tariff>;
}

export function createCatalogue<Tx>({ storage, store }: TariffsContext<Tx>): Catalogue {
  async function change(id: number, wanted: TariffChange): Promise<Tariff> {
    const checked = checkTariffChange(wanted);
    if (!isTariffId(id)) throw unknownTariff(id);
    const changed = await storage.transaction((tx) => store.using(tx).changeTariff(id, checked));
    if (changed === undefined) throw unknownTariff(id);
    return changed;
  }

  return {
    async list({ skip = 0, limit = 10, activeOnly = false } = {}) {
      checkPage(skip, limit);
      const found = await store.listTariffs({ skip, limit, activeOnly });
      return { ...found, page: Math.floor(skip / limit) + 1, size: limit };
    },
    async get(id) {
      const tariff = isTariffId(id) ? await store.findTariff(id) : undefined;
      if (tariff === undefined) throw unknownTariff(id);
      return tariff;
    },
    async create(tariff) {
      const checked = checkNewTariff(tariff);
      return storage.transaction((tx) => store.using(tx).addTariff(checked));
    },
    change,
    deactivate: (id) => change(id, { isActive: false }),
  };
}

function checkPage(skip: number, limit: number): void {
  if (!Number.isSafeInteger(skip) || skip < 0) throw new PaymeValidationError("skip: give a whole number, 0 or more");
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new PaymeValidationError(`limit: give a whole number, 1 to ${MAX_LIMIT}`);
  }
}

function unknownTariff(id: number): PaymeValidationError {
  return new PaymeValidationError(`there is no tariff ${id}`, {
    code: "NOT_FOUND",
    hint: "list() shows all of them.",
  });
}
