import { Router } from "express";
import type { Tariffs } from "payme-kit/tariffs";
import type { Guard } from "../guard";
import { userOf } from "../wire";

/** What runs for the caller. */
export function userRoutes(tariffs: Tariffs, guard: Guard): Router {
  const router = Router();
  router.get("/me", guard.user, async (request, response) => {
    const { id } = guard.callerOf(request);
    response.json(userOf(await tariffs.current(id)));
  });
  return router;
}
