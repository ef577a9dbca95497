import { callSafely } from "../kit/emit";
import type { Logger } from "../kit/logger";
import type { Exchange, OnExchange } from "../protocol/exchange";
import type { Scrub } from "./scrub";

/** Tells of an exchange; never throws. */
export type TellExchange = (exchange: Exchange) => void;

/** Wraps the user's `onExchange`: it gets redacted data. What it throws, or rejects with, is logged and changes nothing. */
export function createTellExchange(onExchange: OnExchange, scrub: Scrub, logger: Logger): TellExchange {
  return (exchange) => {
    const clean = scrub.alsoOf(exchange.request);
    const { request, response } = exchange;
    const complain = (error: unknown) =>
      logger.error("onExchange failed", { error: clean.text(error instanceof Error ? error.message : String(error)) });
    callSafely(
      () => onExchange({ ...exchange, request: clean.data(request), response: clean.data(response) }),
      complain,
    );
  };
}
