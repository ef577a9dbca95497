import type { Storage } from "../../ledger";

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
  /** Another connection to the same data, as a second process has it. Left out where nothing is shared. */
  readonly second?: (() => Promise<Storage<Tx>>) | undefined;
  /** Closes the storage and opens one over the same data, as after a restart. Left out where `durable` is false. */
  readonly reopen?: (() => Promise<Storage<Tx>>) | undefined;
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

/** One thing that a storage must hold. It throws where it does not. */
export interface SuiteCase {
  readonly title: string;
  run<Tx>(kit: StorageUnderTest<Tx>): Promise<void>;
}
