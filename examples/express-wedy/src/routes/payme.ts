import { type Request, Router } from "express";
import { PaymeEffectError, type Payments } from "payme-kit";
import type { Tariffs } from "payme-kit/tariffs";
import { jsonBody } from "../bodies";
import { failingAs } from "../error-answer";
import type { Guard } from "../guard";
import { parse, parseQuery } from "../parse";
import { languageOf } from "../payer-texts";
import { forbidden, notFound, Refusal } from "../refusal";
import { idempotencyKeySchema, newPaymentSchema, statisticsSchema } from "../schemas";
import { type CheckoutLink, createdOf, statisticsOf, statusOf } from "../wire";

/** Payments: made, looked at, cancelled and counted. */
export function paymeRoutes(tariffs: Tariffs, guard: Guard, checkoutLink: CheckoutLink | undefined): Router {
  const { payments } = tariffs;
  const router = Router();

  router.post("/create-payment", guard.user, jsonBody, async (request, response) => {
    const caller = guard.callerOf(request);
    const { user_id, tariff_id, amount, description } = parse(newPaymentSchema, request.body);
    const userId = String(user_id);
    if (userId !== caller.id && caller.role !== "admin") throw forbidden("user_id: you can only pay for yourself");
    const idempotencyKey = parse(idempotencyKeySchema, request.get("idempotency-key"));
    const purchase = { userId, tariffId: tariff_id, amount, description: description ?? undefined };
    const created = await failingAs("create", tariffs.purchase({ ...purchase, idempotencyKey }));
    response.json(createdOf(created, checkoutLink));
  });

  router.get("/check-status/:id", guard.user, async (request, response) => {
    const caller = guard.callerOf(request);
    const payment = await payments.find(idOf(request));
    const isTheirs = caller.role === "admin" || payment?.userId === caller.id;
    if (payment === undefined || !isTheirs) throw notFound("there is no such payment");
    const checked = await payments.check(payment.id).catch(async (error: unknown) => {
      // The money is known and its activation failed: the incident below says so.
      if (!(error instanceof PaymeEffectError)) throw error;
      return (await payments.find(payment.id)) ?? payment;
    });
    const [incident] = await payments.incidents.list({ subject: payment.id, limit: 1 });
    response.json(statusOf(checked, incident, languageOf(request)));
  });

  router.post("/cancel-payment/:id", guard.admin, async (request, response) => {
    const { refund } = await failingAs("cancel", cancelOrRefund(payments, idOf(request)));
    response.json({ success: true, message: "Payment cancelled successfully", data: { refund } });
  });

  router.get("/statistics", guard.admin, async (request, response) => {
    const { user_id: userId, from, to } = parseQuery(statisticsSchema, request.query);
    response.json(statisticsOf(await payments.statistics({ userId, from, to })));
  });

  return router;
}

/** The guide has one call for both. What is unpaid has nothing to give back: its refund is done. */
async function cancelOrRefund(payments: Payments, id: string): Promise<{ refund: "queued" | "done" }> {
  const payment = await payments.find(id);
  if (payment !== undefined && payment.paidAt !== null) return payments.refund(payment.id);
  const cancelled = await payments.cancel(id);
  if (cancelled.outcome !== "conflict") return { refund: "done" };
  throw new Refusal(409, "PAYME_API_ERROR", "the payment cannot be cancelled now: it is being paid");
}

function idOf(request: Request): string {
  const { id } = request.params;
  return typeof id === "string" ? id : "";
}
