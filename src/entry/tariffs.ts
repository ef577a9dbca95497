export type { SweepOptions, SweepReport } from "../tariffs/activate";
export type { Catalogue, TariffList, TariffQuery } from "../tariffs/catalogue";
export type { Activation, ActivationHook } from "../tariffs/context";
export type { GrantOutcome, NewGrant } from "../tariffs/grant";
export { memoryTariffStore } from "../tariffs/memory-tariff-store";
export type { Purchase, PurchasedTariff } from "../tariffs/purchase";
export {
  planOfTariff,
  type RenewedPeriod,
  type RenewedSubscription,
  type TariffRenewals,
  tariffIdOfPlan,
} from "../tariffs/renewals";
export { type SqlTariffStoreOptions, sqlTariffStore } from "../tariffs/sql-tariff-store";
export {
  type NewTariff,
  type Tariff,
  type TariffChange,
  type TariffFields,
  tariffData,
  tariffIdOf,
} from "../tariffs/tariff";
export type { TariffStore } from "../tariffs/tariff-store";
export type { TariffTableNames } from "../tariffs/tariff-tables";
export { type CurrentTariff, createTariffs, type Tariffs, type TariffsOptions } from "../tariffs/tariffs";
export type { Grant, TariffProjection, Timetable } from "../tariffs/timetable";
