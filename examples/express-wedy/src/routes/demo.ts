import { type Request, type RequestHandler, Router } from "express";
import type { PaymentRow } from "payme-kit";
import type { Tariffs } from "payme-kit/tariffs";
import type { DemoDesk } from "../demo";
import { failingAs } from "../error-answer";
import type { Guard } from "../guard";
import { forbidden, notFound } from "../refusal";
import { paymentOf, timeText } from "../wire";

/** Demo mode only: a token of the demo user (never an admin's) for the page at `/`, and what it shows of a payment. */
export function demoRoutes(desk: DemoDesk, tariffs: Tariffs, guard: Guard): Router {
  const router = Router();
  router.use(onlyHere);

  router.get("/token", async (_request, response) => {
    const { cards } = desk;
    response.json({
      token: await desk.userToken(),
      cards: cards && { merchant_id: cards.merchantId, api_url: cards.apiUrl },
    });
  });

  router.get("/payments/:id", guard.user, async (request, response) => {
    response.json(await storyOf(await ownPayment(request)));
  });

  router.post("/payments/:id/again", guard.user, async (request, response) => {
    const payment = await ownPayment(request);
    await desk.notifyAgain(payment);
    response.json(await storyOf(payment));
  });

  router.post("/payments/:id/refund", guard.user, async (request, response) => {
    const payment = await ownPayment(request);
    await failingAs("cancel", desk.refund(payment));
    response.json(await storyOf(payment));
  });

  return router;

  async function ownPayment(request: Request): Promise<PaymentRow> {
    const payment = await tariffs.payments.find(String(request.params.id));
    const isTheirs = payment?.userId === guard.callerOf(request).id;
    if (payment === undefined || payment.paidAt === null || !isTheirs) throw notFound("there is no such paid payment");
    return payment;
  }

  async function storyOf({ id }: PaymentRow) {
    const payment = await tariffs.payments.find(id);
    if (payment === undefined) throw notFound("there is no such payment");
    const { activeUntil, ...counts } = await desk.story(payment);
    const isRefunded = payment.status === "CANCELLED";
    return {
      payment: paymentOf(payment),
      source: payment.paidSource,
      ...counts,
      active_until: activeUntil === null ? null : timeText(activeUntil),
      refunded_at: isRefunded && payment.cancelledAt !== null ? timeText(payment.cancelledAt) : null,
      can: { again: counts.notifications > 0, refund: !isRefunded },
    };
  }
}

/** A foreign site that rebinds its name to this address is named in Host: it gets nothing. */
const onlyHere: RequestHandler = (request, response, next) => {
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(request.get("host") ?? "")) {
    return next(forbidden("the demo is for this machine only: open the page by http://localhost"));
  }
  response.set("Cache-Control", "no-store");
  next();
};
