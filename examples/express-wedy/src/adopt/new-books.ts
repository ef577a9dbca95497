import { createPaymeClient, createPayments, type Payments } from "payme-kit";
import { createTariffs, type Tariffs } from "payme-kit/tariffs";
import type { WedyConfig } from "../config";
import { checkoutLinks } from "../merchant";
import type { Books } from "../open-books";
import { AdoptStop } from "./stop";

/** The server's own books, under its cashbox and mode. Nothing here asks Payme. */
export interface NewBooks {
  readonly payments: Payments<unknown>;
  readonly tariffs: Tariffs;
  /** Live or test: payments of the one are unknown to the other. */
  readonly mode: "live" | "test";
}

/** Opens them. @throws AdoptStop in demo mode, whose payments nobody keeps. */
export function openNewBooks({ storage, store }: Books, { payme, flow }: WedyConfig): NewBooks {
  if (payme === undefined) {
    throw new AdoptStop(
      "This is demo mode: PAYME_MERCHANT_ID and the other settings are not set. Run it with the server's .env: they say whether the payments are live or test ones.",
    );
  }
  const { mode, merchantId } = payme;
  const way =
    flow === "link" ? { payUrl: checkoutLinks(merchantId, mode), mode } : { client: createPaymeClient(payme) };
  const payments = createPayments({ storage, ...way });
  return { payments, tariffs: createTariffs({ payments, store }), mode };
}
