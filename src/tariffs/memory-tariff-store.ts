import type { MemoryStorage } from "../storage/memory/memory-storage";
import type { MemoryTx } from "../storage/memory/memory-table";
import type { Tariff } from "./tariff";
import type { TariffReads, TariffStore, TariffUser, TariffVerbs } from "./tariff-store";
import type { GrantRow } from "./timetable";

interface UserRow extends TariffUser {
  readonly nextChangeAt: number | null;
}

/**
 * Tariffs, users and grants in memory, beside the payments of a `memoryStorage`. Its writers take turns, so every
 * transaction locks every user.
 */
export function memoryTariffStore(storage: Pick<MemoryStorage, "published">): TariffStore<MemoryTx> {
  return { ...reads(storage.published()), using: verbs, migrate: async () => {} };
}

function tablesOf(tx: MemoryTx) {
  return {
    tariffs: tx.table<Tariff>("payme_tariff"),
    users: tx.table<UserRow>("payme_user"),
    grants: tx.table<GrantRow>("payme_grant"),
    grantsOfUser: tx.table<{ readonly paymentIds: readonly string[] }>("payme_grant_by_user"),
    counters: tx.table<{ readonly last: number }>("payme_tariff_last_id"),
  };
}

function reads(tx: MemoryTx): TariffReads {
  const { tariffs, users, grants, grantsOfUser } = tablesOf(tx);
  return {
    findTariff: async (id) => tariffs.get(String(id)),

    async listTariffs({ skip, limit, activeOnly }) {
      const found = tariffs.filter((tariff) => tariff.isActive || !activeOnly).sort((a, b) => a.id - b.id);
      return { total: found.length, tariffs: found.slice(skip, skip + limit) };
    },

    async findUser(userId) {
      const row = users.get(userId);
      return row === undefined ? undefined : userOf(row);
    },

    async listGrants(userId) {
      const paymentIds = grantsOfUser.get(userId)?.paymentIds ?? [];
      return paymentIds.flatMap((id) => grants.get(id) ?? []).filter(({ revokedAt }) => revokedAt === null);
    },

    async usersDue({ now, limit }) {
      const due = users.filter(({ nextChangeAt }) => nextChangeAt !== null && nextChangeAt <= now);
      due.sort((a, b) => (a.nextChangeAt ?? 0) - (b.nextChangeAt ?? 0));
      return due.slice(0, limit).map(({ id }) => id);
    },
  };
}

function verbs(tx: MemoryTx): TariffVerbs {
  const { tariffs, users, grants, grantsOfUser, counters } = tablesOf(tx);
  return {
    ...reads(tx),

    async addTariff(fields) {
      const id = (counters.get("tariff")?.last ?? 0) + 1;
      counters.set("tariff", { last: id });
      tariffs.set(String(id), { id, ...fields });
      return { id, ...fields };
    },

    async changeTariff(id, change) {
      const tariff = tariffs.get(String(id));
      if (tariff === undefined) return undefined;
      const changed: Tariff = {
        id,
        name: change.name ?? tariff.name,
        price: change.price ?? tariff.price,
        durationDays: change.durationDays ?? tariff.durationDays,
        durationMonths: change.durationDays === undefined ? tariff.durationMonths : change.durationMonths,
        isActive: change.isActive ?? tariff.isActive,
      };
      tariffs.set(String(id), changed);
      return changed;
    },

    async lockUser(userId) {
      const known = users.get(userId);
      if (known !== undefined) return userOf(known);
      const row: UserRow = { id: userId, tariffId: null, tariffExpiresAt: null, nextChangeAt: null };
      users.set(userId, row);
      return userOf(row);
    },

    async addGrant(grant) {
      if (grants.get(grant.paymentId) !== undefined) return { outcome: "already_applied" };
      grants.set(grant.paymentId, grant);
      const earlier = grantsOfUser.get(grant.userId)?.paymentIds ?? [];
      grantsOfUser.set(grant.userId, { paymentIds: [...earlier, grant.paymentId] });
      return { outcome: "applied" };
    },

    async revokeGrant(paymentId, at) {
      const grant = grants.get(paymentId);
      if (grant === undefined) return { outcome: "not_found" };
      if (grant.revokedAt !== null) return { outcome: "already_applied" };
      grants.set(paymentId, { ...grant, revokedAt: at });
      return { outcome: "applied" };
    },

    async saveProjection(userId, { tariffId, expiresAt, nextChangeAt }) {
      if (users.get(userId) === undefined) return;
      const shown = tariffId !== null && tariffs.get(String(tariffId)) !== undefined ? tariffId : null;
      users.set(userId, { id: userId, tariffId: shown, tariffExpiresAt: expiresAt, nextChangeAt });
    },
  };
}

function userOf({ id, tariffId, tariffExpiresAt }: UserRow): TariffUser {
  return { id, tariffId, tariffExpiresAt };
}
