import { Router } from "express";
import { declineText } from "payme-kit";
import type { SubscriptionOutcome } from "payme-kit/subscriptions";
import { jsonBody } from "../bodies";
import { failingAs } from "../error-answer";
import type { Guard } from "../guard";
import { parse } from "../parse";
import { languageOf, SUBSCRIPTION_TEXTS } from "../payer-texts";
import { Refusal } from "../refusal";
import { subscribeSchema } from "../schemas";
import type { TariffSubscriptions } from "../subscriptions";
import { subscriptionOf } from "../wire";
import { tariffIdIn } from "./tariffs";

/** A tariff renewed by a saved card: begun, looked at, cancelled. Each user meets his own subscription alone. */
export function subscriptionRoutes(subscriptions: TariffSubscriptions | undefined, guard: Guard): Router {
  const router = Router();

  router.post("/tariffs/:id/subscribe", guard.user, jsonBody, async (request, response) => {
    const owner = guard.callerOf(request).id;
    const { subscribe, current } = setUp();
    const wish = { ...parse(subscribeSchema, request.body), owner, tariffId: tariffIdIn(request) };
    const ended = await failingAs("other", subscribe(wish));
    if (ended.outcome === "declined") throw declined(ended);
    const texts = ended.outcome === "active" ? SUBSCRIPTION_TEXTS.active : SUBSCRIPTION_TEXTS.underWay;
    response.json({
      success: true,
      message: texts[languageOf(request)],
      outcome: ended.outcome,
      subscription: subscriptionOf(await current(owner)),
    });
  });

  router.get("/users/me/subscription", guard.user, async (request, response) => {
    const owner = guard.callerOf(request).id;
    response.json({ success: true, subscription: subscriptionOf(await setUp().current(owner)) });
  });

  router.delete("/users/me/subscription", guard.user, async (request, response) => {
    const owner = guard.callerOf(request).id;
    const { cancel, current } = setUp();
    await cancel(owner);
    response.json({
      success: true,
      message: SUBSCRIPTION_TEXTS.cancelled[languageOf(request)],
      subscription: subscriptionOf(await current(owner)),
    });
  });

  return router;

  function setUp(): TariffSubscriptions {
    if (subscriptions !== undefined) return subscriptions;
    const refusal = new Refusal(404, "NOT_FOUND", "subscriptions are not set up: they need SEAL_KEY, and receipts");
    refusal.texts = SUBSCRIPTION_TEXTS.notSetUp;
    throw refusal;
  }
}

/** No money was taken. What the payer can change is 400; a cashbox that refuses is 502, and a Payme that was not reached 504. */
function declined({ reason = "card", text = declineText.card }: SubscriptionOutcome): Refusal {
  const [status, code] = STATUS_OF[reason] ?? ([400, "VALIDATION_ERROR"] as const);
  const refusal = new Refusal(status, code, `the charge was declined: ${reason}`, { outcome: "declined", reason });
  refusal.texts = text;
  return refusal;
}

const STATUS_OF: Readonly<Record<string, readonly [status: number, code: "PAYME_API_ERROR"]>> = {
  merchant: [502, "PAYME_API_ERROR"],
  unavailable: [504, "PAYME_API_ERROR"],
};
