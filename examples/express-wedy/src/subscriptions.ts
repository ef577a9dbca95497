import { declineText, PaymeAPIError, PaymeValidationError } from "payme-kit";
import type {
  NewCard,
  PeriodRow,
  SavedCard,
  SubscriptionOutcome,
  SubscriptionRow,
  Subscriptions,
} from "payme-kit/subscriptions";
import { planOfTariff, type Tariffs, tariffData, tariffIdOfPlan } from "payme-kit/tariffs";
import { OTHER_SUBSCRIPTION } from "./payer-texts";
import { invalidFor } from "./refusal";

/** A subscription that has not ended, its newest period, and until when it is paid. Times in ms. */
export interface RunningSubscription {
  readonly row: SubscriptionRow;
  readonly period: PeriodRow | undefined;
  readonly paidUntil: number | null;
  /** Of the card that is charged. */
  readonly mask: string | null;
}

/** What a user sends to subscribe. */
export interface Wish extends NewCard {
  readonly tariffId: number;
}

/** Tariffs that a saved card renews. A user has one of them at a time, and one card for it. */
export interface TariffSubscriptions {
  /** Subscribes once, however often it is called. Called again, it charges this card from then on, and takes back a cancel. */
  subscribe(wish: Wish): Promise<SubscriptionOutcome>;
  current(owner: string): Promise<RunningSubscription | undefined>;
  /** The tariff that the user may use while it is being renewed, or in the grace; null: there is no end yet. */
  access(owner: string): Promise<{ readonly tariffId: number; readonly until: number | null } | undefined>;
  /** Ends what the user has with what is paid. A repeat changes nothing. */
  cancel(owner: string): Promise<void>;
}

export function createTariffSubscriptions(subs: Subscriptions, tariffs: Tariffs): TariffSubscriptions {
  const liveOf = async (owner: string) => (await subs.list({ owner })).filter(({ state }) => state !== "ENDED");

  return {
    async subscribe({ tariffId, ...newCard }) {
      const { owner } = newCard;
      const live = await liveOf(owner);
      const plan = planOfTariff(tariffId);
      const known = live.find((row) => row.plan === plan && row.state !== "INCOMPLETE");
      // Who has it already may give another card, also once the tariff is off sale or has another price.
      const tariff = await (known ? tariffs.get(tariffId) : tariffs.offer({ userId: owner, tariffId }));
      const other = live.find((row) => row.plan !== plan && !row.cancelAtEnd);
      if (!known && other && !(await isGivenUp(other))) {
        throw invalidFor(OTHER_SUBSCRIPTION, `the user has a subscription to ${other.plan}: cancel it first`);
      }
      const card = await attach(subs, newCard);
      const { durationMonths: months, durationDays: days, price } = tariff;
      const { amount, every } = known ?? { amount: price, every: months === undefined ? { days } : { months } };
      const what = { owner, plan, amount, every, description: tariff.name, data: tariffData(tariff) };
      let made = await subs.create({ ...what, card: card.id });
      const { id } = made.subscription;
      if (made.subscription.cancelAtEnd) made = await subs.resume(id);
      if (made.subscription.cardId !== card.id) made = await subs.changeCard(id, card.id);
      if (made.outcome === "active") await forgetOtherCards(owner);
      return made;
    },

    async current(owner) {
      const live = await liveOf(owner);
      const row = live.find(({ cancelAtEnd }) => !cancelAtEnd) ?? live[0];
      if (row === undefined) return undefined;
      const periods = (await subs.story(row.id))?.periods ?? [];
      const paidUntil = periods.find(({ state }) => state === "PAID")?.end ?? null;
      const card = (await subs.cards.list(owner)).find(({ id }) => id === row.cardId);
      return { row, period: periods[0], paidUntil, mask: card?.mask ?? null };
    },

    async access(owner) {
      for (const { plan } of await liveOf(owner)) {
        const tariffId = tariffIdOfPlan(plan);
        const { active, until } = await subs.access({ owner, plan });
        if (active && tariffId !== null) return { tariffId, until };
      }
      return undefined;
    },

    async cancel(owner) {
      for (const { id, cancelAtEnd } of await liveOf(owner)) if (!cancelAtEnd) await subs.cancel(id);
    },
  };

  /** One that was never paid makes room for another. */
  async function isGivenUp({ id, state }: SubscriptionRow): Promise<boolean> {
    return state === "INCOMPLETE" && (await subs.cancel(id)).outcome === "ended";
  }

  /** No card is charged but the one that the user sees. */
  async function forgetOtherCards(owner: string): Promise<void> {
    const used = new Set((await liveOf(owner)).map(({ cardId }) => cardId));
    const others = (await subs.cards.list(owner)).filter(({ id, state }) => state === "ATTACHED" && !used.has(id));
    for (const { id } of others) await subs.cards.remove(id);
  }
}

/** A card that Payme does not know, or that cannot be charged again, is the payer's to change. */
async function attach({ cards }: Subscriptions, card: NewCard): Promise<SavedCard> {
  return cards.attach(card).catch((error: unknown) => {
    const isUnknown = error instanceof PaymeAPIError && error.reason === "card";
    if (isUnknown) throw invalidFor(declineText.card, "token: Payme does not know it");
    if (error instanceof PaymeValidationError) throw invalidFor(declineText.card, `token: ${error.message}`);
    throw error;
  });
}
