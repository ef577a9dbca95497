import type { MerchantApi } from "../merchant/merchant-api";
import type { Outbox } from "../outbox/outbox";
import type { Payments } from "../payments/payments";
import type { Subscriptions } from "../subscriptions/subscriptions";

/** The parts of a shop that the page shows and presses. */
export interface AdminParts {
  readonly payments: Payments;
  /** Adds the button that frees abandoned transactions. */
  readonly merchant?: Pick<MerchantApi, "sweep"> | undefined;
  /** Adds the parked messages. */
  readonly outbox?: Pick<Outbox<unknown>, "parked" | "requeue"> | undefined;
  readonly subscriptions?: Pick<Subscriptions, "list" | "find" | "statistics" | "overdue"> | undefined;
}
