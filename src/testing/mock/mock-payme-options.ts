import type { Clock, Sleep } from "../../kit/clock";
import type { TestCard } from "./cards";
import type { CashboxOptions } from "./cashbox";
import type { MockChoices } from "./choices";

/** Options of `createMockPayme`. The options of a cashbox are those of the first one. */
export interface MockPaymeOptions extends Pick<CashboxOptions, "name" | "billing" | "notify"> {
  /** The id of the first cashbox. */
  merchantId?: string | undefined;
  /** The key of the first cashbox, which also makes its signatures. */
  key?: string | undefined;
  /** Further cashboxes, of either kind. */
  cashboxes?: readonly CashboxOptions[] | undefined;
  now?: Clock | undefined;
  sleep?: Sleep | undefined;
  /** Decides ids and faults: the same seed, clock and calls give the same answers. Default 1. */
  seed?: number | undefined;
  /** How long a paid receipt stays in state 21 before it is 50. Default one minute. */
  cancelDelayMs?: number | undefined;
  /** The cards that it knows. Default: the Wedy guide's two and Payme's seven. */
  cards?: readonly TestCard[] | undefined;
  /** Points that Payme's documents leave open, decided differently from the defaults. */
  choices?: Partial<MockChoices> | undefined;
  /** Books to continue with: `snapshot()` of an earlier mock, as JSON or parsed. */
  restore?: unknown;
}
