import type { PaymeConfig } from "../../client/config-from-env";
import type { PaymeClient } from "../../client/payme-client";
import type { Clock } from "../../kit/clock";
import type { ReadVerbs, Scope } from "../../ledger";
import type { MerchantApi } from "../../merchant/merchant-api";
import type { Outbox } from "../../outbox/outbox";
import type { SqlSeam } from "../../storage/sql/executor";
import type { TableNames } from "../../storage/sql/tables";
import type { Subscriptions } from "../../subscriptions/subscriptions";
import type { Worker } from "../worker";
import type { Asked } from "./ask-endpoint";
import type { Trial } from "./try-key";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The reads of the books that the doctor needs. */
export type DoctorStorage = Pick<
  ReadVerbs,
  "listExpired" | "listDue" | "listEvents" | "listPaid" | "listPending" | "listTransactions"
>;

/** A database that is only read. */
export interface DoctorDatabase {
  readonly sql: Pick<SqlSeam<never>, "dialect" | "read">;
  readonly tables: TableNames;
  /** True where the command opened it: the settings of its connection say nothing. */
  readonly isForeign?: boolean;
}

/** All that the checks look at. What is not given is not looked at. */
export interface Subject {
  readonly now: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly isProduction: boolean;
  readonly env?: Environment | undefined;
  /** The settings of the environment. */
  readonly config?: PaymeConfig | undefined;
  /** Why there are none. */
  readonly configProblem?: string | undefined;
  readonly client?: Pick<PaymeClient, "mode" | "rpc" | "receiptUrl"> | undefined;
  /** Tries the client's key. Asks once. */
  trial(signal: AbortSignal): Promise<Trial | undefined>;
  readonly endpoint?: Endpoint | undefined;
  readonly webhook?: URL | undefined;
  readonly link?: string | undefined;
  readonly database?: DoctorDatabase | undefined;
  readonly storage?: DoctorStorage | undefined;
  readonly scopes: readonly Scope[];
  readonly outbox?: Pick<Outbox<unknown>, "parked"> | undefined;
  readonly subscriptions?: Pick<Subscriptions, "overdue"> | undefined;
  readonly merchant?: Pick<MerchantApi, "handle"> | undefined;
  readonly worker?: Pick<Worker, "health"> | undefined;
  /** The type of the file system that holds a file, as `statfs` gives it. */
  fileSystemOf(file: string): Promise<number>;
}

/** The Merchant API, from outside. */
export interface Endpoint {
  readonly url: URL;
  readonly key: string | undefined;
  /** The answer to a call without a key. Asks once. */
  first(signal: AbortSignal): Promise<Asked>;
}
