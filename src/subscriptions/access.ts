import type { SubscriptionsContext } from "./context";
import type { SubscriptionRow } from "./rows";

/**
 * Whether an owner may use a plan. `because`: it is `paid`, a `trial`, or `grace` while a charge is tried again; `renewing`: its period
 * is over, and no charge was tried yet. Without access: `unpaid` (the first period is not paid), `paused`, `ended`, or `none`.
 */
export interface Access {
  readonly active: boolean;
  /** Until when, in ms; null without access, and while it is being renewed. */
  readonly until: number | null;
  readonly because: "paid" | "trial" | "grace" | "renewing" | "unpaid" | "paused" | "ended" | "none";
  readonly subscriptionId: string | null;
}

/** Subscriptions that an owner had for one plan: one that ended may have paid for longer than the newest. */
const LOOKED_AT = 100;

/** Reads whether an owner may use a plan. One query. */
export async function accessOf<Tx>(
  { store, payments }: SubscriptionsContext<Tx>,
  { owner, plan }: { readonly owner: string; readonly plan: string },
): Promise<Access> {
  const rows = await store.listSubscriptions(payments.books.scope, { owner, plan, limit: LOOKED_AT });
  const all = rows.map((row) => accessBy(row, payments.books.now()));
  const best = all.filter(({ active }) => active).sort((a, b) => (b.until ?? Infinity) - (a.until ?? Infinity))[0];
  return best ?? all[0] ?? { active: false, until: null, because: "none", subscriptionId: null };
}

function accessBy(row: SubscriptionRow, now: number): Access {
  const { state, accessUntil, cancelAtEnd, id } = row;
  if (now < accessUntil) {
    const because = state === "TRIALING" ? "trial" : state === "PAST_DUE" ? "grace" : "paid";
    return { active: true, until: accessUntil, because, subscriptionId: id };
  }
  // Its period is over, and nobody has tried to charge the next one: that is our doing.
  const isRenewing = (state === "ACTIVE" || state === "TRIALING") && !cancelAtEnd;
  if (isRenewing) return { active: true, until: null, because: "renewing", subscriptionId: id };
  const because = state === "INCOMPLETE" ? "unpaid" : state === "PAUSED" ? "paused" : "ended";
  return { active: false, until: null, because, subscriptionId: id };
}
