import type { Logger } from "payme-kit";
import { aesSeal, createSubscriptions, type Subscriptions } from "payme-kit/subscriptions";
import type { Tariffs } from "payme-kit/tariffs";

/** Renewals of tariffs by saved cards. Undefined without a key, and where no receipts are made. */
export function openSubscriptions(
  tariffs: Tariffs,
  { sealKeys, flow }: { readonly sealKeys: readonly string[]; readonly flow: "receipts" | "link" },
): Subscriptions | undefined {
  if (sealKeys.length === 0 || flow === "link") return undefined;
  return createSubscriptions({ payments: tariffs.payments, seal: aesSeal(sealKeys), ...tariffs.renewals() });
}

/** While the key is changed: seals all cards with the newest one, so that the other may go. Never rejects. */
export async function resealCards({ cards }: Subscriptions, logger: Logger): Promise<void> {
  try {
    logger.info("the saved cards have the newest seal", { ...(await cards.reseal()) });
  } catch (error) {
    logger.error("the saved cards could not be sealed anew", { stack: error instanceof Error ? error.stack : "" });
  }
}
