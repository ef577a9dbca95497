export type { Catalogue, TariffList, TariffQuery } from "./catalogue";
export type { Activation, ActivationHook } from "./context";
export type { CurrentTariff } from "./current";
export type { Grant, GrantRow } from "./grant";
export { memoryTariffStore } from "./memory-tariff-store";
export { type Projection, projectionAt, runningAt } from "./projection";
export type { Purchase, PurchasedTariff } from "./purchase";
export { type Segment, type Timetable, timetableOf } from "./rules";
export { type SqlTariffStoreOptions, sqlTariffStore } from "./sql-tariff-store";
export type { SweepOptions, SweepReport } from "./sweep";
export type { NewTariff, Tariff, TariffChange, TariffFields } from "./tariff";
export type {
  AddedGrant,
  RevokedGrant,
  TariffPage,
  TariffReads,
  TariffStore,
  TariffUser,
  TariffVerbs,
  TariffWrites,
} from "./tariff-store";
export type { TariffTableNames } from "./tariff-tables";
export { createTariffs, type Tariffs, type TariffsOptions } from "./tariffs";
