import { consoleLogger, type Logger } from "../kit/logger";
import { type OnExchange, tellExchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";

/** The listener to notifications, and the log of its failures. */
interface Listener {
  readonly onExchange?: OnExchange | undefined;
  readonly logger?: Logger | undefined;
}

/** Tells `onExchange` of a notification, redacted. A refused one comes without its body: its sender is not known. */
export function tellNotification(
  { onExchange, logger = consoleLogger }: Listener,
  { code, raw }: { code: string | null; raw: Readonly<Record<string, unknown>> | null },
): void {
  if (onExchange === undefined) return;
  const method = typeof raw?.method === "string" ? raw.method : "";
  tellExchange(
    onExchange,
    () => ({ direction: "in", method, ms: 0, code, request: redact(raw), response: null }),
    (error) => logger.error("onExchange failed", { error: redact(String(error)) }),
  );
}
