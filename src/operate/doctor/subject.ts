import type { PaymeConfig } from "../../client/config-from-env";
import type { PaymeClient } from "../../client/payme-client";
import type { Clock } from "../../kit/clock";
import type { ReadVerbs, Scope } from "../../ledger";
import type { MerchantApi } from "../../merchant/merchant-api";
import type { Outbox } from "../../outbox/outbox";
import type { Mode } from "../../protocol/hosts";
import type { SqlSeam } from "../../storage/sql/executor";
import type { TableNames } from "../../storage/sql/tables";
import type { Trial } from "./try-key";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A database that is only read. */
export interface DoctorDatabase {
  readonly sql: Pick<SqlSeam<never>, "dialect" | "read">;
  readonly tables: TableNames;
  /** False where another process opens the database for payments: settings of a connection then say nothing. */
  readonly isOurs: boolean;
}

/** All that the checks look at. What is not given is not looked at. */
export interface Subject {
  readonly now: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly isProduction: boolean;
  readonly env: Environment | undefined;
  /** The settings of the environment; a text where they do not fit. */
  readonly config: PaymeConfig | string | undefined;
  readonly mode: Mode | undefined;
  readonly payme: PaymeSubject | undefined;
  readonly endpoint: { readonly url: URL; readonly key: string | undefined; readonly first: FirstAnswer } | undefined;
  readonly webhook: URL | undefined;
  readonly link: string | undefined;
  readonly database: DoctorDatabase | undefined;
  readonly books: BooksSubject | undefined;
  readonly storage: object | undefined;
  readonly merchant: Pick<MerchantApi, "handle"> | undefined;
  /** The type of the file system that holds a file, as `statfs` gives it. */
  fileSystemOf(file: string): Promise<number>;
}

/** Payme, asked with the key of the cashbox. */
export interface PaymeSubject {
  readonly client: Pick<PaymeClient, "receiptUrl">;
  /** Asks once. */
  trial(signal: AbortSignal): Promise<Trial>;
}

/** The books, and whose they are. */
export interface BooksSubject {
  readonly verbs: Pick<
    ReadVerbs,
    "listExpired" | "listDue" | "listEvents" | "listPaid" | "listPending" | "listTransactions"
  >;
  readonly scopes: readonly Scope[];
  readonly outbox: Pick<Outbox<unknown>, "parked"> | undefined;
  /** True where Payme can be asked: only then is there a review. */
  readonly hasClient: boolean;
}

/** The first answer of the endpoint: to a call without a key. Asked once. */
export type FirstAnswer = (signal: AbortSignal) => Promise<import("./ask-endpoint").Asked>;
