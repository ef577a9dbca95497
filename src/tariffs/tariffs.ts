import { systemClock } from "../kit/clock";
import { consoleLogger } from "../kit/logger";
import type { PaymentRow } from "../ledger";
import { createPayments, type Payments, type PaymentsOptions } from "../payments/payments";
import { activate, takeBack } from "./activate";
import { type Catalogue, createCatalogue } from "./catalogue";
import type { ActivationHook, TariffsContext } from "./context";
import { type CurrentTariff, currentTariff } from "./current";
import { defaultTariffStore } from "./default-tariff-store";
import { checkText, type Purchase, type PurchasedTariff, purchase } from "./purchase";
import { type SweepOptions, type SweepReport, sweep } from "./sweep";
import type { TariffStore, TariffUser } from "./tariff-store";

/** What {@link createTariffs} works with: the options of `createPayments`, and these. */
export interface TariffsOptions<Tx> extends PaymentsOptions<Tx> {
  /** Where tariffs, users and grants are kept. Default: in the storage's database. */
  store?: TariffStore<Tx> | undefined;
  /** Told in the storage transaction that a payment gave its tariff. */
  onActivated?: ActivationHook<Tx> | undefined;
}

/** Tariffs: what is sold, who has which until when. Made by {@link createTariffs}. */
export interface Tariffs extends Catalogue {
  /** The payments behind it: reports of money, checks, cancels and reconcile go here. */
  readonly payments: Payments;
  /**
   * Makes the payment for a tariff.
   *
   * @throws PaymeValidationError when the tariff is unknown (`NOT_FOUND`) or not on sale, the amount is not its price,
   * or a dearer one runs; and whatever `payments.create` throws.
   */
  purchase(purchase: Purchase): Promise<PurchasedTariff>;
  /** What a user has now, computed on read. A user without payments has nothing. */
  current(userId: string): Promise<CurrentTariff>;
  /** Makes the user's row where there is none. Not needed to buy. */
  addUser(userId: string): Promise<TariffUser>;
  /** Brings `tariff_id` and `tariff_expires_at` up to date where a tariff ended. Call it every minute or so. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
  /** Makes and updates the tables, those of the payments too. */
  migrate(): Promise<void>;
}

/**
 * Sells tariffs: owns a `payments` whose hooks give and take back. A payment and what it gives commit together.
 *
 * @example
 * const tariffs = createTariffs({ storage: memoryStorage(), client });
 * const monthly = await tariffs.create({ name: "Premium", price: 50_000, durationDays: 30 });
 * const { payUrl } = await tariffs.purchase({ userId: "user-1", tariffId: monthly.id });
 */
export function createTariffs<Tx>(options: TariffsOptions<Tx>): Tariffs {
  const context = contextOf(options);
  const catalogue = createCatalogue(context);
  const payments = createPayments({
    ...options,
    onPaid: inTurn((payment, tx) => activate(context, payment, tx), options.onPaid),
    onRefunded: inTurn((payment, tx) => takeBack(context, payment, tx), options.onRefunded),
  });
  return {
    ...catalogue,
    payments,
    purchase: (wanted) => purchase({ ...context, payments, catalogue }, wanted),
    current: (userId) => currentTariff(context, userId),
    async addUser(userId) {
      checkText("userId", userId);
      return context.storage.transaction((tx) => context.store.using(tx).lockUser(userId));
    },
    sweep: (sweepOptions) => sweep(context, sweepOptions),
    async migrate() {
      await context.storage.migrate();
      await context.store.migrate();
    },
  };
}

function contextOf<Tx>(options: TariffsOptions<Tx>): TariffsContext<Tx> {
  return {
    storage: options.storage,
    store: options.store ?? defaultTariffStore(options.storage),
    now: options.now ?? systemClock,
    logger: options.logger ?? consoleLogger,
    onActivated: options.onActivated,
  };
}

/** The owner's hook runs after ours, so that it finds the tariff given. */
function inTurn<Tx>(
  first: (payment: PaymentRow, tx: Tx) => Promise<void>,
  second: ((payment: PaymentRow, tx: Tx) => unknown) | undefined,
) {
  return async (payment: PaymentRow, tx: Tx) => {
    await first(payment, tx);
    await second?.(payment, tx);
  };
}
