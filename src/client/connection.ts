import { type Clock, type Sleep, sleep, systemClock } from "../kit/clock";
import { PaymeConfigError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import type { Mode } from "../protocol/hosts";
import { createRpc } from "./rpc";
import { createScrub } from "./scrub";
import { defaultApiBase, trimApiUrl } from "./settings";
import { createTellExchange } from "./tell-exchange";
import type { XAuth } from "./x-auth";

/** Options that every client takes. */
export interface ConnectionOptions {
  /** The id of the cashbox (kassa): public, unlike its key. */
  merchantId: string;
  /** Default `live`. */
  mode?: Mode | undefined;
  /** The API's address, with or without `/api`. Default: Payme's for the mode and the scheme. */
  apiUrl?: string | undefined;
  /** Default: the global `fetch`, as it is when a call is made. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The longest that a call may take, in ms. Default 30,000; 60,000 for pay, cancel and confirm_hold. */
  timeoutMs?: number | undefined;
  /** How to wait. Default: by the machine's timers. */
  sleep?: Sleep | undefined;
  now?: Clock | undefined;
  /** Called after each request, with redacted data. */
  onExchange?: OnExchange | undefined;
  logger?: Logger | undefined;
}

/** Makes the transport of a client, from options that were checked. */
export function connect(
  options: ConnectionOptions,
  { xAuth, key, retries }: { xAuth: XAuth; key?: string; retries: number },
) {
  const { merchantId, mode = "live", logger = consoleLogger, timeoutMs, fetch, onExchange } = options;
  const { kind: auth } = xAuth;
  const apiBase = trimApiUrl(options.apiUrl ?? defaultApiBase(auth === "id" ? "key" : auth, mode));
  const scrub = createScrub({ merchantId, key });
  const waiting = { sleep: options.sleep ?? sleep, now: options.now ?? systemClock };
  const tellExchange = onExchange && createTellExchange(onExchange, scrub, logger);
  const target = { apiBase, auth, mode };
  const rpc = createRpc({ target, xAuth, scrub, ...waiting, retries, timeoutMs, fetch, tellExchange });
  return { rpc, apiBase, mode, waiting };
}

/** Refuses options by the problem of each. @throws PaymeConfigError that names every problem, never a value. */
export function refuseProblems(factory: string, problems: Readonly<Record<string, string | undefined>>): void {
  const named = Object.entries(problems).flatMap(([option, problem]) =>
    problem === undefined ? [] : [`${option} ${problem}`],
  );
  if (named.length > 0) throw new PaymeConfigError(`${factory}: ${named.join("; ")}`);
}
