import type { Storage } from "../../ledger";
import type { SubscriptionStore } from "../../subscriptions/subscription-store";
import type { TariffStore } from "../../tariffs/tariff-store";
import type { SuiteProcess } from "./second-process";
import type { StorageWitness } from "./witness";

/** The shop's rows in the same database, as its hooks write them. */
export interface HostRows<Tx> {
  /** Adds a row through the handle of a transaction. */
  add(tx: Tx, id: string): unknown;
  /** True for a committed row. Called outside any transaction. */
  has(id: string): Promise<boolean>;
}

/** A storage on its own empty database, with the members that the suite needs. */
export interface StorageUnderTest<Tx> {
  readonly storage: Storage<Tx>;
  /** Proves that the rows of a hook commit and roll back with ours. */
  readonly host: HostRows<Tx>;
  /** Opens another connection to the same data, as a second process does. Leave it out where `shared` is false. */
  readonly second?: (() => Promise<Storage<Tx>>) | undefined;
  /** Forks a script that opens the same data and calls {@link serveStorageSuite}. Leave it out where `processes` is false. */
  readonly process?: (() => SuiteProcess) | undefined;
  /** Closes the storage and opens the same data again, as a restart does. Leave it out where `durable` is false. */
  readonly reopen?: (() => Promise<Storage<Tx>>) | undefined;
  /** Reads rows without the storage. Leave it out unless `witness` is true. */
  readonly witness?: StorageWitness | undefined;
  /** Tariffs, users and grants in the same database. Leave it out where `tariffs` is false. */
  readonly tariffs?: TariffStore<Tx> | undefined;
  /** Subscriptions in the same database. Left out: those that `createSubscriptions` makes beside the storage. */
  readonly subscriptions?: SubscriptionStore<Tx> | undefined;
  /** Closes every connection, also those of `second` and `reopen`, and removes the database. */
  close(): Promise<void>;
}

/** Makes a {@link StorageUnderTest}. Called once for each case: no case sees the rows of another. */
export type CreateStorageUnderTest<Tx> = () => Promise<StorageUnderTest<Tx>>;

/** The two functions of a test runner that the suite uses. Those of vitest, Jest and `node:test` fit. */
export interface SuiteRunner {
  describe(title: string, define: () => void): unknown;
  it(title: string, run: () => Promise<void>): unknown;
}

/** A member of {@link StorageUnderTest} that a case needs. An option of the suite says that a storage has none. */
export type SuiteNeed = "second" | "process" | "reopen" | "witness" | "tariffs" | "subscriptions";

/** One rule of the storage. `run` throws where the storage breaks it. */
export interface SuiteCase {
  readonly title: string;
  readonly needs?: SuiteNeed | undefined;
  /** The advice for an adapter that fails. Default: the advice of the group. */
  readonly mend?: string | undefined;
  run<Tx>(kit: StorageUnderTest<Tx>): Promise<void>;
}

/** Makes a case with the need and the advice of its group. */
export function rule(title: string, run: SuiteCase["run"]): SuiteCase {
  return { title, run };
}
