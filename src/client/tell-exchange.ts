import type { Logger } from "../kit/logger";
import { type Exchange, type OnExchange, tellExchange } from "../protocol/exchange";
import type { Scrub } from "./scrub";

/** Tells of an exchange; never throws. */
export type TellExchange = (exchange: Exchange) => void;

/** Wraps the user's `onExchange`: it gets redacted data. What it throws, or rejects with, is logged and changes nothing. */
export function createTellExchange(onExchange: OnExchange, scrub: Scrub, logger: Logger): TellExchange {
  return (exchange) => {
    const clean = scrub.alsoOf(exchange.request);
    const redacted = () => ({
      ...exchange,
      request: clean.data(exchange.request),
      response: clean.data(exchange.response),
    });
    tellExchange(onExchange, redacted, (error) => {
      try {
        logger.error("onExchange failed", {
          error: clean.text(error instanceof Error ? error.message : String(error)),
        });
      } catch {
        // A logger that fails must not turn a payment that went through into an error.
      }
    });
  };
}
