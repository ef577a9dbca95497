import { createHash, timingSafeEqual } from "node:crypto";
import { type RequestHandler, Router } from "express";
import type { Metrics } from "payme-kit/prometheus";
import type { Guard } from "../guard";

/** The metrics of the server, and who may read them besides admins. */
export interface ServedMetrics {
  readonly metrics: Metrics;
  /** A token of Prometheus alone. It needs no database: a scrape tells that the database is away. */
  readonly token: string | undefined;
}

/** For Prometheus. */
export function metricsRoutes({ metrics: { registry }, token }: ServedMetrics, guard: Guard): Router {
  const router = Router();
  const letIn: RequestHandler = (request, response, next) =>
    token !== undefined && isSame(request.get("authorization") ?? "", `Bearer ${token}`)
      ? next()
      : guard.admin(request, response, next);
  router.get("/", letIn, async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}

/** Tells nobody by its time how much of a guess is right. */
function isSame(given: string, wanted: string): boolean {
  const [left, right] = [given, wanted].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
