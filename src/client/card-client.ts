import { type Clock, type Sleep, sleep, systemClock } from "../kit/clock";
import { PaymeConfigError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import type { Mode } from "../protocol/hosts";
import { type CardEntry, createCardEntry } from "./cards";
import { createRpc } from "./rpc";
import { createScrub } from "./scrub";
import { apiUrlProblem, defaultApiBase, merchantIdProblem, trimApiUrl } from "./settings";
import { createTellExchange } from "./tell-exchange";
import { idAuth } from "./x-auth";

/** Options of {@link createCardClient}. */
export interface CardClientOptions {
  /** The id of the cashbox: public, unlike its key. */
  merchantId: string;
  /** Default `live`. */
  mode?: Mode | undefined;
  /** The API's address, with or without `/api`. Default: Payme's for the mode. */
  apiUrl?: string | undefined;
  /** Default: the page's own `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The longest that a call may take, in ms. Default 30,000. */
  timeoutMs?: number | undefined;
  sleep?: Sleep | undefined;
  now?: Clock | undefined;
  /** Called after each request, with redacted data. */
  onExchange?: OnExchange | undefined;
  logger?: Logger | undefined;
}

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
  refuseProblems(options);
  const { merchantId, mode = "live", logger = consoleLogger } = options;
  const scrub = createScrub({ merchantId });
  const rpc = createRpc({
    target: { apiBase: trimApiUrl(options.apiUrl ?? defaultApiBase("key", mode)), auth: "id", mode },
    xAuth: idAuth(merchantId),
    scrub,
    sleep: options.sleep ?? sleep,
    now: options.now ?? systemClock,
    // All of these methods are writes.
    retries: 0,
    timeoutMs: options.timeoutMs,
    fetch: options.fetch,
    tellExchange: options.onExchange && createTellExchange(options.onExchange, scrub, logger),
  });
  return createCardEntry(rpc);
}

function refuseProblems(options: CardClientOptions): void {
  const problems = [
    "key" in options && options.key !== undefined
      ? "key must not be given: everybody who opens the page could read it, and charge and refund with it; the id is enough here"
      : undefined,
    named("merchantId", merchantIdProblem(options.merchantId)),
    options.apiUrl === undefined ? undefined : named("apiUrl", apiUrlProblem(options.apiUrl, false)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new PaymeConfigError(`createCardClient: ${problems.join("; ")}`);
}

function named(option: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${option} ${problem}`;
}
