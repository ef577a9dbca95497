import type { Clock, Sleep } from "../clock";
import type { Scope, Storage } from "../ledger";
import type { Logger } from "../logger";
import type { Deliver } from "./message";

/** What the parts of this room work with. */
export interface OutboxContext<Tx> {
  readonly storage: Storage<Tx>;
  readonly scope: Scope;
  readonly deliver: Deliver;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
}
