import type { Clock, Sleep } from "../../kit/clock";
import type { TestCard } from "./cards";
import type { CashboxOptions } from "./cashbox";
import type { MockChoices } from "./choices";
import type { MerchantCallerOptions } from "./merchant/caller";
import type { NotifyOptions } from "./notifications";

/** Options of `createMockPayme`. */
export interface MockPaymeOptions {
  /** The id of its first cashbox. */
  merchantId?: string | undefined;
  /** That cashbox's key, with which signatures are made, too. */
  key?: string | undefined;
  /** That cashbox's name, as payers read it. Default "Mock shop". */
  name?: string | undefined;
  /** That cashbox's billing. Default: none, a virtual terminal. */
  billing?: MerchantCallerOptions | undefined;
  /** Where to send signed notifications of that cashbox. Default: nowhere; they are in `notifications` all the same. */
  notify?: NotifyOptions | undefined;
  /** Further cashboxes, of either kind. */
  cashboxes?: readonly CashboxOptions[] | undefined;
  now?: Clock | undefined;
  sleep?: Sleep | undefined;
  /** Decides all ids and dice: the same seed, clock and calls give the same answers. Default 1. */
  seed?: number | undefined;
  /** How long a paid receipt stays in state 21 before it is 50. Default one minute. */
  cancelDelayMs?: number | undefined;
  /** The cards that it knows. Default: the Wedy guide's two and Payme's seven. */
  cards?: readonly TestCard[] | undefined;
  /** What Payme's documents leave open, chosen otherwise than by default. */
  choices?: Partial<MockChoices> | undefined;
  /** Books to go on with: what `snapshot()` of an earlier mock gave, as JSON or parsed. */
  restore?: unknown;
}
