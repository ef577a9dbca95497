import type { Tariff, TariffChange, TariffFields } from "./tariff";
import type { GrantRow, TariffProjection } from "./timetable";

/** The part of a user that tariffs know. */
export interface TariffUser {
  readonly id: string;
  /** From the last projection that was saved; null, too, where the tariff's row is gone. */
  readonly tariffId: number | null;
  /** In ms. */
  readonly tariffExpiresAt: number | null;
}

/** A page of tariffs, ascending by id. */
export interface TariffPage {
  /** How many there are, all pages together. */
  readonly total: number;
  readonly tariffs: readonly Tariff[];
}

/** The outcome of adding a grant. `already_applied`: this payment gave one before; nothing changed. */
export interface AddedGrant {
  readonly outcome: "applied" | "already_applied";
}

/** The outcome of taking a grant back. `not_found`: that payment never gave one. */
export interface RevokedGrant {
  readonly outcome: "applied" | "already_applied" | "not_found";
}

/** The reads of a tariff store. */
export interface TariffReads {
  findTariff(id: number): Promise<Tariff | undefined>;
  listTariffs(query: { skip: number; limit: number; activeOnly: boolean }): Promise<TariffPage>;
  findUser(userId: string): Promise<TariffUser | undefined>;
  /**
   * All standing grants of a user. Not a page: taking back an old one moves what follows it. There is one for each
   * payment that was not refunded.
   */
  listGrants(userId: string): Promise<GrantRow[]>;
  /** Users whose `nextChangeAt` is at or before `now`, the longest due first. */
  usersDue(query: { now: number; limit: number }): Promise<string[]>;
}

/** The writes of a tariff store. Each is one atomic step. */
export interface TariffWrites {
  /** Adds a tariff, with an id that no tariff ever had. */
  addTariff(tariff: TariffFields): Promise<Tariff>;
  /** Changes the fields given; undefined: there is no such tariff. */
  changeTariff(id: number, change: TariffChange): Promise<Tariff | undefined>;
  /** Makes the user's row where there is none, and keeps other writers away from it until the transaction ends. */
  lockUser(userId: string): Promise<TariffUser>;
  /** Adds a grant, one for each payment. */
  addGrant(grant: GrantRow): Promise<AddedGrant>;
  /** Revokes a standing grant. The time of the first revocation is kept. */
  revokeGrant(paymentId: string, at: number): Promise<RevokedGrant>;
  /** Writes the projection into the user's row. `tariffId` is written as null where the tariff's row is gone. */
  saveProjection(userId: string, projection: TariffProjection): Promise<void>;
}

export interface TariffVerbs extends TariffReads, TariffWrites {}

/**
 * Keeps tariffs, users and grants in the database of the payments, so that a payment and its grant commit together.
 *
 * A store MUST:
 * - make each verb atomic; of any number of equal `addGrant` or `revokeGrant` at once exactly one is `applied`;
 * - let the database itself keep a payment from giving two grants;
 * - after `lockUser`, keep other transactions that lock the same user waiting until this one ends, and let its later verbs
 *   see all that earlier holders committed. Otherwise payments settled at once overwrite each other's projection;
 * - never make `saveProjection` fail because a tariff's row is gone;
 * - give prices back in tiyin, whatever its columns hold: `sqlTariffStore` keeps whole som, as the Wedy guide does;
 * - hand out copies, and never read a clock.
 *
 * `verbs` inside a transaction come from `using(tx)`; the reads of the store itself run outside, on committed rows.
 */
export interface TariffStore<Tx> extends TariffReads {
  using(tx: Tx): TariffVerbs;
  /** Makes and updates its tables. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>;
}
