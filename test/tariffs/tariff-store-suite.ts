import { describe, expect, it } from "vitest";
import type { TariffStore } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import type { TariffVerbs } from "../../src/tariffs/tariff-store";
import type { GrantRow } from "../../src/tariffs/timetable";

/** A storage and a tariff store in one empty database. */
export interface OpenedStore<Tx> {
  readonly storage: Storage<Tx>;
  readonly store: TariffStore<Tx>;
  /** Deletes a tariff's row by hand. */
  deleteTariff(id: number): Promise<void>;
  /** Writes the `data` of a payment by hand, as an earlier version wrote it. */
  rewriteData(paymentId: string, data: object): Promise<void>;
  /** The prices in a table as they are stored; undefined where there is no table. */
  storedPrices(table: "tariff" | "payme_grant"): Promise<number[] | undefined>;
}

const fields = { name: "Premium", price: som(50_000), durationDays: 30, isActive: true };

function grantRow(row: Partial<GrantRow> = {}): GrantRow {
  const snapshot = { tariffId: 1, name: "Premium", price: som(50_000), durationDays: 30 };
  return { paymentId: "payment-1", userId: "user-1", ...snapshot, settledAt: 1_000, revokedAt: null, ...row };
}

/** What every tariff store must hold. */
export function tariffStoreSuite<Tx>(name: string, open: () => Promise<OpenedStore<Tx>>): void {
  describe(`${name}: the tariff store`, () => {
    async function openStore() {
      const kit = await open();
      await kit.storage.migrate();
      await kit.store.migrate();
      const write = <R>(work: (verbs: TariffVerbs) => Promise<R>): Promise<R> =>
        kit.storage.transaction((tx) => work(kit.store.using(tx)));
      return { ...kit, write };
    }

    it("migrates as often as it is asked, at once too", async () => {
      const { store, write } = await openStore();
      await Promise.all([store.migrate(), store.migrate()]);
      expect(await write((verbs) => verbs.addTariff(fields))).toMatchObject({ id: 1 });
    });

    it("finds nothing in an empty database", async () => {
      const { store } = await openStore();
      expect(await store.findTariff(1)).toBeUndefined();
      expect(await store.findUser("user-1")).toBeUndefined();
      expect(await store.listGrants("user-1")).toEqual([]);
      expect(await store.listTariffs({ skip: 0, limit: 10, activeOnly: false })).toEqual({ total: 0, tariffs: [] });
      expect(await store.usersDue({ now: Number.MAX_SAFE_INTEGER, limit: 10 })).toEqual([]);
    });

    it("keeps a tariff as it was given, at its limits and with text from everywhere", async () => {
      const { store, write } = await openStore();
      const widest = {
        name: ` '"; DROP TABLE tariff; -- <b>Ўзбек 😀`,
        price: som(90_071_992_547_409),
        durationDays: 36_500,
        isActive: false,
      };
      const added = await write((verbs) => verbs.addTariff(widest));
      expect(added).toEqual({ id: 1, ...widest });
      expect(await store.findTariff(1)).toEqual(added);
    });

    it("changes the fields given and no others, and says where there is no such tariff", async () => {
      const { store, write } = await openStore();
      await write((verbs) => verbs.addTariff(fields));
      await write((verbs) => verbs.addTariff(fields));
      expect(await write((verbs) => verbs.changeTariff(1, { isActive: false, price: som(1) }))).toEqual({
        id: 1,
        ...fields,
        price: som(1),
        isActive: false,
      });
      expect(await write((verbs) => verbs.changeTariff(1, {}))).toMatchObject({ price: som(1), isActive: false });
      expect(await store.findTariff(2)).toEqual({ id: 2, ...fields });
      expect(await write((verbs) => verbs.changeTariff(3, { price: som(1) }))).toBeUndefined();
    });

    it("lists pages ascending by id, and counts all that match", async () => {
      const { store, write } = await openStore();
      for (const isActive of [true, false, true, true])
        await write((verbs) => verbs.addTariff({ ...fields, isActive }));
      const ids = async (skip: number, limit: number, activeOnly: boolean) => {
        const { total, tariffs } = await store.listTariffs({ skip, limit, activeOnly });
        return [total, ...tariffs.map(({ id }) => id)];
      };
      expect(await ids(0, 2, false)).toEqual([4, 1, 2]);
      expect(await ids(2, 10, false)).toEqual([4, 3, 4]);
      expect(await ids(1, 10, true)).toEqual([3, 3, 4]);
      expect(await ids(9, 10, true)).toEqual([3]);
    });

    it("never gives an id twice, also after the row was deleted by hand", async () => {
      const { write, deleteTariff } = await openStore();
      await write((verbs) => verbs.addTariff(fields));
      await deleteTariff(1);
      expect(await write((verbs) => verbs.addTariff(fields))).toMatchObject({ id: 2 });
    });

    it("makes a missing user when it is locked, and leaves a known one as it is", async () => {
      const { store, write } = await openStore();
      const user = { id: "user-1", tariffId: null, tariffExpiresAt: null };
      expect(await write((verbs) => verbs.lockUser("user-1"))).toEqual(user);
      expect(await store.findUser("user-1")).toEqual(user);
      await write((verbs) => verbs.addTariff(fields));
      await write((verbs) => verbs.saveProjection("user-1", { tariffId: 1, expiresAt: 5, nextChangeAt: 5 }));
      expect(await write((verbs) => verbs.lockUser("user-1"))).toEqual({
        id: "user-1",
        tariffId: 1,
        tariffExpiresAt: 5,
      });
    });

    it("gives one grant for a payment, of 20 attempts at once", async () => {
      const { store, write } = await openStore();
      const attempts = Array.from({ length: 20 }, (_, index) =>
        write((verbs) => verbs.addGrant(grantRow({ settledAt: index }))),
      );
      const outcomes = (await Promise.all(attempts)).map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === "applied")).toHaveLength(1);
      expect(await store.listGrants("user-1")).toHaveLength(1);
    });

    it("lists the grants of a user that stand, as they were given", async () => {
      const { store, write } = await openStore();
      const kept = grantRow({ name: "Ўзбек", settledAt: 1_767_225_600_123, price: som(90_071_992_547_409) });
      await write((verbs) => verbs.addGrant(kept));
      await write((verbs) => verbs.addGrant(grantRow({ paymentId: "payment-2" })));
      await write((verbs) => verbs.addGrant(grantRow({ paymentId: "payment-3", userId: "user-2" })));
      await write((verbs) => verbs.revokeGrant("payment-2", 2_000));
      expect(await store.listGrants("user-1")).toEqual([kept]);
    });

    it("takes a grant back once, and knows one that never was", async () => {
      const { write } = await openStore();
      await write((verbs) => verbs.addGrant(grantRow()));
      expect(await write((verbs) => verbs.revokeGrant("payment-1", 2_000))).toEqual({ outcome: "applied" });
      expect(await write((verbs) => verbs.revokeGrant("payment-1", 3_000))).toEqual({ outcome: "already_applied" });
      expect(await write((verbs) => verbs.revokeGrant("payment-9", 3_000))).toEqual({ outcome: "not_found" });
      expect(await write((verbs) => verbs.addGrant(grantRow()))).toEqual({ outcome: "already_applied" });
    });

    it("shows a tariff whose row is gone as null, and keeps its end", async () => {
      const { store, write } = await openStore();
      await write((verbs) => verbs.lockUser("user-1"));
      await write((verbs) => verbs.saveProjection("user-1", { tariffId: 77, expiresAt: 9_000, nextChangeAt: 9_000 }));
      expect(await store.findUser("user-1")).toEqual({ id: "user-1", tariffId: null, tariffExpiresAt: 9_000 });
    });

    it("keeps an end that is further away than a date can be written", async () => {
      const { store, write } = await openStore();
      const expiresAt = Date.UTC(9999, 11, 31) + 400 * 36_500 * 86_400_000;
      await write((verbs) => verbs.lockUser("user-1"));
      await write((verbs) => verbs.saveProjection("user-1", { tariffId: null, expiresAt, nextChangeAt: expiresAt }));
      expect(await store.findUser("user-1")).toMatchObject({ tariffExpiresAt: expiresAt });
    });

    it("names users whose tariff has changed by now, the longest due first, no more than asked", async () => {
      const { store, write } = await openStore();
      const changes = { a: 300, b: 100, c: 200, d: 301, e: null };
      for (const [id, nextChangeAt] of Object.entries(changes)) {
        await write((verbs) => verbs.lockUser(id));
        await write((verbs) => verbs.saveProjection(id, { tariffId: null, expiresAt: null, nextChangeAt }));
      }
      expect(await store.usersDue({ now: 300, limit: 10 })).toEqual(["b", "c", "a"]);
      expect(await store.usersDue({ now: 300, limit: 2 })).toEqual(["b", "c"]);
      expect(await store.usersDue({ now: 99, limit: 10 })).toEqual([]);
    });

    it("leaves nothing behind where its transaction fails, and shows nothing before it commits", async () => {
      const { storage, store } = await openStore();
      const failing = storage.transaction(async (tx) => {
        const verbs = store.using(tx);
        await verbs.addTariff(fields);
        await verbs.lockUser("user-1");
        await verbs.addGrant(grantRow());
        expect(await verbs.listGrants("user-1")).toHaveLength(1);
        throw new Error("undone");
      });
      await expect(failing).rejects.toThrow("undone");
      expect(await store.findTariff(1)).toBeUndefined();
      expect(await store.findUser("user-1")).toBeUndefined();
      expect(await store.listGrants("user-1")).toEqual([]);
    });
  });
}
