import type { Exchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";

/** The calls that a mock answered: redacted, oldest first. */
export interface ExchangeLog {
  readonly exchanges: readonly Exchange[];
  note(exchange: Exchange): void;
  clear(): void;
}

/** A log that keeps the newest: a mock may run beside an editor for weeks. */
export function createExchangeLog(limit = 10_000): ExchangeLog {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    note(exchange) {
      exchanges.push({ ...exchange, request: redact(exchange.request), response: redact(exchange.response) });
      if (exchanges.length > limit) exchanges.splice(0, exchanges.length - limit);
    },
    clear() {
      exchanges.length = 0;
    },
  };
}
