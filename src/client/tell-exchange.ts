import type { Logger } from "../kit/logger";
import type { Exchange, OnExchange } from "../protocol/exchange";
import type { Scrub } from "./scrub";

/** Reports an exchange; never throws. */
export type TellExchange = (exchange: Exchange) => void;

/** Wraps the user's `onExchange`: it gets redacted data, and what it throws (or rejects with) is logged and changes nothing. */
export function createTellExchange(onExchange: OnExchange, scrub: Scrub, logger: Logger): TellExchange {
  const complain = (error: unknown, clean: Scrub) => {
    try {
      logger.error("onExchange failed", { error: clean.text(error instanceof Error ? error.message : String(error)) });
    } catch {
      // A logger that fails must not turn a payment that went through into an error.
    }
  };
  return (exchange) => {
    const clean = scrub.alsoOf(exchange.request);
    const redacted = { request: clean.data(exchange.request), response: clean.data(exchange.response) };
    try {
      const returned: unknown = onExchange({ ...exchange, ...redacted });
      // An async function fits the type too; its rejection would end the process.
      if (returned instanceof Promise) returned.catch((error: unknown) => complain(error, clean));
    } catch (error) {
      complain(error, clean);
    }
  };
}
