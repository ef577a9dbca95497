import type { Clock } from "../kit/clock";
import type { Logger } from "../kit/logger";
import type { PaymentRow, Storage } from "../ledger";
import type { TariffStore } from "./tariff-store";

/** A tariff that a payment gave its user. */
export interface Activation {
  readonly payment: PaymentRow;
  readonly userId: string;
  /** What was bought. It need not run yet: a cheaper tariff waits until the running one ends. */
  readonly bought: { readonly tariffId: number; readonly name: string; readonly durationDays: number };
  /** What the user has now. */
  readonly tariffId: number | null;
  /** Until when, in ms. */
  readonly expiresAt: number | null;
}

/**
 * Your work when a payment gave its tariff, in the same transaction: database work through `tx` only. It may run more than
 * once and commits at most once. A throw undoes everything.
 */
export type ActivationHook<Tx> = (activation: Activation, tx: Tx) => unknown;

/** The checked options of `createTariffs`. */
export interface TariffsContext<Tx> {
  readonly storage: Storage<Tx>;
  readonly store: TariffStore<Tx>;
  readonly now: Clock;
  readonly logger: Logger;
  readonly onActivated: ActivationHook<Tx> | undefined;
}
