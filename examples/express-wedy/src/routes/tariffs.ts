import { type Request, Router } from "express";
import type { TariffChange, Tariffs } from "payme-kit/tariffs";
import type * as z from "zod";
import { fieldsOf, formBody, jsonBody } from "../bodies";
import { failingAs } from "../error-answer";
import type { Guard } from "../guard";
import { parse, parseQuery } from "../parse";
import { notFound } from "../refusal";
import {
  grantSchema,
  idempotencyKeySchema,
  newTariffSchema,
  tariffChangesSchema,
  tariffIdSchema,
  tariffListSchema,
} from "../schemas";
import { tariffOf, timeOrNull } from "../wire";

const FIELD_KINDS = {
  price: "number",
  duration_days: "number",
  duration_months: "number",
  is_active: "boolean",
} as const;

/** Tariffs: listed, kept by admins, and bought. */
export function tariffRoutes(tariffs: Tariffs, guard: Guard): Router {
  const router = Router();

  router.get("/", guard.user, async (request, response) => {
    const { skip, limit, active_only } = parseQuery(tariffListSchema, request.query);
    const { total, tariffs: listed, page, size } = await tariffs.list({ skip, limit, activeOnly: active_only });
    response.json({ total, tariffs: listed.map(tariffOf), page, size });
  });

  router.get("/:id", guard.user, async (request, response) => {
    response.json(tariffOf(await tariffs.get(tariffIdIn(request))));
  });

  router.post("/", guard.admin, formBody, async (request, response) => {
    const fields = parse(newTariffSchema, fieldsOf(request, FIELD_KINDS));
    const tariff = await tariffs.create({ ...changeOf(fields), name: fields.name, price: fields.price });
    response.json({ message: "Tariff created successfully", tariff: tariffOf(tariff) });
  });

  router.put("/:id", guard.admin, formBody, async (request, response) => {
    const id = tariffIdIn(request);
    const fields = parse(tariffChangesSchema, fieldsOf(request, FIELD_KINDS));
    const tariff = await tariffs.change(id, changeOf(fields));
    response.json({ message: "Tariff updated successfully", tariff: tariffOf(tariff) });
  });

  router.delete("/:id", guard.admin, async (request, response) => {
    const tariff = await tariffs.deactivate(tariffIdIn(request));
    response.json({ message: "Tariff deactivated successfully", tariff: tariffOf(tariff) });
  });

  router.post("/:id/purchase", guard.user, async (request, response) => {
    const { id: userId } = guard.callerOf(request);
    const tariffId = tariffIdIn(request);
    const idempotencyKey = parse(idempotencyKeySchema, request.get("idempotency-key"));
    const bought = await failingAs("create", tariffs.purchase({ userId, tariffId, idempotencyKey }));
    response.json({
      success: true,
      message: "Payment created successfully. Please complete the payment using the provided URL.",
      tariff: tariffOf(bought.tariff),
      payment_url: bought.payUrl,
      transaction_id: bought.transactionId ?? bought.id,
    });
  });

  router.post("/:id/grant", guard.admin, jsonBody, async (request, response) => {
    const { user_id, payment_id: paymentId, until, days, note } = parse(grantSchema, request.body);
    const { outcome, tariffId, expiresAt } = await tariffs.grant({
      userId: String(user_id),
      tariffId: tariffIdIn(request),
      until: until === undefined ? undefined : Date.parse(until),
      days,
      by: guard.callerOf(request).id,
      note,
      paymentId,
      key: parse(idempotencyKeySchema, request.get("idempotency-key")),
    });
    response.json({ success: true, outcome, tariff_id: tariffId, tariff_expires_at: timeOrNull(expiresAt) });
  });

  return router;
}

/** The fields as the package names them. */
function changeOf({ name, price, ...fields }: z.infer<typeof tariffChangesSchema>): TariffChange {
  const { duration_days: durationDays, duration_months: durationMonths, is_active: isActive } = fields;
  return { name, price, durationDays, durationMonths, isActive };
}

/** The tariff in the path. One whose id is no tariff's id names none. */
export function tariffIdIn(request: Request): number {
  const id = tariffIdSchema.safeParse(request.params.id);
  if (!id.success) throw notFound("there is no such tariff");
  return id.data;
}
