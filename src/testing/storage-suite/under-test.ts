import type { Storage } from "../../ledger";
import type { TariffStore } from "../../tariffs/tariff-store";
import type { SuiteProcess } from "./second-process";
import type { StorageWitness } from "./witness";

/** Rows of the host's own, in the same database as ours: what a shop's hook writes. */
export interface HostRows<Tx> {
  /** Adds a row through a transaction's handle. */
  add(tx: Tx, id: string): unknown;
  /** True where the row is committed. Asked outside any transaction. */
  has(id: string): Promise<boolean>;
}

/** A storage over an empty database of its own, and what the suite needs around it. */
export interface StorageUnderTest<Tx> {
  readonly storage: Storage<Tx>;
  /** Proves that what a hook writes commits and rolls back with ours. */
  readonly host: HostRows<Tx>;
  /** Another connection to the same data, as a second process has it. Left out where `shared` is false. */
  readonly second?: (() => Promise<Storage<Tx>>) | undefined;
  /**
   * Forks a script that opens the same data and calls {@link serveStorageSuite}: a real second process. Left out where
   * `processes` is false.
   */
  readonly process?: (() => SuiteProcess) | undefined;
  /** Closes the storage and opens one over the same data, as after a restart. Left out where `durable` is false. */
  readonly reopen?: (() => Promise<Storage<Tx>>) | undefined;
  /** Reads rows behind the storage's back. Left out where `witness` is not true. */
  readonly witness?: StorageWitness | undefined;
  /** Tariffs, users and grants in the same database. Left out where `tariffs` is false. */
  readonly tariffs?: TariffStore<Tx> | undefined;
  /** Closes whatever was opened, also by `second` and `reopen`, and removes the database. */
  close(): Promise<void>;
}

/** Makes a {@link StorageUnderTest}; called once for each case, so that no case sees another's rows. */
export type CreateStorageUnderTest<Tx> = () => Promise<StorageUnderTest<Tx>>;

/** The two functions of a test runner that the suite uses: those of vitest, Jest and `node:test` fit. */
export interface SuiteRunner {
  describe(title: string, define: () => void): unknown;
  it(title: string, run: () => Promise<void>): unknown;
}

/** What a case needs beyond the storage itself; an option of the suite says that there is none. */
export type SuiteNeed = "second" | "process" | "reopen" | "witness" | "tariffs";

/** One thing that a storage must hold. It throws where it does not. */
export interface SuiteCase {
  readonly title: string;
  readonly needs?: SuiteNeed | undefined;
  /** What an adapter's author does where it fails; left out: what the group says. */
  readonly mend?: string | undefined;
  run<Tx>(kit: StorageUnderTest<Tx>): Promise<void>;
}

/** A case without a need or advice of its own. */
export function rule(title: string, run: SuiteCase["run"]): SuiteCase {
  return { title, run };
}
