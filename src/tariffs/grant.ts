import { PaymeValidationError } from "../kit/errors";
import { isMoment, type Scope, type Verbs } from "../ledger";
import { project } from "./activate";
import type { Catalogue } from "./catalogue";
import type { TariffsContext } from "./context";
import { checkText, escaped } from "./purchase";
import { snapshotOf, TARIFF_KIND } from "./tariff";
import { type GrantRow, timetableOf } from "./timetable";

/** A tariff that a person gives: `until` a moment in ms, or for some `days`. It takes its place as a bought one does. */
export interface NewGrant {
  readonly userId: string;
  readonly tariffId: number;
  readonly until?: number | undefined;
  readonly days?: number | undefined;
  /** Who gives it. */
  readonly by: string;
  /** Why. */
  readonly note: string;
  /** Your own name for it: the same key gives it once. Needed with `days`, where there is no `paymentId`. */
  readonly key?: string | undefined;
  /** The paid payment that it is for: it counts as what that payment gave, and its refund takes it back. */
  readonly paymentId?: string | undefined;
}

/** How giving ended. `already_applied`: it was given before, and nothing changed. */
export interface GrantOutcome {
  readonly outcome: "applied" | "already_applied";
  /** What the user has now, and until when, in ms. */
  readonly tariffId: number | null;
  readonly expiresAt: number | null;
}

/** Gives a tariff, with who and why, in one commit. */
export async function grantTariff<Tx>(
  { storage, store, now: clock, catalogue }: TariffsContext<Tx> & { readonly catalogue: Catalogue },
  scope: Scope,
  wanted: NewGrant,
): Promise<GrantOutcome> {
  const {
    userId,
    until,
    days,
    by,
    note,
    key = until === undefined ? undefined : `${wanted.tariffId}:${until}`,
  } = wanted;
  for (const [field, text] of Object.entries({ userId, by, note })) checkText(field, text);
  if ((until === undefined) === (days === undefined)) throw new PaymeValidationError("until, days: give one of them");
  const { paymentId = key && `grant:${escaped(userId)}:${key}` } = wanted;
  checkText("key", paymentId);
  const tariff = snapshotOf(await catalogue.get(wanted.tariffId));
  return storage.transaction(async (tx) => {
    const [verbs, books, now] = [store.using(tx), storage.using(tx), clock()];
    // Everyone locks in one order: the payment, then the user.
    if (wanted.paymentId !== undefined) await requirePaid(books, scope, wanted.paymentId, userId);
    await verbs.lockUser(userId);
    const grants = await verbs.listGrants(userId);
    // After all that stands, also where that was settled in this very moment: its place decides its length.
    const settledAt = Math.max(now, ...grants.map((given) => given.settledAt + 1));
    const grant: GrantRow = { ...tariff, paymentId: String(paymentId), userId, settledAt, revokedAt: null };
    const isGiven = grants.some((given) => given.paymentId === grant.paymentId);
    const added = isGiven ? "already_applied" : (await verbs.addGrant(lasting(grant, grants, wanted))).outcome;
    const { tariffId, expiresAt } = await project(verbs, userId, settledAt);
    const data = { userId, tariffId: tariff.tariffId, until, days, by, note };
    const event = { ...scope, kind: "tariff.granted", subject: grant.paymentId, at: now, data };
    if (added === "applied") await books.appendEvents([event]);
    return { outcome: added, tariffId, expiresAt };
  });
}

async function requirePaid(books: Verbs, scope: Scope, id: string, userId: string): Promise<void> {
  const payment = await books.findPayment(scope, { id }, { lock: true });
  if (payment?.kind === TARIFF_KIND && payment.userId === userId && payment.status === "PAID") return;
  throw new PaymeValidationError(`paymentId: ${id} is no paid payment of this user for a tariff`, { code: "CONFLICT" });
}

/** The grant with its length: up to `until` from where it starts. */
function lasting(grant: GrantRow, others: readonly GrantRow[], { until, days }: NewGrant): GrantRow {
  if (days !== undefined) {
    if (Number.isInteger(days) && days >= 1 && days <= 36_500)
      return { ...grant, durationDays: days, durationMonths: undefined };
    throw new PaymeValidationError("days: give whole days, 1 to 36,500");
  }
  const added = timetableOf([...others, { ...grant, durationMs: 1 }]);
  const { from = grant.settledAt } = added.find((period) => period.grant.paymentId === grant.paymentId) ?? {};
  if (isMoment(until) && until > from) return { ...grant, durationMs: until - from };
  throw new PaymeValidationError("until: give a moment in ms after what the user has already", { code: "CONFLICT" });
}
