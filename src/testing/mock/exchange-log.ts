import type { Exchange } from "../../protocol/exchange";
import { redact } from "../../protocol/redact";

/** An {@link Exchange} as the mock sees it: `in` came to its API, `out` went to a merchant's endpoint or as a notification. */
export interface MockExchange extends Exchange {
  /** When it began, in ms since 1970. */
  readonly at: number;
  /** The cashbox of the call; null where the call names none. */
  readonly merchantId: string | null;
}

/** The calls of a mock: redacted, oldest first. */
export interface ExchangeLog {
  readonly exchanges: readonly MockExchange[];
  note(exchange: MockExchange): void;
  clear(): void;
}

/** A log that keeps the newest: a mock may run beside an editor for weeks. `onNote` is called after each. */
export function createExchangeLog(limit = 10_000, onNote: () => void = () => {}): ExchangeLog {
  const exchanges: MockExchange[] = [];
  return {
    exchanges,
    note(exchange) {
      exchanges.push({ ...exchange, request: redact(exchange.request), response: redact(exchange.response) });
      if (exchanges.length > limit) exchanges.splice(0, exchanges.length - limit);
      onNote();
    },
    clear() {
      exchanges.length = 0;
    },
  };
}
