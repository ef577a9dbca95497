import { Router } from "express";
import type { Tariffs } from "payme-kit/tariffs";
import type { Guard } from "../guard";
import type { TariffSubscriptions } from "../subscriptions";
import { userOf } from "../wire";

/** What runs for the caller. */
export function userRoutes(tariffs: Tariffs, subscriptions: TariffSubscriptions | undefined, guard: Guard): Router {
  const router = Router();
  router.get("/me", guard.user, async (request, response) => {
    const { id } = guard.callerOf(request);
    const current = await tariffs.current(id);
    // Between two paid periods nothing is granted, and the user keeps what is being renewed.
    const kept = current.tariffId === null ? await subscriptions?.access(id) : undefined;
    if (kept === undefined) return void response.json(userOf(current));
    const tariff = await tariffs.get(kept.tariffId);
    response.json(userOf({ ...current, tariffId: kept.tariffId, expiresAt: kept.until, tariff }));
  });
  return router;
}
