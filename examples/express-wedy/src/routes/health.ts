import { Router } from "express";
import type { Users } from "../users";

/** For load balancers: whether the database answers. */
export function healthRoutes(users: Users): Router {
  const router = Router();
  router.get("/", async (_request, response) => {
    await users.ping();
    response.set("Cache-Control", "no-store").json({ success: true, status: "ok", database: "reachable" });
  });
  return router;
}
