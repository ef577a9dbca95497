import { som } from "../../../kit/money";
import type { TariffStore } from "../../../tariffs/tariff-store";
import type { GrantRow } from "../../../tariffs/timetable";
import { atOnce, CALLS, countApplied } from "../at-once";
import { equal, StorageSuiteFailure } from "../check";
import { NOW } from "../rows";
import { rule, type StorageUnderTest, type SuiteCase } from "../under-test";

const USER = "user-1";
const DAYS_MS = 30 * 86_400_000;

/** Each payment gives its days once, even where many of one user are settled at once. */
export const timetable: readonly SuiteCase[] = [
  rule("payments of one user that are settled at once each give their days", async (kit) => {
    const results = await atOnce(kit, (_storage, n) => settle(kit, `payment-${n}`));
    equal(countApplied(results), CALLS, "payments that gave days");
    equal(await endOf(kit), NOW + CALLS * DAYS_MS, "the end in the user's row");
    equal((await storeOf(kit).listGrants(USER)).length, CALLS, "grants");
  }),
  {
    title: "a payment that is settled many times at once gives its days once",
    mend: "Let the database itself keep payment_id unique, and insert with ON CONFLICT (payment_id) DO NOTHING RETURNING: no row means already_applied.",
    async run(kit) {
      const results = await atOnce(kit, () => settle(kit, "payment-1"));
      equal(countApplied(results), 1, "payments that gave days");
      equal(await endOf(kit), NOW + DAYS_MS, "the end in the user's row");
      equal((await storeOf(kit).listGrants(USER)).length, 1, "grants");
    },
  },
  rule("a payment never gives its days twice, refunded or not", async (kit) => {
    equal((await settle(kit, "payment-1")).outcome, "applied", "the first time");
    equal((await settle(kit, "payment-1")).outcome, "already_applied", "the second");
    equal((await takeBack(kit, "payment-1")).outcome, "applied", "the refund");
    equal((await takeBack(kit, "payment-1")).outcome, "already_applied", "the refund again");
    equal((await settle(kit, "payment-1")).outcome, "already_applied", "after the refund");
    equal([await endOf(kit), await storeOf(kit).listGrants(USER)], [null, []], "the end and the grants");
    equal((await takeBack(kit, "payment-9")).outcome, "not_found", "a payment that gave no days");
  }),
  rule("settling and refunding at once ends with the days of the settled payments", async (kit) => {
    for (let n = 0; n < CALLS; n += 2) await settle(kit, `payment-${n}`);
    await atOnce(kit, (_storage, n) => (n % 2 === 0 ? takeBack(kit, `payment-${n}`) : settle(kit, `payment-${n}`)));
    const standing = (await storeOf(kit).listGrants(USER)).map(({ paymentId }) => paymentId).sort();
    const expected = Array.from({ length: CALLS / 2 }, (_, n) => `payment-${2 * n + 1}`).sort();
    equal(standing, expected, "the grants");
    equal(await endOf(kit), NOW + (CALLS / 2) * DAYS_MS, "the end in the user's row");
  }),
  rule("a grant commits or rolls back with its transaction, unseen before", async (kit) => {
    const store = storeOf(kit);
    const { storage } = kit;
    const failing = storage.transaction(async (tx) => {
      const verbs = store.using(tx);
      await verbs.lockUser(USER);
      await verbs.addGrant(grantOf("payment-1"));
      equal((await verbs.listGrants(USER)).length, 1, "inside the transaction");
      throw new Error("rolled back");
    });
    await failing.catch((error: unknown) => {
      if (error instanceof StorageSuiteFailure) throw error;
    });
    equal(await store.listGrants(USER), [], "after the rollback");
    equal(await store.findUser(USER), undefined, "the user's row after the rollback");
  }),
  rule("keeps a grant unchanged; a deleted tariff does not break the projection", async (kit) => {
    const store = storeOf(kit);
    const grant = {
      ...grantOf("payment-1"),
      tariffId: 77,
      price: som(90_071_992_547_409),
      settledAt: Number.MAX_SAFE_INTEGER,
    };
    await kit.storage.transaction(async (tx) => {
      const verbs = store.using(tx);
      await verbs.lockUser(USER);
      await verbs.addGrant(grant);
      await verbs.saveProjection(USER, { tariffId: 77, expiresAt: NOW, nextChangeAt: NOW });
    });
    equal(await store.listGrants(USER), [grant], "the grant");
    equal(await store.findUser(USER), { id: USER, tariffId: null, tariffExpiresAt: NOW }, "the user's row");
    equal(await store.usersDue({ now: NOW - 1, limit: 9 }), [], "users due before");
    equal(await store.usersDue({ now: NOW, limit: 9 }), [USER], "users due");
  }),
];

function storeOf<Tx>({ tariffs }: StorageUnderTest<Tx>): TariffStore<Tx> {
  if (tariffs === undefined) throw new StorageSuiteFailure("the result of create()", tariffs, "a member tariffs");
  return tariffs;
}

function grantOf(paymentId: string): GrantRow {
  const snapshot = { tariffId: 1, name: "Premium", price: som(50_000), durationDays: 30 };
  return { ...snapshot, paymentId, userId: USER, settledAt: NOW, revokedAt: null };
}

/** Activates a payment: lock, grant, and the user's end from all grants, with a wait like a hook's. */
function settle<Tx>(kit: StorageUnderTest<Tx>, paymentId: string): Promise<{ outcome: string }> {
  return kit.storage.transaction(async (tx) => {
    const verbs = storeOf(kit).using(tx);
    await verbs.lockUser(USER);
    const added = await verbs.addGrant(grantOf(paymentId));
    if (added.outcome === "applied") await project(kit, tx);
    return added;
  });
}

function takeBack<Tx>(kit: StorageUnderTest<Tx>, paymentId: string): Promise<{ outcome: string }> {
  return kit.storage.transaction(async (tx) => {
    const verbs = storeOf(kit).using(tx);
    await verbs.lockUser(USER);
    const revoked = await verbs.revokeGrant(paymentId, NOW + 1);
    if (revoked.outcome === "applied") await project(kit, tx);
    return revoked;
  });
}

async function project<Tx>(kit: StorageUnderTest<Tx>, tx: Tx): Promise<void> {
  const verbs = storeOf(kit).using(tx);
  const { length } = await verbs.listGrants(USER);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const end = length === 0 ? null : NOW + length * DAYS_MS;
  await verbs.saveProjection(USER, { tariffId: null, expiresAt: end, nextChangeAt: end });
}

async function endOf<Tx>(kit: StorageUnderTest<Tx>): Promise<number | null | undefined> {
  return (await storeOf(kit).findUser(USER))?.tariffExpiresAt;
}
