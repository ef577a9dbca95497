import type { GrantRow } from "./grant";
import type { TariffProjection } from "./projection";
import type { Tariff, TariffChange, TariffFields } from "./tariff";

/** A user as far as tariffs go. */
export interface TariffUser {
  readonly id: string;
  /** The projection that was written last; `tariffId` is null, too, where the tariff's row is gone. */
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

/** How writing a grant ended. `already_applied`: this payment has given one before; nothing changed. */
export interface AddedGrant {
  readonly outcome: "applied" | "already_applied";
}

/** How taking a grant back ended. `not_found`: that payment never gave one. */
export interface RevokedGrant {
  readonly outcome: "applied" | "already_applied" | "not_found";
}

/** What can be asked. */
export interface TariffReads {
  findTariff(id: number): Promise<Tariff | undefined>;
  listTariffs(query: { skip: number; limit: number; activeOnly: boolean }): Promise<TariffPage>;
  findUser(userId: string): Promise<TariffUser | undefined>;
  /**
   * All grants of a user that stand. Not a page: taking back an old one moves what follows it. They are as many as the
   * payments that a user has made and kept.
   */
  listGrants(userId: string): Promise<GrantRow[]>;
  /** Users whose `nextChangeAt` is at or before `now`, the longest due first. */
  usersDue(query: { now: number; limit: number }): Promise<string[]>;
}

/** What can be changed. Each is one atomic step. */
export interface TariffWrites {
  /** Gives it an id that no tariff ever had. */
  addTariff(tariff: TariffFields): Promise<Tariff>;
  /** Changes the fields given; undefined: there is no such tariff. */
  changeTariff(id: number, change: TariffChange): Promise<Tariff | undefined>;
  /** Makes the user's row where there is none, and keeps other writers away from it until the transaction ends. */
  lockUser(userId: string): Promise<TariffUser>;
  /** Unique on the payment. */
  addGrant(grant: GrantRow): Promise<AddedGrant>;
  /** Guard: it stands. The time of the first revocation is kept. */
  revokeGrant(paymentId: string, at: number): Promise<RevokedGrant>;
  /** Shows the projection in the user's row. `tariffId` is written as null where the tariff's row is gone. */
  saveProjection(userId: string, projection: TariffProjection): Promise<void>;
}

export interface TariffVerbs extends TariffReads, TariffWrites {}

/**
 * Where tariffs, users and grants are kept: in the same database as the payments, so that a payment and its grant
 * commit together.
 *
 * A store MUST:
 * - make each verb atomic; of any number of equal `addGrant` or `revokeGrant` at once exactly one is `applied`;
 * - let the database itself keep a payment from giving two grants;
 * - after `lockUser`, keep every other transaction that locks the same user waiting until this one ends, and let verbs
 *   that follow in the transaction see all that earlier holders committed. Without it, payments that are settled at
 *   once read the same grants and overwrite each other's projection;
 * - never make `saveProjection` fail because a tariff's row is gone;
 * - hand out copies, and never read a clock.
 *
 * `verbs` inside a transaction come from `using(tx)`; the reads of the store itself run outside, on committed rows.
 */
export interface TariffStore<Tx> extends TariffReads {
  using(tx: Tx): TariffVerbs;
  /** Makes and updates its tables. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>;
}
