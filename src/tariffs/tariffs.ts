import { PaymeConfigError } from "../kit/errors";
import type { Storage } from "../ledger";
import type { Payments } from "../payments/payments";
import { isMemoryStorage, usingMemory } from "../storage/memory/beside";
import { isSqlStorage } from "../storage/sql/executor";
import { activate, type SweepOptions, type SweepReport, sweep, takeBack } from "./activate";
import { type Catalogue, createCatalogue } from "./catalogue";
import type { ActivationHook, TariffsContext } from "./context";
import { type GrantOutcome, grantTariff, type NewGrant } from "./grant";
import { memoryTariffStore } from "./memory-tariff-store";
import { checkText, type Purchase, type PurchasedTariff, purchase } from "./purchase";
import { renewals, type TariffRenewals } from "./renewals";
import { sqlTariffStore } from "./sql-tariff-store";
import { TARIFF_KIND, type Tariff } from "./tariff";
import type { TariffStore, TariffUser } from "./tariff-store";
import { projectionAt, runningAt, type TariffPeriod, timetableOf } from "./timetable";

/** Options of {@link createTariffs}. */
export interface TariffsOptions<Tx> {
  /** The payments that sell them. They give storage, clock and logger, and settle tariffs beside your orders. */
  payments: Payments<Tx>;
  /** Where tariffs, users and grants are kept. Default: in the storage's database. */
  store?: TariffStore<Tx> | undefined;
  /** Runs in the storage transaction when a payment gave its tariff. */
  onActivated?: ActivationHook<Tx> | undefined;
}

/** The tariff of a user now. Times in ms. */
export interface CurrentTariff {
  readonly userId: string;
  /** The tariff that runs; null when none does. */
  readonly tariffId: number | null;
  /** When it stops, or gives way to another one. */
  readonly expiresAt: number | null;
  /** As it is sold today; as it was bought where its row is gone. */
  readonly tariff: Tariff | null;
  /** What runs and what follows, ascending. */
  readonly timetable: readonly TariffPeriod[];
}

/** The tariffs that are sold, and who has which until when. Made by {@link createTariffs}. */
export interface Tariffs<Tx = unknown> extends Catalogue {
  /** The payments that sell them: notifications, checks, cancels and reconcile go there. */
  readonly payments: Payments;
  /**
   * Makes the payment for a tariff.
   *
   * @throws PaymeValidationError when the tariff is unknown (`NOT_FOUND`) or not on sale, the amount is not its price,
   * or a dearer one runs; and whatever `payments.create` throws.
   */
  purchase(purchase: Purchase): Promise<PurchasedTariff>;
  /** What a user has now. Computed from the grants on each read, so it never waits for a sweep. */
  current(userId: string): Promise<CurrentTariff>;
  /**
   * Gives a tariff without a payment: a gift, what an earlier system gave, or what a paid payment did not give. Once for each
   * `paymentId`, `key`, or user, tariff and `until`. A person's name and why are kept as the event `tariff.granted`. `onActivated` does not run.
   *
   * @throws PaymeValidationError `NOT_FOUND`, and `CONFLICT` where the payment is not this user's paid one.
   * @example
   * await tariffs.grant({ userId: "user-1", tariffId: 1, until: Date.UTC(2026, 5, 1), by: "Aziza", note: "paid in cash" });
   */
  grant(grant: NewGrant): Promise<GrantOutcome>;
  /**
   * The hooks under which subscriptions give tariffs: each paid period its days, once; a refund takes them back. The plan is
   * `planOfTariff(tariff.id)`.
   *
   * @example
   * const subs = createSubscriptions({ payments, seal, ...tariffs.renewals() });
   */
  renewals(): TariffRenewals<Tx>;
  /** Makes the user's row where there is none. Not needed to buy. */
  addUser(userId: string): Promise<TariffUser>;
  /** Brings `tariff_id` and `tariff_expires_at` up to date where a tariff ended. Call it every minute or so. */
  sweep(options?: SweepOptions): Promise<SweepReport>;
  /** Makes and updates the tables, those of the payments too. */
  migrate(): Promise<void>;
}

/**
 * Sells tariffs by payments of the kind `tariff`. A payment and what it gives commit together.
 *
 * @throws PaymeConfigError without payments, or where they sell tariffs already.
 * @example
 * const tariffs = createTariffs({ payments: createPayments({ storage: memoryStorage(), client }) });
 * const monthly = await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });
 * const { payUrl } = await tariffs.purchase({ userId: "user-1", tariffId: monthly.id });
 */
export function createTariffs<Tx>(options: TariffsOptions<Tx>): Tariffs<Tx> {
  const { payments, onActivated } = options;
  // A program without types may still pass a storage and a client.
  if (payments?.books === undefined) {
    throw new PaymeConfigError("createTariffs: give payments", {
      hint: "createTariffs({ payments: createPayments({ storage, client, … }) }): one payments sells orders and tariffs.",
    });
  }
  const { storage, now, logger } = payments.books;
  const store = options.store ?? defaultTariffStore(storage);
  const context: TariffsContext<Tx> = { storage, store, now, logger, onActivated };
  const catalogue = createCatalogue(context);
  payments.register(TARIFF_KIND, {
    onPaid: (payment, tx) => activate(context, payment, tx),
    onRefunded: (payment, tx) => takeBack(context, payment, tx),
  });
  return {
    ...catalogue,
    payments,
    purchase: (wanted) => purchase({ ...context, payments, catalogue }, wanted),
    grant: (wanted) => grantTariff({ ...context, catalogue }, payments.books.scope, wanted),
    renewals: () => renewals(context),
    current: (userId) => currentTariff(context, userId),
    async addUser(userId) {
      checkText("userId", userId);
      return storage.transaction((tx) => store.using(tx).lockUser(userId));
    },
    sweep: (sweepOptions) => sweep(context, sweepOptions),
    async migrate() {
      await storage.migrate();
      await store.migrate();
    },
  };
}

async function currentTariff<Tx>({ store, now: clock }: TariffsContext<Tx>, userId: string): Promise<CurrentTariff> {
  const now = clock();
  const timetable = timetableOf(await store.listGrants(userId));
  const running = runningAt(timetable, now)?.grant;
  const { tariffId, expiresAt } = projectionAt(timetable, now);
  let tariff: Tariff | null = null;
  if (running !== undefined) {
    const { tariffId: id, name, price, durationDays, durationMonths } = running;
    tariff = (await store.findTariff(id)) ?? { id, name, price, durationDays, durationMonths, isActive: false };
  }
  return { userId, tariffId, expiresAt, tariff, timetable: timetable.filter(({ until }) => until > now) };
}

/** The store that keeps tariffs where a storage keeps payments. */
function defaultTariffStore<Tx>(storage: Storage<Tx>): TariffStore<Tx> {
  if (isMemoryStorage(storage)) {
    const store = memoryTariffStore(storage);
    return { ...store, using: usingMemory(store.using) };
  }
  if (isSqlStorage(storage)) return sqlTariffStore(storage);
  throw new PaymeConfigError("createTariffs: there is no tariff store for this storage", {
    hint: "Pass store: one that keeps tariffs, users and grants in the storage's database.",
  });
}
