import type { Rules } from "./convert";
import type { OldUser } from "./old-rows";
import { momentOf } from "./old-times";

/** When a user's tariff ends, in ms; null where he has none; a text where the row fits no rule. */
export function endsAtOf(user: OldUser, { plan, tariffs }: Pick<Rules, "plan" | "tariffs">): number | null | string {
  const { tariff_id, tariff_expires_at } = user;
  if (tariff_id === null) return null;
  if (tariff_expires_at === null) return `it has the tariff ${tariff_id} without tariff_expires_at`;
  const end = momentOf(tariff_expires_at, plan.clock.tariff_expires_at.is ?? "UTC");
  if (end === undefined) return `tariff_expires_at ${tariff_expires_at} is no time`;
  return end > Date.now() && !tariffs.has(tariff_id) ? `its tariff ${tariff_id} is not in the table tariff` : end;
}
