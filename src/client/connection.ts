import { type Clock, type Sleep, sleep, systemClock } from "../kit/clock";
import { type EventListener, emit } from "../kit/emit";
import { PaymeConfigError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import type { Mode } from "../protocol/hosts";
import { type CalledMethod, type ClientEvent, callEvent } from "./client-event";
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
  /** Called after each request with what it was and how it ended, without its data. What it throws is logged and changes nothing. */
  onEvent?: EventListener<ClientEvent> | undefined;
  /** The shop's name for the cashbox, in events. Default `"default"`. */
  cashbox?: string | undefined;
  logger?: Logger | undefined;
}

/** Makes the transport of a client, from options that were checked. */
export function connect(
  options: ConnectionOptions,
  parts: { xAuth: XAuth; key?: string; retries: number; currentTrace?: () => string | undefined },
) {
  const { xAuth, key, retries, currentTrace } = parts;
  const { mode = "live", logger = consoleLogger, cashbox = "default", timeoutMs, fetch, onExchange, onEvent } = options;
  const { kind: auth } = xAuth;
  const apiBase = trimApiUrl(options.apiUrl ?? defaultApiBase(auth === "id" ? "key" : auth, mode));
  const scrub = createScrub(key);
  const waiting = { sleep: options.sleep ?? sleep, now: options.now ?? systemClock };
  const tellExchange = onExchange && createTellExchange(onExchange, scrub, logger);
  const tellCall =
    onEvent &&
    ((call: CalledMethod) => emit(onEvent, callEvent({ cashbox, mode, trace: currentTrace?.() }, call), logger));
  const target = { apiBase, auth, mode };
  const rpc = createRpc({ target, xAuth, scrub, ...waiting, retries, timeoutMs, fetch, tellExchange, tellCall });
  return { rpc, apiBase, mode, waiting };
}

/** Refuses options by the problem of each. @throws PaymeConfigError that names every problem, never a value. */
export function refuseProblems(factory: string, problems: Readonly<Record<string, string | undefined>>): void {
  const named = Object.entries(problems).flatMap(([option, problem]) =>
    problem === undefined ? [] : [`${option} ${problem}`],
  );
  if (named.length > 0) throw new PaymeConfigError(`${factory}: ${named.join("; ")}`);
}
