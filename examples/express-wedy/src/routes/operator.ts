import { type Request, Router } from "express";
import type { Payments } from "payme-kit";
import { jsonBody } from "../bodies";
import { failingAs } from "../error-answer";
import type { Guard } from "../guard";
import { parse, parseQuery } from "../parse";
import { notFound } from "../refusal";
import { acceptSchema, incidentListSchema, resolveSchema } from "../schemas";
import { incidentOf, storyOf } from "../wire";

/** For whoever is called at night: what waits for a person, its remedies, and the story of a payment. */
export function operatorRoutes(payments: Payments, guard: Guard): Router {
  const router = Router();

  router.get("/incidents", guard.admin, async (request, response) => {
    const { after, limit } = parseQuery(incidentListSchema, request.query);
    const rows = await payments.incidents.list({ after, limit });
    response.json({ success: true, incidents: rows.map(incidentOf) });
  });

  router.post("/incidents/:id/resolve", guard.admin, jsonBody, async (request, response) => {
    const { note } = parse(resolveSchema, request.body);
    const row = await payments.incidents.resolve(idOf(request), { by: guard.callerOf(request).id, note });
    response.json({ success: true, incident: incidentOf(row) });
  });

  router.post("/incidents/:id/accept", guard.admin, jsonBody, async (request, response) => {
    const { note, payment_id: paymentId } = parse(acceptSchema, request.body);
    const by = guard.callerOf(request).id;
    const accepted = await failingAs("cancel", payments.accept(idOf(request), { by, note, paymentId }));
    response.json({ success: true, outcome: accepted.outcome, payment_id: accepted.row.id });
  });

  router.get("/payments/:id/story", guard.admin, async (request, response) => {
    const { id } = request.params;
    const story = await payments.story(typeof id === "string" ? id : "");
    if (story === undefined) throw notFound("there is no such payment");
    response.json({ success: true, ...storyOf(story) });
  });

  return router;
}

/** The number of an incident. */
function idOf({ params: { id } }: Request): number {
  if (typeof id === "string" && /^[1-9]\d{0,14}$/.test(id)) return Number(id);
  throw notFound("there is no such incident");
}
