import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";

/** Whom to tell of notifications. */
interface Listener {
  readonly onExchange?: OnExchange | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Reports a notification to `onExchange`, redacted; one that was refused comes without its body, which nobody vouches for.
 * What `onExchange` throws, or rejects with, is logged and changes nothing.
 */
export function tellNotification(
  { onExchange, logger = consoleLogger }: Listener,
  { code, raw }: { code: string | null; raw: Readonly<Record<string, unknown>> | null },
): void {
  if (onExchange === undefined) return;
  const complain = (error: unknown) => logger.error("onExchange failed", { error: redact(String(error)) });
  const method = typeof raw?.method === "string" ? raw.method : "";
  try {
    const returned: unknown = onExchange({
      direction: "in",
      method,
      ms: 0,
      code,
      request: redact(raw),
      response: null,
    });
    // An async function fits the type too; its rejection would end the process.
    if (returned instanceof Promise) returned.catch(complain);
  } catch (error) {
    complain(error);
  }
}
