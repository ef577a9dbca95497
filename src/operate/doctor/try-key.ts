import type { PaymeClient } from "../../client/payme-client";
import { isPaymeError, PaymeAPIError } from "../../kit/errors";
import { SubscribeErrorCode } from "../../protocol/codes";

/** An id that no receipt and no transaction has. */
export const NO_ID = "0".repeat(24);

/** What Payme says to a key. */
export interface Trial {
  readonly verdict: "accepted" | "refused" | "unclear" | "unreached";
  readonly text: string;
}

/** Tries the key of a client by a read: `receipts.check` of a receipt that does not exist. Never rejects. */
export async function tryKey(client: Pick<PaymeClient, "rpc">, signal: AbortSignal): Promise<Trial> {
  try {
    await client.rpc("receipts.check", { id: NO_ID }, { class: "read", signal });
    return { verdict: "accepted", text: "Payme answered" };
  } catch (error) {
    const text = isPaymeError(error) ? [error.message, error.hint].filter(Boolean).join(" ") : "the call failed";
    if (!(error instanceof PaymeAPIError)) return { verdict: "unreached", text };
    return { verdict: verdictOf(error.errorCode), text: `Payme answered ${error.errorCode ?? "no code"}` };
  }
}

function verdictOf(code: string | null): Trial["verdict"] {
  if (code === String(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID)) return "accepted";
  return code === String(SubscribeErrorCode.ACCESS_DENIED) ? "refused" : "unclear";
}
