import type { Clock, Sleep } from "../kit/clock";
import type { Logger } from "../kit/logger";
import type { Scope, Storage } from "../ledger";
import type { DeliverMessage } from "./message";

/** What the parts of this room work with. */
export interface OutboxContext<Tx> {
  readonly storage: Storage<Tx>;
  readonly scope: Scope;
  readonly deliver: DeliverMessage;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
}
