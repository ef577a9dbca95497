import { type CardEntry, createCardEntry } from "./cards";
import { type ConnectionOptions, connect, refuseProblems } from "./connection";
import { apiUrlProblem, merchantIdProblem } from "./settings";
import { idAuth } from "./x-auth";

/** Options of {@link createCardClient}. */
export interface CardClientOptions extends ConnectionOptions {}

/**
 * Turns a card into a verified token, in a page or an app. The card's number goes straight to Payme, and only the token to
 * your server. The client knows the cashbox's id alone, so it cannot charge.
 *
 * @throws PaymeConfigError for options that cannot work; above all for a key, which must never reach a page.
 * @example
 * const cards = createCardClient({ merchantId: "65a0b0000000000000000001", mode: "test" });
 * const { token } = await cards.create({ number, expire, save: true });
 * const { phone } = await cards.getVerifyCode(token);
 * const card = await cards.verify({ token, code: await askFor(phone) });
 */
export function createCardClient(options: CardClientOptions): CardEntry {
  refuseProblems("createCardClient", {
    key:
      "key" in options && options.key !== undefined
        ? "must not be given: everybody who opens the page could read it, and charge and refund with it; the id is enough here"
        : undefined,
    merchantId: merchantIdProblem(options.merchantId),
    apiUrl: options.apiUrl === undefined ? undefined : apiUrlProblem(options.apiUrl, false),
  });
  // No retries: all of these methods are writes.
  return createCardEntry(connect(options, { xAuth: idAuth(options.merchantId), retries: 0 }).rpc);
}
