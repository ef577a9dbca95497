import { type PaymeErrorCode, PaymeValidationError } from "../kit/errors";
import { isMoment, type Scope } from "../ledger";
import { project } from "./activate";
import type { Catalogue } from "./catalogue";
import type { TariffsContext } from "./context";
import { checkText, escaped } from "./purchase";
import { snapshotOf, TARIFF_KIND } from "./tariff";
import type { AddedGrant } from "./tariff-store";
import { type GrantRow, type TariffProjection, timetableOf } from "./timetable";

/** A tariff that a person gives: `until` a moment in ms, or for some `days`. It takes its place as a bought one does. */
export interface NewGrant {
  readonly userId: string;
  readonly tariffId: number;
  readonly until?: number | undefined;
  readonly days?: number | undefined;
  /** Who gives it, and why. */
  readonly by: string;
  readonly note: string;
  /** Your own name for it: the same key gives it once. Needed with `days`, where there is no `paymentId`. */
  readonly key?: string | undefined;
  /** The paid payment that it is for: it counts as what that payment gave, and its refund takes it back. */
  readonly paymentId?: string | undefined;
}

/** How giving ended (`already_applied`: it was given before), what the user has now, and until when, in ms. */
export type GrantOutcome = AddedGrant & Pick<TariffProjection, "tariffId" | "expiresAt">;

/** Gives a tariff, with who and why, in one commit. */
export async function grantTariff<Tx>(
  { storage, store, now: clock, catalogue }: TariffsContext<Tx> & { readonly catalogue: Catalogue },
  scope: Scope,
  wanted: NewGrant,
): Promise<GrantOutcome> {
  const { userId, until, days, by, note, paymentId, key = until && `${wanted.tariffId}:${until}` } = wanted;
  const id = paymentId ?? (key && `grant:${escaped(userId)}:${key}`);
  for (const [field, text] of Object.entries({ userId, by, note, key: id })) checkText(field, text);
  if ((until === undefined) === (days === undefined)) throw refused("until, days: give one of them");
  const tariff = snapshotOf(await catalogue.get(wanted.tariffId));
  return storage.transaction(async (tx) => {
    const [verbs, books, now] = [store.using(tx), storage.using(tx), clock()];
    // Everyone locks in one order: the payment, then the user.
    const paid = paymentId && (await books.findPayment(scope, { id: paymentId }, { lock: true }));
    const isTheirs = paid && paid.kind === TARIFF_KIND && paid.userId === userId && paid.status === "PAID";
    if (paymentId !== undefined && !isTheirs) throw refused("paymentId: it is no paid tariff of this user", "CONFLICT");
    await verbs.lockUser(userId);
    const grants = await verbs.listGrants(userId);
    // After all that stands, also where that was settled in this very moment: its place decides its length.
    const settledAt = Math.max(now, ...grants.map((given) => given.settledAt + 1));
    const grant: GrantRow = { ...tariff, paymentId: String(id), userId, settledAt, revokedAt: null };
    const isGiven = grants.some((given) => given.paymentId === grant.paymentId);
    const added = isGiven ? "already_applied" : (await verbs.addGrant(lasting(grant, grants, wanted))).outcome;
    const { tariffId, expiresAt } = await project(verbs, userId, settledAt);
    const data = { userId, tariffId: tariff.tariffId, until, days, by, note };
    const event = { ...scope, kind: "tariff.granted", subject: grant.paymentId, at: now, data };
    if (added === "applied") await books.appendEvents([event]);
    return { outcome: added, tariffId, expiresAt };
  });
}

/** The grant with its length: up to `until` from where it starts. */
function lasting(grant: GrantRow, others: readonly GrantRow[], { until, days }: NewGrant): GrantRow {
  if (days !== undefined) {
    if (!Number.isInteger(days) || days < 1 || days > 36_500) throw refused("days: give whole days, 1 to 36,500");
    return { ...grant, durationDays: days, durationMonths: undefined };
  }
  const added = timetableOf([...others, { ...grant, durationMs: 1 }]);
  const { from = grant.settledAt } = added.find((period) => period.grant.paymentId === grant.paymentId) ?? {};
  if (isMoment(until) && until > from) return { ...grant, durationMs: until - from };
  throw refused("until: give a moment in ms after what the user has already", "CONFLICT");
}

const refused = (problem: string, code?: PaymeErrorCode) => new PaymeValidationError(problem, { code });
